"""What stands in the way of a copy, told before its first byte: room, sizes of files, names."""

import collections
import dataclasses
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from app.core.files import copy_names
from app.core.files.copy_legs import Leg, on_leg, read_only_error
from app.core.files.copy_names import Naming
from app.core.model.errors import NoRoom, Refused, RushesError
from app.core.model.names import display
from app.core.platform import grounds
from app.core.platform.grounds import Facts

Kind = Literal["leg", "room", "files", "too big", "names", "twins", "path"]
"""The leg itself (away, read-only, no right to write); bytes; number of files; a file's size; names it does not take; names
that are one there; a path that is too long there."""

_GB: Final = 1_000_000_000
_LARGEST: Final = {"vfat": (1 << 32) - 1, "msdos": (1 << 32) - 1, "hfs": (1 << 31) - 1}
"""Bytes of a file, by type of filesystem."""
_WORTH_ASKING: Final = (1 << 31) - 1
"""No filesystem has less room for a file."""
_NAMED: Final = 20
"""Paths that are told of those that are meant."""


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
    """A file or folder that is to be copied."""

    rel: str
    size: int = 0
    """Bytes."""
    folder: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing that stands in the way on one leg."""

    leg_id: str
    kind: Kind
    error: RushesError
    """In words."""
    needed: int = 0
    """Bytes, or files."""
    there: int = 0
    """Bytes, or files, that are free."""
    rels: tuple[str, ...] = ()
    """The first paths that are meant."""
    count: int = 0
    """How many are meant."""


def plan_space(
    legs: Sequence[Leg], items: Iterable[Planned], *, probing: bool = True
) -> tuple[PlanProblem, ...]:
    """Everything that stands in the way of copying these files and folders to these legs; empty where nothing does.

    Legs on one filesystem share its room. Names are tried in a folder of ours that is taken away again.

    Args:
        legs: where to.
        items: what is still to be copied; folders above them need not be listed.
        probing: whether that folder may be made; else what the type of filesystem is known for holds.
    """
    listed = {item.rel: item for item in items}
    for rel in tuple(listed):
        for above in _above(rel):
            listed.setdefault(above, Planned(above, folder=True))
    known: dict[str, Facts] = {}
    problems: list[PlanProblem] = []
    for leg in legs:
        try:
            leg.guard.check()
            known[leg.id] = grounds.facts_of(leg.root)
            if known[leg.id].read_only:
                raise read_only_error(leg)
            problems += _of_names(leg, listed, known[leg.id], probing=probing)
        except RushesError as problem:
            problems.append(PlanProblem(leg.id, "leg", problem))
            known.pop(leg.id, None)
    return (*_of_room([leg for leg in legs if leg.id in known], listed, known), *problems)


def _above(rel: str) -> list[str]:
    names = rel.split("/")[:-1]
    return ["/".join(names[: count + 1]) for count in range(len(names))]


def _of_room(
    legs: Sequence[Leg], listed: dict[str, Planned], known: dict[str, Facts]
) -> Iterable[PlanProblem]:
    sharing: dict[tuple[int, int], list[Leg]] = collections.defaultdict(list)
    for leg in legs:
        sharing[leg.guard.ground.device, leg.guard.ground.mark].append(leg)
    for together in sharing.values():
        facts = known[together[0].id]
        shown = " + ".join(leg.shown for leg in together)
        needed = len(together) * sum(_taken(item, facts.block) for item in listed.values())
        files = len(together) * len(listed)
        for leg in together:
            if needed > facts.free:
                words = f"{shown}: {_gb(needed)} are needed and {_gb(facts.free)} are free."
                error = NoRoom(
                    "There is not enough room",
                    words,
                    subject=leg.shown,
                    todo="Free some room there, or choose another destination.",
                )
                yield PlanProblem(leg.id, "room", error, needed, facts.free)
            if facts.free_files is not None and files > facts.free_files:
                words = f"{shown}: {files} files and folders are to be made and there is room for {facts.free_files}."
                error = NoRoom(
                    "There is no room for so many files",
                    words,
                    subject=leg.shown,
                    todo="Take files away there, or choose another destination.",
                )
                yield PlanProblem(leg.id, "files", error, files, facts.free_files)


def _taken(item: Planned, block: int) -> int:
    return block if item.folder else -(-item.size // block) * block


def _of_names(
    leg: Leg, listed: dict[str, Planned], facts: Facts, *, probing: bool
) -> Iterable[PlanProblem]:
    names = {rel.rpartition("/")[2] for rel in listed}
    limit = _LARGEST.get(facts.fs_type.lower())
    if probing:
        asked = facts.network or facts.fs_type.startswith("fuse")
        sizes = [item.size for item in listed.values() if asked and item.size > _WORTH_ASKING]
        with on_leg(leg, ""):
            naming = copy_names.ask(leg, names, listed, sizes)
        limit = naming.largest if limit is None else limit
    else:
        naming = copy_names.by_type(facts.fs_type, facts.name_bytes, names)
    if limit is not None:
        large = [rel for rel, item in listed.items() if item.size > limit]
        yield from _too_big(leg, large, max((listed[rel].size for rel in large), default=0), limit)
    yield from _bad_names(leg, listed, naming)
    yield from _twins(leg, listed, naming)


def _too_big(leg: Leg, large: list[str], needed: int, limit: int) -> Iterable[PlanProblem]:
    if large:
        error = NoRoom(
            "A file is too big for that disk",
            f"{leg.shown} takes no file as large as {display(large[0])}, which has {_gb(needed)}.",
            subject=leg.shown,
            todo="Choose a disk with a filesystem for large files (not FAT).",
        )
        yield PlanProblem(
            leg.id, "too big", error, needed, limit, tuple(large[:_NAMED]), len(large)
        )


def _bad_names(leg: Leg, listed: dict[str, Planned], naming: Naming) -> Iterable[PlanProblem]:
    meant = [rel for rel in listed if rel.rpartition("/")[2] in naming.refused]
    if meant:
        error = Refused(
            "A name cannot be on that disk",
            f"{leg.shown} does not take the name {display(meant[0])} as it is.",
            subject=leg.shown,
            todo="Choose a disk whose filesystem takes every name.",
        )
        yield PlanProblem(leg.id, "names", error, rels=tuple(meant[:_NAMED]), count=len(meant))
    if naming.too_long:
        error = Refused(
            "A path is too long for that disk",
            f"{leg.shown} does not take a path as long as {display(naming.too_long)}.",
            subject=leg.shown,
            todo="Copy to a folder with a shorter name, nearer to the top of the disk.",
        )
        yield PlanProblem(leg.id, "path", error, rels=(naming.too_long,), count=1)


def _twins(leg: Leg, listed: dict[str, Planned], naming: Naming) -> Iterable[PlanProblem]:
    alike: dict[str, list[str]] = collections.defaultdict(list)
    for rel in listed:
        alike[naming.key(rel)].append(rel)
    # Below two folders that are one, everything is alike: the highest says it.
    meant = [
        rel
        for group in alike.values()
        if len(group) > 1 and len({rel.rpartition("/")[2] for rel in group}) > 1
        for rel in group
    ]
    if meant:
        one, other = display(meant[0]), display(meant[1])
        error = Refused(
            "Two names are one on that disk",
            f"{leg.shown} cannot hold both {one} and {other}: to it they are one name.",
            subject=leg.shown,
            todo="Choose a disk that tells them apart.",
        )
        yield PlanProblem(leg.id, "twins", error, rels=tuple(meant[:_NAMED]), count=len(meant))


def _gb(size: int) -> str:
    return f"{size / _GB:.2f} GB"
