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
from typing import Final, Required, TypedDict, cast

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
    letters: frozenset[str]
    """First letters of names that it may hold for,"""
    endings: frozenset[str]
    """and their endings: a name with neither is none of them. An ending that is empty may be any."""

    @staticmethod
    def read(table: _RuleTable) -> "_Rule":
        words = [re.escape(name.casefold()) for name in table.get("names", [])]
        words += [fnmatch.translate(glob.casefold()) for glob in table.get("globs", [])]
        endings = "|".join(re.escape(ending) for ending in table.get("ext", []))
        words += [rf".*\.(?:{endings}) *"] if endings else []
        words += table.get("regex", [])
        pattern = re.compile("|".join(f"(?:{word})" for word in words), re.DOTALL)
        reason = Reason(table["code"], table["reason"])
        letters, endings = _signs(table)
        return _Rule(reason, table.get("on_cards", False), pattern, letters, endings)


@dataclasses.dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Which folders are not entered, which files not catalogued, and what the others are."""

    folders: tuple[_Rule, ...]
    files: tuple[_Rule, ...]
    cards: CardRules
    sorts: SortRules
    any_folder: re.Pattern[str]
    """Fits where one of the rules does: most names fit none, which one question tells."""
    any_file: re.Pattern[str]
    odd_letters: frozenset[str]
    """First letters of file names that a rule may hold for, whatever their ending."""
    odd_endings: frozenset[str]
    """Endings of file names that a rule may hold for, whatever their first letter."""

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
        reason = _find(self.folders, self.any_folder, name)
        return self._unless_on_card(reason, parents)

    def file(self, name: str, parents: Sequence[str] = ()) -> Reason | None:
        """Why a file is not catalogued, or None. Hidden media are media."""
        reason = _find(self.files, self.any_file, name)
        return self._unless_on_card(reason, parents)

    def is_plain(self, ending: str) -> bool:
        """Whether no rule holds for a file with this ending (as `ending_of`) unless its first letter is odd."""
        folded = ending.casefold().rstrip(" ")
        return bool(folded) and folded not in self.odd_endings and "" not in self.odd_endings

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


def _find(rules: Sequence[_Rule], some: re.Pattern[str], name: str) -> _Rule | None:
    folded = name.casefold()
    if not some.fullmatch(folded):
        return None
    return next((rule for rule in rules if rule.pattern.fullmatch(folded)), None)


def _read(path: Path) -> IgnoreRules:
    table = cast("_Table", cast("object", tomllib.loads(path.read_text(encoding="utf-8"))))
    files = tuple(_Rule.read(row) for row in table["file"])
    folders = tuple(_Rule.read(row) for row in table["folder"])
    return IgnoreRules(
        folders=folders,
        files=files,
        any_folder=_any(folders),
        any_file=_any(files),
        cards=CardRules.load(),
        sorts=SortRules.load(),
        odd_letters=frozenset[str]().union(*(rule.letters for rule in files)),
        odd_endings=frozenset[str]().union(*(rule.endings for rule in files)),
    )


def _any(rules: Sequence[_Rule]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{rule.pattern.pattern})" for rule in rules), re.DOTALL)


def ending_of(name: str) -> str:
    """A name from its last dot on, as it is written; its last letter where it has no dot, which is no ending then."""
    return name[name.rfind(".") :]


def _signs(table: _RuleTable) -> tuple[frozenset[str], frozenset[str]]:
    """(first letters, endings) of the names that a rule may hold for; an empty ending where neither tells."""
    letters: set[str] = set()
    endings = {f".{ending}" for ending in table.get("ext", [])}
    endings.update(ending_of(name.casefold()).rstrip(" ") for name in table.get("names", []))
    for glob in table.get("globs", []):
        ending = ending_of(glob.casefold()).rstrip(" ")
        # A letter that has two cases is none to go by.
        if glob[0] not in _WILD and glob[0].lower() == glob[0].upper():
            letters.add(glob[0])
        else:
            endings.add("" if _WILD & set(ending) else ending)
    for pattern in table.get("regex", []):
        if pattern.startswith("\\.") and "|" not in pattern:
            letters.add(".")
        else:
            endings.add("")
    return frozenset(letters), frozenset(endings)


_WILD: Final = frozenset("*?[")


@functools.cache
def _shipped() -> IgnoreRules:
    return _read(resource("ignore.toml"))
