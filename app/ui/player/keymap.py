"""Keymaps: which keys do which action. Data in `resources/keymaps`, one file a family of habits."""

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from PySide6.QtGui import QKeySequence

from app.core.model.errors import BadData
from app.core.platform.paths import resource

FOLDER: Final = "keymaps"
DEFAULT: Final = "rushes"


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """One key that two actions want."""

    key: str
    first: str
    second: str


@dataclasses.dataclass(frozen=True, slots=True)
class Keymap:
    """Keys by action. Portable key names (`Ctrl+Shift+Left`), as Qt writes them."""

    name: str
    by_action: Mapping[str, tuple[str, ...]]
    physical: Mapping[str, str]
    """The letters, on a US keyboard, of the keys that go by their place: `reverse`, `stop`, `forward`."""

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action; none is possible."""
        place = self.physical.get(action)
        return (place,) if place else self.by_action.get(action, ())

    def shown(self, action: str) -> str:
        """The first key as people of this system know it: for tool tips and menus."""
        keys = self.keys(action)
        native = QKeySequence.SequenceFormat.NativeText
        return QKeySequence(keys[0]).toString(native) if keys else ""

    def conflicts(self) -> list[Conflict]:
        """Every key that two actions want, in order."""
        wishes = [
            (key, action)
            for action in (*self.physical, *self.by_action)
            for key in self.keys(action)
        ]
        holders: dict[str, str] = {}
        for key, action in wishes:
            holders.setdefault(key, action)
        return [Conflict(key, holders[key], wish) for key, wish in wishes if holders[key] != wish]


def load(name: str = DEFAULT) -> Keymap:
    """A keymap that comes with the program, by file name without ending."""
    return read(resource(f"{FOLDER}/{name}.toml"))


def names() -> list[str]:
    """The keymaps there are, the default first."""
    found = sorted(path.stem for path in resource(FOLDER).glob("*.toml"))
    return sorted(found, key=lambda name: name != DEFAULT)


def read(path: Path) -> Keymap:
    """Reads a keymap file.

    Raises:
        BadData: not a keymap, a key that does not exist, or one key for two actions.
    """
    try:
        tree = cast("dict[str, object]", tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise BadData("The keymap cannot be read", str(error), subject=str(path)) from error
    keys = _table(tree, "keys", path)
    physical = _table(tree, "physical", path)
    by_action = {
        action: tuple(_portable(key) for key in _texts(value)) for action, value in keys.items()
    }
    made = Keymap(
        str(tree.get("name", path.stem)),
        by_action,
        {action: _portable(str(key)) for action, key in physical.items()},
    )
    for conflict in made.conflicts():
        raise BadData(
            "Two actions want one key",
            f"{conflict.key} is the key of {conflict.first} and of {conflict.second}.",
            subject=str(path),
            todo="Give one of them another key.",
        )
    return made


def _table(tree: dict[str, object], name: str, path: Path) -> dict[str, object]:
    table = tree.get(name, {})
    if not isinstance(table, dict):
        raise BadData("The keymap cannot be read", f"[{name}] is no table.", subject=str(path))
    return cast("dict[str, object]", table)


def _texts(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [str(item) for item in items]


def _portable(key: str) -> str:
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    if not text:
        raise BadData("No such key", f"{key!r} names no key.", subject=key)
    return text
