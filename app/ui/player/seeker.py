"""Exact seeks, one at a time, the last wish winning, each checked against what the decoder gave.

While a seek is under way a new wish only replaces the waiting one, so scrubbing asks for as many
pictures as the decoder can make and no more. What is reported is the frame that was decoded.
"""

from fractions import Fraction
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.player.core import MpvCore, Snapshot
from app.ui.player.source import FrameClock

_MARGINS: Final = (0, 0, 2, 10)
"""Seconds the demuxer starts earlier, by attempt: some files have indexes that land too late."""
_BEFORE: Final = Fraction(1, 1000)
_GRAIN: Final = Fraction(1, 500_000)
"""libmpv prints times in microseconds."""
_PATIENCE_MS: Final = 20_000


class Seeker(QObject):
    """Brings frames on screen for one `MpvCore`."""

    passed = Signal(object)
    """A frame came on screen on the way to a newer wish."""
    settled = Signal(object)
    """The frame now on screen; nothing more is wished."""
    stuck = Signal()
    """The decoder has not answered for a long time; what was wished is still told."""

    def __init__(self, core: MpvCore, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._clock: FrameClock | None = None
        self._pictures = False
        self._wanted: int | None = None
        self._asked: int | None = None
        self._attempt = self._usual = 0
        self._margin = 0
        self._sent = Fraction(0)
        self._token = 0
        self._checking = False
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        core.restarted.connect(self._on_restarted)
        core.answered.connect(self._on_answered)

    @property
    def busy(self) -> bool:
        """Whether a frame is being fetched."""
        return self._asked is not None

    @property
    def checking(self) -> bool:
        """Whether a stop has not come to rest yet."""
        return self._checking

    @property
    def target(self) -> int | None:
        """The newest wish that is not on screen yet."""
        return self._wanted if self._wanted is not None else self._asked

    def reset(self, clock: FrameClock | None, *, pictures: bool = False) -> None:
        """Drops all wishes: another file (with decoded pictures, or sound alone), or none."""
        self._clock = clock
        self._pictures = pictures
        self._usual = 0
        self._token += 1
        self._rest()

    def seek(self, frame: int) -> None:
        """Wishes for a frame."""
        if self._clock is None:
            return
        self._wanted = frame
        if self._asked is None:
            self._issue()

    def check(self) -> None:
        """Asks what is on screen now, without moving (after a pause)."""
        if self._asked is None and self._clock is not None:
            self._token += 1
            self._checking = True
            self._core.ask(self._token)

    def _issue(self) -> None:
        self._checking = False
        self._asked, self._wanted = self._wanted, None
        self._attempt = self._usual
        self._send()

    def _send(self) -> None:
        if self._clock is None or self._asked is None:
            return
        self._token += 1  # answers to older questions say nothing of this seek
        margin = _MARGINS[self._attempt]
        if margin != self._margin:
            self._margin = margin
            self._core.set("hr-seek-demuxer-offset", str(margin))
        self._sent = self._target(self._clock, self._asked)
        self._core.seek(self._sent)
        self._patience.start()

    def _target(self, clock: FrameClock, frame: int) -> Fraction:
        # The second attempt aims just before the frame's own time: right where times jitter about
        # the rate, and never a time that a picture has.
        if self._attempt == 1:
            return max(Fraction(0), clock.time(frame) - _BEFORE)
        return clock.seek_target(frame)

    def _on_restarted(self) -> None:
        if self._asked is not None:
            self._token += 1
            self._core.ask(self._token)

    def _on_answered(self, snapshot: Snapshot) -> None:
        if snapshot.token != self._token or self._clock is None or snapshot.seeking:
            return  # an older question, or another restart follows
        if self._pictures and snapshot.picture_track is None:
            # The surface went away: the sound's position would pass for a picture's.
            self._rest()
            return
        blind = self._asked is not None and self._pictures and self._blind(self._clock, snapshot)
        shown = self._shown(self._clock, snapshot)
        if self._wanted is not None:
            if shown is not None and not blind:
                self.passed.emit(shown)
            self._issue()
        elif shown is not None and self._arrived(shown, snapshot, blind=blind):
            self._rest()
            self.settled.emit(shown)
        elif self._attempt < len(_MARGINS) - 1:
            self._attempt += 1
            self._send()
        else:
            self._give_up()

    def _shown(self, clock: FrameClock, snapshot: Snapshot) -> int | None:
        # Sound is cut to the sample that was asked for; its position tells of the output's buffer too.
        if not self._pictures and self._asked is not None:
            return self._asked
        return clock.frame(snapshot.time) if snapshot.time is not None else None

    def _blind(self, clock: FrameClock, snapshot: Snapshot) -> bool:
        """Whether the seek ran past the last picture and the one before it is still on screen.

        Then libmpv tells the place it was sent to, the time of what sound is left, or the file's end;
        it says only later that it is at the end, and not at all while there is sound.
        """
        time = snapshot.time
        if snapshot.at_end or time is None:
            return snapshot.at_end
        if time == snapshot.sound_time or clock.beyond(time):
            return True
        return self._asked != 0 and abs(time - self._sent) <= _GRAIN

    def _arrived(self, shown: int, snapshot: Snapshot, *, blind: bool) -> bool:
        if shown == self._asked and not blind:
            self._usual = self._attempt
            return True
        last_attempt = self._attempt == len(_MARGINS) - 1
        return self._asked is None or not snapshot.paused or last_attempt

    def _rest(self) -> None:
        self._wanted = self._asked = None
        self._checking = False
        self._patience.stop()

    def _give_up(self) -> None:
        self.stuck.emit()
        self._rest()
