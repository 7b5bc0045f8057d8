#!/usr/bin/env python3
"""predict against a front with real workers: what is sent arrives unchanged, files of any size, rows that are refused, interruptions, full disks."""
import csv
import io
import json
import os
import pathlib
import pty
import resource
import signal
import struct
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "serving"))

import fronts  # noqa: E402

BINARY = os.environ.get("NB_BINARY") or pathlib.Path(os.environ["NB_BUILD_DIR"]) / "notebooked"

# answers with what it was sent; knows columns, and values that go wrong
ECHO = '''
import csv, io, json, os, struct, time

KNOWN = {"a", "b", "code"}


def model_fn(model_dir):
    return None


def input_fn(body, content_type):
    if content_type == "application/x-npy":
        size = struct.unpack("<H", bytes(body[8:10]))[0]
        count, width = eval(bytes(body[10:10 + size]).decode(), {"__builtins__": {}})["shape"]
        numbers = struct.unpack(f"<{count * width}d", bytes(body[10 + size:]))
        return [list(numbers[i * width:(i + 1) * width]) for i in range(count)]
    text = body if isinstance(body, str) else bytes(body).decode("utf-8-sig")
    if content_type == "text/csv":
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
        return rows[1:] if KNOWN & set(rows[0]) else rows
    value = json.loads(text)
    if isinstance(value, dict):
        value = next(value[key] for key in ("instances", "inputs", "dataframe_records", "data") if key in value)
    return value


def predict_fn(rows, model):
    for number, row in enumerate(rows):
        cells = list(row.values()) if isinstance(row, dict) else row if isinstance(row, list) else [row]
        if "bad" in cells:
            raise ValueError(f"row {number} is bad")
        if "die" in cells:
            os._exit(9)
        if "slow" in cells:
            time.sleep(0.2)
    return rows


def output_fn(rows, accept):
    if accept == "text/csv":
        return "".join(",".join(map(str, row)) + "\\n" for row in rows), accept
    return json.dumps({"predictions": rows}), "application/json"
'''
# a number a row
COUNT = ECHO.replace("    return rows\n\n\ndef output_fn", "    return [len(row) for row in rows]\n\n\ndef output_fn")


def npy(rows):
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"".join(struct.pack("<d", cell) for row in rows for cell in row)


class PredictTest(unittest.TestCase):
    model = ECHO
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.front = fronts.Front(cls.model, **cls.settings)
        cls.addClassCleanup(cls.front.end)
        cls.front.start()
        cls.front.wait_ready()
        cls.root = cls.front.root

    def start(self, *words, **more):
        return subprocess.Popen([BINARY, "predict", *words], cwd=self.root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **more)

    def run_it(self, *words, status=0, stdin=None, **more):
        """Run predict. Returns: stdout, stderr."""
        process = self.start(*words, **more)
        try:
            out, err = process.communicate(stdin, timeout=240)
        finally:
            process.kill()
        self.assertEqual(process.returncode, status, (words, out[-2000:], err))
        return out, err

    def predict(self, *words, **more):
        return self.run_it("iris", *words, **more)

    def write(self, name, content):
        path = self.root / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.addCleanup(path.unlink, missing_ok=True)
        return name

    def read(self, name):
        return (self.root / name).read_text()

    def leftovers(self):
        return [path.name for path in self.root.iterdir() if path.name.endswith(".tmp")]


