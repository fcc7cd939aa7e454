"""A panel for each device of an offload: how far it is, how quickly it goes on, when it will be ready."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget
from typing_extensions import override

from app.ui.theme import style, tokens
from app.ui.widgets.controls import button
from app.ui.widgets.panels import box, panel
from app.ui.widgets.words import NameLabel, label

_LEAST: Final = 190
"""Pixels of one panel."""


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceState:
    """What one panel shows; words are in the person's language already."""

    key: str
    name: str
    beside: str
    """Beside the name: what it does, or how much is free."""
    permille: int
    left: str
    """Below the bar, at the left: how quickly."""
    right: str
    """At the right: until when, or how much."""
    trouble: str = ""
    doubt: str = ""
    """Why it may not count as a device of its own."""
    can_say: bool = False
    """A person may say that it is one."""


class DevicePanels(QWidget):
    """As many beside one another as there is room for."""

    def __init__(self, on_own: Callable[[str], object]) -> None:
        super().__init__()
        self._on_own = on_own
        self._panels: list[_DevicePanel] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(tokens.SPACE_M)
        self.setLayout(self._grid)

    def show_states(self, states: Sequence[DeviceState]) -> None:
        """Other devices, or the same ones further on."""
        if [one.key for one in self._panels] != [one.key for one in states]:
            for old in self._panels:
                old.hide()
                old.deleteLater()
            self._panels = [_DevicePanel(one.key, self._on_own) for one in states]
            self._lay()
        for made, state in zip(self._panels, states, strict=True):
            made.show_state(state)
        self.setVisible(bool(states))

    def _lay(self) -> None:
        across = max(1, min(len(self._panels), self.width() // _LEAST))
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < across else 0)
        for n, one in enumerate(self._panels):
            self._grid.addWidget(one, n // across, n % across)
            one.show()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()


class _DevicePanel(QWidget):
    """One device."""

    def __init__(self, key: str, on_own: Callable[[str], object]) -> None:
        super().__init__()
        self.key = key
        self._name = NameLabel("", tokens.sans(weight=QFont.Weight.DemiBold))
        self._beside = label("", "secondary", font=tokens.sans(tokens.SMALL_PX))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._left = label("", font=tokens.sans(tokens.SMALL_PX))
        self._right = label("", "secondary", font=tokens.sans(tokens.SMALL_PX))
        self._trouble = label("", "bad", font=tokens.sans(tokens.SMALL_PX), wrap=True)
        self._doubt = label("", "secondary", font=tokens.sans(tokens.SMALL_PX), wrap=True)
        self._own = button(self.tr("It is one"), lambda: on_own(key), look="link")
        head = box(self._name, self._beside, across=True)
        head.setStretch(0, 1)
        foot = box(self._left, 1, self._right, across=True)
        doubt = box(self._doubt, self._own, across=True)
        doubt.setStretch(0, 1)
        column = box(head, self._bar, foot, self._trouble, doubt, 1, margin=tokens.SPACE_M)
        inner = panel("card", column)
        self.setLayout(box(inner))
        self.setMinimumWidth(_LEAST - tokens.SPACE_M)

    def show_state(self, state: DeviceState) -> None:
        """How it is now."""
        self._name.set_text(state.name)
        self._own.setAccessibleName(f"{state.name}: {self._own.text()}")
        self._bar.setAccessibleName(state.name)
        self._bar.setValue(state.permille)
        for part, text in (
            (self._beside, state.beside),
            (self._left, state.left),
            (self._right, state.right),
            (self._trouble, state.trouble),
            (self._doubt, state.doubt),
        ):
            if part.text() != text:
                part.setText(text)
        for part in (self._trouble, self._doubt):
            part.setVisible(bool(part.text()))
        self._own.setVisible(state.can_say)
        style.set_look(self._left, "bad" if state.trouble else "")
