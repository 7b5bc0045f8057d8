"""worker.py's reader of frames, fed with anything: it gives requests that lie within their bytes, or says that the other side is wrong; nothing else."""
import importlib.util
import os
import pathlib
import random
import socket
import struct
import sys
import threading
import unittest

SOURCE = pathlib.Path(os.environ.get('NB_SOURCE_DIR', '.')).resolve()
ROUNDS = int(os.environ.get('NB_FUZZ_ROUNDS', '30000'))
INLINE = 2**64 - 1
EDGES = [0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]


def load_worker():
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location('notebooked_worker', SOURCE / 'src/serve/worker/worker.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


worker = load_worker()


def pack_request(number, kind, accept, body, offset=INLINE, length=None):
    """One request of a BATCH."""
    parts = [struct.pack('<QI', number, 1000)]
    for text in (kind, accept):
        parts.append(struct.pack('<H', len(text)) + text)
    parts.append(struct.pack('<IQ', len(body) if length is None else length, offset))
    return b''.join(parts) + (body if offset == INLINE else b'')


def pack(*requests):
    return struct.pack('<I', len(requests)) + b''.join(requests)


SEEDS = [
    pack(),
    pack(pack_request(1, b'application/json', b'', b'{"instances": [[1]]}')),
    pack(*(pack_request(i, b'text/csv', b'application/json', b'1,2\n' * i) for i in range(8))),
    pack(pack_request(7, b'', b'', b'', offset=16, length=32), pack_request(8, b'a', b'b', b'', offset=0, length=64)),
]


def mutated(data, rng):
    """The bytes with a few changes: bits, edges of numbers, pieces cut, doubled or put elsewhere."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(6)
        if what == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            data[at:at + 4] = struct.pack('<I', rng.choice(EDGES))
        elif what == 2:
            del data[at:at + rng.randint(1, 16)]
        elif what == 3:
            data[at:at] = rng.randbytes(rng.randint(1, 16))
        elif what == 4:
            data[at:at] = data[at:at + rng.randint(1, 64)]
        else:
            data = data[:at]
    return bytes(data)


class Batches(unittest.TestCase):
    def check(self, payload, shared):
        """Read it; whether it was taken for a batch."""
        try:
            requests = worker.read_batch(payload, shared)
        except worker.Wrong:
            return False
        again = []
        for number, deadline, kind, accept, body in requests:
            self.assertIsInstance(bytes(body), bytes)
            self.assertTrue(0 <= number < 2**64 and 0 <= deadline < 2**32)
            again.append((number, bytes(kind), bytes(accept), bytes(body)))
        self.assertEqual(len(requests), struct.unpack_from('<I', payload)[0])
        inline = sum(12 + 4 + len(kind) + len(accept) + 12 for _, kind, accept, _ in again) + 4
        self.assertLessEqual(inline, len(payload))
        return True

    def test_what_was_packed_is_read(self):
        shared = memoryview(bytes(range(64)))
        for seed in SEEDS:
            self.assertTrue(self.check(seed, shared))
        requests = worker.read_batch(SEEDS[3], shared)
        self.assertEqual([bytes(r[4]) for r in requests], [bytes(range(16, 48)), bytes(range(64))])

    def test_anything_else_is_wrong(self):
        rng = random.Random(4)
        taken = 0
        for at in range(ROUNDS):
            shared = memoryview(bytes(64)) if at % 2 else b''
            taken += self.check(mutated(rng.choice(SEEDS), rng), shared)
        self.assertGreater(taken, 0)
        for _ in range(ROUNDS // 10):
            self.check(rng.randbytes(rng.randrange(100)), b'')

    def test_every_cut_is_wrong(self):
        for seed in SEEDS:
            for end in range(len(seed)):
                self.assertFalse(self.check(seed[:end], memoryview(bytes(64))))
            self.assertFalse(self.check(seed + b'x', memoryview(bytes(64))))


class Frames(unittest.TestCase):
    def receive_all(self, data, pieces):
        """All frames that a channel gives for these bytes in pieces: (kind, payload), the last one 'end' or 'wrong'."""
        ours, theirs = socket.socketpair()

        def send():
            with ours:
                for piece in pieces(data):
                    try:
                        ours.sendall(piece)
                    except OSError:
                        return

        sender = threading.Thread(target=send)
        sender.start()
        channel, frames = worker.Channel(theirs), []
        try:
            while (frame := channel.receive()) is not None:
                frames.append((frame[0], frame[2]))
            frames.append('end')
        except worker.Wrong:
            frames.append('wrong')
        theirs.close()
        sender.join()
        return frames

    def test_streams_are_cut_the_same_way_however_they_come(self):
        rng = random.Random(5)
        for _ in range(60):
            data = b''.join(struct.pack('<IHHQ', len(seed), 4, 0, 0) + seed for seed in rng.choices(SEEDS, k=4))
            if rng.random() < 0.7:
                data = mutated(data, rng)
            whole = self.receive_all(data, lambda d: [d])
            for size in (1, 7, 100):
                self.assertEqual(self.receive_all(data, lambda d, n=size: [d[i:i + n] for i in range(0, len(d), n)]), whole)

    def test_a_frame_that_is_too_large_is_wrong(self):
        self.assertEqual(self.receive_all(struct.pack('<IHHQ', worker.LARGEST + 1, 4, 0, 0), lambda d: [d]), ['wrong'])

    def test_a_large_frame(self):
        data = os.urandom(3 << 20)
        self.assertEqual(self.receive_all(struct.pack('<IHHQ', len(data), 4, 0, 0) + data, lambda d: [d]), [(4, data), 'end'])


if __name__ == '__main__':
    unittest.main()
