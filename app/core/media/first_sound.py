"""The beginning of a clip's sound, for somebody who waits for its first words while the decode pass is far from done.

Reading a minute of sound takes a second of work; the pass over all of it takes as long as the clip is long.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from app.core.media import derive_sound
from app.core.media.command import command_line
from app.core.media.derive_input import open_sources
from app.core.media.derived import DeriveJob
from app.core.model.errors import BadData
from app.core.model.media import RenditionKind
from app.core.platform.pacing import Limiter
from app.core.platform.processes import Limits, Sandbox
from app.core.platform.processes import run as run_child

_MEMORY_MB = 4096


def first_sound(
    job: DeriveJob,
    folder: Path,
    seconds: int,
    cancel: Callable[[], bool],
    cap: Limiter | None = None,
) -> tuple[str, ...]:
    """Makes the 16 kHz copies of all channels, ended after so many seconds.

    Args:
        job: the material; what it wants is of no interest.
        folder: an empty working folder.
        seconds: of each file.
        cancel: asked ten times a second.
        cap: the limit of the volume; what is read comes out of it.

    Returns:
        Names of mono files in the folder, a channel each, in order; none where there is no sound.

    Raises:
        BadData: nothing of the sound decodes.
        Missing: ffmpeg is not there.
        Cancelled: `cancel` said so.
    """
    wanted = dataclasses.replace(job, wanted=frozenset({RenditionKind.SPEECH}))
    opened = open_sources(wanted, folder, cancel)
    found = derive_sound.tracks(opened)
    if not found:
        return ()
    outputs = derive_sound.outputs(wanted, found).files
    words = command_line(job.programs.ffmpeg, outputs, threads=job.threads)
    seen = dict.fromkeys(path for each in opened for path in each.visible)
    finished = run_child(
        _ended(words, seconds),
        limits=Limits(seconds=60 + seconds, memory_mb=_MEMORY_MB, nice=job.nice),
        sandbox=Sandbox(read=tuple(seen), write=(folder,)),
        cancel=cancel,
        on_error_line=_unheard,
        on_bytes=_unheard,
        folder=folder,
        cap=cap,
    )
    channels = sum(track.sound.channels for track in found)
    names = [derive_sound.speech_name(n) for n in range(min(channels, derive_sound.MOST_SPEECH))]
    made = tuple(name for name in names if (folder / name).is_file())
    if finished.returncode or not made:
        raise BadData(
            "Sound does not decode",
            "ffmpeg could not read the beginning of it.",
            subject=str(job.sources[0].parts[0]),
        )
    return made


def _ended(words: Sequence[str], seconds: int) -> list[str]:
    """The command with every input ended after so many seconds."""
    ended: list[str] = []
    for word in words:
        ended += ("-t", str(seconds), word) if word == "-i" else (word,)
    return ended


def _unheard(_data: bytes | str) -> None:
    """Neither progress nor the sound for the waveform is wanted here."""