class OneRequest(PredictTest):
    def test_what_is_sent_arrives_unchanged(self):
        cases = [
            ("[[9007199254740993, 12345678901234567890123, -0.0, 1E-400, 0.10]]", [[9007199254740993, 12345678901234567890123, -0.0, 0.0, 0.1]]),
            ('{"instances": [["007", " 1 ", "", null, true]]}', [["007", " 1 ", "", None, True]]),
            ('[{"a": "\\u00e4\\ud83d\\ude00", "b": [1, {"c": 2}]}]', [{"a": "ä😀", "b": [1, {"c": 2}]}]),
            ("007, 1 ,,x", [["007", " 1 ", "", "x"]]),
        ]
        for data, want in cases:
            out, err = self.predict("--data", data)
            self.assertEqual((json.loads(out), err), ({"predictions": want}, ""), data)

    def test_a_file_says_what_it_is(self):
        files = {
            "x.csv": "a,b\n007,\"1,5\"\n", "x.json": '{"instances": [["007", "1,5"]]}', "x.jsonl": '\n["007", "1,5"]\n\n["008", ""]\n',
            "x.data": '[["007"]]', "y.data": "007,x", "x.npy": npy([[1.5, 2], [3, 4]]), "bom.csv": b"\xef\xbb\xbfa,b\n1,2\n",
        }
        want = {"x.csv": [["007", "1,5"]], "x.json": [["007", "1,5"]], "x.jsonl": [["007", "1,5"], ["008", ""]], "x.data": [["007"]],
                "y.data": [["007", "x"]], "x.npy": [[1.5, 2.0], [3.0, 4.0]], "bom.csv": [["1", "2"]]}
        for name, content in files.items():
            self.write(name, content)
            self.assertEqual(json.loads(self.predict("--data", "@" + name)[0])["predictions"], want[name], name)
            if isinstance(content, str) and name != "x.jsonl":
                self.assertEqual(json.loads(self.predict("--data", "-", stdin=content)[0])["predictions"], want[name], name)

    def test_formats(self):
        data = '[[1, "x,y", null], [22.5, "z", true]]'
        self.assertEqual(self.predict("--data", data, "--format", "csv")[0], 'prediction_0,prediction_1,prediction_2\n1,"x,y",\n22.5,z,true\n')
        self.assertEqual(self.predict("--data", data, "--format", "jsonl")[0], '[1, "x,y", null]\n[22.5, "z", true]\n')
        table = self.predict("--data", data, "--format", "table")[0]
        self.assertEqual(table.splitlines(), ["row  prediction_0  prediction_1  prediction_2", "  1           1    x,y", "  2          22.5  z             true"])
        self.assertEqual(self.predict("--data", '[{"p": 1}]', "--format", "csv")[0], "p\n1\n")
        self.predict("--data", data, "--output", "o.csv")
        self.assertIn("prediction_0", self.read("o.csv"))
        self.predict("--data", data, "--output", "o.jsonl", "--format", "json")
        self.assertEqual(json.loads(self.read("o.jsonl"))["predictions"][1], [22.5, "z", True])
        out, _ = self.predict("--data", "[[1, 2]]", "--accept", "text/csv")
        self.assertEqual(out, "1,2\n")
        self.assertEqual(self.predict("--data", "[[1], 2]", "--format", "csv", status=2)[0], "")

    def test_a_terminal_gets_a_table(self):
        for words, want in ((("--data", '[["\\u001b[31m", 1.25]]'), "row"), (("--data", "[[1, 2], [3, 4]]", "--format", "json"), "    [1, 2],"),
                            (("--data", "[[1, 2], 3]"), '"predictions": [')):
            ours, theirs = pty.openpty()
            done = subprocess.run([BINARY, "-C", self.root, "predict", "iris", *words], stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False)
            os.close(theirs)
            text = os.read(ours, 10000).decode()
            os.close(ours)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(want, text)
            self.assertNotIn("\x1b", text)

    def test_the_document_of_the_whole_program(self):
        done = subprocess.run([BINARY, "--format", "json", "predict", "iris", "--data", "[[1]]"], cwd=self.root, capture_output=True, text=True, check=True)
        document = json.loads(done.stdout)
        self.assertEqual((document["status"], document["endpoint_version"], document["answer"], document["error"]), (200, "1", {"predictions": [[1]]}, None))

    def test_refusals(self):
        _, err = self.predict("--data", '[["bad"]]', status=2)
        self.assertRegex(err, r"error: endpoint 'iris' answered 500: .*row 0 is bad")
        self.assertIn("endpoints logs iris", err)
        _, err = self.predict("--data", "[[1]]", "--version", "v7", status=1)
        self.assertRegex(err, "answered 404: .*'v7'")
        _, err = self.predict("--data", "x", "--content-type", "application/json", status=1)
        self.assertIn("answered 400", err)
        self.predict("--data", "[[1]]", "--version", "v1")

    def test_time(self):
        out, _ = self.predict("--data", "[[1]]", "--time", "--requests", "20")
        for word in ("min", "p50", "p90", "p99", "max", "per second", "waiting for a worker"):
            self.assertIn(word, out)
        done = subprocess.run([BINARY, "--format", "json", "predict", "iris", "--data", "[[1]]", "--time", "--requests", "20"], cwd=self.root,
                              capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        self.assertEqual(told["requests"], 20)
        self.assertTrue(0 < told["min_ms"] <= told["p50_ms"] <= told["p90_ms"] <= told["p99_ms"] <= told["max_ms"])
        self.assertLessEqual(told["server_predict_p50_ms"], told["max_ms"])
        self.predict("--data", '[["bad"]]', "--time", status=2)

    def test_only_who_asks_is_told_the_time(self):
        for asks in (False, True):
            _, headers, _ = self.front.ask("POST", "/predict", {"instances": [[1]]}, {"X-Notebooked-Timing": "1"} if asks else {})
            self.assertEqual("Server-Timing" in headers, asks)
            if asks:
                self.assertRegex(headers["Server-Timing"], r"^queue;dur=\d+\.\d{3}, predict;dur=\d+\.\d{3}$")

    def test_a_url(self):
        url = f"http://localhost:{self.front.port}"
        for address in (url, url + "/invocations", url + "/endpoints/iris/predict"):
            self.assertEqual(json.loads(self.run_it("--url", address, "--data", "[[1]]")[0]), {"predictions": [[1]]})
        _, err = self.run_it("--url", url + "/nothing", "--data", "[[1]]", status=1)
        self.assertIn("answered 404", err)
        _, err = self.run_it("--url", "http://nowhere.invalid/", "--data", "[[1]]", status=2)
        self.assertIn("cannot find the host 'nowhere.invalid'", err)


class ManyRows(PredictTest):
    def test_every_form_to_every_form(self):
        rows = [[f"{n:03}", "x, y" if n % 3 else 'q "z"'] for n in range(500)]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([["code", "b"], *rows])
        self.write("in.csv", text.getvalue())
        self.write("in.json", json.dumps(rows, indent=1))
        self.write("in.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.write("named.json", json.dumps({"dataframe_records": [{"code": a, "b": b} for a, b in rows]}))
        for name in ("in.csv", "in.json", "in.jsonl"):
            for suffix in ("csv", "json", "jsonl"):
                for more in ((), ("--batch-rows", "7"), ("--connections", "1")):
                    self.predict("--input", name, "--output", "out." + suffix, *more)
                    got = self.read("out." + suffix)
                    if suffix == "csv":
                        self.assertEqual(list(csv.reader(io.StringIO(got))), [["prediction_0", "prediction_1"], *rows], (name, more))
                    else:
                        predictions = json.loads(got)["predictions"] if suffix == "json" else [json.loads(line) for line in got.splitlines()]
                        self.assertEqual(predictions, rows, (name, suffix, more))
        out, _ = self.predict("--input", "named.json", "--format", "csv", "--keep-columns")
        self.assertEqual(list(csv.reader(io.StringIO(out))), [["code", "b", "code", "b"], *[row + row for row in rows]])
        self.assertEqual(self.leftovers(), [])

    def test_arrays(self):
        self.write("in.npy", npy([[n, n / 4] for n in range(300)]))
        out, _ = self.predict("--input", "in.npy")
        self.assertEqual(out.splitlines()[:3], ["prediction_0,prediction_1", "0.0,0.0", "1.0,0.25"])
        self.assertEqual(len(out.splitlines()), 301)
        self.predict("--input", "in.npy", "--keep-columns", status=1)

    def test_columns_are_kept(self):
        self.write("in.csv", 'a,code\n1,007\n"x\ny","q ""z"""\n')
        out, _ = self.predict("--input", "in.csv", "--keep-columns")
        self.assertEqual(out, 'a,code,prediction_0,prediction_1\n1,007,1,007\n"x\ny","q ""z""","x\ny","q ""z"""\n')
        out, _ = self.predict("--input", "in.csv", "--keep-columns", "--format", "jsonl")
        self.assertEqual(json.loads(out.splitlines()[0]), {"instance": {"a": "1", "code": "007"}, "prediction": ["1", "007"]})
        self.write("in.jsonl", '{"a": 12345678901234567890}\n')
        out, _ = self.predict("--input", "in.jsonl", "--keep-columns")
        self.assertEqual(out, '{"instance": {"a": 12345678901234567890}, "prediction": {"a": 12345678901234567890}}\n')

    def test_the_endpoint_tells_whether_there_is_a_header(self):
        for text, want in (("a,b\n1,2\n", "prediction_0,prediction_1\n1,2\n"), ("1,2\n3,4\n", "1,2\n3,4\n"), ("u,v\nw,x\n", "u,v\nw,x\n"), ("a,b\n", "prediction\n"), ("", "prediction\n")):
            self.write("in.csv", text)
            out, _ = self.predict("--input", "in.csv")
            self.assertEqual(out, want if text else "", text)
        self.write("in.csv", "u,v\nw,x\n")
        _, err = self.predict("--input", "in.csv", "--csv-header", status=2)
        self.assertRegex(err, r"line 2 of 'in.csv'\n  because: endpoint 'iris' answered 2 predictions for 1 row")

    def test_a_row_that_is_refused_is_named(self):
        lines = ["a,b", *(f"{n},{n}" for n in range(3000))]
        lines[1234] = "bad,1"
        self.write("in.csv", "\n".join(lines) + "\n")
        self.write("out.csv", "old\n")
        _, err = self.predict("--input", "in.csv", "--output", "out.csv", status=2)
        self.assertRegex(err, r"(?s)error: cannot predict line 1235 of 'in.csv'\n  because: endpoint 'iris' answered 500: .*is bad.*\n  at in.csv:1235\n")
        self.assertIn("'out.csv' was not written", err)
        self.assertEqual(self.read("out.csv"), "old\n")
        self.assertEqual(self.leftovers(), [])

    def test_rows_can_be_marked(self):
        lines = [f"{n},{n}" for n in range(1000)]
        lines[0] = "bad,0"
        lines[10] = "10"
        lines[500] = "bad,500"
        lines[999] = "1,2,3"
        self.write("in.csv", "a,b\n" + "\n".join(lines) + "\n")
        _, err = self.predict("--input", "in.csv", "--output", "out.csv", "--skip-errors", "--keep-columns", status=1)
        self.assertIn("4 of 1000 rows have no prediction", err)
        got = list(csv.reader(io.StringIO(self.read("out.csv"))))
        self.assertEqual(got[0], ["a", "b", "prediction_0", "prediction_1", "error"])
        self.assertEqual(len(got), 1001)
        self.assertEqual({len(row) for row in got}, {5})
        for number, row in enumerate(got[1:]):
            if number in (0, 500):
                self.assertEqual(row[:4], ["bad", str(number), "", ""])
                self.assertIn("is bad", row[4])
            elif number == 10:
                self.assertEqual(row, ["10", "", "", "", "it has 1 field, the first line has 2"])
            elif number == 999:
                self.assertEqual(row[:4], ["1", "2", "", ""])
            else:
                self.assertEqual(row, [str(number)] * 4 + [""])
        out, _ = self.predict("--input", "in.csv", "--format", "jsonl", "--skip-errors", status=1)
        told = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((len(told), told[500]["error"]["status"], told[10]), (1000, 500, {"error": {"message": "it has 1 field, the first line has 2"}}))

    def test_a_file_of_bad_rows_alone_is_given_up(self):
        self.write("in.jsonl", '["bad"]\n' * 5000)
        _, err = self.predict("--input", "in.jsonl", "--output", "out.jsonl", "--skip-errors", status=1)
        self.assertRegex(err, "none of the first [0-9]+ rows has a prediction")

    def test_mistakes_of_the_file_are_placed(self):
        for name, text, status, want in (
                ("in.csv", "a,b\n1,2\n3\n", 1, r"line 3 of 'in.csv'\n  because: it has 1 field, the first line has 2\n  at in.csv:3"),
                ("in.csv", 'a,b\n1,2\n3,"4\n', 1, r"a quoted field of this row does not end\n  at in.csv:3"),
                ("in.jsonl", '[1]\n{"a": }\n', 1, r"line 2 of 'in.jsonl'\n  because: expected a value \(column 7\)"),
                ("in.json", "[[1],\n [2],\n [3]", 1, "at in.json:3:"),
                ("in.csv", b"a,b\n1,\xff\n", 1, "line 2 of 'in.csv'\n  because: it is not UTF-8"),
        ):
            self.write(name, text)
            _, err = self.predict("--input", name, "--output", "none.csv", status=status)
            self.assertRegex(err, want)
            self.assertFalse((self.root / "none.csv").exists())
        _, err = self.predict("--input", "missing.csv", status=1)
        self.assertIn("missing.csv", err)

    def test_standard_input_and_output(self):
        out, err = self.predict("--input", "-", "--content-type", "text/csv", "--output", "-", stdin="a,b\n" + "1,2\n" * 5000)
        self.assertEqual(out, "prediction_0,prediction_1\n" + "1,2\n" * 5000)
        self.assertIn("5000 rows", err)
        out, err = self.predict("--input", "-", "--content-type", "application/jsonl", "-q", stdin="1\n2\n")
        self.assertEqual((out, err), ("1\n2\n", ""))
        self.predict("--input", "-", status=1, stdin="1\n")
        self.predict("--input", "-", "--content-type", "text/csv", "--output", "/dev/null", stdin="1,2\n")
        process = self.start("iris", "--input", "-", "--content-type", "application/jsonl")
        process.stdout.close()  # nobody reads
        process.stderr.close()
        try:
            process.stdin.write("[1]\n" * 100000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertIn(process.wait(60), (-signal.SIGPIPE, 2))

    def test_progress_is_for_terminals(self):
        self.write("in.csv", "a,b\n" + "slow,2\n" * 12)
        ours, theirs = pty.openpty()
        done = subprocess.run([BINARY, "predict", "iris", "--input", "in.csv", "--batch-rows", "1", "--connections", "1"], cwd=self.root,
                              stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False)
        os.close(theirs)
        text = os.read(ours, 10000).decode()
        os.close(ours)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(text, r"\d+ rows, \d+ a second")
        self.assertIn("12 rows in", text)
        self.write("in.csv", "a,b\n" + "1,2\n" * 12)
        self.assertNotIn("a second\x1b", self.predict("--input", "in.csv")[1])

    def test_an_interrupted_run_leaves_what_was(self):
        self.write("in.csv", "a,b\n" + "slow,2\n" * 400)
        self.write("out.csv", "old\n")
        for name in (signal.SIGINT, signal.SIGTERM):
            process = self.start("iris", "--input", "in.csv", "--output", "out.csv", "--batch-rows", "2")
            fronts.within(30, self.leftovers)
            time.sleep(0.3)
            process.send_signal(name)
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 128 + name, err)
            self.assertRegex(err, r"\d+ rows? (was|were) done; 'out.csv' was not written")
            self.assertIn("interrupted", err)
            self.assertEqual(self.read("out.csv"), "old\n")
            self.assertEqual(self.leftovers(), [])
        process = self.start("iris", "--input", "-", "--content-type", "text/csv")  # while it waits for rows
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 130)
        process.communicate()

    def test_a_full_disk_is_told(self):
        self.write("in.csv", "a,b\n" + "1,2\n" * 100000)
        self.write("out.csv", "old\n")
        _, err = self.predict("--input", "in.csv", "--output", "out.csv", status=2,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000)))
        self.assertIn("cannot write 'out.csv'", err)
        self.assertEqual(self.read("out.csv"), "old\n")
        self.assertEqual(self.leftovers(), [])
        _, err = self.predict("--input", "in.csv", "--output", "missing/out.csv", status=1)
        self.assertIn("missing/out.csv", err)
        if os.path.exists("/dev/full"):
            self.predict("--input", "in.csv", "--output", "/dev/full", status=2)


