"""The tracks of a string-out: picks one after the other, picture on V1, each sound stream on an audio track of its own.

Every pick takes the same stretch of every track, so that picture and sound begin together wherever a program
rounds: gaps stand where it has no picture or no sound. Source ranges count at the media's own rate.
A pick that several files hold is as many items on each of its tracks, end to end.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from app.core.post.timeline_items import Pick, gap, items, otio


def timeline(picks: Sequence[Pick], name: str, *, packaged: bool) -> Any:
    """An OpenTimelineIO timeline; its rate is that of the first pick with picture.

    Args:
        picks: in order, each with a length.
        name: the timeline's.
        packaged: the media will be proxies.
    """
    schema, times = otio().schema, otio().opentime
    rate = next((pick.rate for pick in picks if pick.has_picture), None)
    begins = times.RationalTime(0, float(rate)) if rate is not None else None
    made = schema.Timeline(name, global_start_time=begins)
    video = schema.Track("V1", kind=schema.TrackKind.Video)
    sounds = [
        schema.Track(f"A{number + 1}", kind=schema.TrackKind.Audio)
        for number in range(max((pick.sounds for pick in picks), default=0))
    ]
    if rate is not None:
        made.tracks.append(video)
    for track in sounds:
        made.tracks.append(track)
    group = 1
    for pick in picks:
        length, counted = _stretch(pick, rate)
        if pick.has_picture:
            video.extend(items(pick, group, None, packaged=packaged))
        elif rate is not None:
            video.append(gap(length, counted))
        for stream, track in enumerate(sounds):
            if stream >= pick.sounds:
                track.append(gap(length, counted))
                continue
            track.extend(items(pick, group, stream, packaged=packaged))
            if length > pick.seconds:
                track.append(gap(length - pick.seconds, pick.rate))
        group += len(pick.touched)
    return made


def _stretch(pick: Pick, rate: Fraction | None) -> tuple[Fraction, Fraction]:
    """(seconds that a pick takes, what its gaps count at): sound alone ends where a frame of the timeline does."""
    if pick.has_picture or rate is None:
        return pick.seconds, pick.rate
    return math.ceil(pick.seconds * rate) / rate, rate
