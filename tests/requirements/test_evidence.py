"""From small notebooks to requirements.txt: what each line says about where it comes from, and what is told about what has no line."""
import json
import os
import pathlib
import subprocess
import tempfile
import textwrap
import unittest

BINARY = os.environ['NB_BINARY']
FOLDER = tempfile.TemporaryDirectory()
TRAIN = 'from sklearn.svm import SVC\nmodel = SVC().fit([[0], [1]], [0, 1])\n'


def cell(source, tag=None):
    return {'cell_type': 'code', 'execution_count': None, 'outputs': [], 'source': textwrap.dedent(source),
            'metadata': {'tags': [tag]} if tag else {}}


class Project:
    """A folder with one notebook. `files` lie in it; the notebook's cells are texts (tagged train) or pairs of text and tag."""

    def __init__(self, cells, files=None, config=None):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=FOLDER.name))
        cells = [cell(*c) if isinstance(c, tuple) else cell(c, 'train') for c in cells]
        for name, text in (files or {}).items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(textwrap.dedent(text))
        (self.path / 'n.ipynb').write_text(json.dumps({'cells': cells, 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}))
        if config is not None:
            (self.path / 'config.yaml').write_text('experiments:\n  - name: n\n    notebook: n.ipynb\n' + config)

    def convert(self, *options):
        env = {k: v for k, v in os.environ.items() if k not in ('VIRTUAL_ENV', 'CONDA_PREFIX')}
        what = 'n' if (self.path / 'config.yaml').exists() else 'n.ipynb'
        out = subprocess.run([BINARY, 'convert', what, '--format', 'json', *options], cwd=self.path, env=env,
                             capture_output=True, text=True, check=False)
        self.report = json.loads(out.stdout)
        self.findings = [(f['code'], f['message']) for f in self.report.get('findings', self.report.get('diagnostics', []))]
        return self

    def lines(self):
        return (self.path / 'generated/n/requirements.txt').read_text().splitlines()

    def codes(self):
        return [code for code, _ in self.findings if code.startswith('NB6')]


def requirements(*cells, files=None, config=None, options=()):
    project = Project([*cells, TRAIN], files, config).convert(*options)
    lines = [line for line in project.lines() if not line.startswith(('scikit-learn', 'mlflow'))]
    return lines, project


class Imports(unittest.TestCase):
    """The order of evidence, for one import each."""

    CASES = [
        # cells, lines, codes beside NB605
        ('import google.cloud.storage as s\ns.Client()', ['google-cloud-storage  # import google.cloud.storage (cell 1)'], []),
        ('from google.cloud import storage\nstorage.Client()', ['google-cloud-storage  # import google.cloud.storage (cell 1)'], []),
        ('from azure.ai.ml import MLClient\nMLClient()', ['azure-ai-ml  # import azure.ai.ml (cell 1)'], []),
        ('import cv2\ncv2.imread("x")', ['opencv-python-headless  # import cv2 (cell 1)'], []),
        ('import sklearn.ensemble as e, os\nprint(e, os)', [], []),
        ('from pandas import (read_csv,\n   DataFrame)\nread_csv, DataFrame', ['pandas  # import pandas (cell 1)'], []),
        ('try:\n    import cupy\nexcept ImportError:\n    cupy = None\nprint(cupy)', [], ['NB601']),
        ('from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\nx: "pandas.DataFrame" = 1\nprint(x)', [], []),
        ('m = __import__("yaml")\nm.load("")', ['pyyaml  # import yaml (cell 1)'], []),
        ('import importlib\nm = importlib.import_module("yaml.nodes")\nprint(m)', ['pyyaml  # import yaml.nodes (cell 1)'], []),
        ('def f():\n    import yaml\n    return yaml.load("")\nf()', ['pyyaml  # import yaml (cell 1)'], []),
        ('x = "import yaml"\nprint(x)', [], []),
        ('# import yaml\n', [], []),
    ]

    def test_imports(self):
        for source, wanted, codes in self.CASES:
            with self.subTest(source=source):
                lines, project = requirements(source)
                self.assertEqual(lines, wanted)
                self.assertEqual([c for c in project.codes() if c not in ('NB605', 'NB602')], codes)

    def test_platform(self):
        project = Project(['from google.colab import drive\ndrive.mount("/x")', TRAIN]).convert()
        self.assertIn('NB602', project.codes())

    def test_local_or_not(self):
        lines, project = requirements('import utils\nutils.f()', files={'utils.py': 'import yaml\ndef f(): pass\n'})
        self.assertEqual(lines, ['pyyaml  # import yaml (utils.py)'])
        project = Project(['import utils\nutils.f()', TRAIN]).convert()
        self.assertTrue({'NB601', 'NB610'} & set(project.codes()))


