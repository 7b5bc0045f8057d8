"""Real notebooks: what IPython runs becomes Python that compiles, and exactly IPython's lines are special."""
import json
import os
import sys
import tarfile
import unittest
import warnings

from ipython_tool import changed, compiles, convert, loose

BULK = os.path.join(os.environ.get("NB_SHARED", ""), "notebooks", "bulk.tar.gz")
EXTENSIONS = {"automagic", "display-translated", "get-ipython-residue"}


def source_of(cell):
    source = cell.get("source", cell.get("input", ""))
    return "".join(source) if isinstance(source, list) else source


def cells_of(notebook):
    sheets = notebook.get("worksheets") or [notebook]
    return [cell for sheet in sheets for cell in sheet.get("cells", [])]


def notebooks():
    """(name, cells, what the corpus says of each code cell) for every notebook of the oracle."""
    with tarfile.open(BULK) as tar:
        def read(name):
            return tar.extractfile("./" + name).read()
        for line in read("cells-oracle.jsonl").decode().splitlines():
            row = json.loads(line)
            yield row["file"], cells_of(json.loads(read(row["file"]).decode("utf-8-sig"))), row["code_cells"]


@unittest.skipUnless(os.path.exists(BULK), "no bulk notebooks")
class Bulk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        cls.cells = []
        for name, cells, verdicts in notebooks():
            sources = [source_of(cells[verdict["cell"]]) for verdict in verdicts]
            bound = sorted({name for got in convert({"input": source} for source in sources) for name in got["names"]})
            results = convert({"input": source, "bound_names": bound} for source in sources)
            cls.cells += [(f"{name} cell {verdict['cell']}", source, verdict, got)
                          for source, verdict, got in zip(sources, verdicts, results, strict=True)]

    def test_what_runs_compiles(self):
        # a string handed to run_cell_magic() is not looked at by the corpus; one there is no Python
        bad = [place for place, source, verdict, got in self.cells
               if verdict.get("ok") and "run_cell_magic" not in source and not compiles(got["python"])]
        self.assertEqual([], bad)
        self.assertGreater(len(self.cells), 1000)

    def test_no_ipython_is_left(self):
        for place, source, _, got in self.cells:
            if "get_ipython" in got["python"]:
                self.assertIn("get_ipython", source, place)

    def test_exactly_ipythons_lines_are_special(self):
        different = []
        for place, source, verdict, got in self.cells:
            magic = verdict.get("cell_magic")
            if not verdict.get("ok") or EXTENSIONS & {f["slug"] for f in got["findings"]}:
                continue
            if magic or not source.split("\n")[0].strip():  # the corpus does not count those lines
                continue
            found = (changed(source, got) ^ set(verdict.get("magic_lines", []))) - loose(source)
            if found:
                different.append((place, sorted(found)))
        self.assertEqual([], different)


if __name__ == "__main__":
    if not os.path.exists(BULK):
        sys.exit(77)
    unittest.main()
