"""Hold a model and answer the front's batches: the Python side of frame.h and worker.h.

Started as `worker.py MODEL_DIR` with descriptors 3 (frames), 4 (bodies of requests) and 5 (bodies of answers). Standard library only,
Python 3.8 and newer. Requests are never unpickled. What user code prints goes to stdout and stderr, which the front reads as log.
"""
import csv
import faulthandler
import fcntl
import gc
import importlib.util
import inspect
import io
import json
import mmap
import os
import signal
import socket
import struct
import sys
import time
import traceback

HELLO, READY, FAIL, BATCH, RESULT, STOP = range(1, 7)
TOGETHER = ALONE = 1
PROTOCOL = 1
SHARED = 256 * 1024  # bodies from this size on lie in the shared file
SHARED_SIZE = 128 * 1024 * 1024
LARGEST = 80 * 1024 * 1024  # frame
LARGEST_ANSWER = 64 * 1024 * 1024
INLINE = 0xFFFFFFFFFFFFFFFF
FLUSH_S = 0.001  # answers of a slow model do not wait for the rest of their batch
FULL_BATCH = 64
SLOW_CHECK_S = 10.0
LARGEST_MESSAGE = 32 * 1024
DEBUG = os.environ.get("NOTEBOOKED_DEBUG") == "1"  # clients get tracebacks
LARGEST_SAMPLE = 64 * 1024

HEADER = struct.Struct("<IHHQ")
REQUEST = struct.Struct("<QI")
ANSWER = struct.Struct("<QHHIH")
BODY = struct.Struct("<IQ")
U16 = struct.Struct("<H")
U32 = struct.Struct("<I")

JSON = "application/json"
TEXTS = {JSON, "text/csv", "text/plain", "application/x-www-form-urlencoded", "application/jsonlines"}
ENCODED = TEXTS | {"application/x-npy", "application/x-npz", "*/*"}
INPUT_CHECKS = ("check_array", "check_X_y", "validate_data", "_validate_data", "_check_n_features", "_check_feature_names")
KEYS = ("instances", "inputs", "dataframe_split", "dataframe_records", "data")


class Refusal(Exception):
    """A request that is answered with this status and message."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Unusable(Exception):
    """A model directory that cannot be served."""


class Wrong(Exception):
    """The other side does not speak our protocol."""


# --- frames ----------------------------------------------------------------------------------------------------------


class Channel:
    """The socket to the front, one whole frame at a time."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray(256 * 1024)
        self.have = 0

    def _fill(self, need):
        """Read until `need` bytes are there; False at the end."""
        if need > len(self.buffer):
            larger = bytearray(need + 64 * 1024)
            larger[: self.have] = self.buffer[: self.have]
            self.buffer = larger
        with memoryview(self.buffer) as view:
            while self.have < need:
                got = self.sock.recv_into(view[self.have :])
                if got == 0:
                    return False
                self.have += got
        return True

    def receive(self):
        """Return (type, flags, payload as bytes), or None when the front has gone."""
        if not self._fill(HEADER.size):
            return None
        length, kind, flags, _ = HEADER.unpack_from(self.buffer)
        if length > LARGEST:
            raise Wrong(f"a frame of {length} bytes")
        end = HEADER.size + length
        if not self._fill(end):
            return None
        payload = bytes(memoryview(self.buffer)[HEADER.size : end])
        self.buffer[: self.have - end] = self.buffer[end : self.have]
        self.have -= end
        return kind, flags, payload

    def send(self, kind, payload):
        """Send one frame."""
        self.sock.sendall(HEADER.pack(len(payload), kind, 0, 0) + payload)

    def tell(self, kind, **document):
        """Send a frame of JSON."""
        self.send(kind, json.dumps(document).encode())


def read_batch(payload, shared):
    """Take a BATCH apart: a list of (id, ms until the deadline, content type, accept, body), bytes and memoryviews."""
    requests = []
    view = memoryview(payload)
    size = len(payload)
    try:
        (count,) = U32.unpack_from(payload)
        at = 4
        for _ in range(count):
            number, deadline = REQUEST.unpack_from(payload, at)
            at += REQUEST.size
            (length,) = U16.unpack_from(payload, at)
            at += 2
            content_type = payload[at : at + length]
            at += length
            (length,) = U16.unpack_from(payload, at)
            at += 2
            accept = payload[at : at + length]
            at += length
            length, offset = BODY.unpack_from(payload, at)
            at += BODY.size
            if offset == INLINE:
                body = view[at : at + length]
                at += length
            else:
                body = shared[offset : offset + length]
            if at > size or len(body) != length:
                raise Wrong("a body that is not there")
            requests.append((number, deadline, content_type, accept, body))
    except struct.error as error:
        raise Wrong(str(error)) from None
    if at != size:
        raise Wrong("bytes after the last request")
    return requests


