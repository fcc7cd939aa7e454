"""Clips and times as words of the command line."""

from typing import Final

from app.core.catalog import calling, library, projects
from app.core.model.entities import Clip
from app.core.model.errors import Missing, Refused
from app.core.model.media import ClipKind, ClipState
from app.core.model.timecode import parse_position, parse_seconds
from app.core.services import Services

_TIMED: Final = (ClipKind.VIDEO, ClipKind.AUDIO, ClipKind.SEQUENCE)
_UNREAD: Final = (ClipState.WORKING, ClipState.GROWING)


def clip_of(services: Services, words: str) -> Clip:
    """The clip that is meant.

    Raises:
        Refused: none. Ambiguous: several.
    """
    with services.catalog.read() as reader:
        clip = library.get(reader, calling.resolve(reader, words), projects.current(reader))
    if clip is None:
        raise Refused("Unknown clip", f"No clip is called {words!r}.", subject=words)
    return clip


def frame_of(clip: Clip, text: str, *, end: bool = False) -> int:
    """A position in a clip as a frame from 0; with `end`, one that may lie just behind the last frame.

    Sound counts samples: a label or a number of seconds names the sample it begins with.

    Raises:
        Refused: illegal, or outside the clip. Missing: the clip's rate is not known yet.
    """
    if clip.rate is None and clip.kind in _TIMED and clip.state in _UNREAD:
        raise Missing(
            "Not read yet",
            f"{clip.name} is known by its name alone: where its frames lie is found when it is read.",
            subject=clip.name,
            todo="“rushes run --until-idle” reads it.",
        )
    frames = clip.frames + 1 if clip.frames is not None and end else clip.frames
    if (
        clip.kind is ClipKind.AUDIO
        and clip.rate
        and clip.label_rate
        and not text.strip().startswith(("@", "+"))
    ):
        label = (clip.timebase.frame(text) - (clip.start_frame or 0)) % clip.timebase.day
        sample = int(label / clip.label_rate * clip.rate)
        return parse_position(f"@{sample}", clip.timebase, 0, frames)
    if clip.kind is ClipKind.AUDIO and clip.rate and text.strip().startswith("+"):
        sample = int(parse_seconds(text) * clip.rate)
        return parse_position(f"@{sample}", clip.timebase, 0, frames)
    return parse_position(text, clip.timebase, clip.start_frame, frames)
