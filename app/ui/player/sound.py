"""What is heard: volume, mute, and which channels of which streams."""

from PySide6.QtCore import QObject, Signal

from app.ui.player import monitoring
from app.ui.player.core import MpvCore
from app.ui.player.monitoring import Monitor


class Sound(QObject):
    """The sound of one engine. Volume and mute stay from clip to clip, channels do not."""

    rearranged = Signal()
    """The streams are mixed anew: what is on screen has to be fetched again."""

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
    def muted(self) -> bool:
        """Silence, whatever the volume."""
        return self._muted

    def attach(self, core: MpvCore) -> None:
        """Libmpv is there."""
        self._core = core
        self.set_volume(self._volume)
        self.set_muted(muted=self._muted)

    def set_volume(self, percent: int) -> None:
        """0 to 100."""
        self._volume = max(0, min(100, percent))
        self._set("volume", str(self._volume))

    def set_muted(self, muted: bool) -> None:
        """Silence, without touching the volume."""
        self._muted = muted
        self._set("mute", "yes" if muted else "no")

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
