"""IPython syntax: the project's own vectors, and the shared ones where they are at hand."""
import ast
import json
import os
import unittest

from ipython_tool import convert

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.join(HERE, "..", "data", "magics-own.json")
SHARED = os.path.join(os.environ.get("NB_SHARED", ""), "magics", "magics-vectors.json")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def compiles(text):
    try:
        compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return False
    return True


class Vectors(unittest.TestCase):
    maxDiff = None

    def check(self, vectors):
        for vector, got in zip(vectors, convert(vectors), strict=True):
            with self.subTest(vector["name"]):
                self.assertEqual(vector["expected_python"], got["python"])
                self.assertEqual(vector.get("extracted_requirements", []), got["requirements"])
                self.assertEqual(vector.get("needed_imports", []), got["imports"])
                if "findings" in vector:
                    found = [f"{f['slug']} {f['line']}:{f['column']}" for f in got["findings"]]
                    self.assertEqual(vector["findings"], found)
                if "severities" in vector:
                    self.assertEqual(vector["severities"], [f["severity"] for f in got["findings"]])
                if "lines" in vector:
                    self.assertEqual(vector["lines"], got["lines"])
                if "dedent" in vector:
                    self.assertEqual(vector["dedent"], got["dedent"])
                if not vector.get("invalid_python"):
                    self.assertTrue(compiles(got["python"]), got["python"])
                self.check_shape(got)

    def check_shape(self, got):
        lines = got["python"].split("\n") if got["python"] else []
        self.assertEqual(len(lines), len(got["lines"]))
        self.assertEqual(len(lines), len(got["dedent"]))
        self.assertEqual(got["lines"], sorted(got["lines"]))
        for finding in got["findings"]:
            self.assertTrue(finding["line"] >= 1 and finding["column"] >= 1, finding)
            self.assertRegex(finding["message"], r"^[^A-Z].*[^.]$")

    def test_own(self):
        self.check(load(OWN))

    @unittest.skipUnless(os.path.exists(SHARED), "no shared vectors")
    def test_shared(self):
        self.check(load(SHARED))


if __name__ == "__main__":
    unittest.main()
