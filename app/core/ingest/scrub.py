"""Scrubs: every copy of every card is read again from its disk now and then, and what rotted meanwhile is named.

Those that were proven longest ago are read first, a share a night, one disk after another. It may be cut off anywhere:
what was read is noted, the rest is still due. Reading changes nothing on any disk, no hash list either.
"""

import dataclasses
import datetime
import errno
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import scrubs
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.files import copy_back
from app.core.files.copying import RootGuard
from app.core.ingest import scrub_nights, scrub_repair
from app.core.ingest.offload_judging import HASH
from app.core.ingest.offload_standing import Told, not_told
from app.core.ingest.scrub_repair import Repaired, RepairPlan
from app.core.model.errors import Away, Cancelled, Passing, Refused, RushesError
from app.core.model.offloads import CopyState
from app.core.model.scrubs import UNFINISHED, RepairState, Rotten, ScrubCopy
from app.core.platform import clock
from app.core.platform.pacing import SECOND, IsCancelled, Limiter, never
from app.core.platform.preferences import Ingest
from app.core.work.courtesy import Courtesy
from app.core.work.patience import Patience
from app.core.work.recipes import Context, Recipe, Subject, io_lane

_FRESH_MS: Final = 12 * 3_600_000
"""What was proven so lately is not read again in the same night."""
_TOGETHER: Final = 64
_FLUSH_NS: Final = SECOND // 2
_AT_ONCE: Final = 5000
_AGAIN_NS: Final = 600 * SECOND
"""Between two looks in the background whether something can be read."""
_ASK_NS: Final = SECOND
_PRIORITY: Final = 80
_ANSWER_SECONDS: Final = 20
"""How long a piece of a file may take to be read."""
_TIME_NS: Final = 2 * SECOND
"""Filesystems that keep times keep them as coarse as this."""


@dataclasses.dataclass(slots=True)
class ScrubReport:
    """What was read, and what could not be."""

    files: int = 0
    bytes: int = 0
    away: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """(place, why) of destinations that cannot be read now."""
    left: list[tuple[str, str]] = dataclasses.field(default_factory=list[tuple[str, str]])
    """(path, why) of files of which nothing can be said."""


def _here() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


