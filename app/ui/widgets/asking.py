"""Small questions inside the window: a name to type, a thing to confirm. Nothing stops meanwhile; Escape leaves."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QLayout, QLineEdit, QWidget
from typing_extensions import override

from app.core.model.names import display
from app.ui.theme import style, tokens
from app.ui.widgets.controls import button, field
from app.ui.widgets.lending import Lent
from app.ui.widgets.panels import box
from app.ui.widgets.wording import translate
from app.ui.widgets.words import label

_WIDTH = 420


class Question(QFrame):
    """A panel under the window's header. One at a time on a host."""

    def __init__(self, host: QWidget, heading: str, words: str = "") -> None:
        super().__init__(host)
        for other in host.findChildren(Question):
            if other is not self:
                other.close_question()
        self._host = host
        self._column = box(
            label(display(heading), font=tokens.sans(weight=QFont.Weight.DemiBold), wrap=True),
            margin=tokens.SPACE_L,
            gap=tokens.SPACE_M,
        )
        if words:
            self._column.addWidget(label(words, "secondary", wrap=True))
        self.setLayout(self._column)
        style.set_look(self, "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(display(f"{heading} {words}"))
        self._lent = Lent(self)
        host.installEventFilter(self)

    def put(self, part: QWidget | QLayout) -> None:
        """Adds a line."""
        if isinstance(part, QWidget):
            self._column.addWidget(part)
        else:
            self._column.addLayout(part)

    def open(self, first: QWidget) -> None:
        """Shows it and gives the keyboard to this part of it."""
        self._lent.take()
        self._place()
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_question(self) -> None:
        """Goes away; who had the keyboard before has it again."""
        self._lent.give_back()
        self._host.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def _place(self) -> None:
        width = min(_WIDTH, self._host.width() - 2 * tokens.SPACE_L)
        height = max(self._column.heightForWidth(width), self._column.sizeHint().height())
        left = (self._host.width() - width) // 2
        self.setGeometry(left, tokens.HEADER + tokens.SPACE_XL, width, height)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_question()
        else:
            super().keyPressEvent(event)


def ask_line(
    host: QWidget, heading: str, hint: str, action: str, take: Callable[[str], None], text: str = ""
) -> QLineEdit:
    """Asks for one line of text; gives back the field."""
    asked = Question(host, heading)
    line = field(hint, heading)
    line.setText(text)
    line.selectAll()

    def keep() -> None:
        words = " ".join(line.text().split())
        if words:
            asked.close_question()
            take(words)

    line.returnPressed.connect(keep)
    asked.put(line)
    asked.put(_buttons(asked, action, keep))
    asked.open(line)
    return line


def confirm(
    host: QWidget, heading: str, words: str, action: str, do: Callable[[], None]
) -> Question:
    """Asks before something that is felt: what will happen, what stays safe."""
    asked = Question(host, heading, words)

    def go() -> None:
        asked.close_question()
        do()

    row = _buttons(asked, action, go)
    asked.put(row)
    last = row.itemAt(row.count() - 1)
    asked.open((last.widget() if last else None) or asked)
    return asked


def _buttons(asked: Question, action: str, go: Callable[[], None]) -> QLayout:
    leave = button(translate("Asking", "Cancel"), asked.close_question, key="Esc")
    return box(1, leave, button(action, go, look="primary"), across=True)
