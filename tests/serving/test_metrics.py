"""What /metrics says: every name is there, counters only grow, buckets add up, and Prometheus' own reader takes both formats."""
import json
import os
import re
import subprocess
import sys
import textwrap
import unittest

from watched import Watched

OPENMETRICS = 'application/openmetrics-text; version=1.0.0'
NAMES = '''
    notebooked_requests_total notebooked_request_duration_seconds notebooked_queue_duration_seconds notebooked_predict_duration_seconds
    notebooked_queue_depth notebooked_inflight notebooked_workers notebooked_batch_rows notebooked_batch_requests
    notebooked_worker_restarts_total notebooked_rejected_total notebooked_worker_rss_bytes notebooked_worker_cpu_seconds_total
    notebooked_connections notebooked_bytes_total notebooked_build_info notebooked_ready notebooked_traffic_weight
    notebooked_capture_events_total notebooked_capture_bytes_total notebooked_capture_queue_bytes notebooked_capture_failing
    notebooked_capture_pruned_files_total notebooked_shadow_compared_total notebooked_shadow_disagreed_total notebooked_shadow_delay_seconds
    process_cpu_seconds_total process_start_time_seconds process_resident_memory_bytes process_virtual_memory_bytes process_threads
    process_open_fds process_max_fds'''.split()

# Reads both formats and prints what it saw as JSON.
READER = '''
    import json, sys
    from prometheus_client import openmetrics, parser
    from prometheus_client.openmetrics import parser as open_parser
    texts = json.load(sys.stdin)
    for text, read in ((texts[0], parser.text_string_to_metric_families), (texts[1], open_parser.text_string_to_metric_families)):
        print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]] for f in read(text)]))
'''


def samples(text):
    """{name and labels: value}, in order."""
    return {line.rpartition(' ')[0]: float(line.rpartition(' ')[2]) for line in text.splitlines() if not line.startswith('#')}


def types(text):
    return dict(re.findall(r'^# TYPE (\S+) (\S+)$', text, re.M))


def reader():
    """A Python with prometheus_client, or None."""
    for python in (os.environ.get('NB_CLIENT_PYTHON'), sys.executable):
        if python and os.path.exists(python) and not subprocess.run([python, '-c', 'import prometheus_client'], capture_output=True,
                                                                    check=False).returncode:
            return python
    return None


def make_traffic(front):
    for rows in ([[1]], [[2], [3]], '4\n', [['x']], [[None]]):
        front.rows(rows)
    front.ask('GET', '/nothing')
    front.ask('GET', '/invocations')
    front.ask('GET', '/ping', headers={'Host': 'evil.example'})
    front.raw(b'nonsense\r\n\r\n')
    front.raw(b'POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n')


class MetricsTest(unittest.TestCase):
    def test_every_name(self):
        with Watched() as front:
            front.run('capture=1')
            make_traffic(front)
            text = front.metrics()
            self.assertEqual(sorted(types(text)), sorted(NAMES))
            for name in types(text):
                self.assertEqual(text.count(f'# HELP {name} '), 1)
            found = samples(text)
            self.assertEqual(len(found), sum(not line.startswith('#') for line in text.splitlines()), 'a series stands there twice')
            label = 'endpoint="iris",version="1"'
            for line, value in {
                f'notebooked_requests_total{{{label},protocol="sagemaker",code="200"}}': 4,
                f'notebooked_bytes_total{{{label},dir="in"}}': sum(map(len, ('{"instances": [[1]]}', '{"instances": [[2], [3]]}', '4\n',
                                                                         '{"instances": [["x"]]}', '{"instances": [[null]]}'))),
                f'notebooked_request_duration_seconds_count{{{label}}}': 5,
                f'notebooked_batch_rows_sum{{{label}}}': 6,
                f'notebooked_queue_depth{{{label}}}': 0,
                f'notebooked_inflight{{{label}}}': 0,
                f'notebooked_workers{{{label},state="ready"}}': 1,
                f'notebooked_workers{{{label},state="busy"}}': 0,
                f'notebooked_traffic_weight{{{label}}}': 100,
                'notebooked_ready{endpoint="iris"}': 1,
                'notebooked_connections{endpoint="iris"}': 1,
                **{f'notebooked_rejected_total{{endpoint="iris",reason="{why}"}}': 1 for why in ('path', 'method', 'host', 'bad', 'body')},
            }.items():
                self.assertEqual(found.get(line), value, f'{line}\n{text}')
            self.assertGreater(found[f'notebooked_worker_rss_bytes{{{label},worker="1"}}'], 1e6)
            self.assertGreater(found[f'notebooked_worker_cpu_seconds_total{{{label},worker="1"}}'], 0)
            self.assertAlmostEqual(found['process_resident_memory_bytes'], front.rss(), delta=4e6)
            self.assertGreaterEqual(found['process_open_fds'], 5)
            self.assertGreaterEqual(found['process_threads'], 2)

    def test_counters_grow_and_buckets_add_up(self):
        with Watched() as front:
            front.run()
            make_traffic(front)
            before, kinds = front.metrics(), types(front.metrics())
            for _ in range(5):
                make_traffic(front)
                after = front.metrics()
                old, new = samples(before), samples(after)
                for line, value in old.items():
                    name = re.match(r'[a-z_]+', line)[0]
                    family = re.sub(r'_(bucket|sum|count)$', '', name)
                    if kinds.get(name) == 'counter' or kinds.get(family) == 'histogram':
                        self.assertGreaterEqual(new[line], value, line)
                before = after
            for family, kind in kinds.items():
                buckets = [value for line, value in samples(before).items() if line.startswith(f'{family}_bucket{{')]
                self.assertEqual(bool(buckets), kind == 'histogram', family)
                self.assertEqual(buckets, sorted(buckets), family)
                if buckets:
                    self.assertEqual(buckets[-1], samples(before)[f'{family}_count{{endpoint="iris",version="1"}}'])

    def test_restarts(self):
        with Watched() as front:
            front.run()
            front.rows([[1]])
            os.kill(front.workers()[0], 9)
            front.wait_for(lambda: front.figure('notebooked_worker_restarts_total{') == 1)
            self.assertIn('reason="crash"', front.metrics())

    def test_content_types(self):
        with Watched() as front:
            front.run()
            for accept, kind in (('text/plain', 'text/plain; version=0.0.4; charset=utf-8'),
                                 (OPENMETRICS + ',text/plain;q=0.5', OPENMETRICS + '; charset=utf-8')):
                _, headers, text = front.ask('GET', '/metrics', headers={'Accept': accept})
                self.assertEqual(headers['Content-Type'], kind)
                self.assertEqual(text.endswith(b'# EOF\n'), 'openmetrics' in kind)

    def test_prometheus_reads_both(self):
        python = reader()
        if not python:
            self.skipTest('no Python here has prometheus_client; scripts/setup.sh test makes one')
        with Watched() as front:
            front.run('capture=0.5')
            make_traffic(front)
            texts = [front.metrics(), front.metrics(Accept=OPENMETRICS)]
            done = subprocess.run([python, '-c', textwrap.dedent(READER)], input=json.dumps(texts), capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr + texts[1])
            plain, opened = map(json.loads, done.stdout.splitlines())
            for families in (plain, opened):
                names = {name for name, _, _ in families}
                self.assertEqual(names, {re.sub('_total$', '', name) for name in NAMES})
                self.assertEqual([kind for name, kind, _ in families if kind == 'unknown'], [])
            self.assertEqual([family[:2] for family in plain], [family[:2] for family in opened])


if __name__ == '__main__':
    unittest.main()
