"""What travels with the scripts: the project's own modules and files. Scripts run in an empty folder elsewhere, with nothing but generated/EXP copied there."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ.get('NB_BINARY', '')
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')

TRAIN = ('train', 'model = LinearRegression().fit(X, y)')
DATA = ('preprocess', 'X, y = [[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0]')
SKLEARN = ('imports', 'from sklearn.linear_model import LinearRegression')


def run(command, **options):
    env = {**os.environ, 'NOTEBOOKED_TRACKING': 'off', 'OMP_NUM_THREADS': '1', 'PYTHONDONTWRITEBYTECODE': '1', 'VIRTUAL_ENV': '', 'CONDA_PREFIX': ''}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=env, **options)


class Project(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='nb travel '))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.root = self.top / 'project'
        self.files({'config.yaml': 'experiments:\n  - name: e\n    notebook: nb/n.ipynb\n'})

    def files(self, texts):
        for name, text in texts.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def notebook(self, *cells):
        rows = [{'cell_type': 'code', 'id': f'c{i}', 'metadata': {'tags': tags.split()}, 'outputs': [], 'execution_count': None, 'source': source}
                for i, (tags, source) in enumerate(cells)]
        self.files({'nb/n.ipynb': json.dumps({'nbformat': 4, 'nbformat_minor': 5, 'metadata': {}, 'cells': rows})})

    def convert(self, *options, code=0):
        done = run([BINARY, 'convert', 'e', *options], cwd=self.root)
        self.assertEqual(done.returncode, code, done.stderr or [d for d in json.loads(done.stdout)['findings'] if d['severity'] != 'info'])
        return done

    def findings(self, code=0):
        done = self.convert('--format', 'json', code=code)
        return [(d['code'], d['severity'], d['message'], d.get('help')) for d in json.loads(done.stdout)['findings']]

    def codes(self, code=0):
        return {f'{row[0]} {row[1]}' for row in self.findings(code) if row[1] != 'info'}

    def generated(self):
        folder = self.root / 'generated/e'
        return sorted(str(p.relative_to(folder)) for p in folder.rglob('*') if p.is_file() and p.suffix != '.pyc')

    def elsewhere(self):
        """Only the scripts' folder, on another machine."""
        shutil.move(self.root / 'generated/e', self.top / 'code')
        shutil.rmtree(self.root)
        (self.top / 'empty').mkdir()

    def train(self, *arguments):
        done = run([PYTHON, '../code/train.py', '--model-dir', '../model', *arguments], cwd=self.top / 'empty')
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def infer(self, *rows):
        (self.top / 'empty/i.json').write_text(json.dumps({'instances': rows}))
        answers = []
        for code in (self.top / 'model/code', self.top / 'code'):
            done = run([PYTHON, str(code / 'inference.py'), '--model-dir', '../model', '--input', 'i.json', '--output', 'o.json'], cwd=self.top / 'empty')
            self.assertEqual(done.returncode, 0, done.stderr)
            answers.append(json.loads((self.top / 'empty/o.json').read_text())['predictions'])
        served = run([PYTHON, '-c', 'import sys, json, importlib.util as u\ns = u.spec_from_file_location("entry", sys.argv[1])\nm = u.module_from_spec(s)\n'
                      's.loader.exec_module(m)\nprint(json.dumps(list(m.predict_fn(json.loads(sys.argv[3]), m.model_fn(sys.argv[2])))))',
                      str(self.top / 'model/code/inference.py'), str(self.top / 'model'), json.dumps(rows)], cwd='/')
        self.assertEqual(served.returncode, 0, served.stderr)
        self.assertEqual(answers, [json.loads(served.stdout)] * 2)
        return answers[0]