class Asked(unittest.TestCase):
    def test_install_cells(self):
        lines, project = requirements(('%pip install torch==2.1.0', None), ('!pip install torch==2.2.0 PyYAML', None), ('pyyaml', 'requirements'),
                                      'import torch, yaml\nprint(torch, yaml)')
        self.assertEqual(lines, ['pyyaml  # requirements (cell 3)', 'torch==2.2.0  # %pip install (cell 2)'])
        self.assertIn('NB604', project.codes())

    def test_configured(self):
        lines, _ = requirements(files={'base.txt': 'tqdm==4.66\n'}, config='    requirements: ["attrs>=23", "-r base.txt", "--pre"]\n')
        self.assertEqual(lines, ['--pre  # config.yaml', 'attrs>=23  # config.yaml', 'tqdm==4.66  # base.txt'])

    def test_hashes_and_comments_are_read_by_pip(self):
        lines, project = requirements(('%pip install "attrs==23.1.0 --hash=sha256:00"', None), ('-i https://example.org/simple', 'requirements'))
        out = subprocess.run([os.sys.executable, '-c', 'import sys\n'
                              'from pip._internal.req.req_file import parse_requirements\n'
                              'from pip._internal.network.session import PipSession\n'
                              'for r in parse_requirements(sys.argv[1], PipSession()): print(r.requirement)',
                              project.path / 'generated/n/requirements.txt'], capture_output=True, text=True, check=False)
        if out.returncode == 0:
            self.assertNotIn('#', out.stdout)
            self.assertIn('attrs==23.1.0', out.stdout)


