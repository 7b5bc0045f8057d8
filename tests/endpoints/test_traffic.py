#!/usr/bin/env python3
"""Versions of an endpoint share its requests: traffic, rollback, shadows, automatic rollback, removal; and no request fails for it."""
import collections
import http.client
import json
import os
import subprocess
import sys
import threading
import unittest

import served
from served import BINARY, fronts

THRICE = fronts.TWICE.replace("return 2", "return 3")
BROKEN = fronts.TWICE.replace("return 2", "raise OSError('no such model')")
# as twice, but for noise in the last digits, and for values above 90
NOISY = fronts.TWICE.replace("row[0] * model", "row[0] * model * (1 + 1e-12) + (row[0] > 90)")
# one that does not know values above 90
PICKY = fronts.TWICE.replace("    return [", "    if any(row[0] > 90 for row in data):\n        raise ValueError('too large')\n    return [")
MORTAL = fronts.TWICE.replace("    return [", "    if any(row[0] > 90 for row in data):\n        import os\n        os._exit(7)\n    return [")
SLOW_LOAD = "import time\ntime.sleep(600)\n"
SLOW = fronts.TWICE.replace("    return [", "    import time\n    time.sleep(0.3)\n    return [")


class Load(fronts.Crowd):
    """Clients that ask on and on; what they got is counted by status and version."""

    def __init__(self, front, clients=16, values=(1,)):
        super().__init__(front, clients)
        self.values, self.counts, self.errors = values, collections.Counter(), []

    def run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=60)
        counts = collections.Counter()
        try:
            while not self.stop.is_set():
                number += 1
                body = {"instances": [[self.values[number % len(self.values)]]]}
                status, headers, _ = fronts.ask_on(connection, "POST", "/invocations", body, {"Content-Type": "application/json"})
                counts[status, headers["X-Notebooked-Version"]] += 1
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(repr(error))
        finally:
            connection.close()
            self.counts += counts  # one at a time: the interpreter's lock

    def statuses(self):
        return {status for status, _ in self.counts}


class EndpointTest(unittest.TestCase):
    def front(self, *models, up=None, **settings):
        """A front with these models as versions, of which `up` are up and the first answers."""
        front = fronts.Front(*models, **settings)
        self.addCleanup(front.end)
        if up is not None:
            front.versions = list(up)
        front.start()
        for version in front.versions:
            front.wait_ready(version=version)
        return front

    def run_on(self, front, *words, status=0):
        done = subprocess.run([BINARY, "-C", front.root, *words], capture_output=True, text=True, timeout=120, check=False,
                              env=os.environ | {"USER": "anna"})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status == 0 else done.stderr

    def json_of(self, front, *words):
        return json.loads(self.run_on(front, *words, "--format", "json"))

    def weights(self, front):
        shown = self.json_of(front, "endpoints", "show", "iris")["endpoint"]
        return shown["weights"]

    def events(self, front):
        return [event["what"] for event in json.loads((front.endpoint / "endpoint.json").read_text())["history"]]

    def versions_of(self, front, count, headers=None):
        got = collections.Counter()
        for _ in range(count):
            status, told, _ = front.ask("POST", "/invocations", {"instances": [[1]]}, {"Content-Type": "application/json", **(headers or {})})
            self.assertEqual(status, 200)
            got[told["X-Notebooked-Version"]] += 1
        return got


