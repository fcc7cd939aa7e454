"""That exact frame of the original, as a PNG: full size, upright, in the colours of the one rule."""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from app.core.media.frame_client import FrameWorker
from app.core.media.framemap import FrameMap
from app.core.model.errors import BadData, Refused
from app.core.model.media import ClipKind, MediaFacts
from app.core.platform.durable import write_file


@dataclasses.dataclass(frozen=True, slots=True)
class FrameSource:
    """Where the pictures of a clip are."""

    parts: tuple[Path, ...]
    """The file; spans or chapters in their order; or every existing picture of an image sequence."""
    facts: MediaFacts
    """Of the clip, or of its first part."""
    counts: tuple[int, ...] = ()
    """Presented frames of each part; needed where there are several that are no image sequence."""
    times: FrameMap | None = None
    """When the frames of the whole clip are shown, where they are not equally spaced and it is known."""


def frame_png(
    source: FrameSource,
    number: int,
    out: Path,
    *,
    worker: FrameWorker | None = None,
    cancel: Callable[[], bool] | None = None,
) -> None:
    """Writes the n-th presented frame (from 0, after the edit list) as a PNG of full-range RGB.

    Args:
        source: the clip.
        number: which frame, over all its parts.
        out: where to write it; whole or not at all.
        worker: a decoder to use again; without one, one is started and ended.
        cancel: asked now and then.

    Raises:
        Refused: there is no such frame, or the clip has no picture.
        BadData: it does not decode.
        Cancelled: `cancel` said so.
    """
    path, request = _request(source, number)
    if worker is not None:
        data = worker.picture(path, request, cancel=cancel)
    else:
        with FrameWorker() as own:
            data = own.picture(path, request, cancel=cancel)
    write_file(out, data, mode=0o644)


def _request(source: FrameSource, number: int) -> tuple[Path, dict[str, object]]:
    if source.facts.kind in (ClipKind.AUDIO, ClipKind.DOCUMENT) or not source.parts:
        raise Refused("No picture", "This clip has no picture to take a frame from.")
    if source.facts.kind in (ClipKind.SEQUENCE, ClipKind.STILL):
        if not 0 <= number < len(source.parts):
            raise _outside(number, len(source.parts))
        return source.parts[number], {"op": "frame", "number": 0, "still": True}
    path, start = _part(source, number)
    rate = None if source.facts.vfr else source.facts.rate
    request: dict[str, object] = {"op": "frame", "number": number - start}
    if rate is not None:
        request["rate"] = str(rate)
    if source.times is not None and number < len(source.times):
        request["near"] = _near(source.times, number, start)
    return path, request


def _part(source: FrameSource, number: int) -> tuple[Path, int]:
    """The part that holds a frame, and the number of that part's first frame."""
    if number < 0:
        raise _outside(number, source.facts.frames)
    if len(source.parts) == 1:
        return source.parts[0], 0
    if len(source.counts) != len(source.parts):
        raise BadData(
            "Unknown lengths", "The frames of this clip's parts have not been counted yet."
        )
    start = 0
    for path, count in zip(source.parts, source.counts, strict=True):
        if number < start + count:
            return path, start
        start += count
    raise _outside(number, start)


def _near(times: FrameMap, number: int, start: int) -> list[str | None]:
    origin = times.seconds(start)

    def shown(frame: int) -> str | None:
        inside = start <= frame < len(times)
        return str(times.seconds(frame) - origin) if inside else None

    return [shown(number - 1), shown(number) or str(Fraction(0)), shown(number + 1)]


def _outside(number: int, frames: int | None) -> Refused:
    if frames is None:
        return Refused("Outside the clip", f"Frame {number} was asked for.")
    return Refused("Outside the clip", f"Frame {number} was asked for; the clip has {frames}.")
