"""The transport: timecode and range on the left, buttons on the right, and the clip's sound below.

In a low window the lower row is folded away behind a button of the upper one.
It shows what it is told and says what was pressed, by the names of `actions`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final, TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app.ui.player import positions, shuttle
from app.ui.player.channels import ChannelRow
from app.ui.player.keymap import Keymap
from app.ui.player.monitoring import Monitor
from app.ui.player.positions import Display
from app.ui.player.source import PlayerSource
from app.ui.player.timecode_field import TimecodeField
from app.ui.theme import icons, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button, icon_button
from app.ui.widgets.words import NameLabel, label, tip

_SPEEDS: Final = (Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4))
_ICON_PX: Final = 18
_TOOL_PX: Final = 28
_SLIDER_PX: Final = 64
_GAP: Final = 2
_ROOMY_PX: Final = 460
"""Narrower, and the volume has its keys alone."""
_T = TypeVar("_T")


class Transport(QWidget):
    """Two rows under the picture."""

    triggered = Signal(str)
    """A button was pressed: an action's id."""
    frame_entered = Signal(object)
    """A position was typed: a frame."""
    speed_chosen = Signal(object)
    """A speed to play at."""
    display_changed = Signal(object)
    """Positions are now shown as this `Display`."""
    volume_chosen = Signal(int)
    """0 to 100."""
    monitor_changed = Signal(object)
    """Which channels are heard: a `Monitor`."""
    source_switched = Signal(bool)
    """The proxy is wanted (True), or the original."""

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Transport"))
        self._keymap = keymap
        self._source: PlayerSource | None = None
        self._range: tuple[int | None, int | None] = (None, None)
        self._display = Display.TIMECODE
        self.timecode = TimecodeField(self)
        self.timecode.entered.connect(self.frame_entered)
        self.timecode.refused.connect(self._on_refused)
        self.marked = NameLabel("", tokens.mono(), tokens.current().text2)
        self.refusal = NameLabel("", tokens.sans(tokens.SMALL_PX), tokens.current().bad)
        self.refusal.hide()
        self.buttons: dict[str, QToolButton] = {}
        self.speed = self._chip(self.tr("Speed"), self._speed_menu())
        self.rate = label("", "secondary", name=self.tr("Frame rate"))
        self.length = label("", "secondary", font=tokens.mono(), name=self.tr("Duration"))
        self.channels = ChannelRow(self)
        self.channels.changed.connect(self.monitor_changed)
        self.sound = self._tool("mute", "speaker", self.tr("Sound on or off"))
        self.volume = self._volume_slider()
        self.loop = self._tool("loop", "loop", self.tr("Loop"), checkable=True)
        self.display = self._chip(self.tr("Display"), self._display_menu())
        self.original = button("", self._on_switch, look="chip", name=self.tr("Proxy or original"))
        self.more = self._more_button()
        self._folded = False
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(tokens.SPACE_M, tokens.SPACE_XS, tokens.SPACE_M, tokens.SPACE_XS)
        column.setSpacing(_GAP)
        self._upper = self._upper_row()
        column.addLayout(self._upper)
        self.second = QWidget(self)
        self.second.setLayout(self._lower_row())
        column.addWidget(self.second)
        self.show_choice(proxy=False, original=False)
        self.show_source(None)
        self.show_speed(Fraction(0))
        self.show_level(100, muted=False)

    # -- what it shows --

    def show_source(self, source: PlayerSource | None, monitor: Monitor | None = None) -> None:
        """Another clip, or another file of the same."""
        self._source = source
        self.timecode.show_source(source)
        for part in (*self.buttons.values(), self.speed, self.loop):
            part.setEnabled(source is not None and not source.still)
        self.display.setEnabled(source is not None)
        channels = source.channels if source else 0
        names = source.channel_names if source else ()
        self.channels.show_channels(channels, names, monitor or Monitor())
        self.sound.setEnabled(channels > 0)
        self.volume.setEnabled(channels > 0)
        self._show_facts()

    def heights(self) -> tuple[int, int]:
        """How high it is folded, and with both rows, in pixels."""
        upper = self._upper.sizeHint().height() + 2 * tokens.SPACE_XS
        return upper, upper + _GAP + self.second.sizeHint().height()

    def least_width(self) -> int:
        """How narrow it can be in pixels, the same folded and not, shown and not: no divider jumps."""
        upper = self._upper.minimumSize().width()
        if self.more.isHidden():
            upper += _TOOL_PX + self._upper.spacing()
        return max(upper, self.second.minimumSizeHint().width()) + 2 * tokens.SPACE_M

    def set_folded(self, folded: bool) -> None:
        """Folds the lower row away, behind a button that brings it back."""
        if folded != self._folded:
            self._folded = folded
            self.more.setChecked(False)
            self._show_lower()

    def show_frame(self, frame: int) -> None:
        """Where the picture is."""
        self.timecode.show_frame(frame)

    def show_range(self, first: int | None, end: int | None) -> None:
        """In and out, half-open; out is shown inclusive."""
        self._range = (first, end)
        self._show_facts()

    def show_speed(self, speed: Fraction) -> None:
        """Playing at this signed speed; 0 is stopped."""
        words = self.tr("Pause") if speed else self.tr("Play")
        toggle = self.buttons["play-pause"]
        toggle.setIcon(icons.icon("pause" if speed else "play", tokens.current().text))
        toggle.setAccessibleName(words)
        tip(toggle, words, self._keymap.shown("play-pause"))
        text = shuttle.speed_text(speed or Fraction(1))
        self.speed.setText(text)
        self.speed.setAccessibleName(self.tr("Speed {n}").replace("{n}", text))

    def show_level(self, percent: int, *, muted: bool) -> None:
        """How loud it is, and whether it is heard at all."""
        self.sound.setIcon(icons.icon("muted" if muted or not percent else "speaker"))
        state = self.tr("Sound is off") if muted else self.tr("Sound is on")
        self.sound.setAccessibleName(state)
        tip(self.sound, state, self._keymap.shown("mute"))
        self.volume.blockSignals(True)
        self.volume.setValue(0 if muted else percent)
        self.volume.blockSignals(False)
        words = self.level_words(percent, muted=False)
        self.volume.setAccessibleDescription(self.level_words(percent, muted=muted))
        keys = (self._keymap.shown("louder"), self._keymap.shown("quieter"))
        tip(self.volume, words, ", ".join(keys))

    def level_words(self, percent: int, *, muted: bool) -> str:
        """How loud it is, in words."""
        if muted:
            return self.tr("Sound is off")
        return self.tr("Volume {n} %").replace("{n}", str(percent))

    def show_choice(self, *, proxy: bool, original: bool) -> None:
        """Which files of the clip there are to switch between."""
        self.original.setVisible(proxy or original)
        self.original.setEnabled(proxy and original)
        self._show_facts()

    def set_display(self, display: Display) -> None:
        """In what positions are shown."""
        self._display = display
        self.timecode.set_display(display)
        self._show_facts()
        self.display_changed.emit(display)

    def next_display(self) -> None:
        """The next way to show positions."""
        ways = list(Display)
        self.set_display(ways[(ways.index(self._display) + 1) % len(ways)])

    # -- making --

    def _upper_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.timecode)
        row.addSpacing(tokens.SPACE_S)
        row.addWidget(self.marked, 1)
        for action, icon, words in (
            ("reverse", "fast-back", self.tr("Backwards, faster each time")),
            ("step-back", "step-back", self.tr("One frame back")),
            ("play-pause", "play", self.tr("Play")),
            ("step-forward", "step", self.tr("One frame forward")),
            ("forward", "fast-forward", self.tr("Forwards, faster each time")),
        ):
            self.buttons[action] = self._tool(action, icon, words)
            row.addWidget(self.buttons[action])
        row.addSpacing(tokens.SPACE_S)
        row.addWidget(self.speed)
        row.addWidget(self.more)
        return row

    def _lower_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.SPACE_S)
        self._facts = (self.length, self.rate, self.channels)
        for part in self._facts:
            row.addWidget(part)
        row.addWidget(self.refusal, 100)
        row.addStretch(1)
        for part in (self.sound, self.volume, self.loop, self.display, self.original):
            row.addWidget(part)
        return row

    def _tool(self, action: str, icon: str, words: str, *, checkable: bool = False) -> QToolButton:
        made = icon_button(
            icon,
            words,
            lambda: self.triggered.emit(action),
            key=self._keymap.shown(action),
            checkable=checkable,
        )
        made.setIconSize(QSize(_ICON_PX, _ICON_PX))
        made.setFixedSize(_TOOL_PX, _TOOL_PX)
        return made

    def _more_button(self) -> QToolButton:
        words = self.tr("Length, sound and display")
        made = icon_button("more", words, checkable=True)
        made.setFixedSize(_TOOL_PX, _TOOL_PX)
        made.toggled.connect(self._show_lower)
        made.hide()
        return made

    def _show_lower(self) -> None:
        self.more.setVisible(self._folded)
        open_now = not self._folded or self.more.isChecked() or bool(self.refusal.text())
        self.second.setVisible(open_now)
        self._column.activate()

    def _volume_slider(self) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal, self)
        made.setRange(0, 100)
        made.setPageStep(10)
        made.setMinimumWidth(_SLIDER_PX // 2)
        made.setMaximumWidth(_SLIDER_PX)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setAccessibleName(self.tr("Volume"))
        made.valueChanged.connect(self.volume_chosen)
        return made

    def _chip(self, name: str, menu: QMenu) -> QPushButton:
        made = button("", look="chip", name=name, hint=name)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setMenu(menu)
        return made

    def _speed_menu(self) -> QMenu:
        menu = QMenu(self)
        for speed in _SPEEDS:
            item = menu.addAction(shuttle.speed_text(speed))
            item.triggered.connect(_sending(self.speed_chosen.emit, speed))
        return menu

    def _display_menu(self) -> QMenu:
        menu = QMenu(self)
        for display in Display:
            item = menu.addAction(positions.display_name(display))
            item.triggered.connect(_sending(self.set_display, display))
        return menu

    # -- inside --

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.volume.setVisible(self.width() >= _ROOMY_PX)

    def _show_facts(self) -> None:
        source = self._source
        self.display.setText(_SHORT[self._display])
        rate = source.label_rate or source.rate if source and not source.still else None
        self.rate.setText(wording.rate(rate))
        self.length.setText(self._length_words(source) if source else "")
        self.marked.set_text(self.range_words())
        proxy = source is not None and source.is_proxy
        self.original.setText(self.tr("proxy") if proxy else self.tr("original"))
        words = self.tr("Play the original") if proxy else self.tr("Play the proxy")
        self.original.setAccessibleName(words)
        tip(self.original, words, self._keymap.shown("switch-source"))

    def range_words(self) -> str:
        """In and out as they are shown; "" where neither is set."""
        return self._range_words(self._source) if self._source else ""

    def _range_words(self, source: PlayerSource) -> str:
        first, end = self._range
        if first is None and end is None:
            return ""
        start = "…" if first is None else positions.text(source, first, self._display)
        last = "…" if end is None else positions.text(source, max(0, end - 1), self._display)
        return f"[ {start} – {last} ]"

    def _length_words(self, source: PlayerSource) -> str:
        """The clip's length, with the range's before it."""
        if source.still:
            return self.tr("still")
        if source.frames is None:
            return ""
        whole = positions.length(source, source.frames, self._display)
        first, end = self._range
        if first is None and end is None:
            return whole
        chosen = (source.frames if end is None else end) - (first or 0)
        return f"{positions.length(source, chosen, self._display)} / {whole}"

    def _on_refused(self, message: str) -> None:
        self.refusal.set_text(message)
        self.refusal.setVisible(bool(message))
        for part in self._facts:
            part.setVisible(not message)
        self._show_lower()

    def _on_switch(self) -> None:
        if self._source is not None:
            self.source_switched.emit(not self._source.is_proxy)


_SHORT: Final = {
    Display.TIMECODE: "TC",
    Display.FRAMES: "fr",
    Display.SECONDS: "s",
    Display.FEET: "ft+fr",
}


def _sending(receive: Callable[[_T], object], value: _T) -> Callable[..., None]:
    def send(*_checked: object) -> None:
        receive(value)

    return send
