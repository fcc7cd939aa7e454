"""Whether a clip plays: a moment of its head, middle and tail is decoded, which is quick however long it is.

A copy may be exact and still be of no use: what the camera wrote may not decode. That is known while the card is there, or too late.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

from app.core.media import complaints, raw_formats
from app.core.media.command import (
    Stream,
    command_line,
    decoding,
    file_url,
    named_input,
    reading,
    to_output,
)
from app.core.media.derive_log import PassLog
from app.core.media.survey import Survey, survey
from app.core.media.tools import Programs
from app.core.model.errors import BadData
from app.core.platform.processes import Limits, Sandbox, run

_LIMITS: Final = Limits(seconds=120, cpu_seconds=60, memory_mb=4096)
_MOMENT: Final = Fraction(1, 2)
"""Seconds that are decoded at each place."""
_MICRO: Final = 1_000_000
_WRITING: Final = "to muxer"
"""Said of uneven times by what would write a file, and nothing is written."""
_WHERE: Final = ("its head", "its middle", "its tail")


def why_not(
    path: Path, programs: Programs, *, cancel: Callable[[], bool] | None = None
) -> str | None:
    """Why a file does not play, in words; empty where head, middle and tail do; None where only its maker's software decodes it.

    Args:
        path: picture or sound.
        programs: ffmpeg and ffprobe.
        cancel: asked while they work.

    Raises:
        Cancelled: `cancel` said so.
        Passing: the disk does not answer.
    """
    if raw_formats.by_name(path):
        return None
    try:
        seen = survey(path, programs.ffprobe, cancel=cancel)
    except BadData as problem:
        return problem.message
    if seen.picture is None and not seen.sounds:
        return "there is neither picture nor sound in it"
    for name, start in zip(_WHERE, _starts(seen), strict=False):
        if said := _decoded(path, programs, seen, start, cancel):
            return None if complaints.NO_DECODER in said else f"{name}: {said}"
    return ""


def _starts(seen: Survey) -> list[Fraction]:
    """Seconds after the beginning of the file."""
    length = (seen.picture.duration if seen.picture else None) or seen.duration
    if not length or length < 3 * _MOMENT:
        return [Fraction(0)]
    return [Fraction(0), length / 2, length - 2 * _MOMENT]


def _decoded(
    path: Path,
    programs: Programs,
    seen: Survey,
    start: Fraction,
    cancel: Callable[[], bool] | None,
) -> str:
    seek = {"ss": f"{int(start * _MICRO)}us", "noaccurate_seek": None} if start else {}
    opened = named_input(file_url(path), **reading(), **decoding(1), **seek)
    streams: list[Stream] = [opened[str(sound.index)] for sound in seen.sounds[:1]]
    if seen.picture is not None:
        streams.insert(0, opened[str(seen.picture.index)])
    made = to_output(streams, "pipe:1", {"t": f"{int(_MOMENT * _MICRO)}us", "f": "null"})
    log = PassLog(None)
    done = run(
        command_line(programs.ffmpeg, [made], threads=1),
        limits=_LIMITS,
        sandbox=Sandbox(read=(path.absolute(),)),
        cancel=cancel,
        on_error_line=log.take,
    )
    said = [line for line in log.first_errors if _WRITING not in line]
    if said or done.returncode != 0:
        return complaints.meaning(said) or "it cannot be decoded there"
    if seen.picture is not None and not log.frames:
        return "no picture comes out of it"
    return ""
