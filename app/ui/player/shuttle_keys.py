"""J, K and L as hands use them: by place, tapped, held, and together.

J or L plays and climbs, K stops. With K held, a tap of J or L is one frame, holding it is a quarter
of the speed. They go by the key's place on the keyboard, so that they lie together on every layout;
a text field that has the keyboard keeps all its letters.
"""

from typing import Final, cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from typing_extensions import override

_SCAN_CODES: Final = {
    "xcb": {44: "j", 45: "k", 46: "l"},
    "wayland": {44: "j", 45: "k", 46: "l"},
    "windows": {36: "j", 37: "k", 38: "l"},
}
_MAC_KEYS: Final = {38: "j", 40: "k", 37: "l"}
_LETTERS: Final = {Qt.Key.Key_J: "j", Qt.Key.Key_K: "k", Qt.Key.Key_L: "l"}
_BARE: Final = Qt.KeyboardModifier.NoModifier


def takes_text(widget: QWidget | None) -> bool:
    """Whether typing into this widget writes something."""
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        return not widget.isReadOnly()
    if isinstance(widget, QAbstractSpinBox):
        return not widget.isReadOnly()
    return isinstance(widget, QComboBox) and widget.isEditable()


def shuttle_key(event: QKeyEvent) -> str:
    """`j`, `k`, `l` by the key's place, or "". By letter where the system tells no place."""
    platform = QGuiApplication.platformName()
    if platform == "cocoa":
        return _MAC_KEYS.get(event.nativeVirtualKey(), "")
    code = event.nativeScanCode()
    places = _SCAN_CODES.get(platform)
    if places is not None and code:
        return places.get(code, "")
    return _LETTERS.get(Qt.Key(event.key()), "")


class ShuttleKeys(QObject):
    """Watches the keys of one top-level window and says what the hands mean.

    It listens where keys enter the window, before any widget: a list would take J for a search.
    """

    pressed = Signal(str)
    """`j`, `k` or `l`, alone."""
    stepped = Signal(int)
    """K held, J or L tapped: -1 or 1."""
    slow = Signal(int)
    """K and J or L held together: -1 or 1."""
    released = Signal()
    """The slow play is over."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._entrance: QWindow | None = None
        self._stop_held = False
        self._slow = False
        window.installEventFilter(self)
        self._listen()

    def _listen(self) -> None:
        entrance = cast("QWindow | None", self._window.windowHandle())
        if entrance is not None and entrance is not self._entrance:
            self._entrance = entrance
            entrance.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._window:
            if kind in (QEvent.Type.Show, QEvent.Type.WinIdChange):
                self._listen()
            elif kind == QEvent.Type.WindowDeactivate:
                self._let_go()
            return False
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            self._release(event)
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key = shuttle_key(event)
        if not key or event.modifiers() != _BARE or takes_text(QApplication.focusWidget()):
            return False
        again = event.isAutoRepeat()
        if key == "k":
            self._stop_held = True
            if not again:
                self.pressed.emit(key)
        elif not self._stop_held:
            if not again:
                self.pressed.emit(key)
        else:
            self._with_stop(1 if key == "l" else -1, again=again)
        return True

    def _with_stop(self, direction: int, *, again: bool) -> None:
        if not again:
            self.stepped.emit(direction)
        elif not self._slow:
            self._slow = True
            self.slow.emit(direction)

    def _release(self, event: QKeyEvent) -> None:
        key = shuttle_key(event)
        if not key or event.isAutoRepeat():
            return
        if key == "k":
            self._stop_held = False
        if self._slow:
            self._slow = False
            self.released.emit()

    def _let_go(self) -> None:
        self._stop_held = False
        if self._slow:
            self._slow = False
            self.released.emit()
