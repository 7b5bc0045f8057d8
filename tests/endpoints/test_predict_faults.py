#!/usr/bin/env python3
"""predict against a server that misbehaves in every way there is: what is asked again, what never is, and what the user is told."""
import json
import os
import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

BINARY = os.environ.get("NB_BINARY") or pathlib.Path(os.environ["NB_BUILD_DIR"]) / "notebooked"


def answer(body, status="200 OK", *headers, content_type="application/json"):
    text = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(text)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + text


FINE = answer({"predictions": [7]})
CUT = object()  # the connection ends
RESET = object()  # ends without good-bye
HANG = object()


class Server:
    """Answers each request with what `play` says: a function of the number of the request and its body, which returns what to send, one piece after the other."""

    def __init__(self, play):
        self.play, self.asked, self.lock = play, [], threading.Lock()
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.talk, args=(connection,), daemon=True)
            thread.start()

    def talk(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while self.one(connection, stream):
                    pass
            except OSError:
                pass

    def one(self, connection, stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return False
            head += line
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        body = stream.read(length)
        with self.lock:
            self.asked.append((head.decode(), body))
            number = len(self.asked)
        sent = self.play(number, body)
        for piece in sent if isinstance(sent, (list, tuple)) else [sent]:
            if piece is CUT:
                return False
            if piece is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if piece is HANG:
                self.over.wait(60)
                return False
            connection.sendall(piece)
        return True

    def close(self):
        self.over.set()
        self.listener.close()


class FaultTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def serve(self, play):
        server = Server(play if callable(play) else lambda *_: play)
        self.addCleanup(server.close)
        return server

    def predict(self, server, *words, status=0):
        """Returns: stdout, stderr."""
        words = ("--data", "[1]") if not words else words
        done = subprocess.run([BINARY, "predict", "--url", f"http://127.0.0.1:{server.port}", *words], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, (done.stdout[-1000:], done.stderr, len(server.asked)))
        return done.stdout, done.stderr


class OneRequest(FaultTest):
    def test_the_request_is_a_plain_one(self):
        server = self.serve(FINE)
        self.predict(server, "--data", "[1]", "--header", "X-Mine: yes", "--accept", "text/csv", "--version", "v3", "--timeout", "7")
        head, body = server.asked[0]
        lines = head.split("\r\n")
        self.assertEqual(lines[0], "POST /predict HTTP/1.1")
        for line in (f"Host: 127.0.0.1:{server.port}", "Content-Type: application/json", "Accept: text/csv", "X-Mine: yes", "X-Notebooked-Version: v3",
                     "X-Request-Timeout-Ms: 7000", "Content-Length: 3"):
            self.assertIn(line, lines)
        self.assertEqual(body, b"[1]")

    def test_an_answer_that_is_cut_anywhere_is_asked_for_again(self):
        whole = answer({"predictions": [7]}, "200 OK", "X-Notebooked-Version: 3")
        for at in (0, 1, 7, 12, 15, 17, 30, whole.index(b"\r\n\r\n") + 1, whole.index(b"\r\n\r\n") + 4, len(whole) - 5, len(whole) - 1):
            server = self.serve(lambda number, _, at=at: [whole[:at], CUT] if number == 1 else whole)
            out, err = self.predict(server)
            self.assertEqual((out, err, len(server.asked)), ('{"predictions": [7]}\n', "", 2), at)
            server = self.serve([whole[:at], CUT])
            _, err = self.predict(server, status=2)
            self.assertIn("the connection ended", err)
            self.assertEqual(len(server.asked), 3, at)
        server = self.serve(lambda number, _: RESET if number == 1 else whole)
        self.predict(server)

    def test_a_server_that_is_busy_is_asked_again(self):
        for status in ("503 Service Unavailable", "429 Too Many Requests"):
            server = self.serve(lambda number, _, status=status: answer("later", status, "Retry-After: 1") if number == 1 else FINE)
            begun = time.monotonic()
            out, _ = self.predict(server)
            self.assertEqual((out, len(server.asked)), ('{"predictions": [7]}\n', 2))
            self.assertGreaterEqual(time.monotonic() - begun, 0.9)
            server = self.serve(answer({"detail": "the queue is full (1024)"}, status, "Retry-After: 3600"))
            _, err = self.predict(server, status=1 if status.startswith("429") else 2)
            self.assertIn("the queue is full (1024)", err)
            self.assertEqual(len(server.asked), 1)

    def test_a_wrong_request_is_never_asked_again(self):
        for status, exit_status in ((400, 1), (401, 1), (404, 1), (413, 1), (422, 1), (302, 2), (500, 2), (502, 2), (504, 2)):
            server = self.serve(answer("no", f"{status} No"))
            _, err = self.predict(server, status=exit_status)
            self.assertIn(f"answered {status}: no", err)
            self.assertEqual(len(server.asked), 1, status)

    def test_the_servers_own_words(self):
        cases = [
            (answer({"detail": "column 'a' is missing", "title": "input"}, "400 Bad"), "answered 400: column 'a' is missing\n"),
            (answer({"error_code": "BAD", "message": "a\nb"}, "400 Bad"), "answered 400: a b\n"),
            (answer({"error": {"code": 400, "message": "deep"}}, "400 Bad"), "answered 400: deep\n"),
            (answer({"error": "flat"}, "400 Bad"), "answered 400: flat\n"),
            (answer({"other": 1}, "400 Bad"), 'answered 400: {"other": 1}\n'),
            (answer("plain \x1b[31m words\n", "400 Bad", content_type="text/plain"), "answered 400: plain  [31m words\n"),
            (answer("<html><head><title>Bad Gateway</title></head></html>", "502 Bad", content_type="text/html"), "answered 502: a page of HTML 'Bad Gateway'\n"),
            (answer("", "400 Bad"), "answered 400\n"),
            (answer(b"\xff\xfe" * 2000, "400 Bad"), "answered 400: "),
            (answer("x" * 5000, "400 Bad"), "answered 400: " + "x" * 600 + "\n"),
        ]
        for sent, want in cases:
            _, err = self.predict(self.serve(sent), status=2 if b" 502 " in sent[:20] else 1)
            self.assertIn(want, err)
            self.assertNotIn("\x1b", err)

    def test_what_is_no_http_is_told(self):
        for sent in (b"garbage\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100000, bytes(range(256)) * 100):
            server = self.serve([sent, CUT])
            _, err = self.predict(server, status=2)
            self.assertTrue(err.startswith("error: "), err)
            self.assertLess(len(err), 1000)

    def test_a_server_that_hangs_is_given_up(self):
        for sent in (HANG, [FINE[:30], HANG]):
            server = self.serve(sent)
            _, err = self.predict(server, "--data", "[1]", "--timeout", "1", status=2)
            self.assertIn("did not answer within 3.0 s", err)
            self.assertEqual(len(server.asked), 1)

    def test_what_is_no_prediction_is_printed_or_refused(self):
        page = answer("<html>hello</html>", content_type="text/html")
        self.assertEqual(self.predict(self.serve(page))[0], "<html>hello</html>\n")
        _, err = self.predict(self.serve(page), "--data", "[1]", "--format", "csv", status=2)
        self.assertIn("text/html) holds no list of predictions", err)
        self.assertIn("--format json", err)
        large = answer({"predictions": ["x" * 1000] * 20000})
        self.assertGreater(len(self.predict(self.serve(large))[0]), 20000000)
        self.assertEqual(self.predict(self.serve(answer({"outputs": [1, 2]})), "--data", "[1]", "--format", "jsonl")[0], "1\n2\n")
        self.assertEqual(self.predict(self.serve(answer({"score": [0.5]})), "--data", "[1]", "--format", "csv")[0], "prediction\n0.5\n")


def rows_of(body):
    return json.loads(body)["instances"]


class ManyRows(FaultTest):
    def write(self, count):
        (self.folder / "in.jsonl").write_text("".join(f"{n}\n" for n in range(count)))

    def run_it(self, play, *words, **more):
        server = self.serve(play)
        out, err = self.predict(server, "--input", "in.jsonl", *words, **more)
        return server, out, err

    def test_order_is_kept_whatever_is_late_or_lost(self):
        self.write(3000)
        chance = random.Random(7)

        def play(_number, body):
            rows = rows_of(body)
            fine = answer({"predictions": [row * 2 for row in rows]})
            with lock:
                dice = chance.random()
            if dice < 0.1:
                return [fine[:int(len(fine) * dice * 10)], CUT]
            if dice < 0.15:
                return RESET
            if dice < 0.25:
                return answer("later", "503 Service Unavailable")
            time.sleep(dice / 100)
            return fine

        lock = threading.Lock()
        for words in (("--batch-rows", "10"), ("--batch-rows", "64", "--connections", "16"), ()):
            server, out, err = self.run_it(play, *words)
            self.assertEqual(out, "".join(f"{n * 2}\n" for n in range(3000)))
            self.assertIn("3000 rows", err)

    def test_several_requests_are_under_way(self):
        self.write(64)
        barrier = threading.Barrier(4, timeout=10)

        def play(_number, body):
            barrier.wait()
            return answer({"predictions": rows_of(body)})

        server, out, _ = self.run_it(play, "--batch-rows", "4", "--connections", "4")
        self.assertEqual(len(server.asked), 16)

    def test_an_answer_with_another_number_of_predictions_ends_it(self):
        self.write(100)
        _, _, err = self.run_it(lambda _, body: answer({"predictions": rows_of(body)[1:]}), status=2)
        self.assertRegex(err, "cannot predict line 1 of 'in.jsonl'\n  because: .* answered 0 predictions for 1 row\n")
        # one that takes the first for something else, but only of several
        server, out, _ = self.run_it(lambda _, body: answer({"predictions": rows_of(body)[1:] if len(rows_of(body)) > 1 else rows_of(body)}))
        self.assertEqual(out, "".join(f"{n}\n" for n in range(100)))

    def test_what_concerns_no_row_ends_it_at_once(self):
        self.write(100)
        for status, exit_status in ((401, 1), (403, 1), (404, 1), (405, 1), (415, 1), (302, 2)):
            server, _, err = self.run_it(answer("no", f"{status} No"), "--batch-rows", "10", "--skip-errors", status=exit_status)
            self.assertIn(f"answered {status}: no", err)
            self.assertLessEqual(len(server.asked), 8)
        server, _, err = self.run_it(answer("<html></html>", content_type="text/html"), "--skip-errors", status=2)
        self.assertIn("answered with no list of predictions (text/html)", err)

    def test_the_first_row_in_the_file_is_the_one_that_is_named(self):
        self.write(400)

        def play(_number, body):
            rows = rows_of(body)
            if 30 in rows:
                time.sleep(0.3)  # the later one is found first
            if 30 in rows or 200 in rows:
                return answer({"detail": f"bad among {len(rows)}"}, "400 Bad")
            return answer({"predictions": rows})

        server, out, err = self.run_it(play, "--batch-rows", "16", status=1)
        self.assertIn("cannot predict line 31 of 'in.jsonl'", err)
        self.assertIn("bad among 1", err)
        self.assertEqual(out, "")

    def test_slow_and_large_requests_become_smaller(self):
        self.write(1000)
        sizes = []

        def play(_number, body):
            rows = rows_of(body)
            sizes.append(len(rows))
            if len(rows) > 100:
                return answer("too large", "413 Too Large") if len(sizes) % 2 else answer("too late", "504 Late")
            return answer({"predictions": rows})

        _, out, _ = self.run_it(play)
        self.assertEqual(out, "".join(f"{n}\n" for n in range(1000)))
        self.assertGreater(max(sizes), 64)

    def test_columns_of_objects_and_texts(self):
        self.write(3)
        _, out, _ = self.run_it(lambda _, body: answer({"predictions": [{"label": f"a,{row}", "p": [row, 1]} for row in rows_of(body)]}), "--format", "csv", "--keep-columns")
        self.assertEqual(out, 'input,label,p\n0,"a,0","[0, 1]"\n1,"a,1","[1, 1]"\n2,"a,2","[2, 1]"\n')
        _, _, err = self.run_it(lambda _, body: answer({"predictions": [[1] * (row + 1) for row in rows_of(body)]}), "--format", "csv", status=2)
        self.assertIn("the prediction of row 2 has other columns than the first", err)
        _, out, _ = self.run_it(lambda _, body: answer(json.dumps({"predictions": [[row] for row in rows_of(body)]}, indent=2)))
        self.assertEqual(len(out.splitlines()), 3)

    def test_an_empty_file_is_no_mistake(self):
        (self.folder / "in.jsonl").write_text("\n\n")
        server, out, err = self.run_it(FINE)
        self.assertEqual((out, len(server.asked)), ("", 0))
        (self.folder / "in.json").write_text("[]")
        self.assertEqual(self.predict(self.serve(FINE), "--input", "in.json")[0], '{"predictions": []}\n')


if __name__ == "__main__":
    unittest.main()