class Answers:
    """The answers of one batch on their way: collected, and sent when somebody has waited long enough."""

    def __init__(self, channel, shared):
        self.channel = channel
        self.shared = shared  # a writable map, or None
        self.used = 0
        self.begin()

    def begin(self):
        """Forget what was sent."""
        self.parts = []
        self.count = 0
        self.size = 0
        self.since = time.perf_counter()

    def start(self):
        """A new batch: its bodies begin at the start of the shared file."""
        self.used = 0
        self.begin()

    def add(self, number, flags, micros, answer, now):
        """Add an answer (status, content type, body), and send when it is time to."""
        status, content_type, body = answer
        kind = content_type.encode("utf-8", "replace")[:1000]
        length = len(body)
        head = ANSWER.pack(number, status, flags, min(micros, 0xFFFFFFFF), len(kind))
        if length >= SHARED and self.shared is not None and length <= len(self.shared) - self.used:
            self.shared[self.used : self.used + length] = body
            self.parts += (head, kind, BODY.pack(length, self.used))
            self.used += length
        else:
            self.parts += (head, kind, BODY.pack(length, INLINE), body)
            self.size += length
        self.count += 1
        if now - self.since > FLUSH_S or self.size > 1024 * 1024:
            self.flush()

    def flush(self):
        """Send what is there."""
        if self.count:
            self.channel.send(RESULT, U32.pack(self.count) + b"".join(self.parts))
        self.begin()


# --- tables: what several requests hold, as one ----------------------------------------------------------------------


def module_of(value):
    """Name the package that a value's type is from."""
    return type(value).__module__.partition(".")[0]


def is_frame(value):
    """Tell whether a value is a pandas DataFrame or Series."""
    return hasattr(value, "iloc") and hasattr(value, "reset_index")


def is_sparse(value):
    """Tell whether a value is a SciPy matrix."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")


def row_count(value):
    """Count the rows of a value; 0 when it has none that can be counted."""
    if isinstance(value, dict):
        counts = {row_count(item) for item in value.values()}
        return counts.pop() if len(counts) == 1 else 0
    if isinstance(value, list):
        return len(value)
    shape = getattr(value, "shape", None)
    return int(shape[0]) if shape else 0


def concatenate(values):
    """Put the rows of values of one kind below each other. Raises: TypeError when they are not alike."""
    first = values[0]
    if any(type(value) is not type(first) for value in values):
        raise TypeError("inputs of different types")
    if isinstance(first, list):
        return [row for value in values for row in value]
    if isinstance(first, dict):
        if any(list(value) != list(first) for value in values):
            raise TypeError("inputs with different keys")
        return {key: concatenate([value[key] for value in values]) for key in first}
    if is_frame(first):
        return concatenate_frames(values)
    if any(value.dtype != first.dtype or value.shape[1:] != first.shape[1:] for value in values):
        raise TypeError("inputs of different types or shapes")
    if is_sparse(first):
        return sys.modules["scipy.sparse"].vstack(values, format=first.format)
    if module_of(first) == "torch":
        return sys.modules["torch"].cat(values)
    if module_of(first) == "numpy":
        return sys.modules["numpy"].concatenate(values)
    raise TypeError(f"inputs of type {type(first).__name__}")


def concatenate_frames(values):
    """Put DataFrames or Series below each other."""
    pandas, first = sys.modules["pandas"], values[0]
    if not hasattr(first, "columns"):
        if any(value.dtype != first.dtype for value in values):
            raise TypeError("inputs of different types")
        return pandas.concat(values, ignore_index=True)
    kinds = list(first.dtypes)
    for value in values:
        if list(value.columns) != list(first.columns) or list(value.dtypes) != kinds:
            raise TypeError("inputs with different columns")
    if kinds and all(kind == kinds[0] and kind.kind in "biuf" for kind in kinds):  # an order of magnitude cheaper
        rows = sys.modules["numpy"].concatenate([value.to_numpy() for value in values])
        return pandas.DataFrame(rows, columns=first.columns)
    return pandas.concat(values, ignore_index=True)


def split(value, counts):
    """Cut predictions into those of each request. Raises: ValueError when there is not one a row."""
    if isinstance(value, dict):
        parts = {key: split(item, counts) for key, item in value.items()}
        return [{key: part[i] for key, part in parts.items()} for i in range(len(counts))]
    if not isinstance(value, list) and not getattr(value, "shape", None):
        raise ValueError(f"predictions of type {type(value).__name__}")
    if row_count(value) != sum(counts):
        raise ValueError(f"{row_count(value)} predictions for {sum(counts)} rows")
    rows = value.iloc if is_frame(value) else value.tocsr() if is_sparse(value) else value
    parts, at = [], 0
    for count in counts:
        part = rows[at : at + count]
        parts.append(part.reset_index(drop=True) if is_frame(part) else part)
        at += count
    return parts


# --- decoding and encoding for scripts that leave it to the server ---------------------------------------------------


def plain(value):
    """Turn predictions into what JSON has; NaN is null."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    elif hasattr(value, "toarray"):
        value = value.toarray()
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        value = value.to_dict("records")
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def as_array(rows):
    """Make an array of rows where NumPy is installed, of numbers where they are some; else they stay a list."""
    try:
        import numpy
    except ImportError:
        return rows
    array = numpy.array(rows)
    try:
        return array.astype(float) if array.dtype.kind == "O" else array
    except (TypeError, ValueError):
        return array


