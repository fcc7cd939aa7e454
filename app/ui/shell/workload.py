"""How much is in work, what failed, and when it will be ready: asked of the engine now and then, never in a loop."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.catalog import arriving, attempts
from app.core.catalog.attempts import Attempt
from app.core.model.entities import Arriving
from app.core.model.errors import RushesError
from app.core.post.room import Short
from app.core.work.recipes import ENCODE, NET, QUICK, Job, Subject
from app.core.work.waiting import Held
from app.ui import tasks
from app.ui.widgets.core_words import core
from app.ui.widgets.timers import single_shot

if TYPE_CHECKING:
    from app.ui.desk import Desk

_ASK_MS: Final = 4_000
_SOON_MS: Final = 400
_REST_MS: Final = 20_000
_MOST: Final = 2_000
"""Due subjects counted a recipe; more are shown as "2,000+"."""
_HOUSEKEEPING: Final = frozenset(
    {"scan", "look", "volumes", "settle", "evict", "room", "tidy", "backup", "watch"}
)
"""Recipes that are no wait for anybody."""


@dataclasses.dataclass(frozen=True, slots=True)
class Running:
    """One job that runs."""

    key: str
    recipe: str
    title: str
    name: str
    subject_id: str
    permille: int | None
    seconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class WorkState:
    """What the header and the activity panel show."""

    running: tuple[Running, ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()
    """Recipe title and count, where any wait."""
    failed: tuple[Attempt, ...] = ()
    """All failures, those that are tried again by themselves too: the same as `rushes work --failed`."""
    paused: bool = False
    ready_ms: int | None = None
    """When it will all be ready, milliseconds since 1970; None while that cannot be said."""
    permille: int | None = None
    """How far everything since the work began is."""
    reason: str = ""
    """Why heavy work waits, in words; "" where it does not."""
    held: tuple[Held, ...] = ()
    """What waits for a volume's hours, the soonest first."""
    not_whole: tuple[Arriving, ...] = ()
    """Files that nothing can be made of yet, the ones unchanged longest first."""
    room: Short | None = None
    """Proxies that wait for room in the store."""

    @property
    def count(self) -> int:
        """Jobs that run or wait, without housekeeping."""
        return sum(count for _, count in self.waiting)


