"""docs/serving-protocols.md: every command with an answer below it gives that answer."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from contracts import TOOL, Served

PYTHON = os.environ.get("NB_SYSTEM_PYTHON") or "/usr/bin/python3"
SOURCE = pathlib.Path(os.environ["NB_SOURCE_DIR"])


class Page(unittest.TestCase):
    def test_commands(self):
        page = (SOURCE / "docs/serving-protocols.md").read_text()
        rows = re.search(r"^ROWS=.*$", page, re.M).group()
        blocks = re.findall(r"^```sh\n(curl .*?)^```\n```\n(.*?)^```", page, re.M | re.S)
        self.assertGreater(len(blocks), 5)
        with tempfile.TemporaryDirectory(prefix="nb-page-") as folder:
            project = pathlib.Path(folder) / "iris"
            shutil.copytree(SOURCE / "examples/iris", project)
            done = subprocess.run([os.environ["NB_BINARY"], "-C", project, "train", "iris", "--python", PYTHON], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            with Served(project / "models/iris/1", None, PYTHON) as served:
                for command, want in blocks:
                    with self.subTest(command):
                        code = f"U=http://127.0.0.1:{served.port}\n{rows}\n{command}"
                        got = subprocess.run(["bash", "-c", code], capture_output=True, text=True).stdout
                        self.assertEqual("".join(got.split()), "".join(want.split()))


if __name__ == "__main__":
    if not TOOL.exists() or not os.path.exists(PYTHON) or not shutil.which("curl"):
        sys.exit(77)
    unittest.main()
