"""The window itself: header, pages, status bar, messages. What happens in it is the `Workbench`'s; this is the frame it works in.

At a start it is shown before any of that is loaded: its surfaces are painted in their places, and what lies on
them follows with the next turns of the event loop. So nothing is imported here that painting surfaces does not need.
"""

import sys
from typing import TYPE_CHECKING, Final

from PySide6 import QtCore
from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal, SignalInstance
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow, QWidget
from typing_extensions import override

from app.ui.theme import tokens

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QStackedWidget

    from app.core.model.errors import RushesError
    from app.ui.shell.header import Header
    from app.ui.shell.statusbar import StatusBar
    from app.ui.shell.toasts import Toasts
    from app.ui.widgets.panels import EmptyState

_FIRST_SIZE: Final = (1600, 1000)
_LEAST: Final = (780, 480)
"""It fits a small screen, or a large one at 200 %."""
_FRAME: Final = 40
"""What a desktop puts above the window, in logical pixels: its bar must not push ours off the screen."""
_UNSEEN_MS: Final = 300
"""A window that is not painted, as one that starts minimised, is furnished all the same after so long."""


class MainWindow(QMainWindow):
    """One window."""

    closing = Signal()
    """The window is about to go: players and services are closed now."""
    retry_wanted = Signal()
    """Opening the catalog is to be tried again."""
    folders_dropped = Signal(object)
    """Paths of what was dropped onto the window."""
    escaped = Signal()
    """Escape that nothing with the focus wanted."""

    painted = Signal()
    """Once, at the start: its surfaces are on the screen, and it can be furnished."""

    header: "Header"
    status: "StatusBar"
    menu: "QMenu"
    stack: "QStackedWidget"
    banner: "QLabel"
    toasts: "Toasts"
    body: QWidget
    """All of the window's inside: what lies over pages lies on it."""
    _opening: "EmptyState"

    def __init__(self, *, bare: bool = False) -> None:
        """With `bare`, only its surfaces: `furnish` brings the rest."""
        super().__init__()
        self.setWindowTitle("Rushes")
        self.setMinimumSize(*_LEAST)
        self.setAcceptDrops(True)
        self._trouble: EmptyState | None = None
        self._memory: QSettings | None = None
        self._splits: dict[str, QSplitter] = {}
        self._full = False
        if bare:
            self.setCentralWidget(_Surfaces(self.painted))
        else:
            self.furnish()

    def furnish(self) -> None:
        """Puts header, pages, status bar and messages into it. The look must have been applied."""
        from PySide6.QtGui import QIcon
        from PySide6.QtWidgets import QMenu, QStackedWidget

        from app.ui.shell.header import Header
        from app.ui.shell.statusbar import StatusBar
        from app.ui.shell.toasts import Toasts
        from app.ui.theme import icons, style
        from app.ui.widgets.panels import EmptyState, box
        from app.ui.widgets.words import label

        self.setWindowIcon(QIcon(icons.pixmap("film", 64, tokens.DARK.accent)))
        self.menu = QMenu(self)
        self.header = Header(self.menu)
        self.status = StatusBar()
        self.stack = QStackedWidget()
        style.set_look(self.stack, "canvas")
        self.banner = label("", "warn", wrap=True)
        self.banner.setContentsMargins(
            tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S
        )
        self.banner.hide()
        self.body = QWidget()
        self.body.setLayout(box(self.header, self.banner, self.stack, self.status, gap=0))
        self.setCentralWidget(self.body)
        self.toasts = Toasts(self.body)
        self._opening = EmptyState("film", self.tr("Opening the library …"), "")
        self.stack.addWidget(self._opening)
        self.set_ready(ready=False)

    def set_ready(self, *, ready: bool) -> None:
        """Whether there is a library to work with."""
        self.header.setEnabled(ready)
        self.header.work.setVisible(ready)
        self.status.setEnabled(ready)

    def show_trouble(self, error: "RushesError") -> None:
        """The library cannot be opened: what happened, what is safe, what to do."""
        from app.core.model.names import display
        from app.ui.widgets.core_words import core
        from app.ui.widgets.panels import EmptyState

        if self._trouble is not None:
            self.stack.removeWidget(self._trouble)
            self._trouble.deleteLater()
        words = [core(error.message), core(error.todo), self.tr("Your media is untouched.")]
        self._trouble = EmptyState(
            "warn",
            display(core(error.title)),
            "\n\n".join(display(part) for part in words if part),
            self.tr("Try again"),
            self.retry_wanted.emit,
            colour=tokens.current().warn,
        )
        self.stack.addWidget(self._trouble)
        self.stack.setCurrentWidget(self._trouble)

    def show_opening(self, words: str = "") -> None:
        """While the library is being opened; `words` say what is being done to it."""
        from app.core.model.names import display
        from app.ui.widgets.core_words import core

        self._opening.say(self.tr("Opening the library …"), display(core(words)))
        self.stack.setCurrentWidget(self._opening)

    def show_banner(self, words: str) -> None:
        """A line under the header that stays: read-only, a volume that hangs; "" takes it away."""
        self.banner.setText(f"▲  {words}" if words else "")
        self.banner.setVisible(bool(words))

    def set_full_screen(self, full: bool) -> None:
        """All of the screen for the picture and its controls."""
        self._full = full
        for bar in (self.header, self.status):
            bar.setVisible(not full)
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    @property
    def is_full(self) -> bool:
        """Whether it fills the screen."""
        return self._full

    def remember(self, memory: QSettings, splits: "dict[str, QSplitter]") -> None:
        """Puts the window and its dividers where they were last time, and keeps them from now on."""
        self._memory = memory
        self._splits = splits
        for name, split in splits.items():
            kept = memory.value(f"split/{name}")
            if isinstance(kept, QByteArray):
                split.restoreState(kept)

    def place(self, memory: QSettings | None) -> None:
        """Where it was last time, else as large as the drawing, where the screen is that large."""
        kept = memory.value("window/geometry") if memory else None
        if isinstance(kept, QByteArray) and self.restoreGeometry(kept):
            return
        screen = QGuiApplication.primaryScreen().availableGeometry()
        height = min(_FIRST_SIZE[1], screen.height() - _FRAME)
        self.resize(min(_FIRST_SIZE[0], screen.width()), height)
        self.move(screen.center() - self.rect().center())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        _welcome(event)

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        _welcome(event)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        if _welcome(event):
            local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
            self.folders_dropped.emit(local)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
            for name, split in self._splits.items():
                self._memory.setValue(f"split/{name}", split.saveState())
            self._memory.sync()
        self.closing.emit()
        event.accept()


