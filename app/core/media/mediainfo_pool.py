"""The children that read headers: started when needed, reused, given up when they crash or hang.

Each child sees one volume and no network; idle, it soon ends, so that a card can be taken out. One request at a time goes to a child; several lanes get
several children. A child is replaced after many files, so that a leak in foreign code stays small.
"""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

from app.core.media.bytesource import translated
from app.core.media.look_lines import Look, Request, read_answer, request_line
from app.core.media.presence import disk_at
from app.core.model.errors import Away, BadData, Missing, Passing
from app.core.platform.interpreter import worker_argv, worker_environment, worker_folders
from app.core.platform.processes import Child, ChildGone, Limits, Sandbox, spawn

MODULE = "app.core.media.mediainfo_worker"
SECONDS = 20
"""Longest wait for one answer, start of the child included."""
MOST_FILES = 5000
"""Files after which a child is replaced."""
MOST_CHILDREN = 4
"""Idle ones that are kept."""
IDLE_ENDS = (-14, 128 + 14)
"""How a child ends that nobody asked for a while: by SIGALRM."""
LIMITS = Limits(seconds=SECONDS, memory_mb=2048)


class Crashed(BadData):
    """The child ended while it read a file; `late` where it did not answer in time."""

    late = False


@dataclasses.dataclass(slots=True, eq=False)
class _Worker:
    """One child and what it is for."""

    child: Child
    folder: Path
    """What it sees of the disks."""
    disk: int
    """The number of the filesystem that it sees there: a disk that was pulled out and came back is another."""
    files: int = 0


class WorkerPool:
    """Children that look at files. Thread-safe."""

    def __init__(self, start: Callable[[Path], Child] | None = None) -> None:
        """Starts nothing yet.

        Args:
            start: starts a child that sees a folder; the real one where left out.
        """
        self._start = start or start_reader
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._closed = False

    def look(self, request: Request) -> Look:
        """Looks at one file in a child.

        Raises:
            Crashed: the child died on it, or was too slow and was killed.
            Refused: not a regular file.
            Missing: the file is gone.
            Passing: the volume does not answer; the program ends.
            BadData: it cannot be read.
        """
        try:
            line = self._exchange(request)
        except ChildGone as problem:
            still_there(request.path)
            raise _crashed(problem, request.path) from problem
        return read_answer(line)

    def check(self, folder: Path) -> None:
        """Makes sure that children work here at all, before a file is blamed.

        Raises:
            Missing: no child can be started, or it does not answer; or the folder is gone.
            Passing: the volume does not answer.
        """
        try:
            self._exchange(Request(folder / ".rushes-no-such-file", folder))
        except ChildGone as problem:
            still_there(folder)
            raise Missing(
                "Files cannot be looked at",
                f"The program that reads headers does not work here: {problem.message}",
                subject=str(folder),
                todo="`rushes doctor` says what is missing.",
            ) from problem

    def _exchange(self, request: Request) -> str:
        folder = request.root or request.path.parent
        try:
            return self._ask(self._take(folder), request)
        except ChildGone as problem:
            if problem.finished is None or problem.finished.returncode not in IDLE_ENDS:
                raise
        # It had just ended by itself, idle, as the request was on its way.
        return self._ask(self._new(folder, disk_at(folder)), request)

    def _ask(self, worker: _Worker, request: Request) -> str:
        try:
            worker.child.send(request_line(request))
            line = worker.child.receive()
        except BaseException:
            worker.child.close(0)
            raise
        self._give_back(worker)
        return line

    def close(self) -> None:
        """Ends all children that are idle; busy ones end with their answer."""
        with self._lock:
            self._closed = True
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.child.close()

    def _take(self, folder: Path) -> _Worker:
        disk = disk_at(folder)
        with self._lock:
            if self._closed:
                raise Passing("Rushes is ending", "No more files are looked at.")
            self._idle = [worker for worker in self._idle if worker.child.alive]
            for worker in self._idle:
                if (worker.folder, worker.disk) == (folder, disk):
                    self._idle.remove(worker)
                    return worker
        return self._new(folder, disk)

    def _new(self, folder: Path, disk: int) -> _Worker:
        return _Worker(self._start(folder), folder, disk)

    def _give_back(self, worker: _Worker) -> None:
        worker.files += 1
        surplus: list[_Worker] = []
        with self._lock:
            if self._closed or worker.files >= MOST_FILES:
                surplus.append(worker)
            else:
                self._idle.append(worker)
            surplus += self._idle[:-MOST_CHILDREN]
            self._idle = self._idle[-MOST_CHILDREN:]
        for one in surplus:
            one.child.close()


def start_reader(folder: Path) -> Child:
    """Starts a child that sees our own program and one folder, read-only."""
    return spawn(
        worker_argv(MODULE),
        limits=LIMITS,
        sandbox=Sandbox(read=(*worker_folders(), folder)),
        env=worker_environment(),
    )


def still_there(path: Path) -> None:
    """A child that cannot see its file any more says nothing about the file.

    Raises:
        Away: it is gone.
        Passing: its volume does not answer.
    """
    try:
        path.lstat()
    except OSError as problem:
        told = translated(problem, path)
        if isinstance(told, Away | Passing):
            raise told from problem
        raise Passing("The volume does not answer", told.message, subject=str(path)) from problem


def _crashed(problem: ChildGone, path: Path) -> Crashed:
    finished = problem.finished
    crash = Crashed("The file stopped its reader", problem.message, subject=str(path))
    crash.late = finished is not None and finished.timed_out
    return crash
