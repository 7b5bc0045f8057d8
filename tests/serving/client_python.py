"""The Python that has published clients: scripts/setup.sh makes it for tests."""

import os
import sys


def run_here():
    """Go on in that Python; without it the test is skipped."""
    python = os.environ.get("NB_CLIENT_PYTHON", "")
    if not os.path.exists(python):
        print("skipped: scripts/setup.sh test has not made the Python with clients")
        sys.exit(77)
    if os.path.abspath(sys.executable) != os.path.abspath(python):
        os.execv(python, [python, *sys.argv])


def axe_script():
    """Return axe-core's source, or None where it was not installed."""
    path = os.path.join(os.path.dirname(os.environ["NB_CLIENT_PYTHON"]), "../axe/node_modules/axe-core/axe.min.js")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()
