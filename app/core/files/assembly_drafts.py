"""The workbench of assembly: files with their names taken apart, and clips that are still being put together."""

import dataclasses
import functools
from collections.abc import Collection, Iterable

from app.core.files.assembly_plans import Gap, SeenFile, SequenceInfo
from app.core.files.sorts import FileSort, SortRules, split_name
from app.core.model.media import (
    IDENTITY_ROLES,
    ClipKind,
    FileRole,
    MediaFacts,
    Problem,
)
from app.core.model.names import display, fold_key

_KINDS = {
    FileSort.VIDEO: ClipKind.VIDEO,
    FileSort.SOUND: ClipKind.AUDIO,
    FileSort.IMAGE: ClipKind.STILL,
    FileSort.RAW: ClipKind.STILL,
}
_RANK = {ClipKind.VIDEO: 0, ClipKind.SEQUENCE: 1, ClipKind.STILL: 2, ClipKind.AUDIO: 3}
_ROLE_ORDER = (
    *sorted(IDENTITY_ROLES),
    FileRole.CAMERA_PROXY,
    FileRole.FOREIGN_PROXY,
    FileRole.THUMBNAIL,
    FileRole.SIDECAR,
)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A file with its name taken apart."""

    file: SeenFile
    folder: str
    name: str
    stem: str
    extension: str
    sort: FileSort

    @staticmethod
    def of(file: SeenFile, sorts: SortRules) -> "Entry":
        """Takes a file's path apart."""
        folder, _, name = file.path.rpartition("/")
        stem, extension = split_name(name)
        return Entry(file, folder, name, stem, extension, sorts.of_extension(extension))

    @property
    def path(self) -> str:
        """The path relative to the volume."""
        return self.file.path

    @property
    def facts(self) -> MediaFacts | None:
        """The facts, where the file was probed and something of it reads."""
        facts = self.file.facts
        return None if facts is None or any(p.fatal for p in facts.problems) else facts

    @property
    def kind(self) -> ClipKind:
        """What it is by its facts, else by its name."""
        known = self.file.facts if self.sort is FileSort.UNKNOWN else self.facts
        if known is not None and known.kind is not ClipKind.DOCUMENT:
            return known.kind
        return _KINDS.get(self.sort, ClipKind.DOCUMENT)


@dataclasses.dataclass(frozen=True, slots=True)
class Placed:
    """A file in its place within a clip."""

    entry: Entry
    role: FileRole
    part: int = 0
    channel: int | None = None

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Identity first, in time, then by track and path."""
        place = _ROLE_ORDER.index(self.role) if self.role not in IDENTITY_ROLES else 0
        return place, self.part, self.channel or 0, self.entry.path


@dataclasses.dataclass(slots=True, eq=False)
class Draft:
    """A clip while it is put together."""

    placed: list[Placed]
    kind: ClipKind
    name: str | None = None
    """None: the lead file's name."""
    card: str | None = None
    numbers: tuple[int, ...] = ()
    """The numbers that its names give to its parts, in order, where they do."""
    gaps: list[Gap] = dataclasses.field(default_factory=list[Gap])
    sequence: SequenceInfo | None = None
    proxy_base: str | None = None
    problems: list[Problem] = dataclasses.field(default_factory=list[Problem])
    reasons: list[str] = dataclasses.field(default_factory=list[str])

    @staticmethod
    def single(entry: Entry, card: str | None = None) -> "Draft":
        """A clip of one file."""
        return Draft([Placed(entry, FileRole.ESSENCE)], entry.kind, card=card)

    @property
    def identity(self) -> list[Placed]:
        """The files that make the clip's identity, in order."""
        if len(self.placed) == 1:
            # By far the most clips are one file.
            return self.placed
        own = (place for place in self.placed if place.role in IDENTITY_ROLES)
        return sorted(own, key=lambda place: place.order)

    @property
    def lead(self) -> Entry:
        """The file that the clip is known by."""
        return self.identity[0].entry

    def add(self, entry: Entry, role: FileRole, part: int, why: str) -> None:
        """Takes a further file in, with the reason."""
        self.placed.append(Placed(entry, role, part))
        self.reasons.append(f"{display(entry.name)}: {why}")

    def flag(self, code: str, text: str) -> None:
        """Notes a problem that leaves the clip usable."""
        self.problems.append(Problem(code, text, fatal=False))


class NameIndex:
    """Finds the clip that a base name belongs to, among the clips of one folder."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self._drafts = tuple(drafts)
        self._folded: dict[str, _Table] = {}

    @functools.cached_property
    def _exact(self) -> "dict[str, _Table]":
        # Made when first asked: most folders hold nothing that looks for a clip.
        tables: dict[str, _Table] = {}
        for draft in self._drafts:
            if draft.kind is not ClipKind.DOCUMENT:
                for place in draft.placed:
                    _note(tables, draft, place)
        return tables

    def find(
        self, folder: str, base: str, kinds: Collection[ClipKind] = ()
    ) -> "tuple[Draft, int] | None":
        """The clip with a file of this base name (or whole name) in a folder, and which part of it.

        The exact name comes first; one that differs in case or normal form counts where it is alone.
        """
        exact = _fitting(self._exact.get(folder, {}).get(base, []), kinds)
        if exact:
            return exact[0].draft, exact[0].part
        alike = _fitting(self._alike(folder).get(fold_key(base), []), kinds)
        if alike and all(hit.draft is alike[0].draft for hit in alike):
            return alike[0].draft, alike[0].part
        return None

    def _alike(self, folder: str) -> "_Table":
        table = self._folded.get(folder)
        if table is None:
            table = self._folded[folder] = {}
            for base, hits in self._exact.get(folder, {}).items():
                table.setdefault(fold_key(base), []).extend(hits)
        return table


@dataclasses.dataclass(frozen=True, slots=True)
class _Hit:
    rank: tuple[bool, int, str]
    draft: Draft
    part: int


_Table = dict[str, list[_Hit]]


def _note(tables: dict[str, _Table], draft: Draft, place: Placed) -> None:
    entry = place.entry
    rank = (place.role not in IDENTITY_ROLES, _RANK.get(draft.kind, 9), entry.path)
    hit = _Hit(rank, draft, place.part)
    bases = {entry.stem, entry.name}
    if draft.sequence:
        bases.add(draft.name or entry.stem)
    table = tables.setdefault(entry.folder, {})
    for base in bases:
        table.setdefault(base, []).append(hit)


def _fitting(hits: list[_Hit], kinds: Collection[ClipKind]) -> list[_Hit]:
    fitting = [hit for hit in hits if not kinds or hit.draft.kind in kinds]
    return sorted(fitting, key=lambda hit: hit.rank)