class Scrub:
    """Reads copies again. `damaged` is what is known to be rotten."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Callable[[], Ingest],
        courtesy: Courtesy | None = None,
        *,
        now: Callable[[], datetime.datetime] = _here,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._courtesy = courtesy or Courtesy()
        self._now = now
        self._next_ns = 0
        self.hold = threading.Lock()
        """Held while a file is read and noted, and while one is repaired."""

    def damaged(self) -> list[Rotten]:
        """Every copy that is not what was copied, with the copy that was right last."""
        with self._catalog.read() as reader:
            return damaged(reader)

    def find(self, words: str) -> Rotten:
        """A damaged copy by its id, its place, or the end of its path.

        Raises:
            Refused: none or several fit.
        """
        every = self.damaged()
        found = [one for one in every if words in (one.copy.id, one.copy.absolute)]
        found = found or [one for one in every if one.copy.absolute.endswith(f"/{words}")]
        if words and len(found) == 1:
            return found[0]
        raise Refused(
            "Which file?",
            f"{words!r} fits {len(found)} damaged files.",
            subject=words,
            todo="“rushes scrub” lists them.",
            choices=tuple(f"{one.copy.id} {one.copy.absolute}" for one in found or every),
        )

    def plan_repair(self, words: str) -> RepairPlan:
        """What a repair of a damaged copy would take; nothing is changed.

        Raises:
            Refused, Away, Damage: none or several fit; its disk, or every good copy, is not there.
        """
        return scrub_repair.plan(self._catalog, self.find(words))

    def repair(
        self, wanted: RepairPlan, *, cancel: IsCancelled = never, told: Told = not_told
    ) -> Repaired:
        """Carries a repair out; see `scrub_repair.repair` for what is raised."""
        with self.hold:
            return scrub_repair.repair(self._catalog, wanted, cancel=cancel, told=told)

    def undo(self, words: str, *, cancel: IsCancelled = never) -> Repaired:
        """Puts the damaged file of a repair back, by the repair's id or the start or end of it.

        Raises:
            Refused: none or several fit, or the file was changed since.
        """
        states = (RepairState.DONE, RepairState.UNDOING)
        with self._catalog.read() as reader:
            every = scrubs.repairs(reader, states)
        found = [one for one in every if one.id.startswith(words) or one.id.endswith(words)]
        if not words or len(found) != 1:
            raise Refused(
                "Which repair?",
                f"{words!r} fits {len(found)} repairs.",
                subject=words,
                choices=tuple(f"{one.id} {one.copy.absolute}" for one in found or every),
            )
        with self.hold:
            return scrub_repair.undo(self._catalog, found[0], cancel=cancel)

    def forget(self, words: str) -> ScrubCopy:
        """A person says that a damaged or missing copy is not kept there any more. Nothing on its disk is touched.

        Raises:
            Refused: none or several fit, or a repair of it was cut short.
        """
        found = self.find(words)
        if found.unfinished is not None:
            raise Refused(
                "Its repair was cut short",
                f"{found.copy.absolute}: finish that first.",
                subject=found.copy.absolute,
            )
        self._catalog.write(lambda tx: scrubs.forget(tx, found.copy), durable=True)
        return found.copy

    def run(
        self,
        *,
        every: bool = False,
        cancel: IsCancelled = never,
        told: Told = not_told,
        cap: Limiter | None = None,
    ) -> ScrubReport:
        """Reads what is left of this night's share, or everything that can be reached.

        Args:
            every: all of it, however lately it was proven.
            cancel: whether it was called off.
            told: told (bytes read, bytes to read).
            cap: bytes a second.

        Raises:
            Cancelled: what was read until then is noted.
        """
        reading = _Reading(self._catalog, self.hold, cancel, told, cap)
        with self._catalog.read() as reader:
            places = scrubs.roots(reader)
        before = clock.now_ms() - (0 if every else _FRESH_MS)
        for lasting in dict.fromkeys(one for one, _, _ in places):
            left = None if every else self._left(lasting)
            if left is None or left > 0:
                here = [(root, folder) for of, root, folder in places if of == lasting]
                reading.disk(lasting, here, before, left)
        return reading.report

    def _left(self, lasting: str) -> int:
        """What of this night's share of a filesystem is still to be read, in bytes and one for each file."""
        chosen = self._settings()
        since = scrub_nights.began_ms(self._now(), chosen.scrub_hours)
        with self._catalog.read() as reader:
            total = scrubs.weight(reader, lasting)
            read = scrubs.weight_since(reader, lasting, since)
        return scrub_nights.share(total, chosen.scrub_nights or 1) - read

    # In the background

    def recipes(self) -> list[Recipe]:
        """A share a night, in its hours, and only while nobody plays or edits."""
        return [
            Recipe(
                "scrub",
                "Copies read again",
                self._due,
                self._work,
                priority=_PRIORITY,
                polite=True,
                stubborn=True,
            )
        ]

    def _due(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        if not self._wanted() or clock.monotonic_ns() < self._next_ns:
            return []
        if not scrubs.any_due(reader, clock.now_ms() - _FRESH_MS):
            self._next_ns = clock.monotonic_ns() + _AGAIN_NS
            return []
        return [Subject("scrub", io_lane("scrub"), "copies of cards")]

    def _wanted(self) -> bool:
        chosen = self._settings()
        return chosen.scrub_nights > 0 and scrub_nights.is_open(self._now(), chosen.scrub_hours)

    def _work(self, context: Context, _subject: Subject) -> None:
        cap = Limiter(self._settings().read_cap_mb * 1_000_000)
        asked, stops = clock.monotonic_ns(), False

        def halted() -> bool:
            nonlocal asked, stops
            if context.cancelled():
                return True
            if clock.monotonic_ns() - asked > _ASK_NS:
                asked, stops = clock.monotonic_ns(), not self._may()
            return stops

        try:
            self.run(cancel=halted, told=context.progress, cap=cap)
        except Cancelled:
            context.check()
        finally:
            self._next_ns = clock.monotonic_ns() + _AGAIN_NS

    def _may(self) -> bool:
        return self._wanted() and not self._courtesy.reason()


def damaged(reader: Reader) -> list[Rotten]:
    """Every copy that is not what was copied, or whose repair was cut short."""
    short = {one.copy.where: one for one in scrubs.repairs(reader, UNFINISHED)}
    copies = {one.where: one for one in scrubs.wrong(reader)}
    copies |= {where: one.copy for where, one in short.items() if where not in copies}
    return [
        Rotten(copy, next(iter(scrubs.others(reader, copy)), None), short.get(where))
        for where, copy in copies.items()
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Away:
    """A disk went, or does not answer."""

    why: RushesError


class _Reading:
    """One run."""

    def __init__(
        self,
        catalog: Catalog,
        hold: threading.Lock,
        cancel: IsCancelled,
        told: Told,
        cap: Limiter | None,
    ) -> None:
        self._catalog, self._hold = catalog, hold
        self._cancel, self._told, self._cap = cancel, told, cap
        self._buffers = copy_back.Buffers()
        self._rows: list[tuple[ScrubCopy, CopyState | None, str]] = []
        self._since = time.monotonic_ns()
        self._total = 0
        self._guards: dict[str, RootGuard] = {}
        self._gone: dict[tuple[str, str], str] = {}
        self._patience = Patience(_ANSWER_SECONDS)
        self._reached = 0
        self._dead: dict[str, RushesError] = {}
        """Roots that did not answer: they are not asked again in this run."""
        self.report = ScrubReport()

    def disk(
        self,
        lasting: str,
        places: Sequence[tuple[str, str]],
        before: int,
        left: int | None,
    ) -> None:
        """Reads copies on one filesystem until a share of it is read, or all."""
        for root, folder in places:
            self._reach(lasting, root, folder)
        seen: set[tuple[str, str, str, str]] = set()
        while left is None or left > 0:
            with self._catalog.read() as reader:
                found = scrubs.due(reader, lasting, before, self._gone.keys(), _AT_ONCE)
            fresh = [one for one in found if one.where not in seen]
            if not fresh:
                return
            self._total += sum(one.size for one in fresh)
            try:
                for copy in fresh:
                    if copy.where in seen or (copy.root, copy.folder) in self._gone:
                        continue
                    seen.add(copy.where)
                    self._one(copy)
                    if left is not None:
                        left -= copy.size + 1
                        if left <= 0:
                            break
            finally:
                self._flush()

    def _reach(self, lasting: str, root: str, folder: str) -> None:
        def act() -> RootGuard:
            guard = RootGuard.of(Path(root), lasting)
            if not (guard.root / folder).is_dir():
                raise Away("The folder is not there", f"{folder} is not there any more.")
            return guard

        if dead := self._dead.get(root):
            self._lose(root, folder, dead)
            return
        try:
            self._guards[root] = self._patience.ask(root, act, self._cancel)
        except Cancelled:
            raise
        except RushesError as problem:
            if isinstance(problem, Passing):
                self._dead[root] = problem
            self._lose(root, folder, problem)

    def _lose(self, root: str, folder: str, problem: RushesError) -> None:
        self._gone[root, folder] = problem.message
        self.report.away.append((f"{root.rstrip('/')}/{folder}", problem.message))

    def _one(self, copy: ScrubCopy) -> None:
        if dead := self._dead.get(copy.root):
            self._lose(copy.root, copy.folder, dead)
            return
        self._reached = 0
        with self._hold:
            try:
                found = self._patience.ask(
                    copy.root, lambda: self._read(copy), self._cancel, lambda: self._reached
                )
            except Passing as late:
                # What hangs may still write into them.
                self._buffers = copy_back.Buffers()
                self._dead[copy.root] = late
                found = _Away(late)
            if isinstance(found, Cancelled):
                raise found
            if isinstance(found, _Away):
                self._lose(copy.root, copy.folder, found.why)
            elif isinstance(found, RushesError):
                self._unread(copy, found)
            else:
                self.report.files += 1
                self.report.bytes += found.size
                self._note(copy, *judged(copy, found))

    def _read(self, copy: ScrubCopy) -> "copy_back.ReadBack | RushesError | _Away":
        """What is there, why it cannot be read, or that its disk is gone. On a thread of its own: nothing is written."""
        guard = self._guards[copy.root]
        try:
            guard.check()
            return copy_back.read_back(
                guard.root,
                copy.rel,
                (HASH,),
                cancel=self._cancel,
                progress=self._piece,
                cap=self._cap,
                buffers=self._buffers,
            )
        except RushesError as problem:
            if isinstance(problem, Cancelled):
                return problem
            try:
                guard.check()
            except Away as away:
                return _Away(away)
            return problem

    def _unread(self, copy: ScrubCopy, problem: RushesError) -> None:
        """Whether the file is gone or damaged, or cannot be read for another reason."""
        if (said := _gone_or_failing(problem)) is not None:
            self.report.files += 1
            self._note(copy, CopyState.FAILED, _with_last(copy, said))
            return
        self.report.left.append((copy.absolute, problem.message))
        self._note(copy, None, "")

    def _note(self, copy: ScrubCopy, state: CopyState | None, said: str) -> None:
        self._rows.append((copy, state, said))
        bad = state in (CopyState.DIFFERS, CopyState.FAILED)
        # What is damaged is known at once, whatever ends the rest.
        if bad or len(self._rows) >= _TOGETHER or time.monotonic_ns() - self._since > _FLUSH_NS:
            self._flush()

    def _flush(self) -> None:
        rows, self._rows, self._since = self._rows, [], time.monotonic_ns()
        if not rows:
            return

        def act(tx: scrubs.Tx) -> None:
            for copy, state, said in rows:
                scrubs.note(tx, copy, state, said)
                if state in (CopyState.DIFFERS, CopyState.FAILED):
                    scrubs.withdraw(tx, copy)

        self._catalog.write(act, durable=True)

    def _piece(self, done: int, _total: int) -> None:
        self._reached = done
        read = self.report.bytes + done
        self._told(read, max(read, self._total))


def judged(copy: ScrubCopy, found: copy_back.ReadBack) -> tuple[CopyState | None, str]:
    """(how a copy is that was read now, how that was found or what is wrong)."""
    if found.hashes[HASH] == copy.hash:
        if found.how != copy_back.UNSURE:
            return CopyState.VERIFIED, found.how
        bad = copy.state in (CopyState.DIFFERS, CopyState.FAILED)
        return (CopyState.COPIED if bad else None), found.how
    if found.size != copy.size:
        said = f"it has {found.size:,} bytes, and had {copy.size:,}"
    elif abs(found.mtime_ns - copy.mtime_ns) >= _TIME_NS:
        at = clock.utc_text(found.mtime_ns // 1_000_000)
        said = f"its bytes are others than were copied; it was written to at {at}"
    else:
        said = "its bytes are others than were copied, under the same size and time: it rotted"
    return CopyState.DIFFERS, _with_last(copy, said)


def _with_last(copy: ScrubCopy, said: str) -> str:
    if copy.state is not CopyState.VERIFIED:
        return said
    return f"{said}; it was last right at {clock.utc_text(copy.at_ms)}"


def _gone_or_failing(problem: RushesError) -> str | None:
    """What is wrong with the file itself; None where it only cannot be read now, for whatever other reason."""
    cause = problem.__cause__
    if isinstance(problem, Passing) and isinstance(cause, OSError) and cause.errno == errno.EIO:
        return problem.message
    return "it is not there any more" if isinstance(problem, Away) else None
