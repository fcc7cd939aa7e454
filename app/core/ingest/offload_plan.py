"""What an offload would do, before its first byte: where each copy goes, what is there already, and what stands in its way."""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.core.files import copying, digests, hashing, opening
from app.core.files.copying import Leg, Planned, PlanProblem, RootGuard
from app.core.files.digests import HashName
from app.core.files.mhl_values import FOLDER, SUFFIX
from app.core.files.set_aside import is_aside
from app.core.ingest import offload_naming
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.ingest.card_values import CardContents, CardEntry, EntryKind
from app.core.ingest.offload_naming import Named, ShootDay
from app.core.ingest.offload_source import Reference, lists_go_on, source_id
from app.core.model.errors import Away, Refused, RushesError
from app.core.model.names import display
from app.core.model.offloads import (
    Device,
    LegState,
    Offload,
    OffloadLeg,
    OffloadState,
    Verify,
)
from app.core.platform import devices, durable
from app.core.platform.pacing import IsCancelled, never

USUAL: Final[tuple[HashName, ...]] = ("xxh128", "xxh64", "crc64nvme")
"""For the catalog, for the MHL, and for an upload to come."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose."""

    template: str = ""
    verify: Verify = Verify.TWICE
    hashes: tuple[HashName, ...] = ()
    """Beside the usual ones."""
    project_id: str = ""
    project: str = ""
    counter: int = 1
    day: ShootDay = dataclasses.field(default_factory=ShootDay)
    then: tuple[str, ...] = ()
    """Destinations that are copied from the first one that is not among them, once that is proven."""
    own_device: tuple[str, ...] = ()
    """Destinations of which the person says that each is a device of its own."""
    by: str = ""
    """Who says so."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One destination, and what it has already."""

    leg: OffloadLeg
    already: int
    """Files of this name and size that are there: their content is compared instead of copied."""
    other_device: bool
    """Whether it is proven to be another device than the card's and every other leg's."""


@dataclasses.dataclass(frozen=True, slots=True)
class OffloadPlan:
    """What is to be confirmed."""

    contents: CardContents
    wanted: Offload
    """With its legs; ids are given when it is begun."""
    legs: tuple[PlannedLeg, ...]
    problems: tuple[PlanProblem, ...]
    """Why it cannot begin as it is."""
    size: int
    """Bytes of the source."""
    lists_there: bool
    """The hash lists of the card are at every destination already, and went on there."""

    @property
    def entries(self) -> list[CardEntry]:
        """The files to be copied, in the order of the card."""
        return [
            one
            for one in self.contents.files
            if not (self.lists_there and FOLDER in one.rel.split("/")[-2:-1])
        ]


def plan(
    source: Path,
    destinations: Sequence[Path],
    choices: Choices,
    *,
    known: Callable[[str, str], str] = lambda _lasting, _digest: "",
    cancel: IsCancelled = never,
) -> OffloadPlan:
    """Reads the source's tree and says what would be done. Nothing is copied; names are tried in a folder of ours that goes again.

    Args:
        source: the card's folder.
        destinations: folders that are there; the card's own folder is made below each.
        choices: the person's.
        known: the folder that this very card (source, digest) was copied to before, or nothing.
        cancel: whether it was called off.

    Raises:
        Refused, Away: the source or a destination cannot be that.
    """
    source, roots = source.resolve(), [one.resolve() for one in destinations]
    _refuse_nonsense(source, roots)
    contents = read_card(source, cancel=cancel)
    if not contents.files and not contents.folders:
        raise Refused(
            "Nothing to copy", f"{display(str(source))} is empty.", subject=display(str(source))
        )
    before = "" if choices.template else known(source_id(source), fileset_digest(contents))
    wanted_name = before or _folder_of(contents, choices)
    folder = _one_folder(contents, roots, wanted_name)
    guards = [RootGuard.of(root) for root in roots]
    legs = [_leg(guard, folder, choices) for guard in guards]
    first = next((n for n, leg in enumerate(legs) if leg.root not in choices.then), -1)
    legs = [
        dataclasses.replace(leg, after=first) if leg.root in choices.then else leg for leg in legs
    ]
    lay = [
        Leg(str(n), guard, folder, leg.name)
        for n, (guard, leg) in enumerate(zip(guards, legs, strict=True))
    ]
    there = [_already(contents, one) for one in lay]
    return OffloadPlan(
        contents=contents,
        wanted=_wanted(contents, tuple(legs), choices, cancel),
        legs=_planned(source, legs, there),
        problems=_in_the_way(contents, lay, there),
        size=contents.size,
        lists_there=lists_go_on(source, [root / folder for root in roots], cancel),
    )


def _wanted(
    contents: CardContents, legs: tuple[OffloadLeg, ...], choices: Choices, cancel: IsCancelled
) -> Offload:
    return Offload(
        id="",
        source=str(contents.root),
        name=legs[0].folder.rpartition("/")[2],
        type=contents.type.id if contents.type else "",
        title=contents.title,
        lasting=source_id(contents.root),
        digest=fileset_digest(contents),
        verify=choices.verify,
        hashes=_hashes(contents.root, choices, cancel),
        state=OffloadState.WANTED,
        problem="",
        project_id=choices.project_id,
        folders=tuple(entry.rel for entry in contents.folders),
        left_out=contents.left_out,
        made_ms=0,
        ended_ms=None,
        legs=legs,
    )


