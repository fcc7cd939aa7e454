"""What is never entered and never catalogued, as data (`resources/ignore.toml`): each skip has its reason.

Inside a camera card's structure only what no camera writes is skipped (AppleDouble, trash, a system's own
folders): there a name that looks like a cache is the camera's business.
"""

import dataclasses
import fnmatch
import functools
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Required, TypedDict, cast

from app.core.files.cards import CardRules
from app.core.files.sorts import FileSort, SortRules
from app.core.platform.paths import resource


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """Why something is skipped."""

    code: str
    """`trash`, `snapshot`, `apple-double`, `partial`, …"""
    text: str
    """In words, for the list of skipped entries."""


class _RuleTable(TypedDict, total=False):
    code: Required[str]
    reason: Required[str]
    on_cards: bool
    names: list[str]
    globs: list[str]
    regex: list[str]
    ext: list[str]


class _Table(TypedDict):
    folder: list[_RuleTable]
    file: list[_RuleTable]


@dataclasses.dataclass(frozen=True, slots=True)
class _Rule:
    """One reason to skip, with the names it holds for."""

    reason: Reason
    on_cards: bool
    pattern: re.Pattern[str]

    @staticmethod
    def read(table: _RuleTable) -> "_Rule":
        words = [re.escape(name.casefold()) for name in table.get("names", [])]
        words += [fnmatch.translate(glob.casefold()) for glob in table.get("globs", [])]
        words += [rf".*\.{re.escape(ending)} *" for ending in table.get("ext", [])]
        words += table.get("regex", [])
        pattern = re.compile("|".join(f"(?:{word})" for word in words), re.DOTALL)
        reason = Reason(table["code"], table["reason"])
        return _Rule(reason, table.get("on_cards", False), pattern)


@dataclasses.dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Which folders are not entered, which files not catalogued, and what the others are."""

    folders: tuple[_Rule, ...]
    files: tuple[_Rule, ...]
    cards: CardRules
    sorts: SortRules

    @staticmethod
    def load(path: Path | None = None) -> "IgnoreRules":
        """The rules that come with Rushes, or those of another file."""
        return _shipped() if path is None else _read(path)

    def folder(self, name: str, parents: Sequence[str] = ()) -> Reason | None:
        """Why a folder is not entered, or None.

        Args:
            name: the folder's own name.
            parents: the folders it lies in, from the volume's root.
        """
        reason = _find(self.folders, name)
        return self._unless_on_card(reason, parents)

    def file(self, name: str, parents: Sequence[str] = ()) -> Reason | None:
        """Why a file is not catalogued, or None. Hidden media are media."""
        reason = _find(self.files, name)
        return self._unless_on_card(reason, parents)

    def sort(self, name: str) -> FileSort:
        """What a file is by its name."""
        return self.sorts.sort(name)

    def _unless_on_card(self, rule: _Rule | None, parents: Sequence[str]) -> Reason | None:
        if rule is None:
            return None
        # The cards are asked last: most names fit no rule at all.
        if not rule.on_cards and parents and self.cards.inside_card(tuple(parents)):
            return None
        return rule.reason


def _find(rules: Sequence[_Rule], name: str) -> _Rule | None:
    folded = name.casefold()
    return next((rule for rule in rules if rule.pattern.fullmatch(folded)), None)


def _read(path: Path) -> IgnoreRules:
    table = cast("_Table", cast("object", tomllib.loads(path.read_text(encoding="utf-8"))))
    return IgnoreRules(
        folders=tuple(_Rule.read(row) for row in table["folder"]),
        files=tuple(_Rule.read(row) for row in table["file"]),
        cards=CardRules.load(),
        sorts=SortRules.load(),
    )


@functools.cache
def _shipped() -> IgnoreRules:
    return _read(resource("ignore.toml"))
