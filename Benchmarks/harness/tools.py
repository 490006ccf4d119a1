"""Running programs, and the files they work on."""
import json
import os
import shutil
import statistics
import subprocess
import sys


class Failure(Exception):
    """A measurement that does not count; the run ends with it."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*words):
    """One program, its one JSON object."""
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if answer and "error" in answer:
        raise Failure(f"{' '.join(words)}: {answer['error']}")
    if done.returncode != 0 or answer is None:
        raise Failure(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return answer


def clear(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def fresh_copy(source, target):
    """A copy whose bytes are on disk, so that writing them back disturbs no measurement."""
    clear(target)
    if os.path.isdir(source):
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)
    os.sync()


def drop_cache(folder):
    """Asks the kernel to forget the cached pages of a folder's files."""
    os.sync()
    for root, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(root, name), "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def disk_bytes(folder):
    """What a folder's files take on disk; sparse files are smaller than they look."""
    total = 0
    for root, _, names in os.walk(folder):
        total += sum(os.stat(os.path.join(root, name)).st_blocks * 512 for name in names)
    return total


def median(values):
    return statistics.median(values)


MASK = (1 << 64) - 1


def _draw(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


_pending = {}


def expected_pending(count):
    """What the first `count` payments of the workload earn in all; a third way to reckon it, beside ours and C."""
    if count not in _pending:
        state, total = 7, 0
        for _ in range(count):
            state, _payer = _draw(state)
            state, raw = _draw(state)
            amount = 1000 + raw % 9000
            for rate in (200_000, 100_000, 50_000):
                whole, rest = divmod(amount * rate, 1_000_000)
                total += whole + (1 if 2 * rest > 1_000_000 or (2 * rest == 1_000_000 and whole & 1) else 0)
        _pending[count] = total
    return _pending[count]


def demand(is_true, what):
    """What must hold, or nothing counts."""
    if not is_true:
        raise Failure(what)