class Modules(Project):
    def fill(self):
        self.notebook(
            ('imports', 'import os\nimport sys\nmodule_path = os.path.abspath(os.path.join("..", "src"))\nif module_path not in sys.path:\n'
                        '    sys.path.append(module_path)\nfrom sklearn.linear_model import LinearRegression\nfrom helpers import scale\n'
                        'from pkg.words import WORDS\nimport lib.tools as tools'), DATA,
            ('train', 'model = LinearRegression().fit(scale(X), y)\nprint(WORDS, tools.NAME, os.sep)'),
            ('inference', 'def predict(model, data):\n    return [p + len(WORDS) for p in model.predict(scale(data))]'))
        self.files({
            'nb/helpers.py': 'import deep.chain\nimport numpy as np\n\ndef scale(x):\n    return np.asarray(x) / deep.chain.TEN\n',
            'nb/deep/chain.py': 'TEN = 10\n', 'nb/deep/other.py': 'import plotly\n', 'lib/tools.py': 'NAME = "tools"\n',
            'src/pkg/__init__.py': '', 'src/pkg/list.txt': 'a b c\n', 'src/pkg/more.py': 'import yaml\n', 'src/pkg/tests/test_it.py': 'import pytest\n',
            'src/pkg/words.py': 'import pathlib\nfrom . import more\nWORDS = pathlib.Path(__file__).with_name("list.txt").read_text().split()\n'})

    def test_scripts_run_elsewhere(self):
        self.fill()
        self.assertEqual(self.codes(), set())
        self.assertEqual(self.generated(), ['.notebooked-map.json', 'deep/chain.py', 'helpers.py', 'inference.py', 'lib/tools.py', 'notebooked.json',
                                            'pkg/__init__.py', 'pkg/list.txt', 'pkg/more.py', 'pkg/words.py', 'preprocess.py', 'requirements.txt',
                                            'train.py'])
        required = (self.root / 'generated/e/requirements.txt').read_text().split()
        self.assertTrue({'numpy', 'pyyaml', 'scikit-learn'} <= {line.split('=')[0] for line in required}, required)
        self.assertFalse({'plotly', 'pytest', 'helpers', 'pkg'} & {line.split('=')[0] for line in required}, required)
        self.assertNotIn('sys.path.append', (self.root / 'generated/e/train.py').read_text())
        self.elsewhere()
        self.assertEqual(self.train(), "['a', 'b', 'c'] tools /\n")
        self.assertEqual([round(x, 6) for x in self.infer([4.0], [5.0])], [11, 13])
        self.assertTrue((self.top / 'model/code/pkg/list.txt').exists())

    def test_changes_of_a_module_are_stale(self):
        self.fill()
        self.convert()
        self.convert('--check')
        for name, text in {'nb/helpers.py': 'def scale(x):\n    return x\n', 'src/pkg/list.txt': 'a\n', 'src/pkg/new.py': 'X = 1\n', 'nb/tools.py': ''}.items():
            self.files({name: text})
            shown = self.convert('--diff').stdout
            if name == 'nb/tools.py':  # nobody imports it
                self.assertEqual(shown, '')
                self.convert('--check')
            else:
                self.assertIn(f'b/generated/e/{name.split("/", 1)[1]}', shown)
                self.convert('--check', code=1)
            self.convert()
            self.convert('--check')
        self.assertEqual((self.root / 'generated/e/helpers.py').read_text(), 'def scale(x):\n    return x\n')
        self.assertNotIn('deep/chain.py', self.generated())
        self.assertFalse((self.root / 'generated/e/deep').exists())

    def test_a_module_that_is_imported_no_more_goes(self):
        self.fill()
        self.convert()
        self.notebook(SKLEARN, DATA, TRAIN)
        self.convert()
        self.assertEqual(self.generated(), ['.notebooked-map.json', 'inference.py', 'notebooked.json', 'preprocess.py', 'requirements.txt', 'train.py'])
        self.assertFalse((self.root / 'generated/e/pkg').exists())

    def test_an_edited_copy_is_not_overwritten(self):
        self.fill()
        self.convert()
        (self.root / 'generated/e/helpers.py').write_text('# mine\n')
        self.files({'nb/helpers.py': '# theirs\n'})
        before = (self.root / 'generated/e/notebooked.json').read_text()
        done = self.convert(code=1)
        self.assertIn('NB701', done.stderr)
        self.assertIn("move your change into 'nb/helpers.py'", done.stderr)
        self.assertEqual((self.root / 'generated/e/helpers.py').read_text(), '# mine\n')
        self.assertEqual((self.root / 'generated/e/notebooked.json').read_text(), before)
        self.convert('--force')
        self.assertEqual((self.root / 'generated/e/helpers.py').read_text(), '# theirs\n')

    def test_links_do_not_lead_out(self):
        self.fill()
        (self.root / 'generated/e').mkdir(parents=True)
        (self.root / 'generated/e/pkg').symlink_to(self.root / 'src/pkg')
        self.assertIn('pkg', self.convert(code=1).stderr)

    def test_written_all_or_none(self):
        self.fill()
        (self.root / 'generated/e/pkg/words.py').mkdir(parents=True)
        self.convert(code=1)
        self.assertEqual(self.generated(), [])

    def test_spellings_of_the_search_path(self):
        for line in ['sys.path.append("../src")', 'sys.path.insert(0, os.path.join("..", "src"))', 'sys.path.insert(0, os.path.abspath("../src"))',
                     'sys.path.append(str(Path("..").resolve() / "src"))', 'sys.path.append(str(Path.cwd().parent / "src"))',
                     'sys.path.append(str(Path.cwd().parents[0].joinpath("src")))', 'sys.path.extend(["../other", "../src"])', 'sys.path += ["../src"]',
                     'site.addsitedir("../src")', 'sys.path.append(os.path.join(os.path.dirname(os.getcwd()), "src"))',
                     'sys.path.append(os.path.join(os.pardir, "src"))', 'sys.path.append(ROOT + "/src")', 'os.chdir("../src")']:
            with self.subTest(line):
                self.notebook(('imports', 'import os, sys, site\nfrom pathlib import Path\nROOT = ".."\n' + line + '\nimport only_there'), SKLEARN, DATA,
                              ('train', TRAIN[1] + '\nprint(only_there.X)'))
                self.files({'src/only_there.py': 'X = 1\n'})
                self.assertEqual(self.codes(), set())
                self.assertIn('only_there.py', self.generated())
                script = (self.root / 'generated/e/train.py').read_text()
                self.assertEqual('chdir' in line, 'chdir' in script)
                self.assertNotIn('site.', script)
                self.assertEqual(script.count('sys.path.'), 1, script)

    def test_a_search_path_known_at_run_time_stands_before_the_imports(self):
        self.notebook(('imports', 'import os, sys\nsys.path.append(os.environ["NB_LIB"])\nfrom sklearn.linear_model import LinearRegression'), DATA, TRAIN)
        self.assertIn(('NB603', 'info'), {row[:2] for row in self.findings()})
        lines = (self.root / 'generated/e/train.py').read_text().splitlines()
        self.assertLess(lines.index('sys.path.append(os.environ["NB_LIB"])'), lines.index('from sklearn.linear_model import LinearRegression'))

    def test_what_is_missing_is_an_error(self):
        table = [
            ('from .x import y', {}, {'NB610 error'}, 'import the module by its own name'),
            ('from .x import y', {'nb/x.py': 'y = 1\n'}, {'NB610 error'}, "leave out the dots: 'from x import ...' finds it"),
            ('try:\n    from .x import y\nexcept ImportError:\n    from x import y', {'nb/x.py': 'y = 1\n'}, set(), None),
            ('import helpers as y', {}, {'NB610 error'}, "put 'helpers.py' beside the notebook, or name what provides it in a cell tagged 'requirements'"),
            ('import strange_thing as y', {}, {'NB601 warning'}, None),
            ('try:\n    import utils as y\nexcept ImportError:\n    y = 1', {}, set(), None),
            ('import sys\nsys.path.append("../gone")\nimport strange_thing as y', {}, {'NB610 error'},
             "make the folder '../gone' that sys.path names available: it is not there"),
            ('import sys\nsys.path.append("../gone")\nimport yaml as y', {}, set(), None),
            ('import pkg.gone as y', {'nb/pkg/__init__.py': ''}, {'NB610 error'}, "put 'gone.py' into 'nb/pkg', or correct the import"),
            ('from src import gone as y', {'src/a.py': ''}, {'NB610 error'}, "put 'gone.py' into 'src', or correct the import"),
            ('import helper_one as y', {'nb/helper_one.py': 'from .two import x\n'}, {'NB610 error'}, 'import the module by its own name'),
            ('import helper_one as y', {'nb/helper_one.py': 'import utils\n'}, {'NB610 error'}, None),
            ('import helper_one as y', {'nb/helper_one.py': 'print "x"\n'}, {'NB301 error'}, 'correct the file: the scripts import it'),
            ('from train import y', {'nb/train.py': 'y = 1\n'}, {'NB614 error'}, "rename it, for example to 'train_helpers.py', and correct its imports"),
            ('import helper_one as y', {'nb/helper_one.py': 'from inference import y\n', 'nb/inference.py': 'y = 1\n'}, {'NB614 error'},
             "rename it, for example to 'inference_helpers.py', and correct its imports"),
            ('from pkg.train import y', {'nb/pkg/__init__.py': '', 'nb/pkg/train.py': 'y = 1\n'}, set(), None),
        ]
        for imports, files, want, help_ in table:
            with self.subTest(imports, files=files):
                shutil.rmtree(self.root)
                self.setUp()
                self.files(files)
                self.notebook(('imports', imports), SKLEARN, DATA, ('train', TRAIN[1] + '\nprint(y)'))
                wrong = any('error' in code for code in want)
                rows = self.findings(code=1 if wrong else 0)
                self.assertEqual({f'{row[0]} {row[1]}' for row in rows if row[1] != 'info'}, want, rows)
                if help_:
                    self.assertIn(help_, [row[3] for row in rows])
                self.assertEqual(wrong, self.generated() == [])

    def test_what_is_provided_is_no_error(self):
        for cell in ['%pip install git+https://example.org/utils.git', '%pip install utils', '%pip install ./utils']:
            with self.subTest(cell):
                self.notebook(('imports', cell + '\nimport utils'), SKLEARN, DATA, ('train', TRAIN[1] + '\nprint(utils)'))
                self.assertNotIn('NB610', {row[0] for row in self.findings()})


