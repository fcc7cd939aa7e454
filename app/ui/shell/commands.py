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
    tr = translate
    return [
        Command("add-folder", tr("Commands", "Add a folder of footage …"), "Ctrl+O"),
        Command("scan", tr("Commands", "Scan all volumes now"), "F5"),
        Command("new-bin", tr("Commands", "New bin of the chosen clips …"), "Ctrl+B"),
        Command("export", tr("Commands", "Export as a timeline …"), "Ctrl+E"),
        Command("", ""),
        Command("undo", tr("Commands", "Undo"), "Ctrl+Z"),
        Command("redo", tr("Commands", "Redo"), "Ctrl+Shift+Z | Ctrl+Y"),
        Command("approve", tr("Commands", "Approve"), "Ctrl+Return", in_menu=False),
        Command(
            "request-changes", tr("Commands", "Request changes"), "Ctrl+Shift+Return", in_menu=False
        ),
        Command(
            "remove",
            tr("Commands", "Out of this bin, or reject"),
            "Delete | Backspace",
            in_menu=False,
        ),
        Command("", ""),
        Command("search", tr("Commands", "Search"), "Ctrl+F | /", in_menu=False),
        Command("grid", tr("Commands", "Clips as pictures"), "Ctrl+G", in_menu=False),
        Command("list", tr("Commands", "Clips as a list"), "Ctrl+Shift+G", in_menu=False),
        Command("larger", tr("Commands", "Larger pictures"), "Ctrl++ | Ctrl+=", in_menu=False),
        Command("smaller", tr("Commands", "Smaller pictures"), "Ctrl+-", in_menu=False),
        Command("next-clip", tr("Commands", "Next clip"), "Alt+Down", in_menu=False),
        Command("previous-clip", tr("Commands", "Previous clip"), "Alt+Up", in_menu=False),
        Command("tag", tr("Commands", "Add a keyword"), "Ctrl+K", in_menu=False),
        Command("tag-again", tr("Commands", "The last keywords again"), "R", in_menu=False),
        *(
            Command(
                f"keyword-{number}",
                tr("Commands", "Keyword {0}").replace("{0}", str(number)),
                f"Ctrl+Alt+{number}",
                in_menu=False,
            )
            for number in range(1, 10)
        ),
        *(
            Command(f"tab-{number}", text, f"Alt+{number}", in_menu=False)
            for number, text in enumerate(
                (
                    tr("Commands", "Info"),
                    tr("Commands", "Transcript"),
                    tr("Commands", "Notes"),
                    tr("Commands", "Tags"),
                    tr("Commands", "History"),
                ),
                1,
            )
        ),
        *(
            Command(f"page-{name}", text, f"Ctrl+{number}", in_menu=False)
            for number, (name, text) in enumerate(
                (
                    ("plan", tr("Commands", "Plan")),
                    ("ingest", tr("Commands", "Ingest")),
                    ("library", tr("Commands", "Library")),
                    ("review", tr("Commands", "Review")),
                    ("deliver", tr("Commands", "Deliver")),
                ),
                1,
            )
        ),
        Command("activity", tr("Commands", "Work in hand"), "Ctrl+J"),
        Command("log-layout", tr("Commands", "Logging layout"), "F2"),
        Command("settings", tr("Commands", "Settings"), "Ctrl+,"),
        Command("keys", tr("Commands", "All keys"), "F1"),
        Command("about", tr("Commands", "About Rushes")),
        Command("menu", tr("Commands", "Menu"), "F10", in_menu=False),
        Command("", ""),
        Command("quit", tr("Commands", "Quit"), "Ctrl+Q"),
    ]


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
    if isinstance(watched, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(watched, ClipGrid):
        return watched.finding or key in _MOVES or event.text() == "'"
    if isinstance(watched, QTreeView | QTabBar | QAbstractSlider | QAbstractSpinBox | QComboBox):
        return key in _MOVES or key == Qt.Key.Key_Space
    return isinstance(watched, QAbstractItemView) and key in _ENDS