class Implied(unittest.TestCase):
    """Projects that nobody imports."""

    CASES = [
        ('import pandas as pd\ndf = pd.read_parquet("x")\nprint(df)', 'pyarrow  # pandas.read_parquet (cell 1) needs it'),
        ('from pandas import read_parquet as r\nprint(r("x"))', 'pyarrow  # pandas.read_parquet (cell 1) needs it'),
        ('import pandas as pd\nprint(pd.read_parquet("x", engine="fastparquet"))', 'fastparquet  # pandas.read_parquet (cell 1) needs it'),
        ('import pandas as pd\nprint(pd.read_excel("x.xls"))', 'xlrd  # pandas.read_excel (cell 1) needs it'),
        ('import pandas as pd\nprint(pd.read_excel("x.xlsx"))', 'openpyxl  # pandas.read_excel (cell 1) needs it'),
        ('import pandas as pd\nprint(pd.read_csv("s3://b/x.csv"))', 's3fs  # s3:// (cell 1) needs it'),
        ('import pandas as pd\nprint(pd.DataFrame().to_markdown())', 'tabulate  # to_markdown (cell 1) needs it'),
        ('import transformers as t\nm = t.AutoModel.from_pretrained("x", device_map="auto")\nprint(m)', 'accelerate  # from_pretrained (cell 1) needs it'),
        ('import sqlalchemy as sa\ne = sa.create_engine("postgresql://h/d")\nprint(e)', 'psycopg2-binary  # postgresql:// (cell 1) needs it'),
        ('import torch\nfrom torch.utils.tensorboard import SummaryWriter\nw = SummaryWriter()\nprint(w, torch)',
         'tensorboard  # torch.utils.tensorboard.SummaryWriter (cell 1) needs it'),
        ('import tensorflow as tf\ntf.keras.utils.plot_model(1)', 'pydot  # tensorflow.keras.utils.plot_model (cell 1) needs it'),
    ]

    def test_added(self):
        for source, wanted in self.CASES:
            with self.subTest(source=source):
                lines, project = requirements(source)
                self.assertIn(wanted, lines)
                self.assertEqual(project.codes().count('NB606'), 1)

    def test_not_added(self):
        for source in ('import boto3\nprint(boto3.client("s3").get("s3://b/k"))', 'import polars as pl\nprint(pl.read_parquet("x"))',
                       'import seaborn as sns\nprint(sns.regplot(lowess=False))', 'class T:\n    def to_excel(self): pass\nprint(T().to_excel())'):
            with self.subTest(source=source):
                self.assertNotIn('NB606', requirements(source)[1].codes())

    def test_what_is_there_will_do(self):
        lines, _ = requirements(('%pip install fastparquet', None), 'import pandas as pd\nprint(pd.read_parquet("x"))')
        self.assertEqual(lines, ['fastparquet  # %pip install (cell 1)', 'pandas  # import pandas (cell 2)'])
        lines, _ = requirements('import pandas as pd\nprint(pd.read_parquet("x"))', files={'requirements.txt': 'fastparquet==2024.2\n'})
        self.assertIn('fastparquet==2024.2  # pandas.read_parquet (cell 1) needs it; version from requirements.txt', lines)

    def test_in_a_module_of_the_project(self):
        lines, _ = requirements('import helpers\nprint(helpers.load())',
                                files={'helpers.py': 'import pandas as pd\ndef load():\n    return pd.read_parquet("x")\n'})
        self.assertEqual(lines, ['pandas  # import pandas (helpers.py)', 'pyarrow  # pandas.read_parquet (helpers.py) needs it'])

    def test_suggested(self):
        lines, project = requirements('import pandas as pd\nprint(pd.DataFrame().plot())')
        self.assertEqual(lines, ['pandas  # import pandas (cell 1)'])
        self.assertIn('NB606', project.codes())


UV = '''
    version = 1
    [[package]]
    name = "pandas"
    version = "2.2.1"
    source = { registry = "https://pypi.org/simple" }
    [[package]]
    name = "torch"
    version = "2.1.0+cpu"
    source = { registry = "https://user:hunter22@download.example.org/whl/cpu" }
    [[package]]
    name = "opencv-python"
    version = "4.9.0"
    [[package]]
    name = "acme-tools"
    version = "3"
'''