def as_frame(rows, names=None):
    """Make a DataFrame where pandas is installed; else an array of the values in their order."""
    try:
        import pandas
    except ImportError:
        by_name = isinstance(rows, list) and rows and isinstance(rows[0], dict)
        return as_array([list(row.values()) for row in rows] if by_name else rows)
    return pandas.DataFrame(rows, columns=names)


def as_table(value):
    """Make of a JSON document what a model takes: a DataFrame when it names columns, else an array."""
    if isinstance(value, dict) and "data" in value:
        return as_frame(value["data"], value["columns"]) if value.get("columns") else as_array(value["data"])
    if isinstance(value, dict) or (isinstance(value, list) and value and all(isinstance(row, dict) for row in value)):
        return as_frame(value)
    return as_array(value)


def unwrapped(document):
    """Return the key and the value that an object holds under one of the usual names."""
    if isinstance(document, dict):
        for key in KEYS:
            if key in document:
                return key, document[key]
    return None, document


def cell_value(text):
    """Return what a CSV cell means: nothing, a number, true or false, or its text."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return {"": None, "true": True, "false": False}.get(text.lower(), text)


def read_csv(text):
    """Read CSV, with names when its first line has only words and another one has not. Raises: Refusal."""
    rows = [[cell_value(cell) for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    if not rows:
        raise Refusal(400, "the body has no rows")
    words = [all(isinstance(cell, str) for cell in row) for row in rows]
    return as_frame(rows[1:], rows[0]) if words[0] and not all(words) else as_array(rows)


def default_input(body, content_type):
    """Decode a body: what SageMaker's toolkit takes, without its pickles, and the forms of the other protocols."""
    if content_type in (JSON, "application/x-www-form-urlencoded"):  # the latter is what clients say that name no type
        return as_table(unwrapped(json.loads(body))[1])
    if content_type == "text/csv":
        return read_csv(body)
    if content_type in ("application/x-npy", "application/x-npz"):
        import numpy

        loaded = numpy.load(io.BytesIO(body), allow_pickle=False)
        return loaded if content_type == "application/x-npy" else {name: loaded[name] for name in loaded.files}
    raise Refusal(415, f"cannot read {content_type}; send application/json, text/csv or application/x-npy")


def default_output(prediction, accept):
    """Encode predictions as JSON, CSV or NPY."""
    if accept == JSON:
        values = plain(prediction)
        named = isinstance(values, dict) and "predictions" in values
        return json.dumps(values if named else {"predictions": values}), JSON
    if accept == "text/csv":
        values = plain(prediction)
        rows = values if isinstance(values, list) else [values]
        lines = (",".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows)
        return "".join(line + "\n" for line in lines), accept
    if accept == "application/x-npy":
        import numpy

        file = io.BytesIO()
        numpy.save(file, numpy.asarray(plain(prediction)), allow_pickle=False)
        return file.getvalue(), accept
    raise Refusal(406, f"cannot answer with {accept}; accept application/json or text/csv")


def default_predict(data, model):
    """Ask the model itself."""
    return getattr(model, "predict", model)(data)


# --- handlers: what a script defines, as three steps -----------------------------------------------------------------


class Context:
    """What handlers get that ask for a context."""

    def __init__(self, model_dir):
        self.model_name = os.path.basename(model_dir)
        self.manifest = {}
        self.system_properties = {"model_dir": model_dir, "gpu_id": None}
        self.headers = {}
        self.content_type = None

    def get_request_header(self, index, key):
        """Return a header of the request; content type and accept are known."""
        return self.headers.get(key.lower())

    def get_all_request_header(self, index):
        """Return the known headers of the request."""
        return dict(self.headers)

    def set_response_content_type(self, index, value):
        """Set the content type of the answer."""
        self.content_type = value


def called(function, name, parameters, context):
    """Return `function` as one of these parameters; it may take a context behind them, and nothing else.

    Returns: the function, and whether it takes the context. Raises: Unusable.
    """
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # written in C
        return function, False
    count = sum(parameter.kind in positional for parameter in known)
    needed = any(p.kind == p.KEYWORD_ONLY and p.default is p.empty for p in known)
    if not needed and (count == len(parameters) or any(p.kind == p.VAR_POSITIONAL for p in known)):
        return function, False
    if not needed and count == len(parameters) + 1 and context is not None:
        return lambda *arguments: function(*arguments, context), True
    more = "[, context]" if context is not None else ""
    raise Unusable(f"{name} takes {count} parameters; it must take ({', '.join(parameters)}{more})")