class ReadyBy:
    """Learns how long each kind of job takes, and says when what is due will be done."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._begun: dict[str, tuple[str, int]] = {}

    def see(self, jobs: Sequence[Job], now_ns: int) -> None:
        """Looks at what runs; a job that is gone has taken its time."""
        here = {job.key for job in jobs}
        for key, (recipe, started) in list(self._begun.items()):
            if key not in here:
                self._learn(recipe, (now_ns - started) / 1e9)
                del self._begun[key]
        for job in jobs:
            self._begun.setdefault(job.key, (job.recipe.name, job.started_ns))

    def _learn(self, recipe: str, seconds: float) -> None:
        known = self._seconds.get(recipe)
        self._seconds[recipe] = seconds if known is None else known * 0.8 + seconds * 0.2

    def seconds(
        self, due: Mapping[str, Sequence[Subject]], widths: Mapping[str, int]
    ) -> int | None:
        """Until everything due is done; lanes run side by side. None while a kind of job is new to us."""
        lanes: dict[str, float] = {}
        for recipe, subjects in due.items():
            if recipe in _HOUSEKEEPING or not subjects:
                continue
            each = self._seconds.get(recipe)
            if each is None:
                return None
            for subject in subjects:
                lanes[subject.lane] = lanes.get(subject.lane, 0) + each
        return int(max((s / widths.get(lane, 1) for lane, s in lanes.items()), default=0))


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """What the engine and the catalog answered."""

    due: dict[str, list[Subject]]
    failed: list[Attempt]
    held: tuple[Held, ...]
    not_whole: tuple[Arriving, ...]
    room: Short | None
    took_ms: int


class Workload(QObject):
    """Keeps a `WorkState` up to date."""

    changed = Signal(object)
    progressed = Signal(object)
    """For each clip id something is made of: words and how far, 0..1000."""

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._engine = desk.services.engine
        self.state = WorkState()
        self._ready = ReadyBy()
        self._most = 0
        self._asking = False
        self._soon = single_shot(self, _SOON_MS, self.ask)
        self._clock = QTimer(self)
        self._clock.setInterval(_ASK_MS)
        self._clock.timeout.connect(self.ask)
        self._clock.start()
        desk.jobs_changed.connect(self._look)
        desk.changed.connect(self._ask_soon)
        self.ask()

    def pause(self, paused: bool) -> None:
        """Finishes what runs and begins nothing, until resumed."""
        self._engine.pause(paused)
        self.ask()

    def cancel(self, key: str) -> None:
        """Calls one job off; it waits until someone retries it."""
        tasks.run_command(self, lambda: self._engine.cancel(key), lambda _: self.ask())

    def ask(self) -> None:
        """Counts what is due and reads what failed; one question at a time, however long the answer takes."""
        if self._asking:
            self._ask_soon()
            return
        self._asking = True
        engine, catalog, minutes = self._engine, self._desk.catalog, self._desk.open_minutes
        store = self._desk.services.store

        def read() -> _Asked:
            begun = time.monotonic_ns()
            due = engine.due(_MOST)
            with catalog.read() as reader:
                failed = attempts.every(reader)
                waiting, _ = arriving.on_volume(reader, "", minutes)
                short = store.room.short(reader)
            held = tuple(engine.held(due))
            took_ms = (time.monotonic_ns() - begun) // 1_000_000
            return _Asked(due, failed, held, tuple(waiting), short, took_ms)

        tasks.run_query(self, read, self._take, self._failed, key="due")

    def _failed(self, _error: RushesError) -> None:
        """The next question may be answered."""
        self._asking = False

    def _take(self, answer: _Asked) -> None:
        self._asking = False
        due, took_ms = answer.due, answer.took_ms
        busy = any(subjects for name, subjects in due.items() if name not in _HOUSEKEEPING)
        # A large catalog makes the question dear: it is asked the less often.
        self._clock.setInterval(max(_ASK_MS if busy else _REST_MS, took_ms * 20))
        self._soon.setInterval(max(_SOON_MS, took_ms * 10))
        widths = {QUICK: 2, NET: 2} | self._desk.services.derivatives.widths()
        seconds = self._ready.seconds(due, {ENCODE: 1} | widths)
        titles = self._titles()
        waiting = tuple(
            (titles.get(name, name), len(subjects))
            for name, subjects in due.items()
            if subjects and name not in _HOUSEKEEPING
        )
        left = sum(count for _, count in waiting)
        self._most = max(self._most, left) if left else 0
        self._set(
            dataclasses.replace(
                self.state,
                waiting=waiting,
                failed=tuple(answer.failed),
                paused=self._engine.paused,
                ready_ms=None
                if seconds is None or not left or answer.held
                else time.time_ns() // 1_000_000 + seconds * 1000,
                permille=1000 * (self._most - left) // self._most if self._most else None,
                reason=self._desk.services.courtesy.reason(),
                held=answer.held,
                not_whole=answer.not_whole,
                room=answer.room,
            )
        )

    def _look(self) -> None:
        jobs, now = self._engine.jobs(), time.monotonic_ns()
        self._ready.see(jobs, now)
        running = tuple(_running(job, now) for job in jobs)
        self._set(dataclasses.replace(self.state, running=running))
        self.progressed.emit(
            {
                one.subject_id: (f"{one.title} {one.permille // 10} %", one.permille)
                for one in running
                if one.permille is not None and one.recipe not in _HOUSEKEEPING
            }
        )
        self._ask_soon()

    def _ask_soon(self) -> None:
        """Begun waits go on: changes without a pause must not put the question off for ever."""
        if not self._soon.isActive():
            self._soon.start()

    def _titles(self) -> dict[str, str]:
        return {
            "offload": self.tr("Offloads"),
            "probe": self.tr("Facts"),
            "assemble": self.tr("Clips to put together"),
            "poster": self.tr("Posters"),
            "derive": self.tr("Proxies"),
            "transcribe": self.tr("Transcripts"),
            "hash": self.tr("Checksums"),
            "queue-uploads": self.tr("Approvals to send"),
            "stop-uploads": self.tr("Uploads to call off"),
            "first-words": self.tr("First words"),
            "upload": self.tr("Uploads"),
        }

    def _set(self, state: WorkState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def _running(job: Job, now_ns: int) -> Running:
    permille = min(1000, job.done * 1000 // job.total) if job.total else None
    return Running(
        job.key,
        job.recipe.name,
        core(job.recipe.title),
        job.subject.name,
        job.subject.id,
        permille,
        (now_ns - job.started_ns) // 1_000_000_000,
    )
