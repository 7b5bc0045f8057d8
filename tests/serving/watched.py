"""A front whose logs, figures and captured requests a test looks at."""
import http.client
import json

from fronts import Front, within

# Doubles the first value of each row; rows may be lists, objects or lines of CSV.
DOUBLING = '''
import json

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    if content_type.startswith('text/csv'):
        return [[float(cell or 0) for cell in line.split(',')] for line in body.splitlines() if line[:1].isdigit()]
    return json.loads(body)['instances']

def predict_fn(data, model):
    firsts = [next(iter(row.values())) if isinstance(row, dict) else row[0] for row in data]
    return [first * model for first in firsts]

def output_fn(prediction, accept):
    return json.dumps({'predictions': prediction}), 'application/json'
'''


class Watched(Front):
    """with Watched() as front: front.run('capture=1') ... `about` is the model's notebooked.json."""

    def __init__(self, script=DOUBLING, *more, **about):
        super().__init__(script, *more)
        for version in self.versions if about else ():
            (self.endpoint / f'versions/{version}/notebooked.json').write_text(json.dumps(about))

    def __enter__(self):
        return self

    def run(self, *settings, options=(), **popen):
        """Starts with these settings, until every version is ready."""
        self.settings = dict(setting.split('=', 1) for setting in settings)
        self.start(*options, **popen)
        for version in self.versions:
            self.wait_ready(version=version)
        return self

    def rows(self, rows, headers=None, path='/invocations'):
        """The status and the answer: a list is instances, a text CSV."""
        kind, body = ('text/csv', rows) if isinstance(rows, str) else ('application/json', json.dumps({'instances': rows}))
        status, _, text = self.ask('POST', path, body, {'Content-Type': kind, **(headers or {})})
        return status, json.loads(text) if text[:1] in (b'{', b'[') else text

    def metrics(self, **headers):
        return self.ask('GET', '/metrics', headers=headers)[2].decode()

    def figure(self, name):
        """The sum of the samples whose line begins like this."""
        return sum(float(line.rpartition(' ')[2]) for line in self.metrics().splitlines() if line.startswith(name))

    def wait_for(self, what):
        assert within(20, what), self.said() + self.metrics()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, self.said()

    def turn(self):
        """Lines of logs are written at the end of a turn of the loop, after the answers: whoever is answered after that finds them."""
        self.admin('GET', '/admin/status')

    def access(self):
        """The lines of the access log."""
        self.turn()
        return [json.loads(line) for line in (self.endpoint / 'log/access.log').read_text().splitlines()]

    def captured(self):
        return sorted((self.endpoint / 'capture').rglob('*.jsonl'))

    def events(self):
        return [json.loads(line) for path in self.captured() for line in path.read_text().splitlines()]

    def raw(self, data):
        """Sends these bytes, and reads until the end."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        connection.connect()
        with connection.sock as client:
            client.sendall(data)
            answer = b''
            while piece := client.recv(65536):
                answer += piece
        return answer
