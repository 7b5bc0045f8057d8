"""A path that is read is told by one rule: it belongs to one machine (NB409), comes from the network (NB410), lies beside the notebook (NB411), or is missing (NB412)."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BINARY = os.path.abspath(os.environ.get('NB_BINARY', ''))

READS = {  # what is read: the code that tells it; None: nobody does
    '/home/ann/a.csv': 'NB409', '~/b.csv': 'NB409', '/content/drive/MyDrive/c.csv': 'NB409', '/kaggle/input/d/d.csv': 'NB409', '/srv/e.csv': 'NB409',
    'C:/Users/f.csv': 'NB409', 'https://example.org/g.csv': 'NB410', 'there.csv': 'NB411', '../above.csv': 'NB411', 'sub/there.csv': 'NB411',
    '../input/there.csv': 'NB411', 'missing.csv': 'NB412', 'sub2/missing.csv': 'NB412', '../input/gone/missing.csv': 'NB412', 'drive/MyDrive/h.csv': 'NB412',
    '../data/there.csv': None, '../data/missing.csv': None, '../listed.csv': None, 'rows.csv': None}
MADE = ('notebooks/there.csv', 'above.csv', 'notebooks/sub/there.csv', 'input/there.csv', 'data/there.csv', 'listed.csv')
CONFIG = 'experiments: [{name: a, notebook: notebooks/a.ipynb, data_path: data, include: [listed.csv, notebooks/rows.csv]}]\n'


class Paths(unittest.TestCase):
    def test_each_is_told_once(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix='nb paths ')))
        for name in MADE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text('x\n')
        code = 'import pandas as pd\n' + ''.join(f'v{i} = pd.read_csv({path!r})\n' for i, path in enumerate(READS))
        cell = {'cell_type': 'code', 'execution_count': 1, 'metadata': {'tags': ['train']}, 'outputs': [], 'source': code}
        (folder / 'notebooks/a.ipynb').write_text(json.dumps({'cells': [cell], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 4}))
        (folder / 'config.yaml').write_text(CONFIG)
        done = subprocess.run([BINARY, 'check', '--select', 'NB409,NB410,NB411,NB412', '--output-format', 'json', 'a'], cwd=folder, capture_output=True, check=False)
        told = {}
        for finding in json.loads(done.stdout)['findings']:
            if finding['path'].endswith('.ipynb'):
                told.setdefault(list(READS)[finding['line'] - 2], []).append(finding['code'])
        self.assertEqual(told, {path: [code] for path, code in READS.items() if code})


if __name__ == '__main__':
    unittest.main()