class Locked(unittest.TestCase):
    def test_lock(self):
        lines, _ = requirements('import pandas, torch, cv2, acme_tools\nprint(pandas, torch, cv2, acme_tools)', files={'uv.lock': UV})
        self.assertEqual(lines, ['acme-tools==3  # import acme_tools (cell 1); version from uv.lock',
                                 'opencv-python==4.9.0  # import cv2 (cell 1); version from uv.lock',
                                 'pandas==2.2.1  # import pandas (cell 1); version from uv.lock',
                                 'torch==2.1.0  # import torch (cell 1); version from uv.lock; index download.example.org'])

    def test_install_cell_wins(self):
        lines, _ = requirements(('%pip install pandas==1.5', None), 'import pandas\nprint(pandas)', files={'uv.lock': UV})
        self.assertEqual(lines, ['pandas==1.5  # %pip install (cell 1)'])

    def test_range_and_extras(self):
        lines, _ = requirements('import uvicorn\nuvicorn.run()', files={'pyproject.toml': '[project]\ndependencies = ["uvicorn[standard]>=0.20"]\n'})
        self.assertEqual(lines, ['uvicorn[standard]>=0.20  # import uvicorn (cell 1); version from pyproject.toml'])

    def test_disagreement_and_unreadable(self):
        lines, project = requirements('import pandas\nprint(pandas)', files={'uv.lock': UV, 'requirements.txt': 'pandas==1.5\n', 'pdm.lock': 'oops'})
        self.assertEqual(lines, ['pandas==2.2.1  # import pandas (cell 1); version from uv.lock'])
        self.assertEqual([c for c in project.codes() if c != 'NB605'], ['NB613', 'NB612'])

    def test_inline_metadata(self):
        lines, _ = requirements('# /// script\n# dependencies = ["pandas<3"]\n# ///\nimport pandas, h\nprint(pandas, h)',
                                files={'h.py': '# /// script\n# dependencies = ["attrs==23.1"]\n# ///\nimport attr\n'})
        self.assertEqual(lines, ['attrs==23.1  # import attr (h.py); version from h.py',
                                 'pandas<3  # import pandas (cell 1); version from cell 1'])

    def test_the_project_itself(self):
        lines, project = requirements('import mine\nprint(mine)', files={'pyproject.toml': '[project]\nname = "mine"\n'})
        self.assertEqual(lines, [])
        self.assertIn('NB603', project.codes())

    def test_a_changed_lock_makes_the_output_stale(self):
        project = Project(['import pandas\nprint(pandas)', TRAIN], {'uv.lock': UV}).convert()
        (project.path / 'uv.lock').write_text(textwrap.dedent(UV).replace('2.2.1', '2.2.2'))
        check = subprocess.run([BINARY, 'convert', 'n.ipynb', '--check'], cwd=project.path, capture_output=True, check=False)
        self.assertEqual(check.returncode, 1)
        self.assertIn('pandas==2.2.2  # import pandas (cell 1); version from uv.lock', project.convert().lines())


class Provided(unittest.TestCase):
    SOURCE = 'import numpy, pandas, uvicorn, yaml\nprint(numpy, pandas, uvicorn, yaml)'
    FILES = {'requirements.txt': 'numpy>=1.20\npandas==2.2.1\nuvicorn[standard]\n'}

    def check(self, text, options=('--provided', 'image.txt'), config=None):
        lines, project = requirements(self.SOURCE, files=self.FILES | {'image.txt': text}, options=options, config=config)
        self.assertEqual(lines, [
            'pandas==2.2.1  # import pandas (cell 1); version from requirements.txt',
            'uvicorn[standard]  # import uvicorn (cell 1)',
            '# numpy>=1.20  # import numpy (cell 1); version from requirements.txt; provided by image.txt',
            '# pyyaml  # import yaml (cell 1); provided by image.txt'])
        self.assertIn(('NB611', "left out, because they are provided: 'numpy', 'pyyaml'"), project.findings)
        self.assertIn(('NB612', "'pandas==2.2.1' is kept: image.txt has 'pandas==1.5.3'"), project.findings)

    def test_lists(self):
        self.check('numpy==1.26.4\npandas==1.5.3\nPyYAML==6.0+local.1\n# comment\nnonsense here\n')
        self.check('[{"name": "NumPy", "version": "1.26.4"}, {"name": "pandas", "version": "1.5.3"}, {"name": "PyYAML", "version": "6"}]')
        self.check('{"numpy": "1.26.4", "pandas": "1.5.3", "pyyaml": "6"}')

    def test_configured(self):
        self.check('numpy==1.26.4\npandas==1.5.3\npyyaml\n', options=(), config='    provided: [image.txt]\n')

    def test_missing_file(self):
        project = Project([TRAIN]).convert('--provided', 'image.txt')
        self.assertIn("image.txt", json.dumps(project.report['error']))
        self.assertIn('pip freeze', json.dumps(project.report['error']))
        self.assertFalse((project.path / 'generated').exists())


def tearDownModule():
    FOLDER.cleanup()


if __name__ == '__main__':
    unittest.main()
