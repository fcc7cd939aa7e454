"""The window itself: header, pages, status bar, messages. Light, so that it is painted before anything else is loaded.

What happens in it is the `Workbench`'s; this is the frame it works in.
"""

from typing import Final

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
)
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QWidget
from typing_extensions import override

from app.core.model.errors import RushesError
from app.core.model.names import display
from app.ui.shell.header import Header
from app.ui.shell.statusbar import StatusBar
from app.ui.shell.toasts import Toasts
from app.ui.theme import icons, style, tokens
from app.ui.widgets.core_words import core
from app.ui.widgets.mime import CLIPS_MIME
from app.ui.widgets.panels import EmptyState, box
from app.ui.widgets.words import label

_FIRST_SIZE: Final = (1600, 1000)
_LEAST: Final = (780, 480)
"""It fits a small screen, or a large one at 200 %."""
_FRAME: Final = 40
"""What a desktop puts above the window, in logical pixels: its bar must not push ours off the screen."""


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

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Rushes")
        self.setWindowIcon(QIcon(icons.pixmap("film", 64, tokens.DARK.accent)))
        self.setMinimumSize(*_LEAST)
        self.setAcceptDrops(True)
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
        """All of the window's inside: what lies over pages lies on it."""
        self.body.setLayout(box(self.header, self.banner, self.stack, self.status, gap=0))
        self.setCentralWidget(self.body)
        self.toasts = Toasts(self.body)
        self._opening = EmptyState("film", self.tr("Opening the library …"), "")
        self.stack.addWidget(self._opening)
        self._trouble: EmptyState | None = None
        self._memory: QSettings | None = None
        self._splits: dict[str, QSplitter] = {}
        self._full = False
        self.set_ready(ready=False)

    def set_ready(self, *, ready: bool) -> None:
        """Whether there is a library to work with."""
        self.header.setEnabled(ready)
        self.header.work.setVisible(ready)
        self.status.setEnabled(ready)

    def show_trouble(self, error: RushesError) -> None:
        """The library cannot be opened: what happened, what is safe, what to do."""
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

    def remember(self, memory: QSettings, splits: dict[str, QSplitter]) -> None:
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
        if event.key() == Qt.Key.Key_Escape:
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


def _welcome(event: QDropEvent) -> bool:
    """Files of another program may come in, to be looked at where they are; never is one to be moved."""
    mime = event.mimeData()
    files = not mime.hasFormat(CLIPS_MIME) and any(url.isLocalFile() for url in mime.urls())
    possible = event.possibleActions()
    ways = (Qt.DropAction.LinkAction, Qt.DropAction.CopyAction)
    way = next((way for way in ways if possible & way), None)
    if not files or way is None:
        event.ignore()
        return False
    event.setDropAction(way)
    event.accept()
    return True