class Traffic(EndpointTest):
    def test_weights_are_exact_keys_stick_and_versions_can_be_asked_for(self):
        front = self.front(fronts.TWICE, THRICE, up=[1])
        self.assertRegex(self.run_on(front, "traffic", "iris"), r"v1 +100 % +ready")
        self.learn(front, 2)
        shown = self.run_on(front, "traffic", "iris", "v1=90,v2=10")
        self.assertRegex(shown, r"v2 +10 % +ready")
        self.assertEqual(self.versions_of(front, 100), {"1": 90, "2": 10})
        self.assertEqual(self.versions_of(front, 100), {"1": 90, "2": 10})
        keyed = [self.versions_of(front, 5, {"X-Notebooked-Session": f"user-{n}"}) for n in range(40)]
        self.assertTrue(all(len(each) == 1 for each in keyed), keyed)
        self.assertEqual({version for each in keyed for version in each}, {"1", "2"})
        for name in ("X-Notebooked-Version", "azureml-model-deployment", "X-Amzn-SageMaker-Target-Variant"):
            for value in ("2", "v2"):
                self.assertEqual(self.versions_of(front, 3, {name: value}), {"2": 3}, (name, value))
        self.assertEqual(front.predict(1, {"X-Notebooked-Version": "7"})[0], 404)
        self.assertEqual(self.events(front)[-1], "traffic v1=90,v2=10")
        self.assertIn("(anna)", self.run_on(front, "endpoints", "show", "iris"))

    def learn(self, front, *versions):
        """What deploy writes of versions that it has placed: here nobody has deployed them."""
        path = front.endpoint / "endpoint.json"
        state = json.loads(path.read_text())
        state["deployments"] += [{**state["deployments"][0], "version": version, "weight": 0, "up": False} for version in versions]
        path.write_text(json.dumps(state))

    def test_a_cookie_or_a_header_keeps_a_client_with_its_version(self):
        for session, headers in (("cookie:user", lambda n: {"Cookie": f"theme=dark; user={n}"}), ("X-User", lambda n: {"x-user": str(n)})):
            front = self.front(fronts.TWICE, THRICE, session=session)
            self.run_on(front, "traffic", "iris", "v1=50,v2=50")
            got = [self.versions_of(front, 4, headers(n)) for n in range(20)]
            self.assertTrue(all(len(each) == 1 for each in got), got)
            self.assertEqual({version for each in got for version in each}, {"1", "2"})
            self.assertEqual(self.versions_of(front, 4, {"Cookie": "theme=dark"}), {"1": 2, "2": 2})

    def test_what_cannot_be_is_told(self):
        front = self.front(fronts.TWICE, BROKEN, up=[1])
        self.learn(front, 2)
        cases = (
            (["v1=90,v9=10"], "no version 'v9'"),
            (["v1=x"], "is no share"),
            (["v1=0"], "no version would get"),
            (["v1=100", "--shadow", "v1"], "answers requests: a shadow never does"),
            (["v1=100", "--shadow", "v2=0"], "is no shadow"),
            (["v1=100", "--shadow", "v2=101%"], "is no shadow"),
            (["v1=50,v2=50"], "no such model"),
            (["v1=50,v2=50", "--provider", "moon"], "moon"),
        )
        for words, message in cases:
            self.assertIn(message, self.run_on(front, "traffic", "iris", *words, status=1), words)
        self.assertIn("no endpoint is called 'rose'", self.run_on(front, "traffic", "rose", status=1))
        self.assertEqual(self.weights(front), "v1=100")
        self.assertEqual(self.versions_of(front, 3), {"1": 3})

    def test_a_version_without_weight_is_up_for_those_who_ask(self):
        front = self.front(fronts.TWICE, THRICE, up=[1])
        self.learn(front, 2)
        self.run_on(front, "traffic", "iris", "v1=100,v2=0")
        self.assertEqual(self.versions_of(front, 10), {"1": 10})
        self.assertEqual(self.versions_of(front, 1, {"X-Notebooked-Version": "v2"}), {"2": 1})
        self.run_on(front, "traffic", "iris", "v1=100")
        self.assertTrue(fronts.within(20, lambda: front.status(2) is None))
        self.assertEqual(front.predict(1, {"X-Notebooked-Version": "v2"})[0], 404)

    def test_a_stopped_endpoint_starts_with_new_traffic(self):
        front = self.front(fronts.TWICE, THRICE)
        self.run_on(front, "endpoints", "stop", "iris")
        front.process.wait()
        self.run_on(front, "traffic", "iris", "v1=3,v2=1", "--shadow", "none")
        self.assertRegex(self.run_on(front, "traffic", "iris"), r"v2 +25 % +stopped")
        self.assertRegex(self.run_on(front, "rollback", "iris"), r"v1 +100 % +stopped")
        self.assertIn("no earlier traffic", self.run_on(front, "rollback", "iris", status=1))
        self.run_on(front, "traffic", "iris", "v1=3,v2=1")
        front.process.stdout.close()
        front.start().wait_ready().wait_ready(version=2)
        self.assertEqual(self.versions_of(front, 4), {"1": 3, "2": 1})


