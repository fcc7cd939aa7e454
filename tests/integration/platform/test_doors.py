"""The ways from one process to the owner of a data folder, and a system that lacks what only Unix has."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.core import owner
from app.core.model.errors import Passing
from app.core.platform.doors import PORT_NAME, Door, LoopbackDoor, UnixDoor
from tests.support.guards import ExpectLog
from tests.support.source import ROOT


def answer(
    words: Sequence[str], cwd: str, say: Callable[[str], None], gone: Callable[[], bool]
) -> tuple[int, str]:
    say("in hand")
    assert not gone()
    return len(words), f"{words[-1]} in {cwd}"


@pytest.fixture(params=[UnixDoor, LoopbackDoor])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Door:
    made: Door = request.param(tmp_path)
    return made


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[LoopbackDoor]:
    """A served loopback door."""
    door = LoopbackDoor(tmp_path)
    with closing(owner.Server(tmp_path, answer, door)):
        yield door


def test_a_command_gets_its_answer(tmp_path: Path, door: Door) -> None:
    said: list[str] = []
    with closing(owner.Server(tmp_path, answer, door)):
        (sign,) = tmp_path.iterdir()
        assert stat.S_IMODE(sign.stat().st_mode) == 0o600
        for _ in range(3):
            told = owner.forward(tmp_path, ["show", "A001"], said.append, type(door)(tmp_path))
            assert told == (2, f"A001 in {Path.cwd()}")
    assert said == ["in hand"] * 3
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Passing):
        owner.forward(tmp_path, ["show"], said.append, type(door)(tmp_path))


def test_what_a_killed_process_left_is_replaced(tmp_path: Path, door: Door) -> None:
    door.open().close()
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(Passing):
        owner.forward(tmp_path, ["show"], print, type(door)(tmp_path))
    with closing(owner.Server(tmp_path, answer, door)):
        assert owner.forward(tmp_path, ["show"], lambda _: None, type(door)(tmp_path))[0] == 1


@pytest.mark.usefixtures("loopback")
def test_without_the_secret_nobody_is_heard(tmp_path: Path, expect_log: ExpectLog) -> None:
    expect_log("without the secret")
    sign = tmp_path / PORT_NAME
    known = sign.read_text()
    secret = known.split('"')[-2]
    with socket.create_connection(("127.0.0.1", int(known.split()[1].strip(",")))) as line:
        line.sendall(b"0" * 64)
        told = line.recv(1000) + line.recv(1000)
        assert len(told) <= 128
        assert secret.encode() not in told, "the secret itself never travels"
        line.sendall(b"0" * 64 + b'{"argv":["show"],"cwd":"/"}\n')
        assert _rest(line) == b""
    sign.write_text(known.replace(secret, "0" * 64))
    with pytest.raises(Passing):
        owner.forward(tmp_path, ["show"], print, LoopbackDoor(tmp_path))
    sign.write_text(known)
    assert owner.forward(tmp_path, ["show"], lambda _: None, LoopbackDoor(tmp_path))[0] == 1


def _rest(line: socket.socket) -> bytes:
    found = b""
    try:
        while more := line.recv(1000):
            found += more
    except ConnectionResetError:
        return found
    return found


def test_a_stranger_at_the_owners_old_port_learns_nothing(tmp_path: Path) -> None:
    LoopbackDoor(tmp_path).open().close()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        sign = tmp_path / PORT_NAME
        before = sign.read_text()
        port = before.split()[1].strip(",")
        sign.write_text(before.replace(port, str(stranger.getsockname()[1])))

        def listen() -> None:
            line, _ = stranger.accept()
            with line:
                heard.append(line.recv(64))
                line.sendall(b"1" * 128)
                heard.append(_rest(line))

        thread = threading.Thread(target=listen)
        thread.start()
        with pytest.raises(Passing):
            owner.forward(tmp_path, ["note", "add", "private"], print, LoopbackDoor(tmp_path))
        thread.join()
    assert len(heard[0]) == 64
    assert heard[1] == b"", "no proof and no command is given to it"


ELSEWHERE = """
import os, pkgutil, runpy, signal, socket, subprocess, sys, tempfile

hidden = ["fcntl", "resource", "pwd", "grp", "termios", "syslog"]
for name in hidden:
    sys.modules[name] = None
for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_PATH", "O_NOCTTY", "geteuid"):
    delattr(os, name)
for name in ("SIGKILL", "SIGSTOP", "SIGCONT", "SIGALRM", "SIGHUP"):
    delattr(signal, name)
del socket.AF_UNIX
sys.argv = ["rushes", *sys.argv[1:]]
if sys.argv[1] == "every module":
    import app.cli, app.core
    for part in (app.core, app.cli):
        for found in pkgutil.walk_packages(part.__path__, part.__name__ + "."):
            __import__(found.name)
    print("imported")
else:
    runpy.run_module("app", run_name="__main__")
"""


@pytest.mark.parametrize(
    "words", [("--version",), ("--help",), ("tc", "01:00:00:00"), ("every module",)]
)
def test_it_starts_where_nothing_of_unix_is_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *words, "--home", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
