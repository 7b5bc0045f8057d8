#!/usr/bin/env python3
"""Endpoints survive: a front that is killed, a machine that restarts, a project that moves, files that are damaged; strangers are never harmed."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

import served
from served import fronts

THRICE = fronts.TWICE.replace("return 2", "return 3")


class Survival(unittest.TestCase):
    def setUp(self):
        self.project = served.Project()
        self.addCleanup(self.project.end)

    def two_versions(self):
        """v1 and v2 share the requests, three to one. Returns: what is shown."""
        self.project.deploy(fronts.TWICE)
        self.project.deploy(THRICE, "--traffic", "v1=3,new=1")
        return self.project.show()

    def check_resumed(self, before):
        """The same port, versions and weights."""
        shown = self.project.wait_ready()
        self.assertEqual((shown["url"], shown["weights"]), (before["url"], "v1=3,v2=1"))
        self.assertTrue(fronts.within(60, lambda: all(v["state"] == "ready" for v in self.project.show()["status"]["versions"])))
        self.assertEqual(sorted(self.project.predict()[1] for _ in range(4)), ["1", "1", "1", "2"])

    def kill(self, shown):
        os.kill(shown["pid"], signal.SIGKILL)
        self.assertTrue(fronts.within(2, lambda: not any(map(fronts.is_alive, self.project.seen))), "a worker lives on")

    def test_a_killed_front_is_started_again(self):
        before = self.two_versions()
        self.kill(before)
        self.assertTrue((self.project.endpoint / "server.pid").exists())
        self.assertRegex(self.project.run("endpoints", "list"), r"iris +stopped")
        self.assertIn("stopped, though nobody has stopped it", self.project.run("endpoints", "show", "iris"))
        self.project.run("endpoints", "start", "iris")
        self.check_resumed(before)

    def test_after_a_restart_of_the_machine(self):
        before = self.two_versions()
        self.kill(before)
        path = self.project.endpoint / "server.pid"
        stale = json.loads(path.read_text())
        # another boot, and the number belongs to somebody else now: to us
        start = int(pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        path.write_text(json.dumps({**stale, "pid": os.getpid(), "start": start, "boot": "00000000-0000-0000-0000-000000000000"}))
        self.assertRegex(self.project.run("endpoints", "list"), r"iris +stopped")
        self.project.run("endpoints", "stop", "iris")
        self.project.run("endpoints", "start", "iris")
        self.check_resumed(before)

    def test_a_moved_project(self):
        before = self.two_versions()
        self.project.run("endpoints", "stop", "iris")
        self.project.move()
        self.assertRegex(self.project.run("endpoints", "list"), r"iris +stopped")
        self.project.run("endpoints", "start", "iris")
        self.check_resumed(before)

    def test_traffic_and_rollback_while_it_is_stopped(self):
        self.two_versions()
        self.project.run("endpoints", "stop", "iris")
        self.project.run("traffic", "iris", "v2=100")
        self.project.run("rollback", "iris")
        self.project.run("rollback", "iris")
        self.project.run("endpoints", "start", "iris")
        self.assertEqual(self.project.wait_ready()["weights"], "v1=100")
        self.assertEqual({self.project.predict()[1] for _ in range(4)}, {"1"})
        self.project.run("rollback", "iris", "--to", "v2")
        self.assertEqual({self.project.predict()[1] for _ in range(4)}, {"2"})

    def test_only_one_front(self):
        shown = self.two_versions()
        said = self.project.run("serve", "iris", "--port", str(fronts.free_port()), status=1)
        self.assertIn("runs already", said)
        self.project.run("endpoints", "start", "iris")  # nothing to do
        self.assertEqual(self.project.show()["pid"], shown["pid"])
        self.assertEqual(self.project.predict()[0], 200)


class Damage(unittest.TestCase):
    def setUp(self):
        self.project = served.Project()
        self.addCleanup(self.project.end)
        self.project.deploy(fronts.TWICE)
        self.shown = self.project.show()
        self.file = self.project.endpoint / "endpoint.json"
        self.whole = self.file.read_text()

    def test_a_file_that_says_nothing(self):
        self.project.run("endpoints", "stop", "iris")
        cases = (
            (self.whole[:len(self.whole) // 2], "endpoint.json"),
            ("", "endpoint.json"),
            ("[]", "is no endpoint"),
            ('{"name": "something else"}', "is no endpoint"),
            (self.whole.replace('"version": 1,', '"version": 99,', 1), "newer version"),
            (self.whole.replace('"port":', '"prt":'), "unknown member 'prt'"),
            ("\0" * 100, "endpoint.json"),
        )
        for text, message in cases:
            self.file.write_text(text)
            self.assertRegex(self.project.run("endpoints", "list"), r"iris +damaged", message)
            for words in (("endpoints", "show"), ("endpoints", "start"), ("endpoints", "stop"), ("traffic",), ("rollback",), ("serve",)):
                said = self.project.run(*words, "iris", status=1)
                self.assertIn(message, said, words)
                self.assertRegex(said, "^error: ", words)
        self.file.write_text(self.whole)
        self.project.run("endpoints", "start", "iris")
        self.assertEqual(self.project.wait_ready()["weights"], "v1=100")

    def test_a_damaged_endpoint_that_runs_can_be_deleted(self):
        self.file.write_text("{")
        self.project.run("delete-endpoint", "iris")
        self.assertTrue(fronts.within(10, lambda: not any(map(fronts.is_alive, self.project.seen))))
        self.assertFalse(self.project.endpoint.exists())

    def test_strangers_are_left_alone(self):
        self.project.run("endpoints", "stop", "iris")
        stranger = subprocess.Popen(["sleep", "600"])
        self.addCleanup(lambda: (stranger.kill(), stranger.wait()))
        start = int(pathlib.Path(f"/proc/{stranger.pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        exact = {"pid": stranger.pid, "start": start, "boot": boot, "host": os.uname().nodename}
        pid_file = self.project.endpoint / "server.pid"
        pid_file.write_text(json.dumps({**exact, "start": start + 1}))
        self.assertRegex(self.project.run("endpoints", "list"), r"iris +stopped")
        self.project.run("endpoints", "stop", "iris")
        pid_file.write_text(json.dumps(exact))  # as if the front had died, and everything but its socket fitted this one
        for words in (("endpoints", "stop"), ("delete-endpoint",)):
            self.assertIn("is not the front", self.project.run(*words, "iris", status=2))
        self.assertIsNone(stranger.poll())
        self.assertTrue(self.file.exists())
        pid_file.write_text(json.dumps({**exact, "start": start + 1}))
        self.project.run("delete-endpoint", "iris")
        self.assertFalse(self.project.endpoint.exists())
        self.assertIsNone(stranger.poll())

    def test_what_a_deletion_keeps(self):
        self.assertEqual(self.project.predict()[0], 200)
        self.project.run("delete-endpoint", "iris", "--keep-data")
        self.assertEqual(sorted(p.name for p in self.project.endpoint.iterdir()), ["log"])
        self.assertTrue(fronts.within(10, lambda: not any(map(fronts.is_alive, self.project.seen))))
        self.assertTrue((self.project.root / "models/iris/1/code/inference.py").exists())
        self.assertEqual(self.project.run("endpoints", "list"), "")
        self.project.deploy(THRICE)
        self.assertEqual(self.project.predict()[2], {"predictions": [3]})

    def test_a_version_whose_files_are_gone(self):
        self.project.run("endpoints", "stop", "iris")
        shutil.rmtree(self.project.endpoint / "versions/1")
        self.assertIn("error: endpoint 'iris' is not ready: ", self.project.run("endpoints", "start", "iris", status=2))
        shown = self.project.show()
        self.assertEqual(shown["state"], "not ready")
        self.assertEqual(self.project.predict()[0], 503)
        self.project.deploy(THRICE)
        self.assertEqual(self.project.predict(), (200, "2", {"predictions": [3]}))
        self.assertIn("there is no version v1", self.project.run("rollback", "iris", "--to", "v1", status=1))


if __name__ == "__main__":
    if not pathlib.Path(served.BINARY).exists():
        sys.exit(77)
    unittest.main()
