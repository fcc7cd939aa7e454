"""The start timecode of clips that carry it as sound: looked for where nothing better tells it."""

import dataclasses
import wave
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.core.catalog import logs
from app.core.catalog.clips import MeasuredStart
from app.core.catalog.rows import Reader
from app.core.media import ltc
from app.core.media.derived import Channel
from app.core.media.ltc import Run
from app.core.model.entities import Clip
from app.core.model.media import ClipKind, MediaFacts, StartTimecode, start_rank

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float64]

ORIGIN: Final = "LTC on audio track"
_SECONDS: Final = 120
"""So far from the beginning a clip is searched."""
_WINDOW: Final = 10
"""Seconds looked at in one go."""


def start_of(clip: Clip, channels: Sequence[Channel], folder: Path) -> MeasuredStart | None:
    """The start that the sound tells; None where there is no LTC, or something better is known.

    Args:
        clip: as it is known so far.
        channels: of the decode pass; channel 1 is the clip's first.
        folder: where the pass left their 16 kHz copies, which begin with the first picture.
    """
    if start_rank(clip.origins.get("start", "")) < start_rank(ORIGIN):
        return None
    for number, channel in enumerate(channels, 1):
        run = _first_run(folder / channel.speech) if channel.speech else None
        found = _start(clip, run, f"{ORIGIN} {number}") if run else None
        if found is not None:
            return found
    return None


def counts(reader: Reader, clip: Clip) -> bool:
    """Whether a start told by the sound is taken: not where a person set one before any was known."""
    known = clip.origins.get("start", "").startswith(ORIGIN)
    return known or not logs.timecode_corrected(reader, clip.id)


def with_start(facts: MediaFacts, start: MeasuredStart) -> MediaFacts:
    """The facts of a clip with the start that its sound told."""
    told = StartTimecode(start.frame, start.drop, start.origin)
    return dataclasses.replace(facts, start=told)


def _start(clip: Clip, run: Run, origin: str) -> MeasuredStart | None:
    # Sound alone has no frames of its own: its labels count as the track does.
    rate = run.rate if clip.kind is ClipKind.AUDIO else clip.rate
    start = run.start(rate, origin) if rate is not None else None
    if start is None or rate is None:
        return None
    return MeasuredStart(start.frame, start.drop, rate, origin)


def _first_run(path: Path) -> Run | None:
    """The first labels of one channel, told from the start of its file."""
    for number, (samples, rate) in enumerate(_windows(path)):
        run = ltc.read(samples, rate)
        if run is not None:
            return run.later(Fraction(number * _WINDOW))
    return None


def _windows(path: Path) -> Iterator[tuple["Samples", int]]:
    import numpy as np

    with wave.open(str(path), "rb") as reader:
        rate = reader.getframerate()
        for _ in range(_SECONDS // _WINDOW):
            data = reader.readframes(_WINDOW * rate)
            if not data:
                return
            yield np.frombuffer(data, "<i2").astype(np.float64) / 32768, rate
