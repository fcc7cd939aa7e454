"""Camera cards as data: which folders make a card, and what each file name on it means.

Each file of `resources/cards/` describes one card; a new camera is a new file there. Rules are
tried in the order of their card's `order`, then as written; the first that fits claims a file.

A folder shape such as `XDROOT/Clip` fits the last folders of a path, without regard to case; `*`
stands for any part of one folder's name, a closing `**` for everything below. Names belong together
only within a *unit*: what lies before the shape for cards with `together = "card"`, whose clips lie
in several folders, else the folder itself. A rule without shapes fits in any folder, for clips
that were copied off their card.

A card: `id`, `title`, `order` (50), `together` ("folder"), `structure` (shapes of its inside), `stills` (numbered
pictures are stills), `first_part` and `first_channel` (1), `parts` (what a span is called), `named_by` ("file", or
"clip": the name its files share). A `[[file]]` rule: `shapes`, `ext`, `stem` (a pattern over the name without
extension), `role` (a file's role in its clip, or "card": the card's own), `part` (the span it is), `why`.
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


class _CardTable(TypedDict, total=False):
    id: Required[str]
    title: Required[str]
    order: int
    together: str
    structure: list[str]
    stills: bool
    first_part: int
    first_channel: int
    parts: str
    named_by: str
    file: list[_RuleTable]


_AnyTable = TypeVar("_AnyTable", _RuleTable, _CardTable)


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

    def unit(self, folders: Folders, folded: Folders) -> Folders | None:
        """The unit of a folder under this rule; None where the rule does not hold there."""
        if not self.shapes:
            return folders
        found = next((n for s in self.shapes if (n := s.before(folded)) is not None), None)
        if found is None:
            return None
        return folders[:found] if self.spread else folders


@dataclasses.dataclass(frozen=True, slots=True)
class CardType:
    """One sort of camera card."""

    id: str
    title: str
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

    @staticmethod
    def read(text: str) -> "CardType":
        """From the text of a TOML file."""
        table = _checked(cast("_CardTable", cast("object", tomllib.loads(text))), _CardTable)
        spread = table.get("together", "folder") == "card"
        return CardType(
            id=table["id"],
            title=table["title"],
            order=table.get("order", 50),
            structure=tuple(FolderShape.read(shape) for shape in table.get("structure", [])),
            stills=table.get("stills", False),
            first_part=table.get("first_part", 1),
            first_channel=table.get("first_channel", 1),
            parts=table.get("parts", "part"),
            named_by_clip=table.get("named_by", "file") == "clip",
            spread=spread,
            rules=tuple(_rule(row, spread=spread) for row in table.get("file", [])),
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
        shapes=tuple(FolderShape.read(shape) for shape in table.get("shapes", [])),
        extensions=frozenset(table["ext"]),
        # A name may hold a newline: the dot has to match it.
        stem=re.compile(table.get("stem", "(?P<clip>.+)"), re.IGNORECASE | re.DOTALL),
        role=None if role == "card" else FileRole(role),
        part=table.get("part"),
        why=table.get("why", ""),
        spread=spread,
    )


def _checked(table: _AnyTable, form: type[_AnyTable]) -> _AnyTable:
    """The table, when all its keys are known: a mistyped one would silently mean nothing."""
    unknown = set(table) - set(form.__annotations__)
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return table
