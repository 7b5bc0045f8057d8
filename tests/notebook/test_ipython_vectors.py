"""IPython syntax: the project's own vectors, and the shared ones where they are at hand."""
import json
import os
import unittest

from ipython_tool import changed, compiles, convert, loose

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.join(HERE, "..", "data", "magics-own.json")
SHARED = os.path.join(os.environ.get("NB_SHARED", ""), "magics", "magics-vectors.json")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def place(finding):
    return f"{finding['slug']} {finding['line']}:{finding['column']}+{finding['length']}"


class Vectors(unittest.TestCase):
    maxDiff = None

    def check(self, vectors, more):
        for vector, got in zip(vectors, convert(vectors), strict=True):
            with self.subTest(vector["name"]):
                self.assertEqual(vector["expected_python"], got["python"])
                self.assertEqual(vector.get("extracted_requirements", []), got["requirements"])
                self.assertEqual(vector.get("needed_imports", []), got["imports"])
                if not vector.get("invalid_python"):
                    self.assertTrue(compiles(got["python"]), got["python"])
                self.check_shape(got)
                more(vector, got)

    def check_shape(self, got):
        lines = got["python"].split("\n") if got["python"] else []
        self.assertEqual(len(lines), len(got["lines"]))
        self.assertEqual(len(lines), len(got["dedent"]))
        self.assertEqual(got["lines"], sorted(got["lines"]))
        for finding in got["findings"]:
            self.assertTrue(finding["line"] >= 1 and finding["column"] >= 1, finding)
            self.assertRegex(finding["message"], r"^[^A-Z].*[^.]$")

    def check_own(self, vector, got):
        findings = got["findings"]
        self.assertEqual(vector["findings"], [place(finding) for finding in findings])
        self.assertEqual(vector["severities"], "".join(finding["severity"][0] for finding in findings))
        self.assertEqual(vector.get("names", []), [finding["name"] for finding in findings if finding["name"]])
        self.assertEqual(vector["lines"], got["lines"])
        self.assertEqual(vector.get("dedent", [0] * len(got["lines"])), got["dedent"])
        self.assertEqual(vector.get("requirement_lines", []), got["requirement_lines"])

    def check_shared(self, vector, got):
        """Lines that IPython rewrites are changed; other lines are not, unless we go further than IPython."""
        special = {line - 1 for line, _ in vector["ipython"]["special_lines"]}
        ours = changed(vector["input"], got)
        self.assertLessEqual(special, ours)
        if not vector["extension"] and not vector["ipython"]["cell_magic"]:
            self.assertLessEqual(ours - loose(vector["input"]), special)

    def test_own(self):
        vectors = load(OWN)
        self.assertGreaterEqual(len(vectors), 120)
        self.check(vectors, self.check_own)

    @unittest.skipUnless(os.path.exists(SHARED), "no shared vectors")
    def test_shared(self):
        self.check(load(SHARED), self.check_shared)


if __name__ == "__main__":
    unittest.main()
