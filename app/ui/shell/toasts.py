"""Short messages over the lower right corner: what was done with its Undo, and what went wrong.

An error stays until it is put away and says what happened, what is safe, and what to do. Nothing
here takes the keyboard or stops anything.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from app.core.model.errors import Family, RushesError
from app.core.model.names import display
from app.ui.theme import tokens
from app.ui.widgets.controls import button, icon_button
from app.ui.widgets.panels import box, panel
from app.ui.widgets.timers import single_shot
from app.ui.widgets.words import label

SHORT_MS: Final = 8_000
_MOST: Final = 4
_WIDTH: Final = 400


class Toasts(QWidget):
    """The stack of messages over a host widget."""

    def __init__(self, host: QWidget, low: int = tokens.FOOTER) -> None:
        super().__init__(host)
        self._host = host
        self._low = low
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(tokens.SPACE_S)
        self.setAccessibleName(self.tr("Messages"))
        host.installEventFilter(self)
        self.hide()

    def tell(
        self, words: str, action: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """A line that goes away by itself, with one thing to do about it."""
        toast = panel("toast")
        row = box(label(display(words), wrap=True), 1, across=True, margin=tokens.SPACE_M)
        if on_action:
            row.addWidget(button(action, self._once(toast, on_action), look="flat", key="Ctrl+Z"))
        row.addWidget(self._closer(toast))
        toast.setLayout(row)
        single_shot(toast, SHORT_MS, lambda: self._drop(toast)).start()
        self._show(toast)

    def fail(self, error: RushesError) -> None:
        """What went wrong, what is safe, what to do."""
        toast = panel("toast-bad")
        head = label(
            f"◆  {display(error.title)}", font=tokens.sans(weight=QFont.Weight.DemiBold), wrap=True
        )
        column = box(box(head, 1, self._closer(toast), across=True), margin=tokens.SPACE_M)
        for words, look in (
            (error.message if error.message != error.title else "", ""),
            (error.subject if error.subject not in error.message else "", "secondary"),
            (self._safe(error), "secondary"),
            (error.todo, ""),
        ):
            if words:
                column.addWidget(label(display(words[:600]), look, wrap=True, selectable=True))
        toast.setLayout(column)
        toast.setAccessibleName(f"{error.title}. {error.message} {error.todo}")
        self._show(toast)

    def count(self) -> int:
        """Messages on show."""
        return self._column.count()

    def _safe(self, error: RushesError) -> str:
        if error.family is Family.PASSING:
            return self.tr("It will be tried again. Nothing is lost.")
        if error.family is Family.BUG:
            return self.tr("Your media and notes are safe; the log says more.")
        return ""

    def _show(self, toast: QFrame) -> None:
        while self._column.count() >= _MOST:
            oldest = self._column.itemAt(0)
            widget = oldest.widget() if oldest else None
            if widget is None:
                break
            self._drop(widget)
        self._column.addWidget(toast)
        self.show()
        self.raise_()
        self._place()

    def _closer(self, toast: QWidget) -> QWidget:
        return icon_button("close", self.tr("Put this message away"), lambda: self._drop(toast))

    def _once(self, toast: QWidget, act: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            self._drop(toast)
            act()

        return run

    def _drop(self, toast: QWidget) -> None:
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        if not self._column.count():
            self.hide()
        self._place()

    def _place(self) -> None:
        width = min(_WIDTH, self._host.width() - 2 * tokens.SPACE_L)
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else 0
        height = max(height, self._column.sizeHint().height())
        self.setGeometry(
            self._host.width() - width - tokens.SPACE_L,
            self._host.height() - height - self._low - tokens.SPACE_M,
            width,
            height,
        )

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
