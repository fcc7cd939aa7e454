"""The command line as people use it: processes of their own, with a data folder of their own."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
"""Seconds after which a command that does not end is killed: only a hang reaches them."""


@dataclass(frozen=True)
class Reply:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        assert self.out.count("\n") == 1, self
        value = json.loads(self.out)
        assert isinstance(value, dict), self
        return value

    @property
    def error(self) -> dict[str, Any]:
        """The error object, whole."""
        error: dict[str, Any] = self.value["error"]
        wanted = {"title", "message", "subject", "family", "todo", "choices"}
        assert set(error) - {"detail"} == wanted, self
        assert error["title"], self
        assert error["message"], self
        assert set(self.value) == {"error"}, self
        return error


class Desk:
    """One data folder, and `python -m app` on it."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = environment
        self.cwd = home.parent

    def command(self, *words: object) -> list[str]:
        """The words that start it."""
        return [sys.executable, "-m", "app", *map(str, words)]

    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        own = {"RUSHES_HOME": str(self.home), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
        return {**os.environ, **own, **self.environment}

    def run(self, *words: object, stdin: bytes = b"") -> Reply:
        """Runs one command to its end."""
        done = subprocess.run(
            self.command(*words),
            cwd=self.cwd,
            env=self.variables(),
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Reply(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ask(self, *words: object, code: int = 0) -> dict[str, Any]:
        """Runs one command with --json that has to end with this code; its object."""
        reply = self.run("--json", *words)
        assert reply.code == code, reply
        return reply.value

    def refuse(self, *words: object, code: int = 3) -> dict[str, Any]:
        """Runs one command with --json that has to fail with this code; its error."""
        reply = self.run("--json", *words)
        assert reply.code == code, reply
        return reply.error

    def start(self, *words: object) -> "subprocess.Popen[str]":
        """Starts one command in a process group of its own."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.cwd,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def owner(self, *words: object) -> Iterator["subprocess.Popen[str]"]:
        """`run` in the background, owning the catalog; ended with its children behind the block."""
        process = self.start("run", *words)
        try:
            wait_for(lambda: process.poll() is not None or (self.home / "owner.sock").exists())
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            end(process)

    def clips(self) -> list[dict[str, Any]]:
        """Everything catalogued."""
        listed = self.ask("clips", "--limit", 10_000)
        assert listed["next"] is None
        found: list[dict[str, Any]] = listed["clips"]
        return found


class NearDesk(Desk):
    """The same, whose commands run in this process: for tests of words, where a process of its own shows nothing more."""

    def run(self, *words: object, stdin: bytes = b"") -> Reply:
        """Runs one command to its end, with streams, folder and environment like a process of its own.

        `run` has one all the same: it takes the signals for itself.
        """
        if "run" in words:
            return super().run(*words, stdin=stdin)
        into, out, err = (_stream(data) for data in (stdin, b"", b""))
        root = logging.getLogger()
        level = root.level
        with (
            chdir(self.cwd),
            patch.dict(os.environ, {"RUSHES_HOME": str(self.home), **self.environment}),
            patch.object(sys, "stdin", into),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = main([str(word) for word in words])
            finally:
                root.setLevel(level)
        return Reply(code, _written(out), _written(err))


def _stream(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), "utf-8")


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()


def end(process: "subprocess.Popen[str]") -> None:
    """Kills a process and its group, and reads it to its end."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(happens: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits until something happens; fails where it never does."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def processes_with(*words: object) -> list[str]:
    """Command lines of living processes whose environment or arguments name one of these values."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes()
            state = (folder / "stat").read_bytes().rpartition(b") ")[2][:1]
            told = arguments + (folder / "environ").read_bytes()
        except OSError:
            continue  # ended meanwhile, or not ours
        wanted = any(os.fsencode(str(word)) in told for word in words)
        if wanted and state not in b"ZX" and folder.name != str(os.getpid()):
            shown = os.fsdecode(arguments.replace(b"\0", b" "))
            found.append(f"{folder.name} {shown}")
    return found