class _Surfaces(QWidget):
    """The bars with their lines and the canvas between them, as they look when they are furnished."""

    def __init__(self, painted: SignalInstance) -> None:
        super().__init__()
        self._painted = painted
        self._awaited = True
        QTimer.singleShot(_UNSEEN_MS, self._say)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, tall = tokens.current(), max(self.height(), tokens.HEADER + tokens.FOOTER)
        column = b"".join(
            int(colour[1:], 16).to_bytes(4, sys.byteorder) * rows
            for colour, rows in (
                (look.bg1, tokens.HEADER - 1),
                (look.line, 1),
                (look.bg0, tall - tokens.HEADER - tokens.FOOTER),
                (look.line, 1),
                (look.bg1, tokens.FOOTER - 1),
            )
        )
        painter = QPainter(self)
        # To fill with a colour would make Python's copies of all of Qt's enumerations, and cost four times as much.
        painter.drawImage(self.rect(), QImage(column, 1, tall, QImage.Format.Format_RGB32))
        painter.end()
        QTimer.singleShot(0, self._say)

    def _say(self) -> None:
        if self._awaited:
            self._awaited = False
            self._painted.emit()


def _welcome(event: QDropEvent) -> bool:
    """Files of another program may come in, to be looked at where they are; never is one to be moved."""
    from app.ui.widgets.mime import CLIPS_MIME

    mime = event.mimeData()
    files = not mime.hasFormat(CLIPS_MIME) and any(url.isLocalFile() for url in mime.urls())
    possible = event.possibleActions()
    ways = (QtCore.Qt.DropAction.LinkAction, QtCore.Qt.DropAction.CopyAction)
    way = next((way for way in ways if possible & way), None)
    if not files or way is None:
        event.ignore()
        return False
    event.setDropAction(way)
    event.accept()
    return True
