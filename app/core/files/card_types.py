"""Camera cards as data: which folders make a card, and what each file name on it means.

Each file of `resources/cards/` describes one card; a new camera is a new file there. Rules are
tried in the order of their card's `order`, then as written; the first that fits claims a file.

A folder shape such as `XDROOT/Clip` fits the last folders of a path, without regard to case; `*`
stands for any part of one folder's name, a closing `**` for everything below. Names belong together
only within a *unit*: what lies before the shape for cards with `together = "card"`, whose clips lie
in several folders, else the folder itself. A rule without shapes fits in any folder, for clips
that were copied off their card.

A card: `id`, `title`, `maker`, `order` (50), `together` ("folder"), `structure` (shapes of its inside), `stills` (numbered
pictures are stills), `first_part` and `first_channel` (1), `parts` (what a span is called), `named_by` ("file", or
"clip": the name its files share). A `[[file]]` rule: `shapes`, `ext`, `stem` (a pattern over the name without
extension), `role` (a file's role in its clip, or "card": the card's own), `part` (the span it is), `why`.

What tells a card, and what must be on it: `[[sign]]` (`shapes` of folders that are there, or, with `ext` and `stem`, of files in
them; `score`; `maker` where it tells one), `main` (the path of a clip's essence from its unit, `{clip}` in it), `clip_folders`
(folders that hold an essence each), `counts` (how clip names are counted: group `number`), `tracks` (takes of one file a
track), `[[list]]` (the card's own lists: `shapes`, `name`, `read`: which reader knows it). A rule's `always` is the path of a file that each
clip has, `often` of one that most have, `of` the names of the clips that this holds for.
"""

import dataclasses
import fnmatch
import re
import tomllib
from collections.abc import Iterator
from typing import Final, Required, TypedDict, TypeVar, cast

from app.core.model.media import FileRole

Folders = tuple[str, ...]
"""The folders of a path from the volume's root."""

_DEEP: Final = "**"


class _RuleTable(TypedDict, total=False):
    shapes: list[str]
    ext: Required[list[str]]
    stem: str
    role: Required[str]
    part: int
    why: str
    always: str
    often: str
    of: str


class _SignTable(TypedDict, total=False):
    shapes: list[str]
    ext: list[str]
    stem: str
    score: Required[int]
    maker: str


class _ListTable(TypedDict, total=False):
    shapes: Required[list[str]]
    name: Required[str]
    read: Required[str]


class _CardTable(TypedDict, total=False):
    id: Required[str]
    title: Required[str]
    maker: str
    order: int
    together: str
    structure: list[str]
    stills: bool
    first_part: int
    first_channel: int
    parts: str
    named_by: str
    main: str
    clip_folders: list[str]
    counts: str
    tracks: bool
    file: list[_RuleTable]
    sign: list[_SignTable]
    list: list[_ListTable]


_AnyTable = TypeVar("_AnyTable", _RuleTable, _CardTable, _SignTable, _ListTable)


@dataclasses.dataclass(frozen=True, slots=True)
class FolderShape:
    """A pattern over the folders of a path."""

    names: tuple[re.Pattern[str], ...]
    deep: bool
    """It also fits everything below."""

    @staticmethod
    def read(text: str) -> "FolderShape":
        """From `XDROOT/Clip`, `XDROOT/**`, or `.` for any folder, which is then its own unit."""
        words = [] if text == "." else text.split("/")
        deep = words[-1:] == [_DEEP]
        patterns = words[:-1] if deep else words
        return FolderShape(
            tuple(re.compile(fnmatch.translate(word.casefold())) for word in patterns), deep
        )

    def before(self, folded: Folders) -> int | None:
        """How many folders lie before the shape, or None where it does not fit.

        Args:
            folded: the folders of a path, case-folded.
        """
        count = len(self.names)
        last = len(folded) - count
        first = 0 if self.deep else last
        for start in range(max(first, 0), last + 1):
            window = zip(self.names, folded[start : start + count], strict=True)
            if all(name.match(folder) for name, folder in window):
                return start
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class NameRule:
    """What one sort of file name on a card means."""

    shapes: tuple[FolderShape, ...]
    """Where such files lie; none: anywhere."""
    extensions: frozenset[str]
    stem: re.Pattern[str]
    """Named groups: `clip` (and `clip2`) name the clip, `part` counts spans, `channel` counts
    tracks, `variant` keeps apart what only looks alike."""
    role: FileRole | None
    """None: it belongs to the card, not to a clip."""
    part: int | None
    """The span this name is, where the name does not say."""
    why: str
    spread: bool
    """A clip's files lie in several folders of the card."""
    always: str
    """The path, from the unit, of the file that each clip has by this rule; `{clip}` and `{part}` in it. Empty: clips need none."""
    often: str
    """The same of a file that most clips have, and may lack."""
    of: re.Pattern[str]
    """The clips, by the name their files share, that `always` and `often` hold for."""

    def unit(self, folders: Folders, folded: Folders) -> Folders | None:
        """The unit of a folder under this rule; None where the rule does not hold there."""
        if not self.shapes:
            return folders
        found = next((n for s in self.shapes if (n := s.before(folded)) is not None), None)
        if found is None:
            return None
        return folders[:found] if self.spread else folders


