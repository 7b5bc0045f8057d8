"""Runs tool_ipython over many cells at once, and reads its answers."""
import ast
import json
import os
import re
import subprocess

LINE_END = re.compile(r"\r\n|\r|\n")


def convert(requests):
    """Results of nb_ipython_to_python, one for each {"input", "bound_names", "options"}."""
    tool = os.path.join(os.environ["NB_BUILD_DIR"], "tool_ipython")
    done = subprocess.run([tool], input=json.dumps(list(requests)), capture_output=True, text=True, encoding="utf-8",
                          check=True)
    return json.loads(done.stdout)


def compiles(text):
    try:
        compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError):
        return False
    return True


def changed(source, got):
    """Numbers (from 0) of the lines of text that the output does not hold as they were."""
    lines = LINE_END.split(source)
    kept = set()
    for text, number, dedent in zip(got["python"].split("\n"), got["lines"], got["dedent"]):
        line = lines[number - 1]
        unwrapped = line.lstrip().startswith("%") and not text.lstrip().startswith("%")
        if line[dedent:].rstrip() == text.rstrip() and not unwrapped:
            kept.add(number - 1)
    return {i for i, line in enumerate(lines) if line.strip() and i not in kept}


def loose(source):
    """Numbers of lines that need not be changed where IPython rewrites them: continuations and bare prompts."""
    lines = LINE_END.split(source)
    return {i for i, line in enumerate(lines)
            if (i > 0 and lines[i - 1].endswith("\\")) or not line.strip().lstrip(".").strip(": ")}
