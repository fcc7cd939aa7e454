"""What stands in the report of an offload and of a shooting day: values out of the catalog, each state as it is.

What was copied and not read back is called copied, not verified, here and in everything that is made of this.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.core.files.assembly_plans import LinkReader
from app.core.files.cards import CardRules
from app.core.ingest.card_clips import put_together
from app.core.ingest.card_values import CardClip, CardEntry, EntryKind
from app.core.ingest.offload_naming import ShootDay
from app.core.model.media import FileRole
from app.core.model.offloads import (
    CopyState,
    EntryState,
    LegState,
    Offload,
    OffloadEntry,
    OffloadLeg,
    OffloadState,
    Verify,
)

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
COPY_WORDS: Final[Mapping[CopyState | None, str]] = {
    CopyState.VERIFIED: "copied and verified",
    CopyState.COPIED: "copied, not verified",
    CopyState.DIFFERS: "it differs from the card",
    CopyState.FAILED: "it could not be copied, or it is gone",
    None: "no copy there",
}
READ_WORDS: Final[Mapping[EntryState, str]] = {
    EntryState.WAITING: "not read yet",
    EntryState.READ: "read once",
    EntryState.TWICE: "read twice, equal",
    EntryState.DIFFERS: "it differs when read again",
    EntryState.UNREADABLE: "it cannot be read",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Tally:
    """How many files stand how on one destination."""

    files: int
    verified: int
    copied: int
    """Copied, not verified."""
    wrong: int
    """They differ, could not be put there, or are gone since."""
    absent: int
    """Nothing was tried yet, or a person said that the copy is not kept there."""
    proven_ms: int | None
    """When the verified one that was read back longest ago was read back, in ms since 1970, UTC."""


@dataclasses.dataclass(frozen=True, slots=True)
class CopyLine:
    """One file on one destination."""

    state: CopyState | None
    """None: nothing was put there yet, or a person said that it is not kept there."""
    said: str
    """How that was found, or what is wrong, in words."""
    at_ms: int | None
    """When it was last found so, in ms since 1970, UTC."""


@dataclasses.dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the card."""

    path: str
    size: int
    mtime_ns: int
    state: EntryState
    problem: str
    read_ms: int | None
    hashes: Mapping[str, str]
    copies: tuple[CopyLine, ...]
    """In the order of the destinations."""
    clip: str = ""
    """The name of its clip; empty where it belongs to none."""
    role: FileRole | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class PlaceLine:
    """One destination."""

    leg: OffloadLeg
    manifest_ms: int | None
    tally: Tally

    @property
    def path(self) -> str:
        """Where the tree of the card is."""
        return f"{self.leg.root}/{self.leg.folder}".rstrip("/")

    @property
    def device(self) -> str:
        """What it lies on, for people."""
        return self.leg.device.name or self.leg.device.key

    @property
    def own_device(self) -> str:
        """Who told that it is a device of its own, in words. A system that told goes before a person."""
        if self.leg.device.proven:
            return "the system tells which device it is"
        if self.leg.said_by:
            return f"{self.leg.said_by} said that it is a device of its own"
        return "nobody told that it is a device of its own"


@dataclasses.dataclass(frozen=True, slots=True)
class VerdictLine:
    """What was once said of the card: history, true at that time."""

    at_ms: int
    safe: bool
    words: str
    same: bool
    """Whether the card held then what this offload copied."""


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """An offload in one line."""

    tone: str
    """`good`, `warn` or `bad`."""
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class OffloadReport:
    """Everything that stands in the report of one offload."""

    offload: Offload
    files: tuple[FileLine, ...]
    clips: tuple[CardClip, ...]
    places: tuple[PlaceLine, ...]
    verdicts: tuple[VerdictLine, ...]
    """Newest first."""
    made_ms: int
    """When the report was made."""
    day: ShootDay

    @property
    def size(self) -> int:
        """Bytes on the card."""
        return sum(one.size for one in self.files)

    @property
    def standing(self) -> Standing:
        """How it stands in one line, never better than the worst file on the worst destination."""
        return _standing(self)

    @property
    def open(self) -> tuple[tuple[str, str], ...]:
        """(of which destination or file, or nothing; what is not as it must be, in words); empty where nothing is."""
        return tuple(_open(self))

    @property
    def shot(self) -> tuple[int, int] | None:
        """(oldest, newest) time of its files, as the source told it, in ns since 1970, UTC."""
        times = [one.mtime_ns for one in self.files]
        return (min(times), max(times)) if times else None


@dataclasses.dataclass(frozen=True, slots=True)
class DayReport:
    """Everything that stands in the report of a shooting day."""

    date: datetime.date
    reports: tuple[OffloadReport, ...]
    """In the order in which they were begun."""
    made_ms: int
    day: ShootDay

    @property
    def cards(self) -> int:
        """How many cards: one that was offloaded again in the same state counts once."""
        return len({(one.offload.lasting, one.offload.digest) for one in self.reports})


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """When things were found as they stand, in ms since 1970, UTC."""

    copies: Mapping[tuple[str, int], int]
    reads: Mapping[int, int]
    manifests: Mapping[str, int]