class Large(PredictTest):
    model = COUNT
    settings = {"max_body": "1M"}

    def test_a_million_rows_need_little_memory(self):
        with open(self.root / "in.csv", "w") as file:
            file.write("a,b,code\n")
            for n in range(1000):
                file.write("".join(f"{n * 1000 + i},{i / 7},007\n" for i in range(1000)))
        for more in ((), ("--format", "jsonl", "--keep-columns")):
            process = self.start("iris", "--input", "in.csv", "--output", "out", *more)
            process.stdout.close()
            process.stdin.close()
            err = process.stderr.read()
            process.stderr.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0, err)
            if "SAN_OPTIONS" not in "".join(os.environ):
                self.assertLess(usage.ru_maxrss, 64 * 1024, "KiB")
            with open(self.root / "out") as file:
                self.assertEqual(sum(1 for _ in file), 1000000 + (not more))
                if more:
                    file.seek(0)
                    self.assertTrue(all(json.loads(line)["instance"]["a"] == str(n) for n, line in enumerate(file)))
            (self.root / "out").unlink()

    def test_requests_that_are_too_large_are_halved(self):
        self.write("in.jsonl", (json.dumps(["x" * 50000]) + "\n") * 100)
        out, _ = self.predict("--input", "in.jsonl", "--batch-rows", "100")
        self.assertEqual(out, "1\n" * 100)
        self.write("in.jsonl", json.dumps(["x" * 2000000]) + "\n")
        _, err = self.predict("--input", "in.jsonl", status=1)
        self.assertIn("answered 413", err)


