"""The servers that are compared, each with the same trained model: ours, FastAPI with uvicorn, and `mlflow models serve`."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from load import Failed

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache', 'notebooked')
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')
ENVIRONMENTS = {  # folder below CACHE: packages; scikit-learn and NumPy must come out as the same versions in both
    'bench-fastapi': ('fastapi', 'uvicorn[standard]', 'scikit-learn'),
    'bench-mlflow': ('mlflow>=3,<4', 'scikit-learn'),
}
ONE_THREAD = {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'}
START_S = 60

SAVE_FOR_MLFLOW = '''
import sys, joblib, mlflow.sklearn, numpy
from mlflow.models import infer_signature
model, rows = joblib.load(sys.argv[1]), numpy.array([[5.1, 3.5, 1.4, 0.2], [4.9, 3.0, 1.4, 0.2]])
mlflow.sklearn.save_model(model, sys.argv[2], signature=infer_signature(rows, model.predict(rows)), serialization_format="cloudpickle")
'''


def environment(name, say):
    """The Python of an environment from PyPI that is made once; `complete` says that it was finished."""
    folder = CACHE / name
    if not (folder / 'complete').exists():
        say(f'installing {", ".join(ENVIRONMENTS[name])} into {folder}')
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([PYTHON, '-m', 'venv', folder], check=True)
        subprocess.run([folder / 'bin/pip', 'install', '--quiet', '--disable-pip-version-check', *ENVIRONMENTS[name]], check=True)
        (folder / 'complete').touch()
    return folder / 'bin/python'


def versions(python, names):
    """The versions of packages in an environment."""
    code = 'import sys, importlib.metadata as m\nfor n in sys.argv[1:]: print(n, m.version(n))'
    out = subprocess.run([python, '-c', code, *names], capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in out.splitlines())


def free_port():
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Asked:
    """A server that answers HTTP at a port; all of its processes are below `pid`."""

    def ask(self, method, path, body=None, headers=None):
        """One request; its status and body."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def check(self, body, content_type, wanted):
        """It must answer as the model does."""
        status, answer = self.ask('POST', '/invocations', body, {'Content-Type': content_type})
        if status != 200 or json.loads(answer) != wanted:
            raise Failed(f'{self.name} answers {status}: {answer[:500]!r} instead of {wanted}')


