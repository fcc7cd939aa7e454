"""The channel buttons A1 to A16: heard, muted, soloed, each by shape and word."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget
from typing_extensions import override

from app.ui.player.monitoring import Monitor
from app.ui.theme import style, tokens
from app.ui.widgets.controls import safe
from app.ui.widgets.words import tip

MOST: Final = 16
BUTTONS: Final = 6
"""As many channels as have a button; the others are in a menu beside them."""


class ChannelButton(QToolButton):
    """One channel. A click mutes it; with Alt, or the key S, it is heard alone."""

    mute_toggled = Signal(int)
    solo_toggled = Signal(int)

    def __init__(self, channel: int, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._channel = channel
        self._name = name
        self._state = ""
        self.setFont(tokens.sans(tokens.SMALL_PX))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        style.set_look(self, "flat")
        self.clicked.connect(self._on_clicked)

    def show_state(self, *, heard: bool, soloed: bool) -> None:
        """Heard or not, alone or not."""
        label = f"A{self._channel + 1}"
        self.setText(f"{label} S" if soloed else label)
        font = self.font()
        font.setStrikeOut(not heard)
        self.setFont(font)
        self.setChecked(heard)
        words = self.tr("heard alone") if soloed else self.tr("heard")
        self._state = words if heard else self.tr("muted")
        named = f"{label} {self._name}".strip()
        self.setAccessibleName(
            self.tr("Channel {name}, {state}")
            .replace("{name}", named)
            .replace("{state}", self._state)
        )
        tip(self, f"{named}: {self._state}. " + self.tr("Click mutes, Alt+click or S solos."))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and self.isDown():
            self.setDown(False)
            self.solo_toggled.emit(self._channel)
            return
        super().mouseReleaseEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        # The letter must not reach a shortcut of the window while the button has the keyboard.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and self._is_solo_key(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def _on_clicked(self) -> None:
        self.mute_toggled.emit(self._channel)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_solo_key(event):
            self.solo_toggled.emit(self._channel)
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        mute, solo = QAction(self.tr("Mute"), menu), QAction(self.tr("Solo"), menu)
        mute.triggered.connect(lambda: self.mute_toggled.emit(self._channel))
        solo.triggered.connect(lambda: self.solo_toggled.emit(self._channel))
        menu.addActions([mute, solo])
        menu.popup(event.globalPos())

    @staticmethod
    def _is_solo_key(event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_S and event.modifiers() == Qt.KeyboardModifier.NoModifier


class ChannelRow(QWidget):
    """The buttons of one clip's channels, and a menu of those that have no room."""

    changed = Signal(object)
    """The new `Monitor`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._monitor = Monitor()
        self._count = 0
        self._names: tuple[str, ...] = ()
        self._buttons: list[ChannelButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.more = QToolButton(self)
        self.more.setFont(tokens.sans(tokens.SMALL_PX))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._menu)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        style.set_look(self.more, "flat")
        self._row.addWidget(self.more)
        self.more.hide()

    @property
    def buttons(self) -> list[ChannelButton]:
        """One for each of the first channels, in order."""
        return self._buttons

    def show_channels(self, count: int, names: tuple[str, ...], monitor: Monitor) -> None:
        """Buttons for so many channels."""
        self._count, self._names = min(count, MOST), names
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [self._made(channel) for channel in range(min(self._count, BUTTONS))]
        self.more.setVisible(self._count > BUTTONS)
        self._set(monitor)

    def _made(self, channel: int) -> ChannelButton:
        button = ChannelButton(channel, self._name(channel), self)
        button.mute_toggled.connect(self._on_mute)
        button.solo_toggled.connect(self._on_solo)
        self._row.insertWidget(channel, button)
        return button

    def _name(self, channel: int) -> str:
        return self._names[channel] if channel < len(self._names) else ""

    def _on_mute(self, channel: int) -> None:
        self._set(self._monitor.toggled_mute(channel))
        self.changed.emit(self._monitor)

    def _on_solo(self, channel: int) -> None:
        self._set(self._monitor.toggled_solo(channel))
        self.changed.emit(self._monitor)

    def _set(self, monitor: Monitor) -> None:
        self._monitor = monitor
        heard = monitor.audible(self._count)
        for channel, button in enumerate(self._buttons):
            button.show_state(heard=channel in heard, soloed=channel in monitor.soloed)
        hidden = self._count - len(self._buttons)
        self.more.setText(f"+{hidden}")
        words = self.tr("All {n} channels, {heard} heard")
        words = words.replace("{n}", str(self._count)).replace("{heard}", str(len(heard)))
        self.more.setAccessibleName(words)
        tip(self.more, words)

    def _fill_menu(self) -> None:
        self._menu.clear()
        heard = self._monitor.audible(self._count)
        for channel in range(self._count):
            label = safe(f"A{channel + 1} {self._name(channel)}".strip())
            part = self._menu.addMenu(label if channel in heard else f"({label})")
            self._add(part, self.tr("Mute"), channel in self._monitor.muted, channel, self._on_mute)
            self._add(
                part, self.tr("Solo"), channel in self._monitor.soloed, channel, self._on_solo
            )

    def _add(
        self, menu: QMenu, text: str, on: bool, channel: int, toggle: Callable[[int], None]
    ) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(on)
        action.triggered.connect(lambda: toggle(channel))
