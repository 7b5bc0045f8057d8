"""names.c against CPython's own symbol tables: the standard library, and a table of cases for every rule of names.h."""
import ast
import json
import os
import subprocess
import symtable
import sys
import tempfile
import unicodedata
import unittest
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import library  # noqa: E402

TOOL = os.path.join(os.environ["NB_BUILD_DIR"], "tool_names")
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def ours(texts, *arguments):
    """What nb_py_uses() says about each text."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(texts):
            paths.append(os.path.join(folder, f"{number}.py"))
            with open(paths[-1], "w", encoding="utf-8", newline="") as file:
                file.write(text)
        out = subprocess.run([TOOL, *arguments], input="\n".join(paths) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


class Plain(ast.NodeTransformer):
    """Takes out annotations that are never evaluated, about which symtable and names.h differ on purpose."""

    def __init__(self, future):
        self.future = future
        self.depth = 0

    def visit_FunctionDef(self, node):
        self.depth += 1
        body = [self.visit(part) for part in node.body]
        self.depth -= 1
        node.body = [part for part in body if part is not None]
        if self.future:
            node.returns = None
            every = node.args.posonlyargs + node.args.args + node.args.kwonlyargs + [node.args.vararg, node.args.kwarg]
            for argument in filter(None, every):
                argument.annotation = None
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        depth, self.depth = self.depth, 0
        self.generic_visit(node)
        self.depth = depth
        return node

    def visit_AnnAssign(self, node):
        evaluated = self.depth == 0 and not self.future
        if node.value is not None:
            return node if evaluated else ast.copy_location(ast.Assign([node.target], node.value), node)
        if evaluated:
            return ast.copy_location(ast.Expr(node.annotation), node)
        if isinstance(node.target, ast.Name) and node.simple:
            return ast.copy_location(ast.Assign([node.target], ast.Constant(None)), node)
        return ast.copy_location(ast.Pass(), node)


class Generators(ast.NodeTransformer):
    """Python 3.12 inlines the other comprehensions, and symtable no longer tells their names from those around."""

    def comprehension(self, node):
        self.generic_visit(node)
        element = ast.Tuple([node.key, node.value], ast.Load()) if isinstance(node, ast.DictComp) else node.elt
        return ast.copy_location(ast.GeneratorExp(element, node.generators), node)

    visit_ListComp = visit_SetComp = visit_DictComp = comprehension


def plain(text):
    tree = ast.parse(text)
    if sys.version_info >= (3, 12):
        tree = Generators().visit(tree)
        text = ast.unparse(ast.fix_missing_locations(tree))
    future = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" and
                 any(name.name == "annotations" for name in node.names) for node in tree.body)
    if not future and not any(isinstance(node, ast.AnnAssign) for node in ast.walk(tree)):
        return text
    return ast.unparse(ast.fix_missing_locations(Plain(future).visit(tree)))


LAZY = {"TypeVar bound", "type alias", "type variable"}  # scopes of Python 3.12 and later


class Expected:
    """The names that a module binds and reads, collected from symtable."""

    def __init__(self, text):
        self.bound, self.now, self.later, self.class_local = set(), set(), set(), set()
        self.visit(symtable.symtable(text, "text", "exec"), False)

    def visit(self, table, later):
        kind = str(getattr(table.get_type(), "value", table.get_type()))
        if (kind == "function" and table.get_name() not in COMPREHENSIONS) or kind in LAZY:
            later = True
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if name == "__class__":
                continue
            if kind == "class" and symbol.is_local() and symbol.is_referenced():
                self.class_local.add(name)
            if kind != "module" and not symbol.is_global():
                continue
            if kind == "function" and table.get_name() == "top" and symbol.is_local():
                continue  # symtable takes any function of this name for the module
            if symbol.is_referenced():
                (self.later if later else self.now).add(name)
            if symbol.is_assigned() or symbol.is_imported():
                self.bound.add(name)
        for child in table.get_children():
            self.visit(child, later)


def names(result, *kinds):
    """Python compares names in their normal form, which names.c leaves to the source."""
    return {unicodedata.normalize("NFKC", use[0]) for use in result["uses"]
            if use[1] in kinds and use[0] != "__class__" and not (use[1].startswith("read") and use[2])}


class StandardLibrary(unittest.TestCase):
    def test_same_names_as_symtable(self):
        texts, paths = [], []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for path in library.files():
                text = library.read(path)
                try:
                    texts.append(plain(text or "\0"))
                    Expected(texts[-1])
                    paths.append(path)
                except (SyntaxError, ValueError, RecursionError):
                    del texts[len(paths):]
        differences = []
        for path, text, result in zip(paths, texts, ours(texts)):
            want = Expected(text)
            for what, expected, got in (("bound", want.bound, names(result, "bind", "bind-later", "delete")),
                                        ("read now", want.now, names(result, "read")),
                                        ("read later", want.later, names(result, "read-later"))):
                extra = got - expected - want.class_local
                missing = expected - got
                if extra or missing:
                    differences.append(f"{path}: {what}: extra {sorted(extra)[:8]}, missing {sorted(missing)[:8]}")
        print(f"{len(paths)} files compared")
        self.assertEqual(differences, [])
        self.assertGreater(len(paths), 500)


class Rules(unittest.TestCase):
    """names.txt: every rule of names.h with the order and the flags of the uses."""

    SIGNS = {"bind": "=", "read": "", "read-later": ">", "bind-later": ">=", "delete": "-"}

    def table(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "names.txt"), encoding="utf-8") as file:
            for line in file:
                if not line.startswith("##"):
                    source, uses = line.rstrip("\n").split("  ==>  ")
                    yield source.replace("|", "\n").replace("\\x7c", "|") + "\n", uses

    def show(self, result):
        words = [self.SIGNS[kind] + name + "?" * conditional + "~" * guarded
                 for name, kind, conditional, guarded, _line, _node in result["uses"]]
        return " ".join(words + ["*"] * result["star"] + ["dynamic"] * result["dynamic"])

    def test_table(self):
        cases = list(self.table())
        for (source, uses), result in zip(cases, ours([source for source, _ in cases])):
            with self.subTest(source):
                self.assertEqual(self.show(result), uses.strip())
        self.assertGreater(len(cases), 150)

    def test_future_annotations(self):
        cases = {"def f(a: x, *b: y) -> z: pass\n": ">x~ >y~ >z~ =f",
                 "x: y = z\n": "z =x >y~",
                 "x: y\n": ">y~",
                 "class A:\n    x: y\n    def f(self, z: w): pass\n": ">y~ >w~ =A",
                 "def f(a: x = y): pass\n": "y >x~ =f"}
        for (source, uses), result in zip(cases.items(), ours(list(cases), "future")):
            with self.subTest(source):
                self.assertEqual(self.show(result), uses)

    def test_same_names_as_symtable(self):
        """The same table, without order and flags, for the versions whose syntax the running Python has."""
        for source, _ in self.table():
            try:
                text = plain(source)
                want = Expected(text)
            except SyntaxError:
                continue
            result, = ours([text])
            now = names(result, "read") - {use[0] for use in result["uses"] if use[3]}
            with self.subTest(source):
                self.assertEqual(names(result, "bind", "bind-later", "delete"), want.bound)
                self.assertLessEqual(now - want.class_local, want.now | want.later)


if __name__ == "__main__":
    unittest.main()
