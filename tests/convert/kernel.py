"""Run a case's tagged cells as a kernel would, top to bottom, and print what they reach as JSON: kernel.py CASE.cells

Cells run by exec() in one namespace; cells that plain Python cannot run are left to the case's `kernel` cell, which runs last.
"""
import io
import json
import os
import sys
from contextlib import redirect_stdout

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from notebooks import Case  # noqa: E402

os.environ['MPLBACKEND'] = 'Agg'
sys.path.append(os.getcwd())  # as a kernel finds what lies beside the notebook


def plain(value):
    """The value as JSON can hold it."""
    if hasattr(value, 'tolist'):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def plain_python(source):
    """The cell with its few lines of IPython syntax replaced by `pass`."""
    lines = []
    for line in source.splitlines():
        text = line.lstrip()
        special = text.startswith(('%', '!')) or text.endswith('?')
        lines.append(line[:len(line) - len(text)] + 'pass' if special else line)
    return '\n'.join(lines)


def main():
    case = Case(sys.argv[1])
    check = {}
    space = {'__name__': '__main__'}
    sys.modules['__main__'].__dict__.update(space)
    space = sys.modules['__main__'].__dict__
    with redirect_stdout(io.StringIO()):
        for tags, source in case.cells:
            if not tags or {'check', 'requirements'} & set(tags):
                if tags or not source.lstrip().startswith(('import', 'from')):
                    continue
            try:
                exec(compile(plain_python(source), 'cell', 'exec'), space)
            except Exception:
                if not case.source('kernel'):
                    raise
        exec(case.source('check'), space, check)
    sample = check['sample']
    if 'predict' in space:
        predictions = eval('predict(%s)' % check.get('predict_arguments', 'sample'), space, {'sample': sample})
    else:
        predictions = space[check.get('model', [k for k, v in space.items() if hasattr(v, 'predict') and not isinstance(v, type)][-1])].predict(sample)
    names = check['metrics'] + check.get('values', [])
    print(json.dumps({'values': {n: plain(space[n]) for n in names}, 'predictions': plain(predictions), 'sample': plain(sample),
                      'metrics': check['metrics'], 'state': check.get('state', []), 'stdout': check.get('stdout', []),
                      'saved': check.get('saved', []), 'once': check.get('once', '')}))


if __name__ == '__main__':
    main()
