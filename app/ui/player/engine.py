"""The player's engine: plays, shuttles, steps and seeks one file, and says which frame is on screen.

It owns libmpv. The frame it reports is the one the decoder returned, never the one that was asked
for. It never blocks: every command is asynchronous, and every file is looked at on a worker first.
"""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer, Signal

from app.core.model.errors import RushesError
from app.ui import tasks
from app.ui.player import libmpv, shuttle
from app.ui.player.core import CoreOptions, MpvCore, Snapshot
from app.ui.player.fields import Fields
from app.ui.player.opening import Opener, check_file
from app.ui.player.reverse import ReverseJog
from app.ui.player.seeker import Seeker
from app.ui.player.sound import Sound
from app.ui.player.source import FrameClock, PlayerSource
from app.ui.player.states import MediaInfo, Plan, PlayerState

_CLOSE_MS: Final = 5_000
_SHORT_BY: Final = 2
"""Frames that may be missing at the end before it is called a fault: rounding of durations."""


class PlayerEngine(QObject):
    """One player. Make a surface with it (`app.ui.player.surfaces`), load a source, and listen."""

    core_started = Signal(object)
    """libmpv is there (an `MpvCore`): surfaces make their render context now."""
    closing = Signal()
    """Surfaces let go of libmpv now."""
    state_changed = Signal(object)
    """A `PlayerState`."""
    source_changed = Signal(object)
    """The `PlayerSource` that is being loaded, or None."""
    opened = Signal(object)
    """`MediaInfo` of the file that is now playable."""
    held = Signal(bool)
    """While True, pictures are on their way and not to be shown."""
    frame_changed = Signal(object)
    """The frame the decoder gave last, playing or not."""
    frame_shown = Signal(object)
    """A seek, step or stop has come to rest on this frame."""
    playing_changed = Signal(bool, object)
    """Playing or not, and the signed speed as a Fraction."""
    ended = Signal()
    """Playing came to the end, the start (backwards) or the out point."""
    failed = Signal(str, str)
    """Title and message for a person."""

    def __init__(self, options: CoreOptions | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._options = options or CoreOptions()
        self._core: MpvCore | None = None
        self._seeker: Seeker | None = None
        self._opener: Opener | None = None
        self.sound = Sound(self)
        """Volume, mute, channels."""
        self.sound.rearranged.connect(self._on_rearranged)
        self.fields = Fields(self)
        """Deinterlacing."""
        self.fields.changed.connect(self._on_rearranged)
        self._reverse = ReverseJog(self)
        self._reverse.due.connect(self._seek_exactly)
        self._reverse.at_start.connect(self._on_start_reached)
        self._source: PlayerSource | None = None
        self._clock: FrameClock | None = None
        self._state = PlayerState.EMPTY
        self._frame = 0
        self._speed = shuttle.STOPPED
        self._plan = Plan()
        self._range: tuple[int | None, int | None] = (None, None)
        self._within_range = False
        self._surface_ready = False
        self._steps = 0
        self._picture_track: int | None = None
        self._at_end = False
        self._holding = False
        self.loop = False
        """At the end, or at the out point while playing from in to out, start over."""

    # -- what is --

    @property
    def source(self) -> PlayerSource | None:
        """What is loaded or being loaded."""
        return self._source

    @property
    def state(self) -> PlayerState:
        """How it stands."""
        return self._state

    @property
    def frame(self) -> int:
        """The frame on screen."""
        return self._frame

    @property
    def wanted_frame(self) -> int:
        """The frame that is meant by "here": the one asked for last, on screen or still on its way there."""
        if self._state in (PlayerState.LOADING, PlayerState.FAILED):
            return self._plan.frame
        # Played backwards, frames are fetched ahead of what is seen: nobody asked for those.
        target = self._seeker.target if self._seeker and not self._reverse.running else None
        return self._frame if target is None else target

    @property
    def speed(self) -> Fraction:
        """Signed; 0 while stopped."""
        return self._speed

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self._speed != 0

    @property
    def range(self) -> tuple[int | None, int | None]:
        """In and out as a half-open range of frames."""
        return self._range

    # -- loading --

    def prepare(self) -> None:
        """Loads libmpv ahead of the first clip, on a worker. A missing one is told at the first `load`."""
        tasks.run_query(self, libmpv.load, lambda _module: None, lambda _error: None)

    def load(self, source: PlayerSource, frame: int = 0, *, play: bool = False) -> None:
        """Opens a source at a frame. `opened` and `frame_shown` follow, or `failed`."""
        self._halt()
        self._source = source
        self._clock = None
        self._frame = source.clamp(frame)
        self._plan = Plan(self._frame, play)
        self._set_state(PlayerState.LOADING)
        self.source_changed.emit(source)
        self._hold(held=True)
        if self._start_core() and self._surface_ready:
            self._open(source)

    def switch(self, source: PlayerSource) -> None:
        """Plays another file of the same clip (proxy, original) from the frame asked for last."""
        loading = self._state is PlayerState.LOADING
        self.load(source, self.wanted_frame, play=self._plan.play if loading else self._speed > 0)

    def clear(self, frame: int = 0) -> None:
        """Shows nothing; what is said meanwhile is meant for this frame."""
        self._halt()
        self._source = None
        self._clock = None
        self._range = (None, None)
        if self._opener is not None:
            self._opener.cancel()
        self._set_state(PlayerState.EMPTY)
        self.source_changed.emit(None)
        self._show(frame)

    def when_started(self, attach: Callable[[MpvCore], object]) -> None:
        """Hands libmpv to a surface: at once where it runs, else as soon as it does."""
        self.core_started.connect(attach)
        if self._core is not None:
            attach(self._core)

    def surface_ready(self) -> None:
        """A surface has made its render context: files can be opened."""
        self._surface_ready = True
        if self._core is None or self._source is None:
            return
        if self._state is PlayerState.LOADING:
            self._open(self._source)
        elif self._state is PlayerState.READY:
            # libmpv switched the picture off when its render context went.
            if self._picture_track is not None:
                self._core.set("vid", str(self._picture_track))
            self._seek_exactly(self.wanted_frame)

    def surface_lost(self) -> None:
        """The render context is gone; another may come."""
        self._surface_ready = False

    def close(self) -> None:
        """Ends libmpv: events off, render contexts freed, then the rest off the main thread."""
        self._halt()
        core, self._core = self._core, None
        self._seeker = self._opener = None
        self._set_state(PlayerState.EMPTY)
        if core is None:
            return
        core.quiet()
        self.closing.emit()
        done = QEventLoop()
        tasks.run_query(done, core.terminate, lambda _none: done.quit())
        QTimer.singleShot(_CLOSE_MS, done, done.quit)
        done.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        core.deleteLater()

    # -- moving --

    def play(self) -> None:
        """Forward at 1×, to the end."""
        self._within_range = False
        self.shuttle(Fraction(1))

    def play_range(self) -> None:
        """From in to out."""
        self._within_range = True
        if self._state is PlayerState.READY and self._moves:
            self._seek_exactly(self._low())
            self._forward(Fraction(1))

    def pause(self) -> None:
        """Stops on a frame and says which."""
        self.shuttle(shuttle.STOPPED)

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def jkl(self, key: str) -> None:
        """One press of `j`, `k` or `l`."""
        if key == "k":
            self.pause()
        else:
            self.shuttle(shuttle.faster(self._speed, 1 if key == "l" else -1))

    def shuttle(self, speed: Fraction) -> None:
        """Plays at a signed speed; 0 stops."""
        if self._state is PlayerState.LOADING:
            self._plan.play = speed > 0
        if self._state is not PlayerState.READY or not self._moves:
            return
        if speed > 0:
            self._forward(speed)
        elif speed < 0:
            self._backward(-speed)
        elif self.playing:
            self._stop()

    def step(self, count: int) -> None:
        """So many frames on (or back), stopped. For sound a frame is one label."""
        if self._state is not PlayerState.READY or self._seeker is None or self._source is None:
            return
        self.pause()
        if self._seeker.checking:
            self._steps += count  # where a stop comes to rest is not known yet
            return
        base = self._seeker.target
        self._seek_exactly((self._frame if base is None else base) + int(count * self._source.step))

    def seek_frame(self, frame: int) -> None:
        """Shows exactly this frame; `frame_shown` says what came. Playing goes on from there."""
        if self._source is None:
            return
        frame = self._source.clamp(frame)
        if self._state is PlayerState.LOADING:
            self._plan.frame = frame
        elif self._state is PlayerState.READY:
            if self._reverse.running:
                self._backward(-self._speed, frame)
            self._seek_exactly(frame)

    def set_range(self, first: int | None, end: int | None) -> None:
        """In and out as a half-open range; None is open."""
        self._range = (first, end)

    # -- inside --

    @property
    def _moves(self) -> bool:
        """Whether there is something to play: a still has but one frame."""
        return self._source is not None and not self._source.still

    def _start_core(self) -> bool:
        if self._core is not None:
            return True
        try:
            core = MpvCore(self._options, self)
        except RushesError as error:
            self._fail(error.title, " ".join(filter(None, (error.message, error.todo))))
            return False
        self._core = core
        self._seeker = Seeker(core, self)
        self._seeker.passed.connect(self._show)
        self._seeker.settled.connect(self._on_settled)
        self._seeker.stuck.connect(self._on_stuck)
        self._opener = Opener(core, self)
        self._opener.opened.connect(self._on_opened)
        self._opener.failed.connect(self._fail)
        self.sound.attach(core)
        self.fields.attach(core)
        core.time_moved.connect(self._on_time)
        core.end_reached.connect(self._on_end)
        self.core_started.emit(core)
        return True

    def _open(self, source: PlayerSource) -> None:
        if self._opener is not None:
            self.sound.closing_file()
            self._set("pause", "yes")
            self.fields.opening(source)
            self._opener.open(source)

    def _on_opened(self, snapshot: Snapshot) -> None:
        source = self._source
        if source is None or self._seeker is None:
            return
        if source.frames is None and snapshot.duration:
            source = dataclasses.replace(
                source, frames=max(1, int(snapshot.duration * source.rate))
            )
            self._source = source
        info = MediaInfo.of(snapshot, source.turned)
        self._clock = FrameClock(source, snapshot.time or Fraction(0), pictures=info.has_picture)
        self._picture_track = snapshot.picture_track if info.has_picture else None
        self._seeker.reset(self._clock, pictures=info.has_picture)
        plan, self._plan = self._plan, Plan()
        frame = self._frame = source.clamp(plan.frame)
        self._set_state(PlayerState.READY)
        self.opened.emit(info)
        mixed = self.sound.opened_file(source.audio_channels, snapshot.audio_tracks)
        if frame or mixed:
            self._seek_exactly(frame)
        else:
            self._seeker.check()
        if plan.play and self._moves:
            self._forward(Fraction(1))

    def _on_rearranged(self) -> None:
        if not self.playing and self._state is PlayerState.READY:
            self._seek_exactly(self.wanted_frame)

    def _forward(self, speed: Fraction) -> None:
        self._reverse.stop()
        if self._at_end and self._seeker is not None and not self._seeker.busy:
            self._seek_exactly(self._low())
        self._at_end = False
        self._set("speed", f"{speed.numerator / speed.denominator:g}")
        self._set("pause", "no")
        self._set_speed(speed)

    def _backward(self, speed: Fraction, start: int | None = None) -> None:
        if self._source is None:
            return
        self._at_end = False
        self._set("pause", "yes")
        here = self.wanted_frame if start is None else start
        self._reverse.start(
            here,
            self._low() if here > self._low() else 0,
            speed * self._source.rate,
        )
        self._set_speed(-speed)

    def _stop(self) -> None:
        self._reverse.stop()
        self._set("pause", "yes")
        self._set_speed(shuttle.STOPPED)
        if self._seeker is not None:
            self._seeker.check()

    def _halt(self) -> None:
        self._reverse.stop()
        self._steps = 0
        self._at_end = self._within_range = False
        if self._seeker is not None:
            self._seeker.reset(None)
        self._set("pause", "yes")
        self._set_speed(shuttle.STOPPED)

    def _low(self) -> int:
        return (self._range[0] or 0) if self._within_range else 0

    def _seek_exactly(self, frame: int) -> None:
        if self._seeker is not None and self._source is not None:
            self._at_end = False
            self._seeker.seek(self._source.clamp(frame))

    def _on_time(self, seconds: Fraction) -> None:
        if self._speed <= 0 or self._clock is None or self._seeker is None or self._seeker.busy:
            return
        self._show(self._clock.frame(seconds))
        end = self._range[1]
        if self._within_range and end is not None and self._frame >= end - 1:
            self._come_to_end(end - 1)

    def _on_end(self, at_end: bool) -> None:
        if at_end and self._speed > 0 and self._state is PlayerState.READY:
            self._come_to_end(None)

    def _come_to_end(self, last: int | None) -> None:
        if self.loop:
            self._seek_exactly(self._low())
            self._set("pause", "no")
            return
        self._stop()
        if last is not None:
            self._seek_exactly(last)
        self._at_end = True
        self.ended.emit()

    def _on_start_reached(self) -> None:
        self._set_speed(shuttle.STOPPED)
        self.ended.emit()

    def _on_settled(self, frame: int) -> None:
        self._hold(held=False)
        self._show(frame)
        steps, self._steps = self._steps, 0
        if steps:
            self.step(steps)
            return
        self.frame_shown.emit(frame)
        source = self._source
        if self._at_end and source is not None and source.frames is not None:
            missing = source.frames - 1 - frame
            if not self._within_range and missing > max(_SHORT_BY, int(source.step)):
                self._on_short(frame, source)

    def _on_short(self, frame: int, source: PlayerSource) -> None:
        """The picture ended before the clip does: gone, cut short, or damaged from there on."""
        title = self.tr("Playback stopped early")
        message = self.tr(
            "Nothing can be read after {label}. The file is damaged or has changed since it was catalogued."
        ).replace("{label}", source.text(frame))
        tasks.run_query(
            self,
            lambda: check_file(source.path),
            lambda _none: self._fail(title, message),
            lambda error: self._fail(error.title, error.message),
        )

    def _on_stuck(self) -> None:
        self._fail(
            self.tr("The player does not answer"),
            self.tr("The frame could not be read in time. Its volume may be asleep or gone."),
        )

    def _show(self, frame: int) -> None:
        if frame != self._frame:
            self._frame = frame
            self.frame_changed.emit(frame)

    def _fail(self, title: str, message: str) -> None:
        self._plan = Plan(self.wanted_frame)
        self._reverse.stop()
        self._set_speed(shuttle.STOPPED)
        self._set_state(PlayerState.FAILED)
        self.failed.emit(title, message)

    def _set(self, name: str, value: str) -> None:
        if self._core is not None:
            self._core.set(name, value)

    def _hold(self, *, held: bool) -> None:
        if held != self._holding:
            self._holding = held
            self.held.emit(held)

    def _set_speed(self, speed: Fraction) -> None:
        if speed != self._speed:
            self._speed = speed
            self.playing_changed.emit(speed != 0, speed)

    def _set_state(self, state: PlayerState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)


def close_with_program(engine: PlayerEngine) -> None:
    """Closes an engine when the program quits, if nobody did before."""
    app = QCoreApplication.instance()
    if app is not None:
        app.aboutToQuit.connect(engine.close)