class Restarts(PredictTest):
    def test_a_run_survives_the_front(self):
        self.write("in.csv", "a,b\n" + "".join(f"{n},slow\n" for n in range(50)))
        process = self.start("iris", "--input", "in.csv", "--output", "out.csv", "--batch-rows", "2", "--csv-header")
        fronts.within(30, self.leftovers)
        time.sleep(0.5)
        self.front.process.kill()
        self.front.process.wait()
        self.front.process.stdout.close()
        time.sleep(0.5)
        self.front.start()
        out, err = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual([line.split(",")[0] for line in self.read("out.csv").splitlines()[1:]], [str(n) for n in range(50)])
        self.assertIn("asked again", err)

    def test_rows_that_end_the_worker_can_be_marked(self):
        self.front.wait_ready()
        self.write("in.jsonl", "".join(json.dumps([n if n != 5 else "die"]) + "\n" for n in range(8)))
        out, err = self.predict("--input", "in.jsonl", "--skip-errors", status=1)
        told = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([n for n, row in enumerate(told) if isinstance(row, dict)], [5], (told, err))


class Tokens(PredictTest):
    TOKEN = "a-secret-of-sixteen-letters"

    @classmethod
    def setUpClass(cls):
        file = pathlib.Path("/tmp") / f"nb-token-{os.getpid()}"
        file.write_text(cls.TOKEN + "\n")
        file.chmod(0o600)
        cls.addClassCleanup(file.unlink)
        cls.file = str(file)
        cls.settings = {"token_file": cls.file}
        super().setUpClass()

    def test_a_token_is_sent_and_never_shown(self):
        url = f"http://127.0.0.1:{self.front.port}"
        _, err = self.run_it("--url", url, "--data", "[[1]]", status=1)
        self.assertIn("answered 401", err)
        self.assertIn("--token-file", err)
        for words, env in (((), {"NOTEBOOKED_TOKEN": self.TOKEN}), (("--token-file", self.file), {})):
            out, err = self.run_it("--url", url, "-v", "--data", "[[1]]", *words, env=os.environ | env)
            self.assertEqual(json.loads(out), {"predictions": [[1]]})
            self.assertNotIn(self.TOKEN, out + err)
        _, err = self.run_it("--url", url, "-v", "--data", "[[1]]", env=os.environ | {"NOTEBOOKED_TOKEN": "another-" + self.TOKEN}, status=1)
        self.assertNotIn(self.TOKEN, err)
        self.predict("--data", "[[1]]")  # the project's own needs none


if __name__ == "__main__":
    unittest.main()
