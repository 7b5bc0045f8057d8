"""Runs tool_ipython over many cells at once."""
import json
import os
import subprocess


def convert(requests):
    """Results of nb_ipython_to_python, one for each {"input", "bound_names", "options"}."""
    tool = os.path.join(os.environ["NB_BUILD_DIR"], "tool_ipython")
    done = subprocess.run([tool], input=json.dumps(list(requests)), capture_output=True, text=True,
                          encoding="utf-8", check=True)
    return json.loads(done.stdout)