class Handlers:
    """input_fn, predict_fn and output_fn of a script, or their defaults."""

    names = ("input_fn", "predict_fn", "output_fn")
    opted = None  # predict_batch of the script
    uses_context = False
    splits = True  # into three steps: requests can be predicted together

    def __init__(self, model_dir):
        self.model_dir = model_dir
        self.context = Context(model_dir)
        self.accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or JSON
        self.model = None
        self.wants_bytes = False
        self.content_types, self.accepts = {}, {}  # as sent: as handlers get it

    def find(self, script, name, parameters, default=None):
        """Return the script's function of this name."""
        function = getattr(script, name, None)
        if function is None:
            return default
        function, uses = called(function, name, parameters, self.context)
        self.uses_context = self.uses_context or uses
        return function

    def bind(self, script):
        """Look up the script's functions."""
        self.opted = getattr(script, "predict_batch", None)
        self.found = [n for n in ("model_fn", "transform_fn") + self.names if hasattr(script, n)]
        self.load_model = self.find(script, "model_fn", ("model_dir",))
        self.pre_model = self.find(script, "pre_model_fn", ("model_dir",))
        self.warmup = self.find(script, "model_warmup_fn", ("model_dir", "model"))
        self.input_fn = self.find(script, "input_fn", ("body", "content_type"), default_input)
        self.predict_fn = self.find(script, "predict_fn", ("data", "model"), default_predict)
        self.output_fn = self.find(script, "output_fn", ("prediction", "accept"), default_output)
        if self.load_model is None:
            raise Unusable(f"{os.path.basename(script.__file__)} has no model_fn(model_dir)")

    def load(self):
        """Load the model."""
        if self.pre_model:
            self.pre_model(self.model_dir)
        self.model = self.load_model(self.model_dir)

    def warm_up(self):
        """Let the script warm its model up."""
        if self.warmup:
            self.warmup(self.model_dir, self.model)

    def schema(self):
        """Describe the input as notebooked.json does, where the model itself knows it."""
        return None

    # a request's steps

    def media(self, content_type, accept):
        """Return the content type, whether it is text, and the accepted type, as handlers get them."""
        known = self.content_types.get(content_type)
        if known is None:
            known = self.content_types[content_type] = self._content_type(content_type)
        wanted = self.accepts.get(accept)
        if wanted is None:
            wanted = accept.decode("latin-1").strip()
            wanted = self.accepts[accept] = self.accept if wanted in ("", "*/*") else wanted
        if len(self.content_types) + len(self.accepts) > 1000:  # clients choose them
            self.content_types, self.accepts = {}, {}
        return known[0], known[1], wanted

    @staticmethod
    def _content_type(sent):
        """Name the type without the charset that we decode: scripts compare it with == "application/json"."""
        value = sent.decode("latin-1").strip() or JSON
        kind, _, rest = value.partition(";")
        kind = kind.strip().lower()
        if kind not in TEXTS:
            return value, False
        charset = rest.strip().lower().replace('"', "")
        return (kind if charset in ("", "charset=utf-8", "charset=utf8") else value), True

    def decoded(self, body, is_text):
        """Return the body as text where the type is one of text, else as bytes."""
        if not is_text or self.wants_bytes:
            return bytes(body)
        try:
            text = str(body, "utf-8")
        except UnicodeDecodeError as error:
            raise Refusal(400, f"the body is not UTF-8: {error}") from None
        return text[1:] if text[:1] == "\ufeff" else text

    def read(self, media, body):
        """Step one: from a body to data."""
        content_type, is_text, accept = media
        if self.uses_context:
            self.context.headers = {"content-type": content_type, "accept": accept}
            self.context.content_type = None
        try:
            return self.input_fn(self.decoded(body, is_text), content_type)
        except AttributeError as error:
            if not is_text or self.wants_bytes or "'str' object has no attribute 'decode'" not in str(error):
                raise
            self.wants_bytes = True  # for all that come
            return self.read(media, body)
        except Refusal:
            raise
        except Exception as error:
            kind = content_type.partition(";")[0].strip().lower()
            raise refused(error, 415 if is_bad_input(error) and kind not in ENCODED else 400, 415)

    def predict(self, data):
        """Step two: from data to predictions."""
        return self.predict_fn(data, self.model)

    def write(self, prediction, media):
        """Step three: from predictions to (status, content type, body)."""
        accept = media[2]
        try:
            answer = self.output_fn(prediction, accept)
        except Exception as error:
            if "," in accept and ("*/*" in accept or self.accept in accept):  # one of those will do
                return self.write(prediction, (media[0], media[1], self.accept))
            if isinstance(error, Refusal):
                raise
            raise refused(error, 406 if is_bad_input(error) else None, 406)
        return self.encoded(answer, self.accept if "," in accept or "*" in accept else accept)

    def encoded(self, answer, accept):
        """Return (status, content type, body as bytes) of whatever output_fn returns."""
        content_type = accept
        if isinstance(answer, tuple) and len(answer) == 2:
            answer, content_type = answer
        elif self.context.content_type:
            content_type = self.context.content_type
        elif hasattr(answer, "get_data") and hasattr(answer, "mimetype"):  # a Response of the toolkits or of Flask
            status = getattr(answer, "status_code", 200)
            return status, answer.mimetype or accept, answer.get_data()
        if isinstance(answer, str):
            answer = answer.encode("utf-8", "replace")
        elif isinstance(answer, (dict, list)):
            answer = json.dumps(plain(answer)).encode()
        elif not isinstance(answer, (bytes, bytearray, memoryview)):
            raise TypeError(f"the answer is of type {type(answer).__name__}; it must be text or bytes")
        return 200, str(content_type), answer

    def answer(self, media, body):
        """All three steps of one request."""
        return self.write(self.predict(self.read(media, body)), media)


