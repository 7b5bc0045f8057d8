"""What CPython says about a text, and what we say."""
import json
import os
import subprocess
import sys
import tempfile
import warnings

TOOL = os.path.join(os.environ["NB_BUILD_DIR"], "tool_syntax")
MINOR = sys.version_info.minor


def write_all(folder, texts):
    paths = []
    for number, text in enumerate(texts):
        paths.append(os.path.join(folder, f"{number}.py"))
        with open(paths[-1], "w", encoding="utf-8", newline="", errors="surrogatepass") as file:
            file.write(text)
    return paths


def ours(texts, what="verdicts", minor=MINOR, *more):
    """One object a text: its errors, and with "trees" its nodes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_all(folder, texts)
        done = subprocess.run([TOOL, what, str(minor), *more], input="\n".join(paths) + "\n", capture_output=True,
                              text=True, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(texts)
    return results


def python(text):
    """None when this Python compiles the text, else the error; "skip" when it gave up for a reason of its own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "text", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return error
    except (RecursionError, MemoryError, OverflowError):
        return "skip"
    return None


def snippets():
    """The table of our own pieces of Python, snippets.txt."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "snippets.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("##")]
    return [line.replace("|", "\n").replace("\\x7c", "|") + "\n" for line in lines]
