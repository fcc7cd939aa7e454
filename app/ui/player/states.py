"""The words and values of the player: how it stands, what it opened."""

import dataclasses
import enum

from app.ui.player.core import Snapshot


class PlayerState(enum.Enum):
    """How the engine stands."""

    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclasses.dataclass(frozen=True, slots=True)
class MediaInfo:
    """What the opened file turned out to be."""

    has_picture: bool
    """A first picture was decoded."""
    video_tracks: int
    """More than 0 without a picture: no decoder for it, or damaged."""
    audio_tracks: int
    size: tuple[int, int] | None
    """As displayed, upright."""
    rotation: int
    """Degrees clockwise the decoded picture is turned for that."""
    matrix: str
    levels: str

    @classmethod
    def of(cls, snapshot: Snapshot, turned: int = 0) -> "MediaInfo":
        """What the first picture's snapshot says; `turned` are degrees that libmpv does not tell of."""
        size = snapshot.size
        return cls(
            snapshot.picture_track is not None and snapshot.size is not None,
            snapshot.video_tracks,
            snapshot.audio_tracks,
            (size[1], size[0]) if size and turned % 180 else size,
            (snapshot.rotation + turned) % 360,
            snapshot.matrix,
            snapshot.levels,
        )


@dataclasses.dataclass(slots=True)
class Plan:
    """What to do once the file is open."""

    frame: int = 0
    play: bool = False
