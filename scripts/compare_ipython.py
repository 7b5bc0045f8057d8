#!/usr/bin/env python3
"""Compare which lines are special: IPython's own TransformerManager against tool_ipython.

    compare_ipython.py [--show N] [--random N] BUILD_DIR [NOTEBOOKS...]

NOTEBOOKS are files or folders of .ipynb files; --random makes that many cells of pieces that are hard to tell apart, and counts only
those that are valid Python once IPython has transformed them. Runs under a Python that has IPython (python3 -m venv ...; pip install ipython); it is a
measurement to run by hand, not a test: docs/design/ipython.md has the figures. A line counts as special for IPython when a transformer
rewrites it, and for us when the output does not hold it as it was.
"""
import argparse
import ast
import itertools
import json
import os
import random
import re
import subprocess
import sys
import warnings

import IPython
from IPython.core import inputtransformer2 as it

UNWRAPPED = ("time", "timeit", "capture", "prun", "debug")
LINE_END = re.compile(r"\r\n|\r|\n")


def cells(path):
    """Sources of the code cells of a Python notebook; nothing when it cannot be read."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            notebook = json.load(file)
        kernel = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
        sheets = notebook.get("worksheets") or [notebook]
        for cell in [cell for sheet in sheets for cell in sheet["cells"]]:
            if cell.get("cell_type") == "code" and kernel.lower().startswith("python"):
                source = cell.get("source", cell.get("input", ""))
                yield "".join(source) if isinstance(source, list) else source
    except (ValueError, KeyError, AttributeError, TypeError):
        return


def one_transform(manager, lines):
    """The first special piece: (first line, number of lines, transformed lines), or None."""
    tokens = it.make_tokens_by_line(lines)
    found = [one for one in (cls.find(tokens) for cls in manager.token_transformers) if one]
    for transformer in sorted(found, key=it.TokenTransformBase.sortby):
        try:
            after = transformer.transform(lines)
        except SyntaxError:
            continue
        return transformer.start_line, len(lines) - len(after) + 1, after
    return None


def theirs(source):
    """Numbers (from 0) of the lines IPython rewrites, as it would run the cell."""
    manager = it.TransformerManager()
    source = LINE_END.sub("\n", source)
    lines = [line + "\n" for line in source.split("\n")]
    numbers = list(range(len(lines)))
    special = set()
    while True:
        kept = it.leading_empty_lines(lines)
        numbers = numbers[len(lines) - len(kept):]
        lines = kept
        for transform in manager.cleanup_transforms[1:]:
            lines = transform(lines)
        if it.cell_magic(lines) == lines:
            break
        special.add(numbers[0])
        name = lines[0][2:].split()[0] if lines[0][2:].split() else ""
        if name not in UNWRAPPED:
            return special | set(numbers), name
        lines, numbers = lines[1:], numbers[1:]
    for _ in range(it.TRANSFORM_LOOP_LIMIT):
        step = one_transform(manager, lines)
        if step is None:
            break
        first, count, lines = step
        special |= set(numbers[first:first + count])
        numbers = numbers[:first] + [numbers[first]] + numbers[first + count:]
    return special, None


def ours(source, result):
    """Numbers (from 0) of the lines that the output does not hold as they were."""
    lines = LINE_END.split(source)
    kept = set()
    for text, number, dedent in zip(result["python"].split("\n"), result["lines"], result["dedent"]):
        line = lines[number - 1]
        unwrapped = line.lstrip().startswith("%") and not text.lstrip().startswith("%")
        if line[dedent:].rstrip() == text.rstrip() and not unwrapped:
            kept.add(number - 1)
    residue = {finding["line"] - 1 for finding in result["findings"]
               if finding["slug"] in ("display-translated", "get-ipython-residue")}
    return {i for i in range(len(lines)) if i not in kept and i not in residue}


def convert(tool, sources, bound):
    requests = json.dumps([{"input": source, "bound_names": bound, "options": []} for source in sources])
    done = subprocess.run([tool], input=requests, capture_output=True, text=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)


def comparable(source):
    """Lines that can differ: not blank, not only a prompt, no continuation (we keep that of `%time f(\\`)."""
    lines = LINE_END.split(source)
    return {i for i, line in enumerate(lines)
            if line.strip().lstrip(".").strip(": ") and not (i > 0 and lines[i - 1].endswith("\\"))}


def compare(tool, sources):
    """(source, lines that differ or a message, special lines of IPython, broken by us) for each cell of a notebook."""
    bound = sorted({name for result in convert(tool, sources, []) for name in result["names"]})
    for source, result in zip(sources, convert(tool, sources, bound)):
        try:
            special, other = theirs(source)
        except Exception as error:  # IPython itself fails on some broken cells
            yield source, f"IPython: {type(error).__name__}", "", False
            continue
        changed = ours(source, result)
        difference = "" if other else sorted((special ^ changed) & comparable(source))
        yield source, difference, special, runs(source) and not compiles(result["python"])


PIECES = r"""
x = 1|%ls|!ls|%time f(x)|x = !ls|y = %pwd|if a:|    !ls|    %tb|    z = 1|else:|s = '''|'''|t = f'{x}'|u = f"{x['a']}"|(|a,|b)|[1,|]
{'k': 1,|}|# don't|foo?|a = foo.bar??|?x|!echo don't|!echo "a|%magic don't|x = (1 +|  2)|!ls \|   -l|x = 1 + \|  %b||   |f'''|{x}
!ls foo?|%time x?|/f a|,f a|;f a|a; b|a = b = !ls|x, y = !ls|x[0] = !ls|x: int = !ls|def f():|    return|'unclosed|@dec|f(x=!ls)
x != 1|x %= 2|x = %time f()|!!ls|print('a # b')|'a\|b'|r'\'|if x: y = !ls|f'{x!r:>{w}}'|rb'x'|foo()?|foo[0]?|*x?|%x?|%%x?|f'{{%ls}}'
""".strip().replace("\n", "|").split("|")


def compiles(text):
    try:
        compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError):
        return False
    return True


def runs(source):
    """IPython turns the cell into valid Python, as far as it looks into it."""
    try:
        return compiles(it.TransformerManager().transform_cell(source)) and not source.lstrip().startswith("%%")
    except (SyntaxError, ValueError, AssertionError):
        return False


def random_cells(count):
    choose = random.Random(1)
    for _ in range(count):
        source = "\n".join(choose.choice(PIECES) for _ in range(choose.randint(1, 6)))
        if source.strip() and runs(source):
            yield source


def notebooks(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in sorted(os.walk(path)):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".ipynb"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("build")
    parser.add_argument("notebooks", nargs="*")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    tool = os.path.join(args.build, "tool_ipython")
    total = with_special = different = failed = broken = 0
    batches = [list(random_cells(args.random))] if args.random else []
    batches += [[source for source in cells(path) if source.strip()] for path in notebooks(args.notebooks)]
    for source, difference, special, bad in itertools.chain.from_iterable(compare(tool, batch) for batch in batches):
        total += 1
        with_special += bool(special)
        broken += bad
        if bad:
            print(f"does not compile:\n{source}\n{'-' * 40}")
        if isinstance(difference, str) and difference:
            failed += 1
        elif difference:
            different += 1
            if different <= args.show:
                print(f"lines {difference} (from 0):\n{source}\n{'-' * 40}")
    print(f"IPython {IPython.__version__}, Python {sys.version.split()[0]}: {total} cells, {with_special} with special "
          f"lines, {different} different, {failed} that IPython cannot transform, {broken} that run there and do not compile here")


if __name__ == "__main__":
    main()
