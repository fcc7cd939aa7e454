"""What a running program holds, read from the system every few seconds, and whether any of it grows.

Growth is told by the median of the slopes of all pairs of readings: single peaks (a scan, a pass of the encoder)
move it little. It counts as growth where the rise over the readings is more than their own spread explains.
"""

import contextlib
import dataclasses
import itertools
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HOUR = 3600


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """One look at the program. Memory in kibibytes."""

    at: float
    """Seconds since the first look."""
    threads: int
    handles: int
    """Open descriptors of the program itself."""
    lent: int
    """Of these the ends of pipes to processes below it that live."""
    catalog: int
    """Of these what its connections to the catalog hold, which are pooled."""
    rss: int
    """All that is resident: its own and what it maps."""
    own: int
    """Memory of its own: without files that it maps, as the catalog."""
    children: int
    """Processes below it."""
    children_rss: int
    largest: int
    """Of that what the largest of them takes."""
    temporary: int
    """Files and folders with temporary names, and whatever lies in its folder for temporary things."""
    log: int
    """Size of the catalog's write-ahead log."""


COUNTED = ("threads", "handles", "rss", "own", "children", "children_rss", "temporary", "log")


@dataclasses.dataclass(frozen=True, slots=True)
class Growth:
    """How one figure went over some readings."""

    per_hour: float
    rise: float
    """Over all of these readings, by that slope."""
    spread: float
    """How far readings lie from the line: the standard deviation, as the median tells it."""
    least: float
    most: float
    typical: float


class Places:
    """Where the program and what it leaves behind are looked for."""

    def __init__(self, pid: int, home: Path, temporary: Path) -> None:
        self.pid = pid
        self._home = home
        self._temporary = temporary

    def read(self, begun: float) -> Reading | None:
        """A look; None where the program is gone."""
        below = descendants(self.pid)
        try:
            own = _status(self.pid)
            handles = _open_files(self.pid)
        except OSError:
            return None
        memory = [_memory(pid) for pid in below]
        pipes = {name for one in below for name in _pipes(one)}
        catalog = str(self._home.resolve() / "catalog.sqlite")
        return Reading(
            at=time.monotonic() - begun,
            threads=own["Threads"],
            handles=len(handles),
            lent=sum(name in pipes for name in handles),
            catalog=sum(name.startswith(catalog) for name in handles),
            rss=own["VmRSS"],
            own=own["RssAnon"],
            children=len(below),
            children_rss=sum(memory),
            largest=max(memory, default=0),
            temporary=len(self.left()),
            log=_size(self._home / "catalog.sqlite-wal") // 1024,
        )

    def left(self) -> list[str]:
        """Temporary things that are there now."""
        found = [str(path) for path in _walk(self._temporary)]
        return found + [str(path) for path in _walk(self._home) if path.name.endswith(".tmp")]


class Sampler:
    """Looks every few seconds, in a thread of its own; `with Sampler(places, 5) as sampler`."""

    def __init__(self, places: Places, every: float) -> None:
        self.places = places
        self.begun = time.monotonic()
        self.readings: list[Reading] = []
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="soak sampler")

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            reading = self.places.read(self.begun)
            if reading is None:
                return
            self.readings.append(reading)


def growth(points: Sequence[tuple[float, float]]) -> Growth:
    """How a figure went: `points` are (seconds, value), two at least."""
    thinned = points[:: max(1, len(points) // 400)]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.combinations(thinned, 2)]
    slope = statistics.median(slopes)
    level = statistics.median(value - slope * at for at, value in points)
    off = statistics.median(abs(value - slope * at - level) for at, value in points)
    values = [value for _, value in points]
    return Growth(
        per_hour=slope * HOUR,
        rise=slope * (points[-1][0] - points[0][0]),
        spread=1.4826 * off,
        least=min(values),
        most=max(values),
        typical=statistics.median(values),
    )


def grown(name: str, found: Growth, slack: float) -> str:
    """What is said of a figure that grew; empty where it did not. `slack`: a rise that nobody minds."""
    if found.rise <= max(slack, 3 * found.spread):
        return ""
    return f"{name} grows by {found.per_hour:.1f} an hour, {found.rise:.1f} here, spread {found.spread:.1f}"


def series(readings: Sequence[Reading], name: str) -> list[tuple[float, float]]:
    """(seconds, value) of one figure."""
    return [(one.at, float(getattr(one, name))) for one in readings]


def descendants(pid: int) -> list[int]:
    """The processes below one, living or dead."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue  # ended meanwhile
        parents.setdefault(int(words[1]), []).append(int(folder.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def wait_quiet(quiet: Callable[[], bool], seconds: float) -> bool:
    """Waits until the program has nothing to do, twice in a row; whether it came to that."""
    deadline = time.monotonic() + seconds
    times = 0
    while times < 2:
        if time.monotonic() > deadline:
            return False
        times = times + 1 if quiet() else 0
        time.sleep(1)
    return True


def _status(pid: int) -> dict[str, int]:
    wanted = {"Threads", "VmRSS", "RssAnon"}
    with Path(f"/proc/{pid}/status").open(encoding="utf-8") as stream:
        lines = (line.partition(":") for line in stream)
        return {name: int(value.split()[0]) for name, _, value in lines if name in wanted}


def _open_files(pid: int) -> list[str]:
    """What each descriptor of a process leads to; raises `OSError` where the process is gone."""
    found: list[str] = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            found.append(str(link.readlink()))
    return found


def _pipes(pid: int) -> list[str]:
    try:
        return [name for name in _open_files(pid) if name.startswith("pipe:")]
    except OSError:
        return []


def _memory(pid: int) -> int:
    try:
        return _status(pid).get("VmRSS", 0)
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield Path(place) / name