@dataclasses.dataclass(frozen=True, slots=True)
class Sign:
    """One thing that tells a card: a folder, or a file in it."""

    shapes: tuple[FolderShape, ...]
    """None: anywhere."""
    extensions: frozenset[str]
    """None: the folder itself is the sign."""
    stem: re.Pattern[str]
    score: int
    maker: str
    """Who makes cards with this sign; empty: whoever makes the card's type."""

    def holds(self, folded: Folders) -> bool:
        """Whether it may be met in a folder (case-folded)."""
        return not self.shapes or any(shape.before(folded) is not None for shape in self.shapes)


@dataclasses.dataclass(frozen=True, slots=True)
class OwnList:
    """A file in which a card itself says what is on it."""

    shapes: tuple[FolderShape, ...]
    name: re.Pattern[str]
    """Of the whole file name."""
    read: str
    """Which reader knows it."""


@dataclasses.dataclass(frozen=True, slots=True)
class CardType:
    """One sort of camera card."""

    id: str
    title: str
    maker: str
    """Empty where many make such cards."""
    order: int
    structure: tuple[FolderShape, ...]
    """Folders that are the inside of such a card."""
    stills: bool
    """A stills card: numbered pictures on it are stills, not a sequence."""
    first_part: int
    first_channel: int
    parts: str
    """What a span is called: `chapter`, `part`."""
    named_by_clip: bool
    """The clip is called by the name its files share, not by its first file."""
    spread: bool
    """A clip's files lie in several folders of it."""
    rules: tuple[NameRule, ...]
    signs: tuple[Sign, ...]
    lists: tuple[OwnList, ...]
    main: str
    """The path of a clip's essence from its unit, `{clip}` and `{part}` in it; empty where the names of others must tell."""
    clip_folders: tuple[FolderShape, ...]
    """Folders of which each holds the essence of a clip."""
    counts: re.Pattern[str] | None
    """How the names of its clips are counted: groups `number` and, for what counts apart, `prefix`."""
    tracks: bool
    """A sound card: takes may lie in one file a track."""

    @staticmethod
    def read(text: str) -> "CardType":
        """From the text of a TOML file."""
        table = _checked(cast("_CardTable", cast("object", tomllib.loads(text))), _CardTable)
        spread = table.get("together", "folder") == "card"
        return CardType(
            id=table["id"],
            title=table["title"],
            maker=table.get("maker", ""),
            order=table.get("order", 50),
            structure=_shapes(table.get("structure", [])),
            stills=table.get("stills", False),
            first_part=table.get("first_part", 1),
            first_channel=table.get("first_channel", 1),
            parts=table.get("parts", "part"),
            named_by_clip=table.get("named_by", "file") == "clip",
            spread=spread,
            rules=tuple(_rule(row, spread=spread) for row in table.get("file", [])),
            signs=tuple(_sign(row) for row in table.get("sign", [])),
            lists=tuple(_list(row) for row in table.get("list", [])),
            main=table.get("main", ""),
            clip_folders=_shapes(table.get("clip_folders", [])),
            counts=_pattern(table["counts"]) if "counts" in table else None,
            tracks=table.get("tracks", False),
        )

    def holds(self, folded: Folders) -> bool:
        """Whether a folder (case-folded) is inside such a card."""
        return any(shape.before(folded) is not None for shape in self.structure)

    def spread_shapes(self) -> Iterator[FolderShape]:
        """Shapes whose folders must be looked at together with their neighbours."""
        if self.spread:
            yield from self.structure
            for rule in self.rules:
                yield from rule.shapes


def _rule(table: _RuleTable, *, spread: bool) -> NameRule:
    role = _checked(table, _RuleTable)["role"]
    return NameRule(
        shapes=_shapes(table.get("shapes", [])),
        extensions=frozenset(table["ext"]),
        stem=_pattern(table.get("stem", "(?P<clip>.+)")),
        role=None if role == "card" else FileRole(role),
        part=table.get("part"),
        why=table.get("why", ""),
        spread=spread,
        always=table.get("always", ""),
        often=table.get("often", ""),
        of=_pattern(table.get("of", ".*")),
    )


def _sign(table: _SignTable) -> Sign:
    return Sign(
        shapes=_shapes(_checked(table, _SignTable).get("shapes", [])),
        extensions=frozenset(table.get("ext", [])),
        stem=_pattern(table.get("stem", ".*")),
        score=table["score"],
        maker=table.get("maker", ""),
    )


def _list(table: _ListTable) -> OwnList:
    shapes = _shapes(_checked(table, _ListTable)["shapes"])
    return OwnList(shapes, _pattern(table["name"]), table["read"])


def _shapes(texts: list[str]) -> tuple[FolderShape, ...]:
    return tuple(FolderShape.read(text) for text in texts)


def _pattern(text: str) -> re.Pattern[str]:
    # A name may hold a newline: the dot has to match it.
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def _checked(table: _AnyTable, form: type[_AnyTable]) -> _AnyTable:
    """The table, when all its keys are known: a mistyped one would silently mean nothing."""
    unknown = set(table) - set(form.__annotations__)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return table
