"""Interlaced pictures: made whole for the screen, one picture a frame, so that frame numbers stay what they are.

libmpv's own way gives a picture for each field, twice as many as there are frames.
"""

from typing import Final

from PySide6.QtCore import QObject, Signal

from app.ui.player.core import MpvCore
from app.ui.player.source import PlayerSource

_WHOLE: Final = "lavfi=[bwdif=mode=send_frame:parity=auto:deint=all]"
"""As the proxies are made."""


class Fields(QObject):
    """Deinterlacing of one engine: of sources that say they are interlaced, unless it is switched off."""

    changed = Signal()
    """What is on screen has to be fetched again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._core: MpvCore | None = None
        self._interlaced = False
        self._wanted = True

    @property
    def interlaced(self) -> bool:
        """Whether the source on show is interlaced."""
        return self._interlaced

    @property
    def whole(self) -> bool:
        """Whether its fields are made into whole pictures."""
        return self._interlaced and self._wanted

    def attach(self, core: MpvCore) -> None:
        """Libmpv is there."""
        self._core = core

    def opening(self, source: PlayerSource) -> None:
        """A source is about to be opened."""
        self._interlaced = source.interlaced
        self._apply()

    def turn(self) -> None:
        """Fields as they are stored, or made whole; stays from clip to clip."""
        self._wanted = not self._wanted
        if self._interlaced:
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        if self._core is not None:
            self._core.set("vf", _WHOLE if self.whole else "")