def _in_the_way(
    contents: CardContents, lay: Sequence[Leg], there: Sequence[set[str]]
) -> tuple[PlanProblem, ...]:
    """Legs on one disk share its room: those that lack the same files are asked about together."""
    problems: list[PlanProblem] = []
    for have in {frozenset(one) for one in there}:
        items = [Planned(e.rel, e.size) for e in contents.files if e.rel not in have]
        items += [Planned(e.rel, folder=True) for e in contents.folders]
        alike = [one for one, has in zip(lay, there, strict=True) if frozenset(has) == have]
        problems += copying.plan_space(alike, items)
    return tuple(problems)


def _planned(
    source: Path, legs: Sequence[OffloadLeg], there: Sequence[set[str]]
) -> tuple[PlannedLeg, ...]:
    found = [devices.device_of(Path(leg.root)) for leg in legs]
    own = devices.device_of(source)

    def apart(n: int) -> bool:
        others = [*found[:n], *found[n + 1 :], own]
        return all(devices.same_device(found[n], one) is devices.Same.NO for one in others)

    return tuple(
        PlannedLeg(leg, len(have), apart(n))
        for n, (leg, have) in enumerate(zip(legs, there, strict=True))
    )


def _refuse_nonsense(source: Path, roots: Sequence[Path]) -> None:
    if not source.is_dir():
        raise Away("The source is not there", f"{source} is no folder.", subject=str(source))
    if not roots:
        raise Refused("No destination", "Name at least one folder to copy to.")
    for n, root in enumerate(roots):
        shown = display(str(root))
        if not root.is_dir():
            raise Away(
                "The destination is not there",
                f"{shown} is no folder.",
                subject=shown,
                todo="Connect its disk, or make the folder.",
            )
        if root.is_relative_to(source):
            raise Refused(
                "The destination lies on the card", f"{shown} is inside the source.", subject=shown
            )
        if source.is_relative_to(root) and source != root:
            continue
        if root in roots[:n]:
            raise Refused("Named twice", f"{shown} is named twice.", subject=shown)


def _folder_of(contents: CardContents, choices: Choices) -> str:
    newest = max((entry.mtime_ns for entry in contents.files), default=0)
    reel = offload_naming.reel_of([clip.name for clip in contents.clips])
    named = Named(
        project=choices.project,
        reel=reel,
        camera=reel[:1] or contents.maker,
        shot=datetime.datetime.fromtimestamp(newest // 1_000_000_000, datetime.UTC),
        counter=choices.counter,
    )
    return offload_naming.folder_for(choices.template, named, choices.day)


def _one_folder(contents: CardContents, roots: Sequence[Path], folder: str) -> str:
    """The folder, or the next one: two cards never go into one folder, and nothing is renamed inside a card's tree."""

    def taken(name: str) -> bool:
        return any(_other_content(contents, root, name) for root in roots)

    return offload_naming.next_free(folder, taken)


def _other_content(contents: CardContents, root: Path, folder: str) -> bool:
    """Whether something lies there that is not this card, as far as names and sizes tell."""
    place = root / folder
    if not place.is_dir():
        return place.exists() or place.is_symlink()
    mine = {entry.rel: entry for entry in contents.entries}
    for entry in read_card(place).entries:
        if entry.rel == "ascmhl" or entry.rel.startswith("ascmhl/"):
            continue
        same, name = mine.get(entry.rel), entry.rel.rpartition("/")[2]
        ours = durable.is_temporary(name) or is_aside(name) or _list_of_ours(entry.rel)
        if same is None and ours:
            continue
        if same is None or same.kind is not entry.kind or same.size != entry.size:
            return True
        if entry.kind is EntryKind.FILE and _sampled(place, entry) != _sampled(contents.root, same):
            return True
    return False


def _list_of_ours(rel: str) -> bool:
    """Whether it is a legacy hash list, which is written into a finished copy on request."""
    return "/" not in rel and rel.lower().endswith(SUFFIX)


def _sampled(root: Path, entry: CardEntry) -> str:
    """Head, middle and tail of a file: what tells two of one name and size apart before anything is copied."""
    try:
        with opening.open_regular(root, entry.rel) as stream:
            return hashing.quick_id(stream, entry.size)
    except RushesError:
        return ""


def _already(contents: CardContents, leg: Leg) -> set[str]:
    """Files that are there by name and size."""
    place = leg.root / leg.folder
    if not place.is_dir():
        return set()
    sizes = {entry.rel: entry.size for entry in contents.files}
    entries = read_card(place).entries
    return {e.rel for e in entries if e.kind is EntryKind.FILE and sizes.get(e.rel) == e.size}


def _leg(guard: RootGuard, folder: str, choices: Choices) -> OffloadLeg:
    found = devices.device_of(guard.root)
    said = str(guard.root) in choices.own_device
    return OffloadLeg(
        id="",
        name=display(guard.root.name) or str(guard.root),
        root=str(guard.root),
        folder=folder,
        lasting=guard.lasting,
        device=Device(found.key, found.name, found.proven),
        said_by=choices.by if said else "",
        state=LegState.OPEN,
        problem="",
        after=-1,
        away=False,
        manifest="",
    )


def _hashes(source: Path, choices: Choices, cancel: IsCancelled) -> tuple[HashName, ...]:
    """The usual ones, those asked for, and that which the hashes on the card are held in."""
    came = Reference.of(source, cancel).names()
    wanted: list[HashName] = [*USUAL, *choices.hashes, *came]
    return tuple(name for name in dict.fromkeys(wanted) if digests.can(name))
