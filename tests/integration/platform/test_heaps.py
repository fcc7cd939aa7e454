"""Memory that is freed goes back to the system, however many threads had it."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.platform import heaps
from tests.support.command import Desk

THREADS = 24
PART = 5 << 20
ROUNDS = 3
WORK = f"""
import ctypes, sys, threading
from pathlib import Path
from app.core.services import Services

def own():
    with open("/proc/self/status") as stream:
        return next(int(line.split()[1]) for line in stream if line.startswith("RssAnon"))

def heaps():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    told = Path(sys.argv[1]) / "malloc_info"
    stream = ctypes.c_void_p(libc.fopen(bytes(told), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    return told.read_text().count("<heap nr=")

services = Services(Path(sys.argv[1]))
kept, together = [], threading.Barrier({THREADS})

def work():
    for _ in range({ROUNDS}):
        together.wait()
        part = bytearray(b"x") * {PART}
        kept.append(bytes(700))  # somebody still needs these
        together.wait()
        del part

before = own()
threads = [threading.Thread(target=work) for _ in range({THREADS})]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(own() - before, heaps())
services.close()
"""


@pytest.mark.skipif(not heaps.keep_few(), reason="no glibc")
def test_what_many_threads_freed_goes_back_to_the_system(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    words = [sys.executable, "-c", WORK, str(desk.home)]
    done = subprocess.run(
        words, env=desk.variables(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    held, count = map(int, done.stdout.split())
    assert held << 10 < THREADS * PART // 20
    assert count == 2