class Transform(Handlers):
    """transform_fn of a script: one step for all."""

    splits = False

    def bind(self, script):
        """Look up the script's functions."""
        both = [name for name in self.names if hasattr(script, name)]
        if both:
            raise Unusable(f"transform_fn replaces {', '.join(both)}; define one or the other")
        super().bind(script)
        parameters = ("model", "body", "content_type", "accept")
        self.transform_fn = self.find(script, "transform_fn", parameters)

    def answer(self, media, body):
        """The only step."""
        content_type, is_text, accept = media
        self.context.headers = {"content-type": content_type, "accept": accept}
        self.context.content_type = None
        try:
            data = self.decoded(body, is_text)
            return self.encoded(self.transform_fn(self.model, data, content_type, accept), accept)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise refused(error, 400, 400)


class Azure(Handlers):
    """init() and run() of a script for Azure ML."""

    splits = False

    def bind(self, script):
        """Look up the script's functions."""
        self.found = ["init", "run"]
        self.init = called(script.init, "init", (), None)[0]
        try:
            self.run, self.takes_headers = called(script.run, "run", ("raw_data",), None)[0], False
        except Unusable:
            self.run = called(script.run, "run", ("raw_data", "request_headers"), None)[0]
            self.takes_headers = True

    def load(self):
        """Load the model."""
        os.environ.setdefault("AZUREML_MODEL_DIR", self.model_dir)
        self.init()

    def warm_up(self):
        """Azure's scripts have no such step."""

    def answer(self, media, body):
        """The only step. The server writes what run() returns as JSON, texts too."""
        content_type, is_text, accept = media
        data = self.decoded(body, is_text)
        headers = {"Content-Type": content_type, "Accept": accept}
        answer = self.run(data, headers) if self.takes_headers else self.run(data)
        if hasattr(answer, "get_data") and hasattr(answer, "status_code"):  # an AMLResponse
            return answer.status_code, getattr(answer, "mimetype", None) or JSON, answer.get_data()
        return 200, JSON, json.dumps(plain(answer)).encode()


class Pyfunc(Handlers):
    """A model that MLflow wrote, without a script."""

    def bind(self, script):
        """There is no script."""
        self.found = ["pyfunc"]
        self.input_fn, self.output_fn = self.read_table, default_output
        self.predict_fn = self.ask

    def load(self):
        """Load the model."""
        import mlflow.pyfunc

        self.model = mlflow.pyfunc.load_model(self.model_dir)

    def warm_up(self):
        """MLflow's models have no such step."""

    @staticmethod
    def ask(data, model):
        """Predict; with the parameters of the request when it has some."""
        return model.predict(data[0], params=data[1]) if isinstance(data, tuple) else model.predict(data)

    def columns(self):
        """Name the columns of the signature; empty when it has none."""
        signature = self.model.metadata.signature
        inputs = signature.inputs if signature else None
        return list(inputs.input_names()) if inputs is not None and inputs.has_input_names() else []

    def schema(self):
        """Describe the input as notebooked.json does: the signature's columns."""
        if not self.columns():
            return None
        inputs = self.model.metadata.signature.inputs
        kinds = [] if inputs.is_tensor_spec() else [str(getattr(kind, "name", kind)) for kind in inputs.pandas_types()]
        return {"feature_names": self.columns(), "dtypes": dict(zip(self.columns(), kinds))}

    def typed(self, frame):
        """Give whole numbers that the signature wants as reals, or the other way round, its types: JSON has one kind of number."""
        signature = self.model.metadata.signature
        if not self.columns() or not hasattr(signature.inputs, "pandas_types") or signature.inputs.is_tensor_spec():
            return frame
        kinds = dict(zip(self.columns(), signature.inputs.pandas_types()))
        wanted = {name: kind for name, kind in kinds.items() if name in frame and getattr(kind, "kind", "") in "biuf"}
        return frame.astype(wanted)

    def read_table(self, body, content_type):
        """Decode what MLflow's scoring server takes."""
        import pandas

        if content_type.startswith("text/csv"):
            return self.typed(pandas.read_csv(io.StringIO(body)))
        if content_type != JSON:
            raise Refusal(415, f"cannot read {content_type}; send application/json or text/csv")
        document = json.loads(body)
        params = document.get("params") if isinstance(document, dict) else None
        table = self.table(*unwrapped(document))
        return (table, params) if params else table

    def table(self, key, value):
        """Make what the model takes of a document's value."""
        import pandas

        if key == "dataframe_split":
            return self.typed(pandas.DataFrame(value["data"], columns=value.get("columns")))
        if key == "dataframe_records" or (isinstance(value, list) and value and isinstance(value[0], dict)):
            return self.typed(pandas.DataFrame(value))
        if key is None and isinstance(value, dict):
            if not any(name in value for name in ("messages", "prompt", "input")):
                raise Refusal(400, f"the body has none of the keys {', '.join(KEYS)}")
            return value  # a language model's
        names = self.columns()
        if names and isinstance(value, list):
            return self.typed(pandas.DataFrame(value, columns=names))
        return {k: as_array(v) for k, v in value.items()} if isinstance(value, dict) else as_array(value)


# --- errors ----------------------------------------------------------------------------------------------------------


def is_bad_input(error):
    """Tell whether an error is the BadInput of a script that was generated."""
    return any(kind.__name__ == "BadInput" for kind in type(error).__mro__)


