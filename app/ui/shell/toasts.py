"""Short messages over the lower right corner: what was done with its Undo, and what went wrong.

An error stays until it is put away and says what happened, what is safe, and what to do. Nothing
here takes the keyboard or stops anything.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from app.core.model.errors import Family, RushesError
from app.core.model.names import display
from app.ui.theme import tokens
from app.ui.widgets.controls import button, icon_button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, panel
from app.ui.widgets.timers import single_shot
from app.ui.widgets.words import label

SHORT_MS: Final = 8_000
_MOST: Final = 4
_WIDTH: Final = 400
_MOVED: Final = (QEvent.Type.Resize, QEvent.Type.ShowToParent, QEvent.Type.HideToParent)


class Toasts(QWidget):
    """The stack of messages over a host widget."""

    left = Signal()
    """A message that had the keyboard goes away."""

    def __init__(self, host: QWidget, low: int = tokens.FOOTER) -> None:
        super().__init__(host)
        self._host = host
        self._low = low
        self._beside: QWidget | None = None
        self._about: dict[QWidget, tuple[str, ...]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(tokens.SPACE_S)
        self.setAccessibleName(self.tr("Messages"))
        host.installEventFilter(self)
        self.hide()

    def stand_beside(self, column: QWidget) -> None:
        """Messages stand right of this column at the host's left edge, as long as it is not folded."""
        self._beside = column
        column.installEventFilter(self)
        self._place()

    def tell(
        self,
        words: str,
        action: str = "",
        on_action: Callable[[], None] | None = None,
        about: Sequence[str] = (),
    ) -> None:
        """A line that goes away by itself, with one thing to do about it.

        Args:
            words: the line.
            action: on the button.
            on_action: what the button does.
            about: the events that the line tells of, for `drop_about`.
        """
        toast = panel("toast")
        row = box(label(display(words), wrap=True), across=True, margin=tokens.SPACE_S)
        row.setStretch(0, 1)
        if on_action:
            hint = f"{action}: {words}"
            row.addWidget(button(action, self._once(toast, on_action), look="flat", hint=hint))
        row.addWidget(self._closer(toast))
        toast.setLayout(row)
        if about:
            self._about[toast] = tuple(about)
        single_shot(toast, SHORT_MS, lambda: self._drop(toast)).start()
        self._show(toast)

    def fail(self, error: RushesError) -> None:
        """What went wrong, what is safe, what to do."""
        toast = panel("toast-bad")
        bold = tokens.sans(weight=QFont.Weight.DemiBold)
        head = box(
            label("◆", "bad"), label(display(core(error.title)), font=bold, wrap=True), across=True
        )
        head.setStretch(1, 1)
        head.addWidget(self._closer(toast))
        column = box(head, margin=tokens.SPACE_M)
        for words, look in (
            (error.message if error.message != error.title else "", ""),
            (error.subject if error.subject not in error.message else "", "secondary"),
            (self._safe(error), "secondary"),
            (error.todo, ""),
        ):
            if words:
                column.addWidget(
                    label(display(core(words)[:600]), look, wrap=True, selectable=True)
                )
        toast.setLayout(column)
        toast.setAccessibleName(f"{core(error.title)}. {core(error.message)} {core(error.todo)}")
        self._show(toast)

    @property
    def about(self) -> list[tuple[str, ...]]:
        """The events that the lines on show tell of, one entry a line."""
        return list(self._about.values())

    def drop_about(self, events: tuple[str, ...]) -> None:
        """Takes away the line that tells of these."""
        for toast in [toast for toast, known in self._about.items() if known == events]:
            self._drop(toast)

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
        self._about.pop(toast, None)
        self._column.removeWidget(toast)
        held = QApplication.focusWidget()
        toast.hide()
        if held is not None and toast.isAncestorOf(held):
            self.left.emit()
        toast.deleteLater()
        if not self._column.count():
            self.hide()
        self._place()

    def _place(self) -> None:
        """Over the clips, beside the sidebar where it shows: the buttons of the clip in hand stay free."""
        width = min(_WIDTH, self._host.width() - 2 * tokens.SPACE_L)
        height = sum(_height(toast, width) for toast in self._toasts())
        height += tokens.SPACE_S * max(0, self._column.count() - 1)
        column = self._beside
        taken = column.width() if column is not None and not column.isHidden() else 0
        left = min(taken + tokens.SPACE_L, self._host.width() - width - tokens.SPACE_L)
        top = self._host.height() - height - self._low - tokens.SPACE_M
        self.setGeometry(left, top, width, height)

    def _toasts(self) -> list[QWidget]:
        items = [self._column.itemAt(number) for number in range(self._column.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if widget is not None]

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched in (self._host, self._beside) and event.type() in _MOVED:
            self._place()
        return super().eventFilter(watched, event)


def _height(toast: QWidget, width: int) -> int:
    """How high a message is at this width, also before it has been shown."""
    toast.ensurePolished()
    for part in toast.findChildren(QWidget):
        part.ensurePolished()
    inside = toast.layout()
    if inside is None:
        return toast.sizeHint().height()
    inside.activate()
    if inside.hasHeightForWidth():
        return inside.totalHeightForWidth(width)
    return inside.totalSizeHint().height()
