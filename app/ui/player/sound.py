"""What is heard: volume, mute, and which channels of which streams."""

from PySide6.QtCore import QObject, Signal

from app.ui.player import monitoring
from app.ui.player.core import MpvCore
from app.ui.player.monitoring import Monitor


class Sound(QObject):
    """The sound of one engine. Volume and mute stay from clip to clip, channels do not."""

    rearranged = Signal()
    """The streams are mixed anew: what is on screen has to be fetched again."""
    level_changed = Signal()
    """Another volume, or muted, or no longer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._core: MpvCore | None = None
        self._monitor = Monitor()
        self._streams: tuple[int, ...] = ()
        self._volume = 100
        self._muted = False

    @property
    def monitor(self) -> Monitor:
        """Which channels are heard."""
        return self._monitor

    @property
    def volume(self) -> int:
        """0 to 100; stays what it is while muted."""
        return self._volume

    @property
    def muted(self) -> bool:
        """Silence, whatever the volume."""
        return self._muted

    def attach(self, core: MpvCore) -> None:
        """Libmpv is there."""
        self._core = core
        self._tell()

    def set_level(self, percent: int, *, muted: bool) -> None:
        """How loud, 0 to 100, and whether it is heard at all."""
        percent = max(0, min(100, percent))
        if (percent, muted) != (self._volume, self._muted):
            self._volume, self._muted = percent, muted
            self._tell()
            self.level_changed.emit()

    def set_volume(self, percent: int) -> None:
        """How loud, 0 to 100; who asks for another volume wants to hear it."""
        self.set_level(percent, muted=False)

    def turn_muted(self) -> None:
        """Silence, without touching the volume; or sound again."""
        self.set_level(self._volume, muted=not self._muted)

    def _tell(self) -> None:
        self._set("volume", str(self._volume))
        self._set("mute", "yes" if self._muted else "no")

    def set_monitor(self, monitor: Monitor) -> None:
        """Which channels are heard, over all streams."""
        self._monitor = monitor
        if self._streams:
            self._mix(monitoring.graph(self._streams, monitor))
            self.rearranged.emit()

    def hear_all(self) -> None:
        """Another clip is coming, with other channels: none is muted or soloed."""
        self._monitor = Monitor()

    def closing_file(self) -> None:
        """The file goes: its mix would not fit the next one."""
        self._streams = ()
        self._mix("")

    def opened_file(self, streams: tuple[int, ...], tracks: int) -> bool:
        """Mixes a file with these channels per stream; True where libmpv had to rearrange itself.

        Args:
            streams: what the facts say.
            tracks: how many sound streams libmpv found; with fewer it plays plainly.
        """
        self._streams = streams if tracks >= len(streams) else ()
        text = monitoring.graph(self._streams, self._monitor)
        if text:
            self._mix(text)
        return bool(text)

    def _mix(self, text: str) -> None:
        self._set("lavfi-complex", text)
        if not text:
            self._set("aid", "auto")

    def _set(self, name: str, value: str) -> None:
        if self._core is not None:
            self._core.set(name, value)