def is_unfit(error):
    """Tell whether scikit-learn's own checks of the input raised it: a missing value, a text, another number of columns."""
    if not isinstance(error, (TypeError, ValueError)):
        return False
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(f.f_code.co_name in INPUT_CHECKS and f.f_globals.get("__name__", "").startswith("sklearn.") for f in frames)


def refused(error, status, unsupported):
    """Turn an error of a step into a Refusal, or return it as it is.

    Inputs: the error; the status when it is a ValueError; the status when it says that a format is not supported.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if "UnsupportedFormatError" in names:
        return Refusal(unsupported, str(error))
    if "BaseInferenceToolkitError" in names and isinstance(getattr(error, "status_code", None), int):
        return Refusal(error.status_code, str(getattr(error, "message", error)))
    if isinstance(error, ValueError) and status:
        return Refusal(status, str(error))
    return error


def own_frames_left_out(error):
    """Return the error's traceback without the frames of this file above the user's."""
    trace = error.__traceback__
    while trace and trace.tb_next and trace.tb_frame.f_code.co_filename == own_frames_left_out.__code__.co_filename:
        trace = trace.tb_next
    return trace


def told(error):
    """Return an error's traceback as text."""
    return "".join(traceback.format_exception(type(error), error, own_frames_left_out(error)))


def one_line(error):
    """Return an error's last line: its type and message."""
    lines = traceback.format_exception_only(type(error), error)
    return lines[-1].strip()[:2000] if not isinstance(error, Unusable) else str(error)


def complain(text):
    """Write to the log, unless user code closed what leads there."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass


def text_answer(status, message):
    """Return the answer that carries a message."""
    return status, "text/plain; charset=utf-8", message[:LARGEST_MESSAGE].encode("utf-8", "replace")


def failure(number, error):
    """Return the answer to a request that raised; what is not the client's fault goes to the log with its traceback."""
    if isinstance(error, Refusal):
        return text_answer(error.status, str(error))
    if is_bad_input(error):
        return text_answer(400, str(error))
    if is_unfit(error):  # it would count as the model's failure, and take its traffic away
        return text_answer(400, str(error).partition("\n")[0])
    trace = told(error).rstrip()
    complain(f"request {number}: {trace}")  # the front knows the number
    return text_answer(500, trace[-LARGEST_MESSAGE:] if DEBUG else one_line(error)[:4000])


# --- answering -------------------------------------------------------------------------------------------------------


def checked(answer):
    """Return the answer when the front can take it."""
    status, _, body = answer
    if len(body) > LARGEST_ANSWER:
        return text_answer(500, f"the answer has {len(body)} bytes; at most {LARGEST_ANSWER} can be sent")
    if not isinstance(status, int) or not 200 <= status <= 599:
        return text_answer(500, f"the answer has status {status}")
    return answer


def answer_one(handlers, request):
    """Answer a request, whatever happens in it."""
    number, _, content_type, accept, body = request
    try:
        return checked(handlers.answer(handlers.media(content_type, accept), body))
    except BaseException as error:  # whatever a model raises, its worker goes on
        return failure(number, error)


def predict_together(handlers, requests):
    """Predict requests with one call.

    Returns: (answer, microseconds) in the order of requests. Raises: anything when that could not be done.
    """
    clock = time.perf_counter
    answers = [None] * len(requests)
    inputs, counts, who, spent = [], [], [], []
    for i, (number, _, content_type, accept, body) in enumerate(requests):
        began = clock()
        try:
            media = handlers.media(content_type, accept)
            data = handlers.read(media, body)
        except Exception as error:
            answers[i] = failure(number, error), int((clock() - began) * 1e6)
            continue
        rows = row_count(data)
        if rows == 0:
            raise ValueError("an input whose rows cannot be counted")
        inputs.append(data)
        counts.append(rows)
        who.append((i, media))
        spent.append(clock() - began)
    if not inputs:
        return answers
    began = clock()
    parts = split(handlers.predict(concatenate(inputs)), counts)
    share = (clock() - began) / len(parts)
    for (i, media), part, before in zip(who, parts, spent):
        began = clock()
        try:
            answer = checked(handlers.write(part, media))
        except Exception as error:
            answer = failure(requests[i][0], error)
        answers[i] = answer, int((before + share + clock() - began) * 1e6)
    return answers


def answer_batch(handlers, requests, together, answers):
    """Answer all requests of a batch, each once."""
    clock = time.perf_counter
    received = clock()
    flags = 0
    if together and len(requests) > 1 and handlers.splits:
        try:
            parts = predict_together(handlers, requests)
        except BaseException as error:
            complain(f"{len(requests)} requests are not predicted together: {one_line(error)}")
        else:
            for request, (answer, micros) in zip(requests, parts):
                answers.add(request[0], 0, micros, answer, clock())
            answers.flush()
            return
    if together:
        flags = ALONE
    for request in requests:
        began = clock()
        if request[1] and (began - received) * 1000 > request[1]:
            answer = text_answer(504, "its deadline passed before the model was asked")
        else:
            answer = answer_one(handlers, request)
        now = clock()
        answers.add(request[0], flags, int((now - began) * 1e6), answer, now)
    answers.flush()


