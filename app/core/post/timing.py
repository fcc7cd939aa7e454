"""When what is said is seen: samples of speech to frames of a clip, also where frames are not equally spaced."""

from app.core.media.framemap import FrameMap
from app.core.model.entities import Clip
from app.core.model.errors import BadData
from app.core.model.media import RenditionKind
from app.core.post.store import ProxyStore
from app.core.post.subtitle_clock import Clock


class Timing:
    """Clocks of clips, with the frame map of those whose rate varies."""

    def __init__(self, store: ProxyStore) -> None:
        self._store = store

    def clock(self, clip: Clip) -> Clock:
        """The clock of a clip. Without its frame map, a varying rate is taken as even until the decode pass is done."""
        times = self._map(clip) if clip.vfr else None
        rate = clip.rate or clip.timebase.rate
        if times is None:
            return Clock(rate, clip.timebase, clip.start_frame)
        last = len(times) - 1
        return Clock(
            rate,
            clip.timebase,
            clip.start_frame,
            times.frame_at,
            lambda frame: times.seconds(max(0, min(frame, last))),
        )

    def _map(self, clip: Clip) -> FrameMap | None:
        path = self._store.file_of(clip, RenditionKind.FRAMEMAP)
        if path is None:
            return None
        try:
            return FrameMap.from_bytes(path.read_bytes())
        except (OSError, BadData):
            # It is made again with the next decode pass; until then the even rate has to do.
            return None
