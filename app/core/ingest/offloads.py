"""Offloads: previewed, begun, gone on with; and the verdict on a card, whenever it is put in."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, offloads
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.files import mhl_legacy
from app.core.files.copying import RootGuard
from app.core.ingest import card_proof, offload_plan, offload_source, verdict
from app.core.ingest.offload_judging import listed
from app.core.ingest.offload_plan import Choices, OffloadPlan
from app.core.ingest.offload_run import Run
from app.core.ingest.offload_source import source_id
from app.core.ingest.offload_standing import Told, not_told
from app.core.ingest.verdict import Policy, Verdict
from app.core.model.errors import Missing, Refused, RushesError
from app.core.model.offloads import (
    CopyState,
    LegState,
    Offload,
    OffloadEntry,
    OffloadLeg,
    OffloadState,
)
from app.core.platform.pacing import IsCancelled, called_off, never
from app.core.work.patience import Patience
from app.core.work.recipes import QUICK, Context, Recipe, Subject, io_lane

_LOOK_SECONDS: Final = 0.5
_PRIORITY: Final = 1
_TURN_SECONDS: Final = 0.1
_AWAY_SECONDS: Final = 5
"""Between two looks whether what is away is back."""
_ANSWER_SECONDS: Final = 10


class Offloads:
    """What is copied from cards at this desk."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._going: dict[str, Run | None] = {}
        self._lock = threading.Lock()
        self._patience = Patience(_ANSWER_SECONDS)
        self._looked = time.monotonic() - _AWAY_SECONDS

    def plan(
        self,
        source: Path,
        destinations: Sequence[Path],
        choices: Choices,
        *,
        cancel: IsCancelled = never,
    ) -> OffloadPlan:
        """What an offload would do; nothing is copied.

        Raises:
            Refused, Away: the source or a destination cannot be that.
        """

        def known(lasting: str, digest: str) -> str:
            with self._catalog.read() as reader:
                found = offloads.of_card(reader, lasting, digest)
            return found[0].legs[0].folder if found else ""

        return offload_plan.plan(source, destinations, choices, known=known, cancel=cancel)

    def next_number(self, project_id: str) -> int:
        """The number of the next card of a project, from 1: cards that were offloaded again count once."""
        mine = {(one.lasting, one.digest) for one in self.every() if one.project_id == project_id}
        return 1 + len(mine)

    def begin(self, planned: OffloadPlan) -> str:
        """Notes what is wanted; the engine, or `run`, does it. Returns the offload's id.

        Raises:
            NoRoom, Refused, Missing: what stands in the way, the first of it.
        """
        if planned.problems:
            raise planned.problems[0].error
        entries = [(one.rel, one.size, one.mtime_ns) for one in planned.entries]
        return self._catalog.write(
            lambda tx: offloads.add(tx, planned.wanted, entries), durable=True
        )

    def run(
        self, offload_id: str, *, cancel: IsCancelled = never, told: Told = not_told
    ) -> Offload:
        """Does what can be done of an offload now; returns how it stands then. Where it is under way already, after that.

        Raises:
            Away: the card is not there, and no destination has what another one lacks.
            Refused: the card was changed.
            Cancelled: called off, or paused; it goes on from there.
        """
        while not self._take(offload_id):
            if cancel():
                raise called_off()
            time.sleep(_TURN_SECONDS)
        try:
            run = Run(
                self._catalog, offload_id, cancel=self._halting(offload_id, cancel), told=told
            )
            self._going[offload_id] = run
            run.go()
        finally:
            with self._lock:
                del self._going[offload_id]
        return self.get(offload_id)

    def _take(self, offload_id: str) -> bool:
        with self._lock:
            free = offload_id not in self._going
            if free:
                self._going[offload_id] = None
        return free

    def in_hand(self, offload_id: str) -> dict[str, int] | None:
        """Bytes so far of the files in hand, by place (`Run.in_hand`); None where it is not being carried out now."""
        run = self._going.get(offload_id)
        return dict(run.in_hand) if run else None

    def get(self, words: str) -> Offload:
        """One by its id, a unique prefix or suffix of it, or its card's name where only one has that.

        Raises:
            Refused: none or several fit.
        """
        found = [one for one in self.every() if words and _fits(one, words)]
        exact = [one for one in found if one.id == words] or found
        if len(exact) == 1:
            return exact[0]
        raise Refused(
            "Which offload?",
            f"{words!r} fits {len(exact)} offloads.",
            subject=words,
            choices=tuple(f"{one.id} {one.name}" for one in exact),
        )

    def every(self) -> list[Offload]:
        """All of them, newest first."""
        with self._catalog.read() as reader:
            return offloads.every(reader)

    def entries(self, offload_id: str) -> list[OffloadEntry]:
        """Every file of one, with its copies."""
        with self._catalog.read() as reader:
            return offloads.entries(reader, offload_id)

    def go_on(self, offload_id: str) -> Offload:
        """Parked destinations are tried again, what failed there too; what was paused goes on."""
        found = self.get(offload_id)
        wrong = {
            leg.id: [
                one.n
                for one in self.entries(found.id)
                if one.copies.get(leg.id, (None,))[0] is CopyState.FAILED
            ]
            for leg in found.legs
        }

        def act(tx: offloads.Tx) -> None:
            for leg in found.legs:
                if leg.state is LegState.PARKED:
                    offloads.copy_away(tx, found.id, leg.id, wrong[leg.id])
                    offloads.set_leg(tx, found.id, leg.id, LegState.OPEN)
            offloads.set_state(tx, found.id, OffloadState.WANTED)

        self._catalog.write(act, durable=True)
        return self.get(found.id)

    def legacy_lists(self, offload_id: str) -> list[Path]:
        """Writes a legacy media hash list (MHL 1.1) into each finished copy, for tools that read no other; returns them.

        Raises:
            NoRoom, Missing, Away: one cannot be written.
        """
        found = self.get(offload_id)
        made: list[Path] = []
        for leg in found.legs:
            if leg.state is LegState.DONE:
                RootGuard.of(Path(leg.root), leg.lasting)
                hashes = [listed(one, leg.id) for one in self.entries(found.id)]
                made.append(mhl_legacy.write_legacy(Path(leg.root) / leg.folder, hashes))
        return made

    def pause(self, offload_id: str) -> None:
        """What is under way ends with the file in hand; nothing is lost. What is done stays done."""
        self._set(offload_id, OffloadState.PAUSED)

    def stop(self, offload_id: str) -> None:
        """Gives an offload up, unless it is done. What was copied stays where it is."""
        self._set(offload_id, OffloadState.STOPPED)

    def _set(self, offload_id: str, state: OffloadState) -> None:
        found = self.get(offload_id)

        def act(tx: Tx) -> None:
            # It may have come to its end while somebody reached for the button.
            now = offloads.get(tx, found.id)
            if now is not None and now.state is not OffloadState.DONE:
                offloads.set_state(tx, found.id, state)

        self._catalog.write(act, durable=True)

    def own_device(self, offload_id: str, destination: str, by: str) -> None:
        """A person says once that a destination is a device of its own; reports show who.

        Raises:
            Refused: the offload has no such destination.
        """
        found = self.get(offload_id)
        leg = next((leg for leg in found.legs if destination in (leg.id, leg.name, leg.root)), None)
        if leg is None:
            raise Refused(
                "No such destination",
                f"{destination!r} is none of {found.name}'s.",
                subject=destination,
                choices=tuple(leg.name for leg in found.legs),
            )
        self._catalog.write(
            lambda tx: offloads.set_own_device(tx, found.id, leg.id, by), durable=True
        )

    def verdict(
        self,
        source: Path,
        policy: Policy | None = None,
        *,
        cancel: IsCancelled = never,
        told: Told = not_told,
    ) -> Verdict:
        """Reads a card in full now, and every copy of what is on it that can be reached, and says whether it may be erased.

        Raises:
            Refused, Away: it cannot be read, or went away.
            Cancelled: called off.
        """
        facts, name, digest = card_proof.facts_of(self._catalog, source, cancel=cancel, told=told)
        found = verdict.judge(facts, policy or Policy())
        self._note(source, digest, name, found)
        return found

    def known_of(
        self, source: Path
    ) -> tuple[list[Offload], list[tuple[str, str, str, bool, str, int]]]:
        """What is known of a card without reading it: its offloads in the state it is in, and earlier verdicts on it. History, no verdict."""
        lasting = source_id(source.resolve())
        with self._catalog.read() as reader:
            mine = [one for one in offloads.every(reader) if one.lasting == lasting]
            return mine, offloads.verdicts(reader, lasting)

    def _note(self, source: Path, digest: str, name: str, found: Verdict) -> None:
        try:
            lasting = source_id(source.resolve())
        except Missing:
            return  # nothing tells this card from others, so nothing can be said of it later
        safe = found.light is verdict.Light.SAFE
        self._catalog.write(
            lambda tx: offloads.note_verdict(
                tx, lasting=lasting, digest=digest, name=name, safe=safe, words=found.words
            ),
            durable=True,
        )

    def _halting(self, offload_id: str, cancel: IsCancelled) -> IsCancelled:
        """Also when it was paused or stopped."""
        last = [time.monotonic(), False]

        def halted() -> bool:
            if cancel():
                return True
            if time.monotonic() - last[0] > _LOOK_SECONDS:
                with self._catalog.read() as reader:
                    now = offloads.get(reader, offload_id)
                last[:] = [time.monotonic(), now is None or now.state is not OffloadState.WANTED]
            return bool(last[1])

        return halted

    # In the background

    def recipes(self) -> list[Recipe]:
        """Offloads that are wanted go on by themselves, and so do destinations that came back."""
        return [
            Recipe("offload", "Offloads", self._due, self._work, priority=_PRIORITY, stubborn=True),
            Recipe(
                "offload-look",
                "Cards and destinations that come back",
                self._due_look,
                lambda context, _subject: self._look(context),
                priority=2,
                stubborn=True,
            ),
        ]

    def _due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        found: list[Subject] = []
        queued: set[str] = set()
        for one in offloads.unfinished(reader):
            # A queue for each device: two that read or write one disk at a time tear it, and neither is done sooner.
            devices = {
                _disk(one),
                *(leg.device.key for leg in one.legs if leg.state is LegState.OPEN),
            }
            if queued.isdisjoint(devices):
                found.append(Subject(one.id, io_lane(one.lasting), one.name))
            queued |= devices
        return found[:limit]

    def _due_look(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        if time.monotonic() - self._looked < _AWAY_SECONDS or not offloads.halted(reader):
            return []
        return [Subject("offloads", QUICK, "cards and destinations")]

    def _look(self, context: Context) -> None:
        """What was away and is back goes on at once, with nobody asked."""
        with self._catalog.read() as reader:
            halted = offloads.halted(reader)
        try:
            for one in halted:
                context.check()
                back = [leg for leg in one.legs if leg.away and self._is_back(leg)]
                card = self._patience.ask(one.source, lambda one=one: offload_source.is_in(one))
                if not (back or card):
                    continue

                def act(tx: Tx, one: Offload = one, back: list[OffloadLeg] = back) -> None:
                    for leg in back:
                        offloads.set_leg(tx, one.id, leg.id, LegState.OPEN)
                    attempts.wake_these(tx, "offload", [one.id])

                self._catalog.write(act, durable=True)
        finally:
            self._looked = time.monotonic()

    def _is_back(self, leg: OffloadLeg) -> bool:
        try:
            self._patience.ask(leg.root, lambda: RootGuard.of(Path(leg.root), leg.lasting))
        except RushesError:
            return False
        return True

    def _work(self, context: Context, subject: Subject) -> None:
        self.run(subject.id, cancel=context.cancelled, told=context.progress)


def _disk(one: Offload) -> str:
    """The filesystem that a card is, without the folder in it."""
    return " ".join(one.lasting.split(" ")[:2])


def _fits(one: Offload, words: str) -> bool:
    return one.id.startswith(words) or one.id.endswith(words) or one.name == words
