"""What the pages say about silencing holds: a code whose page shows ignore[CODE] can be ignored in a cell, one that cannot be silenced is refused there."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ['NB_SOURCE_DIR'])
BINARY = os.environ['NB_BINARY']


def refused(codes):
    """Those that a cell cannot ignore."""
    cells = [{'cell_type': 'code', 'metadata': {'tags': ['utils']}, 'outputs': [], 'execution_count': None,
              'source': f'# notebooked: ignore[{code}]\nx{i} = 1'} for i, code in enumerate(codes)]
    notebook = {'cells': cells, 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 4}
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / 'n.ipynb').write_text(json.dumps(notebook))
        done = subprocess.run([BINARY, 'check', '--format', 'json', 'n.ipynb'], cwd=folder, capture_output=True, text=True)
    found = [f for f in json.loads(done.stdout)['findings'] if f['code'] == 'NB107']
    return {re.match("'(.*)' cannot be silenced", f['message']).group(1) for f in found}


class Silencing(unittest.TestCase):
    def test_pages_and_program_agree(self):
        pages = {p.stem: p.read_text().split('## Silencing')[1] for p in (SOURCE / 'docs/findings').glob('NB*.md')}
        self.assertGreater(len(pages), 100)
        told = refused(sorted(pages))
        for code, text in sorted(pages.items()):
            with self.subTest(code):
                if f'ignore[{code}]' in text:
                    self.assertNotIn(code, told)
                elif text.strip().startswith('Cannot be silenced'):
                    self.assertIn(code, told)


if __name__ == '__main__':
    unittest.main()