class Files(Project):
    def include(self, *entries, more=''):
        self.files({'config.yaml': f'experiments:\n  - name: e\n    notebook: nb/n.ipynb\n    include: [{", ".join(entries)}]\n{more}'})

    def fill(self, read='open("vocab.txt").read().split()'):
        self.notebook(('imports', 'import os\nfrom pathlib import Path\nfrom sklearn.linear_model import LinearRegression'), DATA,
                      ('train', TRAIN[1] + f'\nprint({read})'), ('inference', f'def predict(model, data):\n    words = {read}\n'
                                                                 '    return [p + len(words) for p in model.predict(data)]'))

    def test_included_files_are_found_everywhere(self):
        for entry, read in [('nb/vocab.txt', 'open("vocab.txt").read().split()'), ('nb/lists', 'open("lists/vocab.txt").read().split()'),
                            ('shared/vocab.txt', 'open("../shared/vocab.txt").read().split()'), ('../out/vocab.txt', 'open("../../out/vocab.txt").read().split()'),
                            ('nb/lists', 'open(os.path.join("lists", "vocab.txt")).read().split()'), ('nb/lists', 'Path("lists/vocab.txt").read_text().split()'),
                            ('nb/lists', '(Path("lists") / "vocab.txt").read_text().split()'), ('nb/lists', 'open("lists/" + "vocab.txt").read().split()'),
                            ('nb/lists', 'open(os.path.join("lists", f"{\'vocab\'}.txt")).read().split()'), ('nb', 'open("vocab.txt").read().split()')]:
            with self.subTest(entry, read=read):
                self.setUp()
                for name in ('nb/vocab.txt', 'nb/lists/vocab.txt', 'shared/vocab.txt', '../out/vocab.txt'):
                    self.files({name: 'a b c\n'})
                self.include(entry)
                self.fill(read)
                self.assertEqual(self.codes(), set())
                here = run([PYTHON, '../generated/e/train.py', '--model-dir', '../m'], cwd=self.root / 'nb')  # as notebooked train does
                self.assertEqual((here.returncode, here.stdout), (0, "['a', 'b', 'c']\n"), here.stderr)
                self.elsewhere()
                self.assertEqual(self.train(), "['a', 'b', 'c']\n")
                self.assertEqual([round(x, 6) for x in self.infer([4.0])], [11])

    def test_a_changed_file_is_stale(self):
        self.files({'nb/vocab.txt': 'a\n'})
        self.include('nb/vocab.txt')
        self.fill()
        self.convert()
        self.convert('--check')
        self.files({'nb/vocab.txt': 'b\n'})
        self.convert('--check', code=1)
        self.convert()
        self.assertEqual((self.root / 'generated/e/nb/vocab.txt').read_text(), 'b\n')

    def test_a_large_file_stays_and_is_copied_by_training(self):
        self.files({'nb/vocab.txt': 'a ' * 3_000_000})
        self.include('nb/vocab.txt')
        self.fill('["a"] if open("vocab.txt").read(1) else []')
        self.assertIn(('NB411', 'info'), {row[:2] for row in self.findings()})
        self.assertNotIn('nb/vocab.txt', self.generated())
        done = run([PYTHON, '../generated/e/train.py', '--model-dir', '../../model'], cwd=self.root / 'nb')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.elsewhere()
        self.assertEqual((self.top / 'model/code/nb/vocab.txt').stat().st_size, 6_000_000)
        self.assertEqual(self.infer_code()[0], 9)

    def infer_code(self):
        program = ('import sys\nsys.path.insert(0, sys.argv[1])\nimport inference, json\n'
                   'print(json.dumps([round(x) for x in inference.predict_fn([[4.0]], inference.model_fn(sys.argv[2]))]))')
        done = run([PYTHON, '-c', program, str(self.top / 'model/code'), str(self.top / 'model')], cwd='/')
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_what_is_not_there_is_told_at_conversion(self):
        self.include('nb/gone.txt')
        self.notebook(SKLEARN, DATA, TRAIN)
        rows = [row for row in self.findings() if row[0] == 'NB412']
        self.assertEqual(rows, [('NB412', 'warning', "'nb/gone.txt' is to be included, but it is not there",
                                 "correct 'include': paths are seen from the folder of config.yaml")])

    CELLS = [('', '%%writefile helpers.py\nimport yaml\nTEN = 10'), ('', '%%writefile -a helpers.py\n\ndef scale(x):\n    return [[v[0] / TEN] for v in x]'),
             ('', '%%writefile conf/words.txt\na b c'), ('', '%%writefile ../out.txt\nx'), ('', '%%writefile {name}.py\nx')]

    def test_files_that_cells_write_stand_beside_the_scripts(self):
        self.files({'config.yaml': 'experiments:\n  - name: e\n    notebook: nb/n.ipynb\n    ipython: {writefile: export}\n'})
        self.notebook(*self.CELLS, ('imports', 'from sklearn.linear_model import LinearRegression\nfrom helpers import scale'), DATA,
                      ('train', 'model = LinearRegression().fit(scale(X), y)'),
                      ('inference', 'def predict(model, data):\n    words = open("conf/words.txt").read().split()\n'
                                    '    return [p + len(words) for p in model.predict(scale(data))]'))
        self.assertEqual(self.codes(), set())
        self.convert('--check')
        self.assertIn('pyyaml', (self.root / 'generated/e/requirements.txt').read_text())
        self.assertFalse((self.root / 'nb/helpers.py').exists())
        self.assertEqual((self.root / 'generated/e/helpers.py').read_text(),
                         'import yaml\nTEN = 10\n\ndef scale(x):\n    return [[v[0] / TEN] for v in x]\n')
        lines = json.loads((self.root / 'generated/e/.notebooked-map.json').read_text())['files']['helpers.py']['lines']
        self.assertEqual(lines, [[1, 2, 1, 2], [3, 3, 2, 2]], 'lines of the two cells that write it')
        (self.root / 'generated/e/helpers.py').write_text('x')
        self.assertIn('move your change into the notebook', self.convert('--check', code=1).stderr + self.convert(code=1).stderr)
        self.convert('--force')
        self.elsewhere()
        self.train()
        self.assertEqual([round(x, 6) for x in self.infer([4.0])], [11])

    def test_a_directive_exports_one_cell(self):
        self.notebook(('', '# notebooked: writefile=export\n%%writefile helpers.py\nONE = 1'), ('', '%%writefile other.py\nx = 1'),
                      ('imports', 'import helpers'), SKLEARN, DATA, ('train', TRAIN[1] + '\nprint(helpers.ONE)'))
        self.assertEqual(self.codes(), set())
        self.assertIn('helpers.py', self.generated())
        self.assertNotIn('other.py', self.generated())

    def test_a_written_module_that_is_not_exported_is_told(self):
        self.notebook(*self.CELLS, ('imports', 'from helpers import scale'), SKLEARN, DATA, ('train', TRAIN[1] + '\nprint(scale)'))
        rows = [row for row in self.findings(code=1) if row[1] == 'error']
        self.assertEqual(rows, [('NB610', 'error', "only a %%writefile cell of the notebook makes 'helpers.py'",
                                 "write '# notebooked: writefile=export' on the first line of that cell, or 'ipython: {writefile: export}' in config.yaml")])

    def test_run_lines_give_way_to_the_code(self):
        self.files({'lib/setup.py': '"""Set up."""\nimport numpy as np\nfrom near import X0\n\ndef scale(x):\n    """Not\nindented."""\n'
                                    '    return np.asarray(x) / 10\n\nif __name__ == "__main__":\n    y = [2.0, 4.0, 6.0]\n',
                    'lib/near.py': 'X0 = 1.0\n'})
        inner = {'nbformat': 4, 'nbformat_minor': 5, 'metadata': {}, 'cells': [
            {'cell_type': 'code', 'id': 'a', 'metadata': {}, 'outputs': [], 'execution_count': None, 'source': '%pip install tqdm==4.1\n!ls\n%run ../lib/setup'},
            {'cell_type': 'code', 'id': 'b', 'metadata': {}, 'outputs': [], 'execution_count': None, 'source': 'X = [[X0], [2.0], [3.0]]\nX'}]}
        self.files({'nb/data.ipynb': json.dumps(inner)})
        self.notebook(('imports', 'from sklearn.linear_model import LinearRegression'), ('preprocess', '# notebooked: run=inline\n%run data.ipynb'),
                      ('train', 'model = LinearRegression().fit(scale(X), y)\nprint(len(X))'),
                      ('inference', 'def predict(model, data):\n    return model.predict(scale(data))'))
        self.assertEqual(self.codes(), {'NB201 warning'})
        self.convert()
        self.assertIn('tqdm==4.1', (self.root / 'generated/e/requirements.txt').read_text())
        self.convert('--check')
        before = (self.root / 'generated/e/train.py').read_text()
        self.files({'lib/setup.py': (self.root / 'lib/setup.py').read_text().replace('/ 10', '/ 100')})
        self.convert('--check', code=1)
        self.convert()
        self.assertEqual((self.root / 'generated/e/train.py').read_text(), before.replace('/ 10', '/ 100'))
        self.elsewhere()
        self.assertEqual(self.train(), '3\n')
        self.assertEqual([round(x, 6) for x in self.infer([4.0])], [8])

    def test_run_lines_that_cannot_give_way(self):
        self.files({'nb/self.ipy': '%run self.ipy\na = 1\n', 'nb/b.py': 'b = 1\n', 'nb/bad.ipynb': '{', 'nb/latin.py': 'x'})
        (self.root / 'nb/latin.py').write_bytes(b'x = "\xe9"\n')
        for line, code, message in [('%run b.py', None, None), ('%run gone.py', 'NB412', "removed '%run gone.py': there is no such file"),
                                    ('%run bad.ipynb', 'NB412', "removed '%run bad.ipynb': the file cannot be read"),
                                    ('%run latin.py', 'NB412', "removed '%run latin.py': the file cannot be read"),
                                    ('%run self.ipy', 'NB203', "self.ipy: removed '%run self.ipy': the file runs itself"),
                                    ('%run b.py --x 1', 'NB203', "removed '%run b.py --x 1': only a file's name can stand behind it to have its code here"),
                                    ('%run -m b', 'NB203', "removed '%run -m b': only a file's name can stand behind it to have its code here"),
                                    ('if X:\n    %run b.py', 'NB203', "removed '%run b.py': code can stand here only where it is a statement of the cell by itself")]:
            with self.subTest(line):
                self.notebook(SKLEARN, DATA, ('preprocess', '# notebooked: run=inline\n' + line), TRAIN)
                rows = [row[:3] for row in self.findings(code=1 if code == 'NB412' else 0) if row[1] != 'info']
                self.assertEqual(rows, [(code, 'error' if code == 'NB412' else 'warning', message)] if code else [])
        self.notebook(SKLEARN, DATA, ('preprocess', '%run b.py'), TRAIN)
        self.assertEqual([row[0::3] for row in self.findings() if row[1] == 'warning'],
                         [('NB203', "write '# notebooked: run=inline' on the cell's first line to have its code here, or import the module")])

    def test_files_that_do_not_travel_are_told(self):
        table = [  # training, inference, configured, what is told, what is advised
            ('open("vocab.txt")', '', '', "training reads 'vocab.txt', which other machines do not have", 'include: [nb/vocab.txt]'),
            ('', 'open("vocab.txt")', 'data_path: nb/data', "inference reads 'vocab.txt', which other machines do not have", 'include: [nb/vocab.txt]'),
            ('VOCAB = "vocab.txt"\nopen(VOCAB)', '', '', "training reads 'vocab.txt', which other machines do not have", 'include: [nb/vocab.txt]'),
            ('open("data/a.csv"), open("data/b.csv"), open("data/a.csv")', '', '',
             "training reads 'data/a.csv' (and 1 more in 'data'), which other machines do not have", 'data_path: nb/data'),
            ('open("data/a.csv")', '', 'data_path: other', "training reads 'data/a.csv', which other machines do not have", 'include: [nb/data]'),
            ('open("data/a.csv")', 'open("data/b.csv")', '', "inference reads 'data/a.csv' (and 1 more in 'data'), which other machines do not have",
             'include: [nb/data]'),
            ('open(os.path.join("data", "a.csv"))', '', '', "training reads 'data/a.csv', which other machines do not have", 'data_path: nb/data'),
            ('(Path("data") / "a.csv").read_text()', '', '', "training reads 'data/a.csv', which other machines do not have", 'data_path: nb/data'),
            ('open("../top.txt")', '', '', "training reads '../top.txt', which other machines do not have", 'include: [top.txt]'),
            ('open("data/a.csv")', '', 'data_path: nb/data', None, None),
            ('open("data/a.csv")', '', 'include: [nb/data]', None, None),
            ('open("data/a.csv")', '', 'include: [nb/data/a.csv]', None, None),
            ('open("vocab.txt", "w")', '', '', None, None),
            ('open("vocab.txt", "w"); open("vocab.txt")', '', '', None, None),
            ('print("vocab.txt", {"data": 1}["data"])', '', '', None, None),
            ('open("/etc/hostname"), open("https://vocab.txt")', '', '', None, None),
        ]
        for train, inference, more, message, advice in table:
            with self.subTest(train, inference=inference, more=more):
                shutil.rmtree(self.root)
                self.setUp()
                self.files({'nb/vocab.txt': 'a', 'nb/data/a.csv': '1', 'nb/data/b.csv': '1', 'top.txt': '', 'other/x.csv': '1',
                            'config.yaml': f'experiments:\n  - name: e\n    notebook: nb/n.ipynb\n    {more}\n'})
                self.notebook(('imports', 'import os\nfrom pathlib import Path'), SKLEARN, DATA, ('train', TRAIN[1] + '\n' + train),
                              ('inference', f'def predict(model, data):\n    {inference or "pass"}\n    return model.predict(data)'))
                rows = [row for row in self.findings() if row[0] in ('NB411', 'NB412')]
                want = [('NB411', 'warning', message, 'add to the experiment in config.yaml: ' + advice)] if message else []
                self.assertEqual(rows, want)

    def test_names_of_generated_files_are_refused(self):
        self.files({'requirements.txt': 'x\n', 'train.py': ''})
        for name in ('requirements.txt', 'train.py'):
            self.include(name)
            self.notebook(SKLEARN, DATA, TRAIN)
            self.assertEqual(self.codes(code=1), {'NB614 error'})


if __name__ == '__main__':
    if not BINARY or run([PYTHON, '-c', 'import sklearn, yaml']).returncode != 0:
        print('skipped: needs NB_BINARY and a Python with scikit-learn')
        sys.exit(77)
    unittest.main()