class Server(Asked):
    """A process and what it started, in a session of its own."""

    def __init__(self, name, command, log, env=None, cwd=None):
        self.name, self.log, self.port = name, log, free_port()
        self.url = f'http://127.0.0.1:{self.port}/invocations'
        words = [str(word).replace('PORT', str(self.port)) for word in command]
        with open(log, 'wb') as out:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, start_new_session=True,
                                            env={**os.environ, **ONE_THREAD, **(env or {})})
        self.pid = self.process.pid

    def wait_ready(self):
        """Return when it is ready."""
        for _ in range(START_S * 20):
            try:
                if self.ask('GET', '/ping')[0] == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed(f'{self.name} did not start:\n{self.log.read_text(errors="replace")[-2000:]}')

    def stop(self):
        """End the session; nothing of it stays."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                break
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()


def fastapi(name, python, model, scratch):
    """uvicorn with one process, with uvloop and httptools, without its access log."""
    command = [python, '-m', 'uvicorn', 'fastapi_app:app', '--port', 'PORT', '--log-level', 'warning', '--no-access-log', '--loop', 'uvloop',
               '--http', 'httptools']
    return Server(name, command, scratch / f'{name}.log', {'MODEL': str(model / 'model.joblib')}, HERE)


def mlflow(name, python, model, scratch):
    """`mlflow models serve` as its manual has it, in the environment that is there."""
    saved = scratch / f'mlflow-{model.parent.name}'
    out = subprocess.run([python, '-c', SAVE_FOR_MLFLOW, model / 'model.joblib', saved], capture_output=True, text=True)
    if out.returncode != 0:
        raise Failed(f'MLflow cannot save the model:\n{out.stderr[-2000:]}')
    command = [python.parent / 'mlflow', 'models', 'serve', '-m', saved, '-p', 'PORT', '--env-manager', 'local']
    env = {'PATH': f'{python.parent}:{os.environ["PATH"]}', 'MLFLOW_DISABLE_TELEMETRY': 'true'}
    return Server(name, command, scratch / f'{name}.log', env, scratch)


# --- ours

def null_model(folder):
    """A model that does nothing: what is left is the front and the worker. JSON is decoded and encoded, other bodies are only taken."""
    code = folder / 'code'
    code.mkdir(parents=True)
    (code / 'inference.py').write_text(NULL_MODEL, encoding='utf-8')
    return folder


NULL_MODEL = '''\
import json


def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    return json.loads(body)["instances"] if content_type == "application/json" else [len(body)]


def predict_fn(data, model):
    return data


def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''


class Endpoint(Asked):
    """An endpoint of ours: it was deployed and runs by itself."""

    def __init__(self, project, name, endpoint):
        self.project, self.name, self.endpoint = project, name, endpoint
        shown = json.loads(project.run('endpoints', 'show', self.endpoint, '--format', 'json'))['endpoint']
        self.pid, self.port = shown['pid'], int(shown['url'].rpartition(':')[2])
        self.url = f'{shown["url"]}/invocations'

    def wait_ready(self):
        """Deploying has waited."""
        return self

    def stop(self):
        """End it with its workers, whatever the program says: nothing may stay that disturbs the next sample."""
        try:
            self.project.run('endpoints', 'stop', self.endpoint)
        except Failed:
            self.end()
            raise

    def delete(self):
        """End it, and forget it."""
        try:
            self.project.run('delete-endpoint', self.endpoint)
        except Failed:
            self.end()
            raise

    def end(self):
        """End the front by its number; its workers end with it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return
            for _ in range(60):
                if not pathlib.Path(f'/proc/{self.pid}').exists():
                    return
                time.sleep(0.05)


class Project:
    """A project with a trained model an experiment, and its endpoints."""

    def __init__(self, program, root, python):
        self.program, self.root, self.python = program.resolve(), root, python
        root.mkdir()

    def run(self, *command):
        """Run our program in the project; what it prints."""
        out = subprocess.run([self.program, '-C', self.root, *map(str, command)], capture_output=True, text=True,
                             env={**os.environ, **ONE_THREAD})
        if out.returncode != 0:
            raise Failed(f'notebooked {" ".join(map(str, command))}:\n{out.stderr[-2000:]}')
        return out.stdout

    def make(self, experiments):
        """Train each; `experiments`: name and what writes its notebook to a path."""
        config = ['mlflow: {tracking_uri: ""}', 'experiments:']
        for name, write in experiments.items():
            write(self.root / f'{name}.ipynb')
            config.append(f'  - {{name: {name}, notebook: {name}.ipynb}}')
        (self.root / 'config.yaml').write_text('\n'.join(config) + '\n', encoding='utf-8')
        for name in experiments:
            self.run('train', name, '--python', self.python, '--no-track', '--quiet')
        null_model(self.root / 'null')

    def model(self, name):
        """The folder of a trained model."""
        return self.root / 'models' / name / '1'

    def deploy(self, name, model, *options):
        """Serve an experiment's model; None: the one that does nothing."""
        which = [model] if model else ['LR', '--model-uri', self.root / 'null', '--trust']
        endpoint = f'{name}-{model}'.replace(', ', '-').replace(' ', '-').lower()
        self.run('deploy', *which, '--endpoint-name', endpoint, '--python', self.python, '--no-check', *options)
        return Endpoint(self, name, endpoint)

    def time_deploy(self, model):
        """Seconds until a new endpoint is ready."""
        began = time.monotonic()
        endpoint = self.deploy('timed', model)
        took = time.monotonic() - began
        endpoint.delete()
        return took
