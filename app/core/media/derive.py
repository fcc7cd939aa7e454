"""One decode pass that makes everything a clip needs.

Separate passes cost twice as much: decoding is the dear part. One ffmpeg process reads the material
once and gives proxy, filmstrip, poster, 16 kHz speech, loudness, a hash of the packets, and raw sound
on its stdout, from which the waveform is made here. The proxy is compared with its original after.

Rule for times: frame n of the proxy is the n-th presented frame of the original. Frames are never
added or dropped; where they are equally spaced they stay so, else the proxy keeps their times.
"""

import contextlib
import dataclasses
import logging
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from app.core.media import complaints, derive_attempt, derive_still, tools
from app.core.media.derive_attempt import Attempt, Outcome
from app.core.media.derive_input import open_sources
from app.core.media.derive_result import collect
from app.core.media.derived import EVERYTHING, Derived, DeriveJob, Source
from app.core.media.encoders import Encoder, hardware, software
from app.core.media.presence import require_unchanged, stamps
from app.core.model.errors import BadData, NoRoom, Passing, RushesError
from app.core.model.media import ClipKind
from app.core.platform.pacing import Limiter

__all__ = ["EVERYTHING", "DeriveJob", "Derived", "Source", "derive"]

_log = logging.getLogger(__name__)

Ask = Callable[[], bool]
Progress = Callable[[int, int], None]


def derive(
    job: DeriveJob,
    folder: Path,
    *,
    cancel: Ask | None = None,
    hold: Ask | None = None,
    progress: Progress | None = None,
    cap: Limiter | None = None,
) -> Derived:
    """Makes what a job wants in an empty working folder; giving it its final name is the caller's.

    Args:
        job: what to derive from what.
        folder: an existing empty folder on the disk of the result. When this raises, it is emptied.
        cancel: asked ten times a second; true ends the work within two seconds.
        hold: asked likewise; while true everything stands still.
        cap: the limit of the volume, in bytes a second; what the pass reads comes out of it.
        progress: told (done, total) twice a second, in frames, or in microseconds for sound.

    Raises:
        BadData: nothing of it decodes, or ffmpeg refuses it.
        Missing: ffmpeg is not there, or the material went away.
        NoRoom: the disk of the result is full.
        Passing: the material changed meanwhile, or its volume does not answer.
        Cancelled: `cancel` said so.
    """
    folder = folder.absolute()
    before = stamps(part for source in job.sources for part in source.parts)
    with _emptied_on_failure(folder):
        try:
            derived = _derived(job, folder, _Asked(cancel, hold, progress, cap))
        except BadData:
            require_unchanged(before)
            raise
        require_unchanged(before)
        return derived


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """How a pass talks to its caller."""

    cancel: Ask | None
    hold: Ask | None
    progress: Progress | None
    cap: Limiter | None


def _derived(job: DeriveJob, folder: Path, asked: _Asked) -> Derived:
    if job.facts.kind is ClipKind.STILL:
        return derive_still.derive(job, folder, asked.cancel, asked.cap)
    opened = open_sources(job, folder, asked.cancel)
    outcome = None
    for encoder, has_picture, has_sound in _ways(job):
        attempt = Attempt(job, opened, folder, encoder, has_picture, has_sound)
        if not attempt.makes_anything:
            continue
        outcome = derive_attempt.run(attempt, asked.cancel, asked.hold, asked.progress, asked.cap)
        if outcome.succeeded:
            return _collected(outcome, asked.cancel)
        if outcome.finished.timed_out:
            break
        _log.info("decode pass failed, another way is tried: %s", _refusal(job, outcome))
        derive_attempt.clean(folder, keep_folders=True)
    raise _refusal(job, outcome)


def _ways(job: DeriveJob) -> Iterator[tuple[Encoder, bool, bool]]:
    """What to try in turn: (encoder, with the picture, with the sound).

    One stream that does not decode at all takes the whole graph with it; what is left still plays.
    """
    plain = software(job.preset, job.threads)
    special = hardware(job.programs.ffmpeg) if job.hardware else None
    if special is not None:
        yield special, True, True
    yield plain, True, True
    yield plain, True, False
    yield plain, False, True


def _collected(outcome: Outcome, cancel: Ask | None) -> Derived:
    derived = collect(outcome, cancel)
    keep = {made.name for made in derived.made}
    for entry in outcome.attempt.folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name not in keep:
            entry.unlink()
    return derived


def _refusal(job: DeriveJob, outcome: Outcome | None) -> RushesError:
    subject = str(job.sources[0].parts[0]) if job.sources else ""
    if outcome is None:
        return BadData("Nothing to derive", "It has neither picture nor sound.", subject=subject)
    if outcome.finished.timed_out:
        return BadData("Took too long", "Decoding it did not end in time.", subject=subject)
    said = outcome.log.first_errors
    if not said and outcome.finished.returncode:
        said = outcome.finished.stderr_tail.splitlines()[-3:]
    if outcome.finished.crashed:
        return tools.crashed(job.programs.ffmpeg, subject, complaints.technical(said))
    if complaints.is_full(said):
        return NoRoom(
            "The proxy store's disk is full",
            "There was no room for what was being made.",
            subject=str(outcome.attempt.folder),
            todo="Free some space; the work goes on by itself.",
        )
    if complaints.is_silent(said):
        return Passing(
            "The volume does not answer", "It could not be read to its end.", subject=subject
        )
    words = complaints.meaning(said) or "It gave neither picture nor sound."
    return BadData("Does not decode", words, subject=subject, detail=complaints.technical(said))


@contextlib.contextmanager
def _emptied_on_failure(folder: Path) -> Generator[None]:
    try:
        yield
    except BaseException:
        derive_attempt.clean(folder)
        raise
