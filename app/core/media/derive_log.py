"""Reads what ffmpeg says while it works: progress, complaints, loudness, black posters, time used."""

import re
from collections.abc import Callable
from fractions import Fraction

from app.core.media.derived import Loudness

_KEPT_ERRORS = 20
_PROGRESS = re.compile(r"^(frame|out_time_us|progress)=\s*(\S+)$")
_SUMMARY = re.compile(r"^\[ebur128@loud(\d+) @ \w+\] \[info\] Summary:")
_BLACK = re.compile(r"blackframe_\d+ @ \w+\] \[info\] frame:(\d+) pblack:(\d+)")
_BENCH = re.compile(r"^\[info\] bench: utime=([\d.]+)s stime=([\d.]+)s")
_VALUE = re.compile(r"^\s+(I|LRA|Peak):\s+(-?[\d.]+|-?inf|nan) ")
_PREFIX = re.compile(r"^(\[[^\]]*\]\s*)+")
_RESIZED = re.compile(r"filter context - w: (\d+) h: (\d+) .*incoming frame - w: (\d+) h: (\d+) ")
_BAD = ("[error]", "[fatal]", "[panic]")


class PassLog:
    """Takes the lines of stderr one by one."""

    def __init__(self, progress: Callable[[int, int], None] | None) -> None:
        """Starts.

        Args:
            progress: told (frames done, microseconds done) twice a second.
        """
        self._progress = progress
        self._meter: int | None = None
        self._loudness: dict[int, dict[str, float | None]] = {}
        self.frames = 0
        self.microseconds = 0
        self.errors = 0
        self.first_errors: list[str] = []
        self.black: set[int] = set()
        """Poster candidates that are black."""
        self.sizes: set[tuple[int, int]] = set()
        """Of pictures that are not as large as the first one."""
        self.cpu_seconds = Fraction(0)

    def take(self, line: str) -> None:
        """Takes one line."""
        if found := _PROGRESS.match(line):
            self._advance(found[1], found[2])
        elif self._meter is not None and (value := _VALUE.match(line)):
            self._loudness[self._meter][value[1]] = _level(value[2])
        elif line.startswith("["):
            self._take_message(line)

    def _take_message(self, line: str) -> None:
        self._meter = None
        if any(mark in line for mark in _BAD):
            self.errors += 1
            if len(self.first_errors) < _KEPT_ERRORS:
                self.first_errors.append(_PREFIX.sub("", line).strip())
        elif found := _SUMMARY.match(line):
            self._meter = int(found[1])
            self._loudness[self._meter] = {}
        elif found := _BLACK.search(line):
            self.black.add(int(found[1]))
        elif found := _RESIZED.search(line):
            if found.group(1, 2) != found.group(3, 4):
                self.sizes.add((int(found[3]), int(found[4])))
        elif found := _BENCH.match(line):
            self.cpu_seconds = Fraction(found[1]) + Fraction(found[2])

    def _advance(self, name: str, value: str) -> None:
        if name == "progress":
            if self._progress is not None:
                self._progress(self.frames, self.microseconds)
        elif value.isdigit():
            if name == "frame":
                self.frames = int(value)
            else:
                self.microseconds = int(value)

    def loudness(self) -> tuple[Loudness, ...]:
        """What the meters found, by sound stream."""
        return tuple(
            Loudness(stream, values.get("I"), values.get("LRA"), values.get("Peak"))
            for stream, values in sorted(self._loudness.items())
        )


def _level(text: str) -> float | None:
    # The meter shows its gate, -70, where nothing was loud enough to count.
    value = float(text)
    return value if -70 < value < 70 else None
