"""Captured requests: what is in the files, what is not, and that nothing of it is ever in anybody's way."""
import os
import pathlib
import resource
import shutil
import stat
import subprocess
import tempfile
import unittest

from watched import DOUBLING, Watched

RESULT = 'notebooked_capture_events_total{endpoint="iris",result="%s"}'


def settled(front, count):
    """Waits until so many requests came to their end in one way or another."""
    front.wait_for(lambda: front.figure('notebooked_capture_events_total') == count)


class CaptureTest(unittest.TestCase):
    def test_off_by_default(self):
        with Watched() as front:
            front.run()
            front.rows([[1]])
            self.assertFalse((front.endpoint / 'capture').exists())
            self.assertNotIn('capture', front.metrics())

    def test_lines_are_those_of_sagemaker(self):
        with Watched() as front:
            front.run('capture=1')
            self.assertEqual(front.rows([[4]], {'X-Request-Id': 'mine/../x'})[0], 200)
            self.assertEqual(front.rows('4,5\n')[0], 200)
            self.assertEqual(front.rows([['no', 3]], {'X-Request-Id': 'text'})[0], 200)
            self.assertGreaterEqual(front.rows([[None]])[0], 400)  # the model raises: not captured
            settled(front, 3)
            one, two, _ = front.events()
            self.assertEqual(one['captureData']['endpointInput'], {
                'observedContentType': 'application/json', 'mode': 'INPUT', 'data': '{"instances": [[4]]}', 'encoding': 'JSON'})
            self.assertEqual(one['captureData']['endpointOutput'], {
                'observedContentType': 'application/json', 'mode': 'OUTPUT', 'data': '{"predictions": [8]}', 'encoding': 'JSON'})
            self.assertEqual(one['eventMetadata']['eventId'], 'mine/../x')
            self.assertRegex(one['eventMetadata']['inferenceTime'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
            self.assertEqual(one['eventVersion'], '0')
            self.assertEqual(set(one), {'captureData', 'eventMetadata', 'eventVersion'})
            self.assertEqual(two['captureData']['endpointInput']['data'], '4,5\n')
            self.assertEqual(two['captureData']['endpointInput']['encoding'], 'CSV')
            self.assertEqual(two['eventMetadata']['eventId'], front.access()[1]['request_id'])
            path = front.captured()[0].relative_to(front.endpoint)
            self.assertRegex(str(path), r'^capture/1/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-[0-9a-f]+-1\.jsonl$')
            for each in (front.endpoint / path, *(front.endpoint / path).parents[:6]):
                self.assertEqual(stat.S_IMODE(each.stat().st_mode) & 0o077, 0, each)
            self.assertEqual(stat.S_IMODE((front.endpoint / path).stat().st_mode), 0o600)

    def test_shares(self):
        for share, low, high in (('0.1', 10, 40), ('50%', 90, 150)):
            with Watched() as front:
                front.run(f'capture={share}')
                for _ in range(240):
                    self.assertEqual(front.rows([[1]])[0], 200)
                front.stop()  # what waits is written
                self.assertTrue(low <= len(front.events()) <= high, (share, len(front.events())))

    def test_each_version_has_its_folder(self):
        with Watched(DOUBLING, DOUBLING) as front:
            front.run('capture=1')
            for version in '12':
                self.assertEqual(front.rows([[1]], {'X-Notebooked-Version': version})[0], 200)
            front.stop()
            self.assertEqual([path.relative_to(front.endpoint).parts[1] for path in front.captured()], ['1', '2'])

    def test_redaction(self):
        with Watched(input={'feature_names': ['age', 'name', 'tax no'], 'n_features': 3}) as front:
            front.run('capture=1', 'capture_redact=name,tax no')
            for rows in ([{'age': 3, 'name': 'SECRET', 'tax_no': 123456789}], [[3, 'SECRET', 123456789]], '3,4,5\n'):
                self.assertEqual(front.rows(rows)[0], 200, rows)
            self.assertEqual(front.rows([['SECRET', 3]])[0], 200)  # not these columns: nobody knows which is which
            self.assertEqual(front.rows([{'name': 'SECRET', 'age': 3}])[0], 200)  # the answer repeats it
            settled(front, 5)
            self.assertEqual(front.figure(RESULT % 'written'), 3)
            self.assertEqual(front.figure(RESULT % 'unsure'), 2)
            self.assertEqual([event['captureData']['endpointInput']['data'] for event in front.events()],
                             ['{"instances": [{"age": 3, "name": null, "tax_no": null}]}', '{"instances": [[3, null, null]]}', '3,,\n'])
            for path in front.captured():
                self.assertNotRegex(path.read_text(), 'SECRET|123456789')

    def test_the_oldest_go(self):
        with Watched() as front:
            front.run('capture=1', 'capture_keep=40k')
            for _ in range(50):
                self.assertEqual(front.rows([[1] * 1000])[0], 200)
            settled(front, 50)
            self.assertEqual(front.figure(RESULT % 'written'), 50)
            self.assertGreater(front.figure('notebooked_capture_pruned_files_total'), 5)
            sizes = [path.stat().st_size for path in front.captured()]
            self.assertTrue(10000 < sum(sizes) <= 40960, sizes)

    def test_large_ones_are_left_out(self):
        with Watched() as front:
            front.run('capture=1')
            self.assertEqual(front.rows([[1] * 500000])[0], 200)
            self.assertEqual(front.rows([[1]])[0], 200)
            settled(front, 2)
            self.assertEqual(front.figure(RESULT % 'large'), 1)


class DiskTest(unittest.TestCase):
    def check_goes_on(self, front, mend, reason):
        """Requests are answered; the log tells once; capture comes back after `mend`."""
        for _ in range(20):
            self.assertEqual(front.rows([[3]]), (200, {'predictions': [6]}))
        front.wait_for(lambda: front.figure(RESULT % 'failed') > 0)
        front.wait_for(lambda: front.said().count(reason) == 1)
        self.assertEqual(front.figure('notebooked_capture_failing'), 1)
        mend()
        front.wait_for(lambda: front.rows([[3]])[0] == 200 and front.figure('notebooked_capture_failing') == 0)
        front.wait_for(lambda: 'requests are captured again' in front.said())
        self.assertEqual(front.said().count('cannot be captured'), 1)
        front.stop()
        self.assertTrue(front.events())  # whole lines, all of them

    def test_full_disk(self):
        with tempfile.TemporaryDirectory() as disk:
            if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], capture_output=True, check=False).returncode:
                self.skipTest('mounting needs root')
            try:
                with Watched() as front:
                    (front.endpoint / 'capture').symlink_to(disk)
                    filler = pathlib.Path(disk) / 'filler'
                    filler.write_bytes(b'x' * 60000)
                    front.run('capture=1')
                    front.rows([[1] * 500])
                    front.rows([[1] * 3000])  # no more room in the middle of it
                    self.check_goes_on(front, filler.unlink, 'No space left on device')
            finally:
                subprocess.run(['umount', '-l', disk], check=True)

    def test_a_limit_of_file_sizes(self):
        with Watched() as front:
            front.run('capture=1')
            no_limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(front.process.pid, resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
            for _ in range(30):
                self.assertEqual(front.rows([[3]])[0], 200)
            settled(front, 30)
            self.check_goes_on(front, lambda: resource.prlimit(front.process.pid, resource.RLIMIT_FSIZE, no_limit), 'File too large')

    def test_read_only(self):
        with Watched() as front:
            blocked = front.endpoint / 'capture'
            blocked.write_text('in the way')
            front.run('capture=1')
            self.check_goes_on(front, blocked.unlink, 'Not a directory')

    def test_removed_folder(self):
        with Watched() as front:
            front.run('capture=1')
            self.assertEqual(front.rows([[1]])[0], 200)
            settled(front, 1)
            shutil.rmtree(front.endpoint / 'capture')
            self.assertEqual(front.rows([[1]])[0], 200)
            settled(front, 2)
            self.assertEqual(len(front.events()), 1)
            self.assertEqual(front.figure(RESULT % 'written'), 2)

    def test_moved_project(self):
        with Watched() as front, tempfile.TemporaryDirectory() as other:
            front.run('capture=1')
            self.assertEqual(front.rows([[1]])[0], 200)
            settled(front, 1)
            moved = pathlib.Path(other) / 'moved'
            os.rename(front.endpoint, moved)
            for _ in range(3):
                self.assertEqual(front.rows([[1]])[0], 200)
            settled(front, 4)
            self.assertTrue(list((moved / 'capture').rglob('*.jsonl')))
            os.rename(moved, front.endpoint) if not front.endpoint.exists() else shutil.rmtree(moved)


if __name__ == '__main__':
    unittest.main()
