"""The only place that starts children.

Every child gets its own process group, the null device as stdin, drained pipes, limits, a low
priority, no shell, no secrets in its environment, and dies with us: the kernel sends SIGKILL when
the *thread* that started it ends, so each child is started by a thread that lives exactly as long
as the child. Where bubblewrap works, a child sees only what its `Sandbox` names, and no network.
"""

import functools
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.core.model.errors import BadData, Bug, Missing
from app.core.platform.children import LINE, Child, ChildGone, Silence, text
from app.core.platform.pacing import Limiter, called_off, never
from app.core.platform.reaping import Finished
from app.core.platform.sandbox import Limits, Sandbox, bubblewrap_words, limit_words, tool

__all__ = ["Child", "ChildGone", "Finished", "Limits", "Sandbox", "confined", "run", "spawn"]

_TICK = 0.1
_QUICK_TICK = 0.02
_SHARE = 1 << 20
"""Bytes a child may read before it lets others: as many as a whole read takes at once."""
_KEPT_ENVIRONMENT = ("PATH", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LIBVA_DRIVER_NAME")


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    sandbox: Sandbox | None = None,
    cancel: Callable[[], bool] | None = None,
    hold: Callable[[], bool] | None = None,
    on_line: Callable[[str], None] | None = None,
    on_error_line: Callable[[str], None] | None = None,
    on_bytes: Callable[[bytes], None] | None = None,
    stdin: bytes | None = None,
    stdout_limit: int = 16 << 20,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    cap: Limiter | None = None,
) -> Finished:
    """Runs a command to its end.

    The callbacks are called in the caller's thread, as output comes: `on_bytes` with raw pieces of
    stdout, or `on_line` with its lines; without either, stdout is collected. `cancel` is asked before
    it starts, then as `hold` is ten times a second; while `hold` is true the child stands still, and
    so does its clock. `folder` is where it works, the root by default; a sandbox must show it.
    What it reads comes out of `cap`, where the system tells that: it begins when those before it have had
    their bytes, and stands still whenever it has had its share.

    Raises:
        Missing: the program is not there.
        Cancelled: `cancel` said so; the whole group is dead.
        BadData: it wrote more than `stdout_limit` bytes to be collected.
    """
    if cancel and cancel():
        raise called_off()
    if cap:
        cap.take(0, cancel or never)
    child = Child(
        _command(argv, limits, sandbox, folder),
        env=_environment(env),
        seconds=limits.seconds,
        feed=stdin,
        longest_line=LINE if on_line else 0,
        errors=on_error_line is not None,
        folder=folder,
    )
    sink = _Sink(on_line, on_error_line, on_bytes, stdout_limit)
    stops = _Stops(child, hold, cap)
    try:
        if _follow(child, sink, limits.seconds, cancel, stops):
            child.kill(timed_out=True)
        return child.wait(sink.collected())
    finally:
        child.kill()
        stops.charge()


class _Stops:
    """When a child has to stand still: while it is held, and when it has read its share of what may be read."""

    def __init__(self, child: Child, hold: Callable[[], bool] | None, cap: Limiter | None) -> None:
        self._child = child
        self._hold = hold
        self._cap = cap
        self._charged = 0
        self._turn = 0
        self._mark: int | None = None
        self.held = False

    @property
    def tick(self) -> float:
        """Seconds between two looks at it: little is to be read in between where there is a limit."""
        return _QUICK_TICK if self._cap and self._cap.rate > 0 else _TICK

    def look(self) -> None:
        """Stops it or lets it go on."""
        held = self._has_had_its_share()
        if self._hold:
            held = self._hold() or held
        if held != self.held:
            self.held = held
            self._child.freeze(held)

    def charge(self) -> int | None:
        """What it has read since the last time is owed; the mark of that."""
        if self._cap is None:
            return None
        read = self._child.bytes_read()
        self._turn += read - self._charged
        mark = self._cap.owe(read - self._charged)
        self._charged = read
        return mark

    def _has_had_its_share(self) -> bool:
        mark = self.charge()
        if mark is None or self._cap is None:
            return False
        if self._mark is None and self._turn >= _SHARE:
            self._mark = mark
            self._turn = 0
        if self._mark is not None and self._cap.settled(self._mark):
            self._mark = None
        return self._mark is not None


class _Sink:
    """Where the output of `run` goes."""

    def __init__(
        self,
        on_line: Callable[[str], None] | None,
        on_error_line: Callable[[str], None] | None,
        on_bytes: Callable[[bytes], None] | None,
        limit: int,
    ) -> None:
        self._on_line = on_line
        self._on_error_line = on_error_line
        self._on_bytes = on_bytes
        self._limit = limit
        self._kept: list[bytes] = []

    def take(self, is_error: bool, data: bytes) -> None:
        if is_error:
            if self._on_error_line:
                self._on_error_line(text(data))
        elif self._on_bytes:
            self._on_bytes(data)
        elif self._on_line:
            self._on_line(text(data))
        else:
            self._limit -= len(data)
            if self._limit < 0:
                raise BadData("Too much output", "A helper program wrote more than it should.")
            self._kept.append(data)

    def collected(self) -> bytes:
        return b"".join(self._kept)


def _follow(
    child: Child,
    sink: _Sink,
    seconds: float,
    cancel: Callable[[], bool] | None,
    stops: _Stops,
) -> bool:
    """Passes output on until the child has ended; True when the time ran out first."""
    asked = time.monotonic()
    while (event := child.event(stops.tick)) is not Silence.OVER:
        if event is not Silence.YET:
            sink.take(*event)
        now = time.monotonic()
        if now - asked < stops.tick:
            continue
        seconds -= 0 if stops.held else now - asked
        asked = now
        if cancel and cancel():
            child.kill()
            raise called_off()
        stops.look()
        if seconds <= 0:
            return True
    return False


def spawn(
    argv: Sequence[str],
    *,
    limits: Limits,
    sandbox: Sandbox | None = None,
    env: Mapping[str, str] | None = None,
    stdout_limit: int = 256 << 20,
) -> Child:
    """Starts a long-lived worker that is spoken to line by line.

    `limits.seconds` bounds one answer (see `Child.receive`), not the worker's life. A worker must
    end when its stdin ends. `stdout_limit` is the longest line.

    Raises:
        Missing: the program is not there.
    """
    return Child(
        _command(argv, limits, sandbox),
        env=_environment(env),
        seconds=limits.seconds,
        talking=True,
        longest_line=stdout_limit,
    )


def _command(
    argv: Sequence[str], limits: Limits, sandbox: Sandbox | None, folder: Path | None = None
) -> list[str]:
    program = Path(argv[0])
    if not program.is_absolute():
        raise Bug("A program without its full path", str(program))
    if not program.exists():
        raise Missing("Program not found", f"{program} is not there.", subject=str(program))
    inside = [str(word) for word in argv]
    bwrap = tool("bwrap") if sandbox and confined() else None
    if sandbox and bwrap:
        inside = [*bubblewrap_words(bwrap, sandbox, program, folder), *inside]
    return [*limit_words(limits), *inside]


@functools.cache
def confined() -> bool:
    """True where bubblewrap is there and may make a sandbox; tried once."""
    bwrap, true = tool("bwrap"), tool("true")
    if not bwrap or not true:
        return False
    words = [*bubblewrap_words(bwrap, Sandbox(), Path(true)), true]
    return run(words, limits=Limits(seconds=10, nice=0)).returncode == 0


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """What a child inherits: nothing that may hold a secret or make ffmpeg write reports."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    # A heap for each thread would fill the address space limit with nothing.
    return {**kept, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", **(extra or {})}
