"""The engine: asks the recipes what is due, keeps the lanes filled, stores failures, tells of progress."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.core.catalog import attempts
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.errors import Cancelled, RushesError, as_json
from app.core.model.names import display, sound_text
from app.core.platform import priority
from app.core.work import failures, waiting
from app.core.work.courtesy import Courtesy
from app.core.work.lanes import Lane
from app.core.work.looking import Look
from app.core.work.recipes import (
    ENCODE,
    MODEL,
    NET,
    QUICK,
    Context,
    Job,
    Recipe,
    Subject,
    is_io_lane,
)

log = logging.getLogger(__name__)
_AHEAD: Final = 16
"""Jobs a lane holds beyond what runs; more would make the order on screen stale."""
_DEEPEST: Final = 4096
"""Due subjects that are looked at in search of one whose disk is free."""
CLOSING_SECONDS: Final[Mapping[str, float]] = {NET: 2.5}
"""How long closing waits for a lane to stop: a name that is looked up, or a handshake, loses nothing when it is left."""
CLOSING_MOST: Final = 8.0
"""The same for all other lanes: what stops when it is asked does so within two seconds, also on a busy machine."""
_BEAT: Final = 1.0
"""Seconds after which due work is looked for without being told of a change."""
Listener = Callable[[], None]


class Engine:
    """Keeps derived work going. `start` it once; `close` it."""

    def __init__(
        self,
        catalog: Catalog,
        recipes: Sequence[Recipe],
        *,
        widths: dict[str, int] | None = None,
        courtesy: Courtesy | None = None,
        behind: bool = False,
    ) -> None:
        self._catalog = catalog
        self._recipes = sorted(recipes, key=lambda recipe: recipe.priority)
        self._widths = {QUICK: 2, ENCODE: 1, MODEL: 1, NET: 2} | (widths or {})
        self.courtesy = courtesy or Courtesy()
        self._behind = behind
        """Whether all its threads go behind those of a window."""
        self._lanes: dict[str, Lane] = {}
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._changed = threading.Condition()
        self._stopping = False
        self._planner: threading.Thread | None = None
        self._focus: tuple[str, ...] = ()
        self._paused = False
        self._quiet = False
        self._generation = 0
        self._looks = 0
        self._answers = {recipe.name: Look() for recipe in self._recipes}
        self._listeners: list[Listener] = []
        self._finished = 0
        self._abandoned: set[str] = set()
        """What hung when this was closed."""
        self._unsubscribe = catalog.subscribe(self._on_change)

    def start(self) -> None:
        """Begins to look for due work."""
        if self._planner is None:
            self._planner = threading.Thread(target=self._plan, name="planner", daemon=True)
            self._planner.start()

    def close(self) -> None:
        """Calls everything off and waits until it has stopped; nothing half-made stays behind.

        What hangs, such as a read from a dead network disk, is left behind after `CLOSING_MOST` seconds: its
        thread ends with the process, and what it would still write is refused by the closed catalog.
        """
        self._stopping = True
        self._unsubscribe()
        self._wake.set()
        if self._planner is not None:
            self._planner.join(CLOSING_MOST)  # before its lanes are counted: it may be opening one
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.stop()
        begun = time.monotonic()
        for lane in lanes:
            for job in lane.wait(begun + CLOSING_SECONDS.get(lane.name, CLOSING_MOST)):
                self._abandoned.add(job.key)
                log.warning(
                    "%s (%s) does not stop and is left behind", job.key, display(job.subject.name)
                )
        self._listeners.clear()

    def pause(self, paused: bool) -> None:
        """Finishes what runs and begins nothing, until resumed."""
        self._paused = paused
        for lane in self._lanes.values():
            lane.pause(paused)
        self.poke()

    @property
    def paused(self) -> bool:
        """Whether a person paused it."""
        return self._paused

    def cancel(self, key: str) -> bool:
        """Calls one job off; it is not tried again until someone retries it."""
        with self._lock:
            job = self._jobs.get(key)
        if job is None:
            return False
        error = Cancelled(
            "Called off",
            "A person called this off.",
            subject=job.subject.name,
            todo="Retry it when you want it.",
        )
        try:
            # Stored before it ends: once it has ended it would be due again, and begin anew.
            self._catalog.write(
                lambda tx: attempts.stopped(tx, job.recipe.name, job.subject.id, as_json(error))
            )
        finally:
            job.cancelled.set()
        if self._lane(job.subject.lane).take_back(job):
            self._done(job)
        return True

    def ensure(self, key: str) -> bool:
        """Lets a job that failed or was called off be tried again; false where there was none."""
        return self._again(key) > 0

    def ensure_all(self) -> int:
        """The same for everything that failed; returns how many."""
        return self._again(None)

    def _again(self, key: str | None) -> int:
        by_name = {recipe.name: recipe for recipe in self._recipes}

        def act(tx: Tx) -> int:
            forgotten = attempts.retry(tx, key)
            for name, subject in forgotten:
                recipe = by_name.get(name)
                if recipe is not None and recipe.again is not None:
                    recipe.again(tx, subject)
            return len(forgotten)

        count = self._catalog.write(act)
        self.poke()
        return count

    def focus(self, clip_ids: Sequence[str]) -> None:
        """The clips on screen: their work goes first."""
        wanted = tuple(clip_ids[:200])
        if wanted != self._focus:
            self._focus = wanted
            self._drop_waiting()
            for look in self._answers.values():
                look.forget()
            self.poke()

    def in_focus(self) -> tuple[str, ...]:
        """The clips on screen, as `focus` was told."""
        return self._focus

    def poke(self) -> None:
        """Looks for due work now."""
        with self._lock:
            self._generation += 1
        self._quiet = False
        self._wake.set()

    def jobs(self) -> list[Job]:
        """What runs now, oldest first."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.started_ns]
        return sorted(running, key=lambda job: job.started_ns)

    def finished(self) -> int:
        """How many jobs have been done since the start."""
        return self._finished

    def looks(self) -> int:
        """How often due work has been looked for since the start."""
        return self._looks

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` (from a lane's thread) when jobs begin, progress or end."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def due(self, limit: int = 1000) -> dict[str, list[Subject]]:
        """What is due now, by recipe."""
        with self._catalog.read() as reader:
            return {recipe.name: list(recipe.due(reader, limit, ())) for recipe in self._recipes}

    def held(self, due: Mapping[str, Sequence[Subject]] | None = None) -> list[waiting.Held]:
        """What is left for a volume's hours. Being idle says nothing of it: it may be hours away.

        Args:
            due: what is due, where that is known already.
        """
        if not self.courtesy.closed():
            return []
        with self._catalog.read() as reader:
            stuck = {recipe.name: attempts.blocked(reader, recipe.name) for recipe in self._recipes}
        known = self.due(waiting.MOST) if due is None else due
        left = {
            name: [one for one in subjects if sound_text(one.id) not in stuck.get(name, ())]
            for name, subjects in known.items()
        }
        return waiting.held(left, self._recipes, self.courtesy)

    def idle(self) -> bool:
        """Whether nothing runs and nothing is to be done now, nor will be within moments."""
        with self._lock:
            return self._quiet and not self._jobs

    def wait_idle(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Waits until idle; false where `stop` said so first."""
        self.poke()
        while not stop():
            with self._changed:
                if self.idle():
                    return True
                self._changed.wait(0.2)
        return False

    def _on_change(self, changes: ChangeSet) -> None:
        if not changes.changes.keys() <= {Aspect.NOTE, Aspect.MARK, Aspect.BIN, Aspect.ACTOR}:
            self.poke()

    def _plan(self) -> None:
        if self._behind:
            priority.give_way()
        while not self._stopping:
            self._wake.wait(self._pause_seconds())
            self._wake.clear()
            if self._stopping:
                return
            self._look()

    def _look(self) -> None:
        with self._lock:
            generation = self._generation
            self._looks += 1
        try:
            # On a full disk nothing is begun: no outcome could be stored.
            added, soon = self._fill(generation) if self._catalog.recover() else (0, 0)
        except Exception:
            # Whatever it is, the planner lives: the next look may find the disk back or the row mended.
            log.exception("looking for due work failed")
            time.sleep(_BEAT)
            return
        with self._lock:
            self._quiet = (
                not added and not soon and generation == self._generation and not self._jobs
            )
        if self._quiet:
            with self._changed:
                self._changed.notify_all()

    def _pause_seconds(self) -> float:
        waits = [look.wait_ns(self._generation) for look in self._answers.values()]
        soonest = min((wait for wait in waits if wait), default=0)
        return min(_BEAT, soonest / 1e9) if soonest else _BEAT

    def _fill(self, generation: int) -> tuple[int, int]:
        added = soon = 0
        waits = bool(self.courtesy.reason())
        with self._lock:
            # Before the snapshot: what is in hand now may be done when the answer comes, and still be in it.
            in_hand = frozenset(self._jobs)
        with self._catalog.read() as reader:
            for recipe in self._recipes:
                look = self._answers[recipe.name]
                blocked = attempts.blocked(reader, recipe.name)
                if not look.wait_ns(generation):
                    self._ask(reader, recipe, look, generation, len(blocked), in_hand)
                elif look.generation != generation:
                    soon += 1
                soon += look.soon
                given, held = self._hand_out(recipe, look, blocked, waits=waits)
                added += given
                soon += held
        return added, soon

    def _ask(
        self,
        reader: Reader,
        recipe: Recipe,
        look: Look,
        generation: int,
        extra: int,
        in_hand: frozenset[str],
    ) -> None:
        begun = time.thread_time_ns()
        limit = look.limit() + extra
        subjects = recipe.due(reader, limit, self._focus)
        while limit <= len(subjects) < _DEEPEST and self._all_held(recipe, subjects):
            limit *= 8
            subjects = recipe.due(reader, limit, self._focus)
        soon = recipe.soon(reader) if recipe.soon else 0
        cost = time.thread_time_ns() - begun
        fresh: list[Subject] = []
        for one in subjects:
            key = f"{recipe.name}:{one.id}"
            if key not in in_hand:
                fresh.append(one)
            elif one.soon:
                self._lane(one.lane).sooner(key, self._priority(recipe, one))
        look.answered(fresh, soon + len(subjects) - len(fresh), generation, cost)

    def _all_held(self, recipe: Recipe, subjects: Sequence[Subject]) -> bool:
        """Whether all wait for their own disk, busy or outside its hours: others behind them need not."""
        full = {name for name, lane in self._lanes.items() if lane.load() >= _AHEAD}
        return all(
            (is_io_lane(one.lane) and one.lane in full)
            or (recipe.polite and not self.courtesy.in_hours(one.volume_id))
            for one in subjects
        )

    def _hand_out(
        self, recipe: Recipe, look: Look, blocked: set[str], *, waits: bool
    ) -> tuple[int, int]:
        """(given to a lane or waiting for room in one, held back by courtesy)."""
        added = held = 0
        keep: deque[Subject] = deque()
        for subject in look.kept:
            if sound_text(subject.id) in blocked:
                continue
            if recipe.polite and waits:
                held += 1
                keep.append(subject)
            elif recipe.polite and not self.courtesy.in_hours(subject.volume_id):
                keep.append(subject)
            else:
                added += 1
                if not self._offer(recipe, subject):
                    keep.append(subject)
        look.kept = keep
        return added, held

    def _offer(self, recipe: Recipe, subject: Subject) -> bool:
        """False where the lane has no room now."""
        job = Job(recipe, subject, threading.Event())
        lane = self._lane(subject.lane)
        with self._lock:
            if job.key in self._jobs:
                return True
            # What somebody waits for need not wait for room: it goes before what fills the lane.
            if lane.load() >= (2 * _AHEAD if subject.soon else _AHEAD):
                return False
            self._jobs[job.key] = job
        lane.put(job, self._priority(recipe, subject))
        return True

    def _priority(self, recipe: Recipe, subject: Subject) -> int:
        if subject.clip in self._focus:
            return recipe.priority - 1000
        return recipe.priority - 500 if subject.soon else recipe.priority

    def _lane(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(
                name, self._widths.get(name, 1), self._execute, behind=self._behind
            )
            lane.pause(self._paused)
        return lane

    def _execute(self, job: Job) -> None:
        job.started_ns = time.monotonic_ns()
        self._tell()
        try:
            if not job.cancelled.is_set():
                failures.attempt(
                    self._catalog,
                    (job.recipe.name, job.subject.id, job.subject.name),
                    lambda: job.recipe.run(
                        Context(self._catalog, job, lambda _: self._tell()), job.subject
                    ),
                    stubborn=job.recipe.stubborn,
                )
        except RushesError as error:
            if job.key in self._abandoned:
                log.info("%s ended after Rushes was closed: %s", job.key, error)
                return
            # What happened could not be written down, as on a full disk: the subject stays due.
            log.exception("the outcome of %s was not stored", job.key)
            time.sleep(_BEAT)
        finally:
            self._done(job)

    def _done(self, job: Job) -> None:
        with self._lock:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            self._finished += 1
        self._tell()
        self.poke()

    def _drop_waiting(self) -> None:
        for lane in list(self._lanes.values()):
            dropped = lane.drop_waiting()
            with self._lock:
                for job in dropped:
                    self._jobs.pop(job.key, None)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            try:
                listener()
            except Exception:
                log.exception("a listener of the engine failed")
