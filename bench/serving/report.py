"""The figures as tables in Markdown, and what they should be."""

CLIENTS = (1, 8, 64)


def number(value, digits=0):
    return f'{value:,.{digits}f}'


def ratio(value):
    return f'{value:.0f}' if value >= 20 else f'{value:.1f}' if value >= 3 else f'{value:.2f}'


def markdown(rows):
    """A table; the first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ['| ' + ' | '.join(cell.ljust(w) for cell, w in zip(row, widths)) + ' |' for row in rows]
    lines.insert(1, '|' + '|'.join('-' * (w + 2) for w in widths) + '|')
    return '\n'.join(lines) + '\n'


def cells(results, model):
    """A row a server: each number of clients has three columns."""
    heading = [model]
    for clients in CLIENTS:
        heading += [f'{clients}: a second', 'p50 / p99 ms', 'CPU us']
    rows = [heading]
    for name in results[model][max(CLIENTS)]:
        row = [name]
        for clients in CLIENTS:
            s = results[model][clients].get(name)
            if not s:
                row += ['', '', '']
                continue
            row += [number(s['rps']) + (' *' if s['disturbed'] else ''), f'{s["p50_ms"]:.2f} / {s["p99_ms"]:.2f}', number(s['cpu_us'])]
        rows.append(row)
    return markdown(rows)


# --- goals

class Goals:
    """What was promised, beside what was measured."""

    def __init__(self):
        self.rows = [('case', 'figure', 'goal', 'measured', '')]

    def most(self, case, figure, value, limit, form=ratio):
        self._add(case, figure, f'at most {form(limit)}', form(value), value <= limit)

    def least(self, case, figure, value, limit, form=ratio):
        self._add(case, figure, f'at least {form(limit)}', form(value), value >= limit)

    def _add(self, case, figure, goal, measured, met):
        self.rows.append((case, figure, goal, measured, 'met' if met else '**missed**'))


def against_peers(goals, results):
    """LR and RF beside FastAPI and MLflow."""
    def times(model, clients, ours, theirs, key):
        found = results[model][clients]
        return found[ours][key] / found[theirs][key]

    if 'LR' in results:
        one = results['LR'][1]
        goals.most('LR, 1 client', 'p50 / FastAPI', times('LR', 1, 'batching', 'FastAPI', 'p50_ms'), 0.8)
        goals.most('', 'p50 beyond the model, ms', one['batching']['p50_ms'] - results['model']['LR'] / 1000, 0.35)
        goals.most('', 'p50, batching / coalesced', one['batching']['p50_ms'] / one['coalesced']['p50_ms'], 1.05)
        goals.least('LR, 64 clients, coalesced', 'a second / FastAPI', times('LR', 64, 'coalesced', 'FastAPI', 'rps'), 3)
        goals.least('', 'the same with 2 workers', times('LR', 64, 'coalesced, 2 workers', 'FastAPI', 'rps'), 3)
        goals.most('', 'p99 / FastAPI', times('LR', 64, 'coalesced', 'FastAPI', 'p99_ms'), 0.5)
        goals.least('', 'a second / MLflow', times('LR', 64, 'coalesced', 'MLflow', 'rps'), 10)
        goals.least('LR, 64 clients, batching', 'a second / FastAPI', times('LR', 64, 'batching', 'FastAPI', 'rps'), 9)
        goals.most('', 'p99 / FastAPI', times('LR', 64, 'batching', 'FastAPI', 'p99_ms'), 0.2)
        goals.least('', 'a second / MLflow', times('LR', 64, 'batching', 'MLflow', 'rps'), 35)
    if 'RF' in results:
        one = results['RF'][1]
        goals.most('RF, 1 client', 'p50, batching / coalesced', one['batching']['p50_ms'] / one['coalesced']['p50_ms'], 1.05)
        goals.least('RF, 8 clients, batching', 'a second / FastAPI', times('RF', 8, 'batching', 'FastAPI', 'rps'), 4)
        goals.least('RF, 64 clients, batching', 'a second / FastAPI', times('RF', 64, 'batching', 'FastAPI', 'rps'), 30)
        goals.most('', 'p99 / FastAPI', times('RF', 64, 'batching', 'FastAPI', 'p99_ms'), 0.05)


def alone(goals, results):
    """What the front does by itself."""
    null, memory, deploy = results.get('null'), results.get('memory'), results.get('deploy')
    if null:
        goals.most('model that does nothing, 64 clients', 'CPU us a request, front and worker', null['small']['cpu_us'], 40, number)
        goals.least('', 'bodies of 1 MiB a second', null['large']['rps'], 1000, number)
    for title, one in results.get('overload', {}).items():
        goals.least(f'overload, {title}: {number(one["offered"] / one["seconds"])} a second offered', 'served, % of capacity',
                    100 * one['served_rps'] / one['capacity_rps'], 95, number)
        goals.most('', 'p99 of refusals, ms', one['refusal_p99_ms'], 5, ratio)
    if memory:
        goals.most('memory of the front', 'MB resident, idle', memory['idle_mb'], 10, ratio)
        goals.most('', 'MB resident, 1024 connections', memory['connected_mb'], 64, ratio)
    if deploy:
        goals.most('deploy', 's until ready beyond the model\'s own load time', deploy['ready_s'] - deploy['load_s'], 0.5)


def text(results):
    """All of it."""
    parts = []
    about = results['about']
    parts.append('\n'.join(f'- {name}: {value}' for name, value in about.items()) + '\n')
    for model in ('LR', 'RF'):
        if model in results:
            parts.append(cells(results, model))
    if any(s['disturbed'] for model in ('LR', 'RF') for c in results.get(model, {}).values() for s in c.values()):
        parts.append('\\* other processes had more than 12 % of the cores\n')
    goals = Goals()
    against_peers(goals, results)
    alone(goals, results)
    parts.append(markdown(goals.rows))
    return '\n'.join(parts)