# --- starting --------------------------------------------------------------------------------------------------------


def read_json(*path):
    """Return a JSON file's document, or None."""
    try:
        with open(os.path.join(*path), encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def find_script(model_dir):
    """Return the path of the script that serves the model, or None for a model of MLflow."""
    for name in ("code/inference.py", "inference.py", "code/score.py", "score.py"):
        path = os.path.join(model_dir, name)
        if os.path.isfile(path):
            return path
    if os.path.isfile(os.path.join(model_dir, "MLmodel")):
        return None
    raise Unusable("there is neither code/inference.py nor an MLmodel file")


def import_script(path):
    """Import a script, with what lies beside it."""
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script
    spec.loader.exec_module(script)
    return script


def kind_of(script, platform):
    """Choose how to call a script: as the platform does that is to be shown, else by what it defines."""
    name = os.path.basename(script.__file__)
    runs = hasattr(script, "init") and hasattr(script, "run")
    if platform == "azure":
        if not runs:
            raise Unusable(f"{name} does not define init() and run(raw_data), which Azure ML calls (--as azure)")
        return Azure
    if hasattr(script, "transform_fn"):
        return Transform
    if any(hasattr(script, handler) for handler in Handlers.names + ("model_fn",)):
        return Handlers
    if not runs:
        raise Unusable(f"{name} defines none of model_fn, transform_fn, init and run")
    if platform in ("sagemaker", "vertex"):
        raise Unusable(f"{name} does not define model_fn(model_dir), which is called there (--as {platform})")
    return Azure


def make_handlers(model_dir):
    """Import what serves the model, and choose how to call it."""
    path, platform = find_script(model_dir), os.environ.get("NOTEBOOKED_AS")
    if path is None:
        importlib.import_module("mlflow")
        script, kind = None, Pyfunc
    else:
        script = import_script(path)
        kind = kind_of(script, platform)
    handlers = kind(model_dir)
    handlers.bind(script)
    return handlers


def example_rows(model_dir, schema):
    """Return rows to try the model with, and whether they are real ones: what train.py or MLflow left, else made up of the schema."""
    for name in ("input_example.json", "serving_input_example.json"):
        document = read_json(model_dir, name)
        if document is None:
            continue
        key, value = unwrapped(document)
        if isinstance(value, dict) and "data" in value:
            names = value.get("columns")
            value = [dict(zip(names, row)) for row in value["data"]] if names else value["data"]
        if isinstance(value, list) and value:
            return value, True
    width = schema.get("n_features")
    kinds = schema.get("dtypes", {}).values()
    if isinstance(width, int) and 0 < width < 10000 and all(kind.startswith(("int", "uint", "float")) for kind in kinds):
        return [[(i + j) % 3 for j in range(width)] for i in range(3)], False
    return [], False


def single_requests(rows):
    """Return a request for each row."""
    return [(i, 0, JSON.encode(), b"", memoryview(json.dumps({"instances": [row]}).encode())) for i, row in enumerate(rows)]


def reads(handlers, media, body):
    """Tell whether the script's own input_fn reads JSON; a generated one does, and its complaints are about the rows."""
    if not handlers.splits or "input_fn" not in handlers.found:
        return True
    try:
        handlers.read(media, memoryview(body))
    except Refusal as error:
        if is_bad_input(error.__context__):
            return True
        complain(f"the input example was not tried, because input_fn does not read it: {error}")
        return False
    return True


def try_example(handlers, rows):
    """Answer the example as a client's request. Returns: what went wrong, or None; it in full; the seconds it took; the answer."""
    began = time.perf_counter()
    answer = None
    body = json.dumps({"instances": rows}).encode()
    try:
        media = handlers.media(JSON.encode(), b"")
        if not reads(handlers, media, body):
            return None, None, 0.0, None
        answer = checked(handlers.answer(media, memoryview(body)))
        wrong = full = None if answer[0] == 200 else bytes(answer[2][:2000]).decode("utf-8", "replace")
    except BaseException as error:
        wrong = one_line(error) if not isinstance(error, Refusal) else str(error)
        full = told(error)
    return wrong, full, time.perf_counter() - began, answer


def why_not_batched(handlers, rows, took):
    """Compare predictions of single rows with those of the same rows together, as clients get them, byte by byte.

    Returns: None when they are equal, else the reason.
    """
    if len({json.dumps(row, sort_keys=True) for row in rows}) < 2:
        return "there are no two different rows to compare"
    if took > SLOW_CHECK_S:
        return "the model is too slow to compare predictions"
    singles = single_requests(rows[:3])
    try:
        alone = [handlers.answer(handlers.media(r[2], r[3]), r[4]) for r in singles]
        for size in (len(singles), FULL_BATCH):
            which = [i % len(singles) for i in range(size)]
            together = predict_together(handlers, [singles[i] for i in which])
            if any(answer != alone[i] for (answer, _), i in zip(together, which)):
                return "rows predicted together are answered differently"
    except BaseException as error:
        return one_line(error)
    return None


def may_batch(handlers, rows, wrong, took, check):
    """Decide whether requests may be predicted together. Returns: yes or no, and the reason for no."""
    if not handlers.splits:
        return False, "the script has one step for all"
    if handlers.uses_context:
        return False, "the script reads the request's context"
    if handlers.opted is not None:
        return bool(handlers.opted), None if handlers.opted else "predict_batch of the script is false"
    if not check:
        return False, "not compared"
    if not rows or wrong:
        return False, wrong or "there is no input example"
    reason = why_not_batched(handlers, rows, took)
    return reason is None, reason


def sample_of(rows, answer):
    """Return the example with its answer, for descriptions of the endpoint; None when the answer is no JSON or both are large."""
    try:
        if answer[1].partition(";")[0].strip() != JSON or len(answer[2]) > LARGEST_SAMPLE:
            return None
        sample = {"instances": rows, "answer": json.loads(bytes(answer[2]))}
        return sample if len(json.dumps(sample, allow_nan=False)) <= LARGEST_SAMPLE else None
    except (TypeError, ValueError):
        return None


def resident():
    """Return the bytes of memory this process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except (OSError, ValueError):
        return 0


def prepare(model_dir, phase):
    """Import, load and warm up; `phase` is told each step. Returns: the handlers, and what READY says."""
    began = time.perf_counter()
    phase("import")
    handlers = make_handlers(model_dir)
    phase("load")
    handlers.load()
    loaded = time.perf_counter()
    phase("warm-up")
    handlers.warm_up()
    details = read_json(model_dir, "notebooked.json")
    details = details if isinstance(details, dict) else {}
    schema = details.get("input") or handlers.schema()
    rows, real = example_rows(model_dir, schema if isinstance(schema, dict) else {})
    wrong, full, took, answer = try_example(handlers, rows) if rows else (None, None, 0.0, None)
    tried = wrong or answer  # not one that input_fn does not read
    check = os.environ.get("NOTEBOOKED_BATCH_CHECK", "1") != "0"
    batch, reason = may_batch(handlers, rows if tried else None, wrong, took, check)
    about = {
        "load_ms": round((loaded - began) * 1000, 1),
        "rss": resident(),
        "handlers": handlers.found,
        "batch": batch,
        "batch_reason": reason,
        "example": "predicted" if rows and tried and not wrong else "none",
        "schema": schema,
        "framework": details.get("framework"),
        "sample": sample_of(rows, answer) if answer and not wrong else None,
    }
    if wrong and real:
        about["example"] = wrong
        complain(f"the input example cannot be predicted:\n{full}")
    gc.collect()
    gc.freeze()  # the model will live as long as we do
    return handlers, about


def serve(channel, handlers, requests_map, answers_map):
    """Answer batches until the front says stop, or has gone."""
    answers = Answers(channel, answers_map)
    with memoryview(requests_map) as shared:
        while True:
            frame = channel.receive()
            if frame is None or frame[0] == STOP:
                return
            kind, flags, payload = frame
            if kind != BATCH:
                raise Wrong(f"a frame of type {kind}")
            requests = read_batch(payload, shared)
            answers.start()
            answer_batch(handlers, requests, bool(flags & TOGETHER), answers)


def taken(descriptor):
    """Move a descriptor out of the way of user code and of its children."""
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64)
    except OSError:  # so many are not allowed
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def shared_map(descriptor, protection):
    """Map a shared file; without one, nothing lies there."""
    try:
        shared = mmap.mmap(descriptor, os.fstat(descriptor).st_size, mmap.MAP_SHARED, protection)
        os.close(descriptor)
        return shared
    except (OSError, ValueError):
        return b"" if protection == mmap.PROT_READ else None


def give_up():
    """End with status 1, whatever threads the model left."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    os._exit(1)


def main():
    """Run the worker."""
    model_dir = os.path.abspath(sys.argv[1])
    channel = Channel(socket.socket(fileno=taken(3)))
    requests_map = shared_map(4, mmap.PROT_READ)
    answers_map = shared_map(5, mmap.PROT_READ | mmap.PROT_WRITE)
    faulthandler.enable()
    faulthandler.register(signal.SIGTERM, all_threads=False, chain=True)  # where a model hung that was ended
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.path[:] = sys.path[1:]  # where this file lies, or the working directory
    sys.dont_write_bytecode = True  # the model directory stays as it was sealed
    sys.argv[1:] = []
    channel.tell(HELLO, pid=os.getpid(), protocol=PROTOCOL, python="%d.%d.%d" % sys.version_info[:3])
    phase = ["import"]
    try:
        handlers, about = prepare(model_dir, lambda name: phase.__setitem__(0, name))
    except BaseException as error:
        missing = error.name if isinstance(error, ImportError) else None
        try:
            channel.tell(FAIL, phase=phase[0], error=one_line(error), traceback=told(error)[-20000:], module=missing)
        except OSError:  # user code closed it
            complain(told(error))
        give_up()
    try:
        channel.tell(READY, **about)
        serve(channel, handlers, requests_map, answers_map)
    except Wrong as error:
        complain(f"the front sent {error}")
        give_up()
    except (BrokenPipeError, ConnectionResetError):  # the front has gone
        give_up()
    except BaseException:
        complain(traceback.format_exc())
        give_up()


if __name__ == "__main__":
    main()