class Swaps(EndpointTest):
    def test_twenty_swaps_under_load(self):
        project = served.Project()
        self.addCleanup(project.end)
        project.deploy(fronts.TWICE)
        with Load(project, clients=16) as load:
            for number in range(2, 22):
                project.deploy(THRICE if number % 2 else fronts.TWICE)
                self.assertEqual(project.predict(), (200, str(number), {"predictions": [3 if number % 2 else 2]}))
                project.show()
        self.assertEqual(load.errors, [])
        self.assertEqual(load.statuses(), {200}, load.counts)
        self.assertEqual({version for _, version in load.counts}, {str(number) for number in range(1, 22)})
        shown = project.show()
        self.assertEqual([d["version"] for d in shown["deployments"]], [17, 18, 19, 20, 21])
        self.assertEqual([v["version"] for v in shown["status"]["versions"] if v["state"] != "draining"], [20, 21])  # the one before is watched
        kept = project.endpoint / "versions"
        self.assertTrue(fronts.within(20, lambda: sorted(p.name for p in kept.iterdir()) == ["17", "18", "19", "20", "21"]))

    def test_rollback_brings_up_what_is_down(self):
        front = self.front(fronts.TWICE, watch="0")
        for _ in range(2):
            number = front.add_version(THRICE)
            self.assertEqual(front.admin("POST", "/admin/deploy", {"version": number, "model": f"models/iris/{number}"})[0], 200)
        for version in (1, 2):
            self.assertTrue(fronts.within(20, lambda v=version: front.status(v) is None))
        with Load(front, clients=16) as load:
            self.run_on(front, "rollback", "iris")
            self.assertEqual(self.weights(front), "v2=100")
            self.run_on(front, "rollback", "iris")
            self.assertEqual(self.weights(front), "v1=100")
            self.assertIn("no earlier traffic", self.run_on(front, "rollback", "iris", status=1))
            shown = self.json_of(front, "rollback", "iris", "--to", "v3")
            self.assertEqual([v["weight"] for v in shown["versions"]], [0, 0, 100])
            self.assertIn("no version 'v8'", self.run_on(front, "rollback", "iris", "--to", "v8", status=1))
            front.note_processes()
        self.assertEqual(load.errors, [])
        self.assertEqual(load.statuses(), {200}, load.counts)
        self.assertEqual({version for _, version in load.counts}, {"1", "2", "3"})
        self.assertEqual(self.events(front)[-3:], ["rolled back to v2=100", "rolled back to v1=100", "rolled back to v3=100"])


class Watch(EndpointTest):
    def deploy(self, front, model, **more):
        number = front.add_version(model)
        status, told = front.admin("POST", "/admin/deploy", {"version": number, "model": "models/iris/2", **more})
        self.assertEqual(status, 200, told)
        front.note_processes()
        return told["watch"]

    def test_a_version_that_fails_one_in_ten_is_rolled_back(self):
        front = self.front(fronts.TWICE, watch="60s")
        with Load(front, clients=4, values=(99, *range(1, 10))):
            watch = self.deploy(front, PICKY)
            self.assertEqual((watch["verdict"], watch["version"]), ("looking", 2))
            self.assertIn("v2 for ", self.run_on(front, "endpoints", "show", "iris"))
            self.assertTrue(fronts.within(30, lambda: self.weights(front) == "v1=100"), front.said())
        page = self.run_on(front, "endpoints", "show", "iris")
        self.assertRegex(page, r"watch +v2 was rolled back: \d+\.\d % of its requests failed, 0\.0 % of others\n")
        self.assertRegex(page, r"rolled back from v2: .* \(watch\)\n")
        self.assertTrue(fronts.within(20, lambda: front.status(2) is None))
        self.assertEqual(front.predict(99)[0], 200)

    def test_a_version_that_loses_its_workers_is_rolled_back(self):
        front = self.front(fronts.TWICE, watch="60s")
        self.deploy(front, MORTAL)
        self.assertEqual(front.predict(1)[0], 200)
        self.assertEqual(front.predict(99)[0], 502)
        self.assertTrue(fronts.within(20, lambda: self.weights(front) == "v1=100"), front.said())
        self.assertIn("it lost all its workers", self.events(front)[-1])
        self.assertEqual(front.predict(99)[0], 200)

    def test_one_that_is_as_bad_as_before_stays(self):
        front = self.front(PICKY, watch="2s")
        with Load(front, clients=4, values=(99, *range(1, 10))):
            self.assertTrue(fronts.within(60, lambda: front.status(1)["figures"]["requests"] > 300))  # what is usual is known
            self.deploy(front, PICKY.replace("return 2", "return 3"))
            self.assertTrue(fronts.within(30, lambda: front.admin("GET", "/admin/status")[1]["watch"]["verdict"] == "kept"))
        self.assertEqual(self.weights(front), "v2=100")
        self.assertTrue(fronts.within(20, lambda: front.status(1) is None))

    def test_a_change_that_waits_does_not_bring_it_back(self):
        front = self.front(fronts.TWICE, watch="60s")
        self.deploy(front, MORTAL)
        number = front.add_version(SLOW_LOAD)
        told = []
        asked = {"version": number, "model": "models/iris/3", "weights": {"2": 90, str(number): 10}}
        waiting = threading.Thread(target=lambda: told.append(front.admin("POST", "/admin/deploy", asked)))
        waiting.start()
        self.assertTrue(fronts.within(20, lambda: front.admin("GET", "/admin/status")[1]["awaits"] == [number]))
        self.assertIn(f"waits for  v{number}\n", self.run_on(front, "endpoints", "show", "iris"))
        self.assertIn("other weights are waiting", self.run_on(front, "traffic", "iris", "v1=1,v2=1", status=1))
        self.assertEqual(front.predict(99)[0], 502)
        waiting.join()
        self.assertEqual(told[0][0], 422)
        self.assertIn("v2 was rolled back meanwhile", told[0][1]["error"])
        self.assertEqual(self.weights(front), "v1=100")
        self.assertEqual(front.predict(99)[0], 200)

    def test_weights_that_move_again_are_watched_anew(self):
        front = self.front(fronts.TWICE, watch="60s")
        self.assertEqual(self.deploy(front, PICKY, weights={"1": 90, "2": 10})["version"], 2)
        with Load(front, clients=4, values=(99, *range(1, 10))):
            self.assertTrue(fronts.within(30, lambda: self.weights(front) == "v1=100"), front.said())
        self.assertEqual(front.admin("GET", "/admin/status")[1]["watch"]["verdict"], "rolled back")
        watch = self.deploy(front, THRICE, weights={"1": 100})  # nobody gets more: the verdict is no longer about v2
        self.assertEqual((watch["verdict"], watch["version"]), ("unwatched", 3))
        self.run_on(front, "rollback", "iris", "--to", "v2")  # a person who insists
        self.assertEqual(front.admin("GET", "/admin/status")[1]["watch"]["verdict"], "unwatched")


