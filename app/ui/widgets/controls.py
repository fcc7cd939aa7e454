"""Buttons, chips and fields: each with a name for screen readers and a tool tip that names its key."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QToolButton, QWidget

from app.core.model.names import display
from app.ui.theme import icons, style
from app.ui.widgets.words import tip


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    look: str = "",
    hint: str = "",
    key: str = "",
    icon: str = "",
    name: str = "",
) -> QPushButton:
    """A push button. `look`: `primary` (one a page), `nav`, `chip`, `chip-on`, `flat`, `link`."""
    made = QPushButton(safe(text))
    made.setAutoDefault(False)
    # A click leaves the keyboard where it was, so that Space goes on playing; Tab reaches it.
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if name:
        made.setAccessibleName(name)
    tip(made, hint or text, key)
    if look:
        style.set_look(made, look)
    if icon:
        colour = icons.tokens.current().on_accent if look == "primary" else ""
        made.setIcon(icons.icon(icon, colour))
    if on_click:
        made.clicked.connect(bare(on_click))
    return made


def icon_button(
    icon: str,
    name: str,
    on_click: Callable[[], object] | None = None,
    *,
    key: str = "",
    checkable: bool = False,
) -> QToolButton:
    """A button of one icon; its name is its tool tip."""
    made = QToolButton()
    made.setIcon(icons.icon(icon))
    made.setIconSize(QSize(16, 16))
    made.setAccessibleName(name)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    tip(made, name, key)
    style.set_look(made, "flat")
    if on_click:
        made.clicked.connect(bare(on_click))
    return made


def field(placeholder: str, name: str, on_enter: Callable[[], object] | None = None) -> QLineEdit:
    """A line to type in."""
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(name)
    made.setMaxLength(4_000)
    if on_enter:
        made.returnPressed.connect(on_enter)
    return made


def action(
    parent: QWidget,
    text: str,
    on_trigger: Callable[[], object],
    key: str = "",
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> QAction:
    """An action with its key, added to the widget it belongs to."""
    made = QAction(text, parent)
    if key:
        made.setShortcuts([QKeySequence(one) for one in key.split(" | ")])
        made.setShortcutContext(context)
    made.triggered.connect(bare(on_trigger))
    parent.addAction(made)
    return made


def menu_item(menu: QMenu, text: str, on_trigger: Callable[[], object], key: str = "") -> QAction:
    """An entry of a menu. `key` is shown, not bound: the window binds it."""
    made = menu.addAction(f"{safe(text)}\t{key}" if key else safe(text))
    made.triggered.connect(bare(on_trigger))
    return made


def safe(text: str) -> str:
    """Text for a button or a menu: made visible, and an ampersand is an ampersand."""
    return display(text).replace("&", "&&")


def bare(fn: Callable[[], object]) -> Callable[..., object]:
    """Drops the `checked` that Qt sends along, which would land in a callable's defaults."""
    return lambda *_checked: fn()
