"""The player as one piece: viewer, transport and strip around an engine, moved by named actions.

A page gives it values (a source, marks, peaks) and listens; it knows nothing of the catalog.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from app.ui.player import keymap as keymaps
from app.ui.player import shuttle
from app.ui.player.core import CoreOptions
from app.ui.player.engine import PlayerEngine, close_with_program
from app.ui.player.keymap import Keymap
from app.ui.player.shuttle_keys import ShuttleKeys
from app.ui.player.source import PlayerSource
from app.ui.player.strip import Strip
from app.ui.player.surfaces import SurfaceKind
from app.ui.player.transport import Transport
from app.ui.player.viewer import Viewer
from app.ui.theme import tokens

_LOUDER: Final = 5
_PICTURE: Final = 200
"""The picture gets so much height before strip and transport get all of theirs, in pixels."""
_LOW_PICTURE: Final = 160
"""So much of it stays where the page has room for the whole strip, but not for all of `_PICTURE`."""
_LEAST_PICTURE: Final = 150


class PlayerPanel(QWidget):
    """Plays one clip. Close it before its window goes."""

    frame_changed = Signal(object)
    """The frame on screen."""
    frame_shown = Signal(object)
    """It has come to rest on this frame."""
    playing_changed = Signal(bool, object)
    range_changed = Signal(object, object)
    """In and out, half-open; None is open. Told for what a person did, not for `set_range`."""
    mark_activated = Signal(str)
    """A mark on the strip was clicked."""
    action_triggered = Signal(str)
    """An action that is the page's to do (a note, a rating, full screen): its id."""
    failed = Signal(str, str)

    def __init__(
        self,
        options: CoreOptions | None = None,
        kind: SurfaceKind = SurfaceKind.AUTO,
        keymap: Keymap | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Player"))
        self.keymap = keymap or keymaps.load()
        self.engine = PlayerEngine(options, self)
        self.viewer = Viewer(self.engine, kind, self)
        self.transport = Transport(self.keymap, self)
        self.strip = Strip(self)
        self._keys: ShuttleKeys | None = None
        self._picture_first = _PICTURE
        self._proxy: PlayerSource | None = None
        self._original: PlayerSource | None = None
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.viewer, 1)
        column.addWidget(self.transport)
        self._inset = QVBoxLayout()
        self._inset.addWidget(self.strip)
        column.addLayout(self._inset)
        self._show_around()
        close_with_program(self.engine)
        self._wire()
        self._handlers = self._made_handlers()

    # -- how its height is shared out --

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self.transport.least_width(), self._folded_height() + _LEAST_PICTURE)

    def wanted_height(self, room: int) -> int:
        """What it needs for a picture of a good size, in pixels, where the page can give `room`.

        The strip is whole wherever it fits with a low picture; else all but the picture folds.
        """
        whole = self.transport.heights()[1] + self.strip.FULL_PX + tokens.SPACE_XS
        fits = room >= whole + _LOW_PICTURE
        self._picture_first = _LOW_PICTURE if fits else _PICTURE
        self._fold()
        if self.viewer.picture_only:
            # All of the width: more height would be surround.
            return max(self._folded_height() + _PICTURE, self.viewer.height_for(self.width()))
        return min(room, whole + _PICTURE) if fits else self._folded_height() + _PICTURE

    def _folded_height(self) -> int:
        return self.transport.heights()[0] + self.strip.THIN_PX + tokens.SPACE_XS

    def _fold(self) -> None:
        """The picture first: strip and transport fold where they would leave it too little."""
        room = self.height() - self._picture_first - tokens.SPACE_XS
        rows = self.transport.heights()[1]
        self.strip.set_thin(room < rows + self.strip.FULL_PX)
        self.transport.set_folded(room < rows + self.strip.THIN_PX)
        self._column.activate()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    # -- what it plays --

    def show_clip(
        self,
        *,
        proxy: PlayerSource | None,
        original: PlayerSource | None,
        frame: int = 0,
        poster: str = "",
        caption: str = "",
        prefer_proxy: bool = True,
    ) -> None:
        """Another clip: its proxy and original, whichever there are. With neither it is offline."""
        self._proxy, self._original = proxy, original
        self.engine.set_range(None, None)
        self.engine.sound.hear_all()
        chosen = (proxy or original) if prefer_proxy else (original or proxy)
        frames = (chosen.frames if chosen else 0) or 0
        self.strip.set_clip(frames, chosen.rate / chosen.step if chosen else Fraction(25))
        self.transport.show_range(None, None)
        self.transport.show_choice(proxy=proxy is not None, original=original is not None)
        if chosen is None:
            self.engine.clear(frame)
            self.viewer.expect(poster, caption)
            self.viewer.show_offline()
            return
        self.viewer.expect(poster, caption)
        self.engine.load(chosen, frame)

    def set_range(self, first: int | None, end: int | None) -> None:
        """In and out as the page remembers them for this clip."""
        self.engine.set_range(first, end)
        self.transport.show_range(first, end)
        self.strip.set_range(first, end)

    def close_player(self) -> None:
        """Ends libmpv. Before the window goes, and once."""
        self.engine.close()

    @property
    def alone(self) -> bool:
        """Whether what usually shows a change stands aside: the picture alone, or full screen."""
        return self.viewer.picture_only or self.window().isFullScreen()

    def tell(self, words: str) -> None:
        """Says what was just done on the picture, where nothing else on screen shows it."""
        if words and self.alone:
            self.viewer.tell(words)

    def trigger(self, action: str) -> None:
        """Does a named action; what the page has to do is told on as `action_triggered`."""
        handler = self._handlers.get(action)
        if handler is None:
            self.action_triggered.emit(action)
        else:
            handler()

    # -- inside --

    def _wire(self) -> None:
        engine, transport, strip = self.engine, self.transport, self.strip
        engine.source_changed.connect(self._on_source)
        engine.opened.connect(self._on_length)
        engine.frame_changed.connect(self._on_frame)
        engine.frame_shown.connect(self._on_shown)
        engine.frame_changed.connect(self.frame_changed)
        engine.frame_shown.connect(self.frame_shown)
        engine.playing_changed.connect(self._on_playing)
        engine.failed.connect(self.failed)
        engine.sound.level_changed.connect(self._show_level)
        transport.volume_chosen.connect(engine.sound.set_volume)
        transport.triggered.connect(self.trigger)
        transport.frame_entered.connect(engine.seek_frame)
        transport.timecode.left.connect(self._show_around)
        transport.speed_chosen.connect(engine.shuttle)
        transport.monitor_changed.connect(engine.sound.set_monitor)
        transport.source_switched.connect(self._switch)
        strip.scrubbed.connect(engine.seek_frame)
        strip.range_dragged.connect(self._choose_range)
        strip.mark_activated.connect(self.mark_activated)
        self.viewer.picture_only_changed.connect(self._show_around)

    def _made_handlers(self) -> dict[str, Callable[[], object]]:
        engine = self.engine
        return {
            "play-pause": engine.toggle,
            "reverse": lambda: engine.jkl("j"),
            "stop": lambda: engine.jkl("k"),
            "forward": lambda: engine.jkl("l"),
            "step-back": lambda: engine.step(-1),
            "step-forward": lambda: engine.step(1),
            "back-1s": lambda: self._jump(-1),
            "forward-1s": lambda: self._jump(1),
            "back-5s": lambda: self._jump(-5),
            "forward-5s": lambda: self._jump(5),
            "first-frame": lambda: engine.seek_frame(0),
            "last-frame": lambda: engine.seek_frame(self._last()),
            "play-range": engine.play_range,
            "loop": self._toggle_loop,
            "mute": engine.sound.turn_muted,
            "louder": lambda: engine.sound.set_volume(engine.sound.volume + _LOUDER),
            "quieter": lambda: engine.sound.set_volume(engine.sound.volume - _LOUDER),
            "type-timecode": self._type_timecode,
            "in": lambda: self._mark_in(engine.wanted_frame),
            "out": lambda: self._mark_out(engine.wanted_frame + 1),
            "go-in": lambda: self._go(engine.range[0]),
            "go-out": lambda: self._go((engine.range[1] or 0) - 1 if engine.range[1] else None),
            "clear-in": lambda: self._choose_range(None, engine.range[1]),
            "clear-out": lambda: self._choose_range(engine.range[0], None),
            "clear-both": lambda: self._choose_range(None, None),
            "mark-clip": lambda: self._choose_range(0, self._last() + 1),
            "picture-only": lambda: self.viewer.set_picture_only(not self.viewer.picture_only),
            "switch-source": lambda: self._switch(not self._plays_proxy()),
            "deinterlace": engine.fields.turn,
            "switch-display": self.transport.next_display,
        }

    def _on_source(self, source: PlayerSource | None) -> None:
        self.transport.show_source(source, self.engine.sound.monitor)
        self.transport.show_range(*self.engine.range)
        if source is not None:
            self._on_frame(self.engine.frame)

    def _on_length(self) -> None:
        """The file has told a length that was not known."""
        source = self.engine.source
        if source is not None and source.frames is not None and not self.strip.frames:
            self.strip.set_clip(source.frames, source.rate / source.step)
            self.transport.show_source(source, self.engine.sound.monitor)

    def _on_frame(self, frame: int) -> None:
        self.transport.show_frame(frame)
        self.strip.set_frame(frame)

    def _on_shown(self, frame: int) -> None:
        self._on_frame(frame)
        source = self.engine.source
        if source is not None:
            self.strip.setAccessibleDescription(source.text(frame))

    def _on_playing(self, playing: bool, speed: Fraction) -> None:
        self.transport.show_speed(speed)
        if abs(speed) not in (0, 1):
            self.tell(shuttle.speed_text(speed))
        self.playing_changed.emit(playing, speed)

    def _show_around(self) -> None:
        """Transport and strip, but where the picture is to stand alone."""
        alone = self.viewer.picture_only
        self.transport.setVisible(not alone)
        self.strip.setVisible(not alone)
        beside, below = (0, 0) if alone else (tokens.SPACE_M, tokens.SPACE_XS)
        self._inset.setContentsMargins(beside, 0, beside, below)

    def _type_timecode(self) -> None:
        """The field takes the keyboard, in sight, also where the picture stands alone."""
        if self.engine.source is None:
            self.viewer.tell(self.tr("Nothing plays: there is no timecode to go to"))
            return
        self.transport.show()
        self.transport.timecode.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _plays_proxy(self) -> bool:
        return self.engine.source is not None and self.engine.source.is_proxy

    def _switch(self, to_proxy: bool) -> None:
        wanted = self._proxy if to_proxy else self._original
        if wanted is not None and wanted != self.engine.source:
            self.engine.switch(wanted)
            self.tell(self.tr("proxy") if to_proxy else self.tr("original"))

    def _last(self) -> int:
        source = self.engine.source
        return max(0, ((source.frames if source else 0) or 1) - 1)

    def _go(self, frame: int | None) -> None:
        if frame is not None:
            self.engine.seek_frame(frame)

    def _jump(self, seconds: int) -> None:
        source = self.engine.source
        if source is not None:
            self.engine.step(seconds * int(source.rate / source.step + Fraction(1, 2)))

    def _mark_in(self, first: int) -> None:
        end = self.engine.range[1]
        if end is None or first < end:
            self._choose_range(first, end)
        else:
            self._choose_range(first, None, self.tr("Out dropped: it lay before the in"))

    def _mark_out(self, end: int) -> None:
        first = self.engine.range[0]
        if first is None or first < end:
            self._choose_range(first, end)
        else:
            self._choose_range(None, end, self.tr("In dropped: it lay after the out"))

    def _choose_range(self, first: int | None, end: int | None, dropped: str = "") -> None:
        """In and out as a person set them; `dropped` says which of them did not fit the other."""
        if self.engine.source is not None:
            self.set_range(first, end)
            words = self.transport.range_words() or self.tr("In and out cleared")
            if dropped:
                self.viewer.tell(f"{dropped} · {words}" if self.alone else dropped)
            else:
                self.tell(words)
            self.range_changed.emit(first, end)

    def _toggle_loop(self) -> None:
        self.engine.loop = not self.engine.loop
        self.transport.loop.setChecked(self.engine.loop)
        self.tell(self.tr("Loop") if self.engine.loop else self.tr("No loop"))

    def _show_level(self) -> None:
        sound = self.engine.sound
        self.transport.show_level(sound.volume, muted=sound.muted)
        self.tell(self.transport.level_words(sound.volume, muted=sound.muted))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._keys is None or self._keys.parent() is not self.window():
            self._keys = ShuttleKeys(self.window())
            self._keys.pressed.connect(self._on_shuttle_key)
            self._keys.stepped.connect(self.engine.step)
            self._keys.slow.connect(self._slow)
            self._keys.released.connect(self.engine.pause)

    def _on_shuttle_key(self, key: str) -> None:
        if self.isVisible():
            self.engine.jkl(key)

    def _slow(self, direction: int) -> None:
        if self.isVisible():
            self.engine.shuttle(direction * shuttle.SLOW)
