"""The camera cards that Rushes knows: what holds in a folder, and which folders are looked at together.

Cards are data in `resources/cards/`; `card_types` says how they are written.
"""

import dataclasses
import functools
import re
from pathlib import Path

from app.core.files.card_types import CardType, Folders, FolderShape, NameRule
from app.core.files.groupings import GroupingRules
from app.core.model.errors import Bug
from app.core.platform.paths import resource


@dataclasses.dataclass(frozen=True, slots=True)
class NameClaim:
    """What the first rule that fits says of a file name."""

    card: CardType
    rule: NameRule
    unit: Folders
    match: re.Match[str]

    @property
    def clip(self) -> str:
        """What the names of a clip's files have in common."""
        said = self.match.groupdict()
        return "|".join(filter(None, (said.get("clip"), said.get("clip2"))))

    @property
    def variant(self) -> str:
        """What keeps apart clips that only look alike."""
        return self.match.groupdict().get("variant") or ""

    @property
    def part(self) -> int | None:
        """Which span it is; None where neither the name nor the rule says."""
        part = self.match.groupdict().get("part")
        return int(part) if part else self.rule.part

    @property
    def channel(self) -> int | None:
        """Which track or lens it is, from 1."""
        channel = self.match.groupdict().get("channel")
        return None if channel is None else int(channel) - self.card.first_channel + 1


@dataclasses.dataclass(frozen=True, slots=True)
class FolderRules:
    """What holds in one folder."""

    card: CardType | None
    """The card whose inside this is."""
    rules: tuple[tuple[CardType, NameRule, Folders], ...]
    """Rules that hold here, in order, with their unit."""

    def claim(self, stem: str, extension: str) -> NameClaim | None:
        """What the rules say of a file name; None where none knows it.

        Args:
            stem: the name without extension.
            extension: lower case, no dot.
        """
        for card, rule, unit in self.rules:
            match = rule.stem.fullmatch(stem) if extension in rule.extensions else None
            if match is not None:
                return NameClaim(card, rule, unit, match)
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class CardRules:
    """All card types, and the rules for what lies loose."""

    types: tuple[CardType, ...]
    grouping: GroupingRules
    spread: tuple[FolderShape, ...]
    """What makes folders one scope."""

    @staticmethod
    def load(folder: Path | None = None, grouping: Path | None = None) -> "CardRules":
        """The cards that come with Rushes, or those of another folder."""
        if folder is None and grouping is None:
            return _shipped()
        types = [_read(path) for path in sorted((folder or resource("cards")).glob("*.toml"))]
        if len({card.id for card in types}) != len(types):
            raise Bug("Two cards of one id", f"{folder} describes a card twice.")
        types.sort(key=lambda card: (card.order, card.id))
        # Many rules name the same folders: each shape is asked once.
        spread = dict.fromkeys(shape for card in types for shape in card.spread_shapes())
        return CardRules(tuple(types), GroupingRules.load(grouping), tuple(spread))

    def of_folder(self, folders: Folders) -> FolderRules:
        """What holds in a folder; ask once a folder, not once a file."""
        folded = fold_folders(folders)
        card = next((card for card in self.types if card.holds(folded)), None)
        found = (
            (card, rule, unit)
            for card in self.types
            for rule in card.rules
            if (unit := rule.unit(folders, folded)) is not None
        )
        return FolderRules(card, tuple(found))

    def inside_card(self, folders: Folders) -> bool:
        """Whether a folder is part of a camera card's structure, where nothing may be written."""
        folded = fold_folders(folders)
        return any(card.holds(folded) for card in self.types)

    def scope_of_folder(self, folder: str) -> str:
        """The folder whose files must be looked at together with those of this one.

        The card for the folders of a card whose clips lie in several of them; what holds a folder of
        proxies; else the folder itself. Everything of one scope lies in it or below.
        """
        folders = split_folder(folder)
        folded = fold_folders(folders)
        while True:
            units = (shape.before(folded) for shape in self.spread)
            length = min((unit for unit in units if unit is not None), default=len(folded))
            if length == len(folded) and folded and self.grouping.is_proxy_folder(folded[-1]):
                length -= 1
            if length == len(folded):
                return "/".join(folders[:length])
            # What holds a card may itself lie in a folder of proxies, or of another card.
            folded = folded[:length]


def split_folder(folder: str) -> Folders:
    """The folders of a relative path; none at the volume's root."""
    return tuple(folder.split("/")) if folder else ()


def fold_folders(folders: Folders) -> Folders:
    """The folders as shapes and signs want them."""
    return tuple(folder.casefold() for folder in folders)


def _read(path: Path) -> CardType:
    try:
        return CardType.read(path.read_text(encoding="utf-8"))
    except (OSError, KeyError, ValueError, re.error) as problem:
        raise Bug(
            "A card's description is wrong", f"{path.name}: {problem}", subject=str(path)
        ) from problem


@functools.cache
def _shipped() -> CardRules:
    return CardRules.load(resource("cards"))
