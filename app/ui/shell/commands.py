"""The window's own commands and their keys: pages, search, undo, panels. What plays and logs has its keys in the keymap."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QMenu,
    QTabBar,
    QTreeView,
    QWidget,
)
from typing_extensions import override

from app.ui.library.grid import ClipGrid
from app.ui.widgets.controls import action, menu_item
from app.ui.widgets.wording import fill

translate = QCoreApplication.translate


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One thing the window does by name."""

    id: str
    text: str
    keys: str = ""
    """Qt's portable names, ` | ` between several."""
    in_menu: bool = True


def commands() -> list[Command]:
    """All of them, in the order of the menu; an empty id is a line between."""
    line = Command("", "")
    return [*_footage(), line, *_words(), line, *_finding(), *_places(), line, *_program()]


def _footage() -> list[Command]:
    tr = translate
    return [
        Command("add-folder", tr("Commands", "Add a folder of footage …"), "Ctrl+O"),
        Command("scan", tr("Commands", "Scan all volumes now"), "F5"),
        Command("new-bin", tr("Commands", "New bin of the chosen clips …"), "Ctrl+B"),
        Command("export", tr("Commands", "Export as a timeline …"), "Ctrl+E"),
    ]


def _words() -> list[Command]:
    tr = translate
    keyword = tr("Commands", "Keyword {0}")
    return [
        Command("undo", tr("Commands", "Undo"), "Ctrl+Z"),
        Command("redo", tr("Commands", "Redo"), "Ctrl+Shift+Z | Ctrl+Y"),
        _hidden("approve", tr("Commands", "Approve"), "Ctrl+Return"),
        _hidden("request-changes", tr("Commands", "Request changes"), "Ctrl+Shift+Return"),
        _hidden("remove", tr("Commands", "Out of this bin, or reject"), "Delete | Backspace"),
        _hidden("tag", tr("Commands", "Add a keyword"), "Ctrl+K"),
        _hidden("tag-again", tr("Commands", "The last keywords again"), "R"),
        *(
            _hidden(f"keyword-{number}", fill(keyword, number), f"Ctrl+Alt+{number}")
            for number in range(1, 10)
        ),
    ]


def _finding() -> list[Command]:
    tr = translate
    return [
        _hidden("search", tr("Commands", "Search"), "Ctrl+F | /"),
        _hidden("grid", tr("Commands", "Clips as pictures"), "Ctrl+G"),
        _hidden("list", tr("Commands", "Clips as a list"), "Ctrl+Shift+G"),
        _hidden("larger", tr("Commands", "Larger pictures"), "Ctrl++ | Ctrl+="),
        _hidden("smaller", tr("Commands", "Smaller pictures"), "Ctrl+-"),
        _hidden("next-clip", tr("Commands", "Next clip"), "Alt+Down"),
        _hidden("previous-clip", tr("Commands", "Previous clip"), "Alt+Up"),
    ]


def _places() -> list[Command]:
    tr = translate
    tabs = (
        tr("Commands", "Info"),
        tr("Commands", "Transcript"),
        tr("Commands", "Notes"),
        tr("Commands", "Tags"),
        tr("Commands", "History"),
    )
    pages = (
        ("plan", tr("Commands", "Plan")),
        ("ingest", tr("Commands", "Ingest")),
        ("library", tr("Commands", "Library")),
        ("review", tr("Commands", "Review")),
        ("deliver", tr("Commands", "Deliver")),
    )
    return [
        *(_hidden(f"tab-{n}", text, f"Alt+{n}") for n, text in enumerate(tabs, 1)),
        *(_hidden(f"page-{name}", text, f"Ctrl+{n}") for n, (name, text) in enumerate(pages, 1)),
        Command("log-layout", tr("Commands", "Logging layout"), "F2"),
        Command("places", tr("Commands", "Places beside the clips"), "F7"),
        Command("stage", tr("Commands", "Clip in hand beside the clips"), "F8"),
    ]


def _program() -> list[Command]:
    tr = translate
    return [
        Command("activity", tr("Commands", "Work in hand"), "Ctrl+J"),
        Command("settings", tr("Commands", "Settings"), "Ctrl+,"),
        Command("keys", tr("Commands", "All keys"), "F1"),
        Command("about", tr("Commands", "About Rushes")),
        _hidden("menu", tr("Commands", "Menu"), "F10"),
        Command("quit", tr("Commands", "Quit"), "Ctrl+Q"),
    ]


def _hidden(name: str, text: str, keys: str) -> Command:
    """A command that has a key and a place in the window, and needs none in the menu."""
    return Command(name, text, keys, in_menu=False)


def bind(window: QWidget, known: Sequence[Command], do: Callable[[str], None]) -> None:
    """Binds the keys of the commands to a window."""
    for command in known:
        if command.id and command.keys:
            action(window, command.text, lambda name=command.id: do(name), command.keys)


def build_menu(parent: QWidget, known: Sequence[Command], do: Callable[[str], None]) -> QMenu:
    """The program's menu."""
    menu = QMenu(parent)
    for command in known:
        if not command.id:
            menu.addSeparator()
        elif command.in_menu:
            shown = command.keys.split(" | ")[0]
            menu_item(menu, command.text, lambda name=command.id: do(name), shown)
    return menu


class KeysForFocus(QObject):
    """Lets what has the focus keep the keys it moves by, before the player's shortcuts take them."""

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and keeps(watched, event)
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)


_MOVES: Final = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)
_ENDS: Final = frozenset({Qt.Key.Key_Home, Qt.Key.Key_End})


def keeps(watched: QObject, event: QKeyEvent) -> bool:
    """Whether this widget, which has the focus, needs the key for itself."""
    key = Qt.Key(event.key())
    if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return False
    if key in getattr(watched, "OWN_KEYS", ()):
        return True
    if isinstance(watched, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(watched, ClipGrid):
        return watched.finding or key in _MOVES or event.text() == "'"
    if isinstance(watched, QTreeView | QTabBar | QAbstractSlider | QAbstractSpinBox | QComboBox):
        return key in _MOVES or key == Qt.Key.Key_Space
    return isinstance(watched, QAbstractItemView) and key in _ENDS