def report_of(
    offload: Offload,
    entries: Sequence[OffloadEntry],
    times: Times,
    verdicts: Iterable[tuple[str, str, str, bool, str, int]],
    *,
    links: LinkReader,
    made_ms: int,
    day: ShootDay,
) -> OffloadReport:
    """The report of one offload.

    Args:
        offload: it, with its destinations.
        entries: all its files.
        times: of copies, reads and hash lists.
        verdicts: of this card, newest first, as the catalog gives them.
        links: reads which clip goes on in which other, where a copy can be looked into.
        made_ms: now.
        day: the time zone to show times in, and when a day ends.
    """
    clips = clips_of(entries, links)
    parts = {part.rel: (clip.name, part.role) for clip in clips for part in clip.parts}
    files = tuple(
        FileLine(
            path=one.path,
            size=one.size,
            mtime_ns=one.mtime_ns,
            state=one.state,
            problem=one.problem,
            read_ms=times.reads.get(one.n),
            hashes=one.hashes,
            copies=tuple(_copy(one, leg, times) for leg in offload.legs),
            clip=parts.get(one.path, ("", None))[0],
            role=parts.get(one.path, ("", None))[1],
        )
        for one in entries
    )
    places = tuple(
        PlaceLine(leg, times.manifests.get(leg.id), _tally(files, place))
        for place, leg in enumerate(offload.legs)
    )
    said = tuple(
        VerdictLine(at_ms, safe, words, digest == offload.digest)
        for _lasting, digest, _name, safe, words, at_ms in verdicts
        if at_ms >= offload.made_ms
    )
    return OffloadReport(offload, files, clips, places, said, made_ms, day)


def clips_of(entries: Sequence[OffloadEntry], links: LinkReader) -> tuple[CardClip, ...]:
    """The clips that the files of an offload make, by their names; the card need not be there."""
    files = [CardEntry(one.path, EntryKind.FILE, one.size, one.mtime_ns) for one in entries]
    bench = put_together(files, CardRules.load(), links, {})
    sizes = {one.path: one.size for one in entries}
    return tuple(clip.done(sizes) for clip in bench.clips)


def moment(at_ms: int, day: ShootDay) -> datetime.datetime:
    """An instant in the report's time zone.

    Raises:
        Refused: no such time zone.
    """
    return day.there(_EPOCH + datetime.timedelta(milliseconds=at_ms))


def days_of(made_ms: int, newest_ns: int | None, day: ShootDay) -> frozenset[datetime.date]:
    """The shooting days of an offload: when it was begun, and when its newest file was written by the camera's clock.

    Both count: a camera whose clock is wrong must not take its card out of the report of the day.

    Raises:
        Refused: no such time zone.
    """
    days = {day.of(_EPOCH + datetime.timedelta(milliseconds=made_ms))}
    if newest_ns is not None:
        days.add(day.of(_EPOCH + datetime.timedelta(microseconds=newest_ns // 1000)))
    return frozenset(days)


def shot_day(report: OffloadReport) -> datetime.date | None:
    """The shooting day of its newest file, by the camera's clock."""
    if report.shot is None:
        return None
    newest = _EPOCH + datetime.timedelta(microseconds=report.shot[1] // 1000)
    return report.day.of(newest)


def _copy(entry: OffloadEntry, leg: OffloadLeg, times: Times) -> CopyLine:
    state, said = entry.copies.get(leg.id, (None, ""))
    return CopyLine(state, said, times.copies.get((leg.id, entry.n)))


def _tally(files: Sequence[FileLine], place: int) -> Tally:
    copies = [one.copies[place] for one in files]
    states = [one.state for one in copies]
    proven = [one.at_ms for one in copies if one.at_ms and one.state is CopyState.VERIFIED]
    return Tally(
        files=len(files),
        verified=sum(state is CopyState.VERIFIED for state in states),
        copied=sum(state is CopyState.COPIED for state in states),
        wrong=sum(state in (CopyState.DIFFERS, CopyState.FAILED) for state in states),
        absent=sum(state is None for state in states),
        proven_ms=min(proven, default=None),
    )


def _standing(report: OffloadReport) -> Standing:
    offload = report.offload
    bad = [one for one in report.files if one.state in (EntryState.DIFFERS, EntryState.UNREADABLE)]
    if bad or offload.left_out or any(place.tally.wrong for place in report.places):
        return Standing("bad", "something is not as it must be")
    if offload.state is OffloadState.STOPPED:
        return Standing("warn", "it was given up; what was copied stays")
    if offload.state is not OffloadState.DONE:
        return Standing("warn", "it is not finished")
    if any(place.tally.absent for place in report.places):
        return Standing("warn", "not every file is there")
    if any(place.tally.copied for place in report.places) or not report.places:
        return Standing("warn", "copied, not verified")
    once = offload.verify is not Verify.TWICE or any(
        one.state is not EntryState.TWICE for one in report.files
    )
    if once:
        return Standing("good", "copied and verified: copies read back, source read once")
    return Standing("good", "copied and verified: source read twice, copies read back")


def _open(report: OffloadReport) -> Iterable[tuple[str, str]]:
    for place in report.places:
        for words in _open_there(place):
            yield place.leg.name, words
    for one in report.files:
        if one.state in (EntryState.DIFFERS, EntryState.UNREADABLE):
            yield one.path, one.problem or READ_WORDS[one.state]
    unread = sum(one.state is EntryState.WAITING for one in report.files)
    if unread:
        yield "", f"{unread} files of the card were not read yet"
    for path, why in report.offload.left_out:
        yield path, f"it was not copied ({why})"
    if report.offload.state is OffloadState.PAUSED:
        yield "", "it is paused"
    if report.offload.problem:
        yield "", report.offload.problem


def _open_there(place: PlaceLine) -> Iterable[str]:
    tally, leg = place.tally, place.leg
    if leg.state is LegState.PARKED:
        problem = leg.problem
        yield f"it is parked: {problem}"
    if tally.wrong:
        yield f"{tally.wrong} of {tally.files} files differ, could not be copied, or are gone"
    if tally.absent:
        yield f"{tally.absent} of {tally.files} files are not there"
    if tally.copied:
        yield f"{tally.copied} of {tally.files} files are copied, not verified"
    if not leg.manifest:
        yield "its hash list is not written yet"
    if not (leg.device.proven or leg.said_by):
        yield "nobody told that it is a device of its own"