class Shadow(EndpointTest):
    def shadowed(self, front, version=2):
        return front.status(version)["figures"]

    def ask_shadowed(self, front, value):
        """Predict, and wait for the shadow, which drops what comes while it has eight in its queue."""
        before = self.shadowed(front)["shadow_compared"]
        status, body = front.predict(value)
        self.assertTrue(fronts.within(20, lambda: self.shadowed(front)["shadow_compared"] > before), self.shadowed(front))
        return status, body

    def test_answers_are_compared_and_never_given(self):
        front = self.front(fronts.TWICE, NOISY)
        self.run_on(front, "traffic", "iris", "--shadow", "v2")
        answers = [self.ask_shadowed(front, value) for value in [*range(15), *range(95, 100)]]
        self.assertEqual([json.loads(body)["predictions"][0] for _, body in answers], [2 * v for v in [*range(15), *range(95, 100)]])
        self.assertEqual(self.shadowed(front)["shadow_compared"], 20)
        self.assertEqual(self.shadowed(front)["shadow_disagreed"], 5)
        self.assertEqual(self.shadowed(front)["requests"], 0)
        self.assertIn("shadow v2: 5 of 20 answers disagree (25.00 %)", self.run_on(front, "endpoints", "show", "iris"))
        metrics = front.ask("GET", "/metrics")[2].decode()
        self.assertIn('notebooked_shadow_disagreed_total{endpoint="iris",version="2"} 5', metrics)
        self.assertIn('notebooked_shadow_delay_seconds{endpoint="iris",version="2"}', metrics)
        self.run_on(front, "traffic", "iris", "--shadow", "v2=50")
        for count in range(20):  # every second one is copied
            front.predict(1)
            self.assertTrue(fronts.within(20, lambda: self.shadowed(front)["shadow_compared"] >= 20 + count // 2))
        self.assertTrue(fronts.within(20, lambda: self.shadowed(front)["shadow_compared"] == 30), self.shadowed(front))
        self.assertRegex(self.run_on(front, "traffic", "iris"), r"v2 +copies of 50 %")
        self.run_on(front, "traffic", "iris", "--shadow", "none")
        self.assertEqual(self.weights(front), "v1=100")

    def test_a_slow_shadow_delays_nobody(self):
        front = self.front(fronts.TWICE, SLOW)
        self.run_on(front, "traffic", "iris", "--shadow", "v2")
        for value in range(60):
            self.assertEqual(front.predict(value)[0], 200)
        self.assertLess(self.shadowed(front)["shadow_compared"], 60)  # nobody waited for them

    def test_a_shadow_that_dies_disagrees_and_harms_nobody(self):
        front = self.front(fronts.TWICE, MORTAL)
        self.run_on(front, "traffic", "iris", "--shadow", "v2")
        self.assertEqual(front.predict(99)[0], 200)
        self.assertTrue(fronts.within(20, lambda: self.shadowed(front)["shadow_disagreed"] == 1), self.shadowed(front))
        self.assertEqual(front.ask("GET", "/readyz")[0], 200)


if __name__ == "__main__":
    if not fronts.TOOL.exists():
        sys.exit(77)
    unittest.main()
