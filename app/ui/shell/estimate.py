"""What making everything of a volume would take: said before it is asked for, and said to be an estimate."""

import dataclasses
import os
import time
from typing import Final

from app.ui.widgets import wording
from app.ui.widgets.wording import fill, translate

PROXY_BYTES_A_SECOND: Final = 350_000
"""Of a 720p proxy with pictures and speech sound, on average over real footage."""
_ENCODE_SPEED: Final = 3
"""Seconds of footage a core makes proxies of in a second (1080p H.264 in, 720p out)."""
_SPEECH_SPEED: Final = 8
"""Seconds of speech a core writes down in a second with the base model."""


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """For clips of this number, length and size."""

    clips: int
    duration_ms: int
    size: int
    unknown: int = 0
    """Files that are still being looked at: their length is not in these figures, so they say too little."""

    @property
    def proxy_bytes(self) -> int:
        """Room that proxies of everything take."""
        return self.duration_ms * PROXY_BYTES_A_SECOND // 1000

    @property
    def poster_bytes(self) -> int:
        """Room that posters alone take."""
        return self.clips * 40_000

    def work_seconds(self, cores: int | None = None) -> int:
        """Until proxies and transcripts of everything are made on this machine."""
        workers = max(1, (cores or os.cpu_count() or 2) - 1)
        seconds = self.duration_ms // 1000
        return seconds // (_ENCODE_SPEED * workers) + seconds // (_SPEECH_SPEED * workers)

    def words(self) -> str:
        """For a person: `about 4.1 GB, about 3 h 20 m of work, ready 18:40`; no figure before every length is known."""
        if self.unknown:
            return fill(
                translate("Estimate", "not known yet: files still being looked at: {0}"),
                wording.number(self.unknown),
            )
        seconds = self.work_seconds()
        ready = wording.time_of_day(time.time_ns() // 1_000_000 + seconds * 1000)
        return fill(
            translate("Estimate", "about {0} and {1} of work: ready {2}"),
            wording.size(self.proxy_bytes),
            wording.total(seconds * 1000),
            ready,
        )

    def poster_words(self) -> str:
        """For posters alone."""
        return fill(
            translate("Estimate", "about {0}, within minutes"), wording.size(self.poster_bytes)
        )
