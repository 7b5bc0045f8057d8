"""The parser against CPython's: verdicts and trees over the standard library, our own table of pieces, and mutated code.

NB_MUTANTS sets how many mutants are tried (default 6000), NB_SEED which. The rates are printed."""
import ast
import io
import os
import random
import sys
import textwrap
import tokenize
import unittest
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import library  # noqa: E402
import oracle  # noqa: E402

BATCH = 60
FIELDS = {"target": 1, "value": 2, "name": 4, "asname": 22}  # nb_py_field
STATEMENTS = {
    ast.Expr: "expr", ast.Assign: "assign", ast.AnnAssign: "ann-assign", ast.AugAssign: "aug-assign", ast.Import: "import",
    ast.ImportFrom: "import-from", ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.ClassDef: "class",
    ast.If: "if", ast.While: "while", ast.For: "for", ast.AsyncFor: "for", ast.With: "with", ast.AsyncWith: "with",
    ast.Try: "try", ast.Match: "match", ast.Return: "return", ast.Delete: "delete", ast.Raise: "raise", ast.Assert: "assert",
    ast.Global: "global", ast.Nonlocal: "nonlocal", ast.Pass: "pass", ast.Break: "break", ast.Continue: "continue"}
EXPRESSIONS = {
    ast.Name: "name", ast.Attribute: "attribute", ast.Subscript: "subscript", ast.Slice: "slice", ast.Call: "call",
    ast.Starred: "starred", ast.UnaryOp: "unary", ast.BinOp: "binary", ast.Compare: "compare", ast.IfExp: "conditional",
    ast.Lambda: "lambda", ast.Tuple: "tuple", ast.List: "list", ast.Set: "set", ast.Dict: "dict", ast.ListComp: "list-comp",
    ast.SetComp: "set-comp", ast.DictComp: "dict-comp", ast.GeneratorExp: "generator", ast.NamedExpr: "walrus",
    ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield", ast.JoinedStr: "string", ast.BoolOp: "bool-op"}
if hasattr(ast, "TryStar"):
    STATEMENTS[ast.TryStar] = "try"
if hasattr(ast, "TypeAlias"):
    STATEMENTS[ast.TypeAlias] = "type-alias"


def constant_kind(node):
    if isinstance(node.value, (str, bytes)):
        return "string"
    return "constant" if node.value is None or node.value is ... or isinstance(node.value, bool) else "number"


def python_shape(text, tree):
    """(kind, start, end) of statements and expressions, in bytes, without what is inside f-strings."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line.encode()) + 1)
    shape = []

    def visit(node):
        kind = STATEMENTS.get(type(node)) or EXPRESSIONS.get(type(node))
        if isinstance(node, ast.Constant):
            kind = constant_kind(node)
        if kind and kind != "bool-op":
            start = starts[node.lineno - 1] + node.col_offset
            if getattr(node, "decorator_list", None):
                start = -1  # ours starts at the first "@"
            shape.append((kind, start, starts[node.end_lineno - 1] + node.end_col_offset))
        if not isinstance(node, ast.JoinedStr):
            for child in ast.iter_child_nodes(node):
                if kind != "type-alias" or child is not node.name:  # ours is in the role of a name, as a function's is
                    visit(child)

    visit(tree)
    return sorted(shape)


class Shapes:
    """Our nodes in the terms of python_shape()."""

    KINDS = (set(STATEMENTS.values()) | set(EXPRESSIONS.values()) | {"number", "constant"}) - {"bool-op"}

    def __init__(self, nodes, text):
        self.data = text.encode()
        self.path = []
        self.shape = sorted(filter(None, map(self.entry, nodes)))

    def entry(self, node):
        kind, field, start, end, _line, depth, _param, _flags = node
        self.path[depth:] = [kind]
        parent = self.path[-2] if depth else ""
        if kind not in self.KINDS or "interpolation" in self.path:
            return None
        if kind == "name" and field in (FIELDS["name"], FIELDS["asname"]):
            return None
        if kind == "constant" and parent == "pattern":
            return None
        if kind in ("function", "class") and self.data[start:start + 1] == b"@":
            start = -1
        return (kind, start, end)


class StandardLibrary(unittest.TestCase):
    def batches(self, paths):
        for number in range(0, len(paths), BATCH):
            chosen = [(path, library.read(path)) for path in paths[number:number + BATCH]]
            chosen = [(path, text) for path, text in chosen if text is not None]
            yield chosen

    def parsed(self, text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError):
                return None

    def test_same_verdicts(self):
        count = 0
        for batch in self.batches(library.files()):
            for (path, text), result in zip(batch, oracle.ours([text for _, text in batch])):
                count += 1
                if (self.parsed(text) is None) != bool(result["errors"]):
                    self.assertEqual(oracle.python(text) is not None, bool(result["errors"]), (path, result["errors"]))
        print(f"{count} files of the standard library")
        self.assertGreater(count, 500)

    def test_same_trees(self):
        paths = [path for path in library.files() if f"{os.sep}test" not in path and "idlelib" not in path]
        count = 0
        for batch in self.batches(paths):
            for (path, text), result in zip(batch, oracle.ours([text for _, text in batch], "trees")):
                tree = self.parsed(text)
                if tree is None:
                    continue
                want, got = python_shape(text, tree), Shapes(result["nodes"], text).shape
                if want != got:
                    missing, extra = set(want) - set(got), set(got) - set(want)
                    self.fail(f"{path}: missing {sorted(missing)[:5]}, extra {sorted(extra)[:5]}")
                count += len(want)
        print(f"{count} nodes of {len(paths)} files have the kind and place that ast gives them")


class Names(unittest.TestCase):
    def test_every_character(self):
        """Each code point past ASCII at the start of a name and inside one, against str.isidentifier()."""
        codes = [code for code in range(0x80, 0x110000) if not 0xD800 <= code <= 0xDFFF]
        texts, wanted = [], []
        for first in range(0, len(codes), 900):  # not more than the parser tells errors
            part = codes[first:first + 900]
            texts += ["\n".join(chr(code) for code in part), "\n".join("a" + chr(code) for code in part)]
            wanted.append([code for code in part if not chr(code).isidentifier()])
            wanted.append([code for code in part if not ("a" + chr(code)).isidentifier()])
        different = []
        for text, result, bad in zip(texts, oracle.ours(texts), wanted):
            lines = text.split("\n")
            got = {ord(lines[error[0] - 1][-1]) for error in result["errors"]}
            different += sorted(set(bad) ^ got)
        # a younger or older Unicode than the table's differs in letters that were added, never by much
        self.assertLess(len(different), 1 if sys.version_info[:2] == (3, 13) else 12000, [hex(c) for c in different[:20]])
        older = [code for code in different if code < 0x3000]
        self.assertLess(len(older), 400, [hex(c) for c in older[:20]])


class Agreement(unittest.TestCase):
    """Counts texts that one side accepts and the other does not."""

    def compare(self, texts):
        counts = {"good": 0, "bad": 0, "line": 0}
        accepted, rejected = [], []
        for text, result in zip(texts, oracle.ours(texts)):
            verdict = oracle.python(text)
            if verdict == "skip":
                continue
            counts["bad" if verdict else "good"] += 1
            if verdict and not result["errors"]:
                accepted.append((text, str(verdict)))
            elif verdict:
                counts["line"] += getattr(verdict, "lineno", None) == result["errors"][0][0]
            elif result["errors"]:
                rejected.append((text, result["errors"][0]))
        print(f"{counts['good']} good, {counts['bad']} bad: {len(accepted)} accepted wrongly, {len(rejected)} rejected wrongly, "
              f"first error on the same line for {counts['line'] / max(1, counts['bad']):.1%}")
        return counts, accepted, rejected


class Snippets(Agreement):
    def test_our_table(self):
        texts = oracle.snippets()
        _, accepted, rejected = self.compare(texts)
        self.assertEqual(accepted, [])
        self.assertEqual(rejected, [])
        self.assertGreater(len(texts), 1500)

    def test_limits(self):
        """Nesting beyond what CPython takes is an error in both; ours never crashes on more."""
        nested = {"parentheses": "(" * 201 + ")" * 201, "brackets": "[" * 201 + "]" * 201,
                  "indents": "".join(" " * n + "if x:\n" for n in range(101)) + " " * 101 + "pass\n",
                  "loops": "".join(" " * n + "for x in y:\n" for n in range(23)) + " " * 23 + "pass\n",
                  "digits": "x = " + "1" * 4301 + "\n", "plus": "+".join(["x"] * 100_000),
                  "calls": "x" + "()" * 100_000, "minus": "-" * 100_000 + "x", "not": "not " * 100_000 + "x",
                  "lambda": "lambda: " * 100_000 + "x", "conditional": "x if y else " * 100_000 + "x",
                  "power": "x ** " * 100_000 + "x", "elif": "if x: pass\n" + "elif x: pass\n" * 100_000,
                  "parens": "(" * 100_000, "indented": "".join(" " * n + "if x:\n" for n in range(3000)),
                  "f-strings": "f'{" * 4000 + "x" + "}'" * 4000}
        for name, result in zip(nested, oracle.ours(list(nested.values()))):
            self.assertTrue(result["errors"], name)


class Mutants(Agreement):
    """Statements of the standard library with tokens removed, doubled, swapped and replaced."""

    POOL = ["(", ")", "[", "]", "{", "}", ":", ",", ";", ".", "=", "==", "+", "-", "*", "**", "/", "//", "@", "->", ":=", "+=",
            "<", "!=", "~", "%", "if", "else", "elif", "for", "in", "not", "is", "and", "or", "lambda", "yield", "await", "async",
            "def", "class", "return", "break", "continue", "pass", "del", "global", "nonlocal", "import", "from", "as", "with",
            "try", "except", "finally", "raise", "assert", "while", "None", "True", "x", "self", "1", "0x1", "1.5j", '"s"',
            'f"{x}"', 'f"{x!r:>{w}}"', "f'{x=}'", 'b"b"', "...", "match", "case", "type", "print", "_", "*x", "**x", "\n",
            "\n    ", "    ", "\\\n", "#c\n"]
    CHARACTERS = " \t\n\"'\\{}()[]:=.,0123abfrux_@!#"

    def statements(self, rng, count):
        found, paths = [], library.files()
        while len(found) < count:
            text = library.read(rng.choice(paths))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(text or "(")
            except (SyntaxError, ValueError):
                continue
            lines = text.split("\n")
            short = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.end_lineno - node.lineno < 12]
            for node in rng.sample(short, min(6, len(short))):
                piece = textwrap.dedent("\n".join(lines[node.lineno - 1:node.end_lineno])) + "\n"
                if oracle.python(piece) is None:
                    found.append(piece)
        return found

    def spans(self, text):
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, SyntaxError):
            return []
        spans = [(starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]) for token in tokens]
        return [(start, end) for start, end in spans if start < end <= len(text)]

    def mutate(self, rng, text):
        spans = self.spans(text)
        if len(spans) < 3:
            return text
        at = rng.randrange(len(spans) - 1)
        (start, end), (next_start, next_end) = spans[at], spans[at + 1]
        token, other = text[start:end], text[slice(*rng.choice(spans))]
        place = rng.randrange(len(text))
        return rng.choice([
            lambda: text[:start] + text[end:],
            lambda: text[:end] + " " + token + text[end:],
            lambda: text[:start] + text[next_start:next_end] + text[end:next_start] + token + text[next_end:],
            lambda: text[:start] + rng.choice(self.POOL) + text[end:],
            lambda: text[:start] + rng.choice(self.POOL) + " " + text[start:],
            lambda: text[:start] + other + text[end:],
            lambda: text[:place] + text[place + 1:],
            lambda: text[:place] + rng.choice(self.CHARACTERS) + text[place:]])()

    def test_mutants(self):
        rng = random.Random(int(os.environ.get("NB_SEED", "1")))
        wanted = int(os.environ.get("NB_MUTANTS", "6000"))
        base, mutants = self.statements(rng, wanted // 12), set()
        while len(mutants) < wanted:
            mutant = self.mutate(rng, rng.choice(base))
            mutants.add(self.mutate(rng, mutant) if rng.random() < 0.3 else mutant)
        texts = sorted(text for text in mutants if "\r" not in text and "\0" not in text)
        counts, accepted, rejected = self.compare(texts)
        self.assertLess(len(accepted), max(2, 0.005 * counts["bad"]), accepted[:10])
        self.assertLess(len(rejected), max(2, 0.001 * counts["good"]), rejected[:10])


if __name__ == "__main__":
    unittest.main()
