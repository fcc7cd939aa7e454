"""The waveform file of a clip as the strip looks at it. Opened for each look, on the worker that looks."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from app.core.media.peaks import Peaks


class PeaksFile:
    """A `PeaksView` of a file. Making one touches no disk."""

    def __init__(self, path: Path, channels: int) -> None:
        """The file, and how many channels the clip has."""
        self._path = path
        self._channels = channels

    @property
    def channels(self) -> int:
        """How many channels are shown."""
        return self._channels

    def bins(
        self, channel: int, start: Fraction, end: Fraction, count: int
    ) -> Sequence[tuple[int, int]]:
        """See `PeaksView.bins`.

        Raises:
            BadData: it is no waveform file.
            OSError: it is gone.
        """
        with Peaks(self._path) as peaks:
            if channel >= peaks.channels:
                return [(0, 0)] * count
            first, last = int(start * peaks.samples), int(end * peaks.samples)
            return [(c.low, c.high) for c in peaks.columns(channel, first, last, count)]
