"""Builds the command of a decode pass, runs it and listens."""

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from app.core.media import derive_picture, derive_sound
from app.core.media.command import Stream, command_line, to_output
from app.core.media.derive_input import Opened
from app.core.media.derive_log import PassLog
from app.core.media.derive_picture import PicturePlan
from app.core.media.derive_sound import Track
from app.core.media.derived import DeriveJob
from app.core.media.encoders import Encoder
from app.core.media.parity import timecode_label
from app.core.media.peak_writer import PeakWriter
from app.core.media.survey import Picture
from app.core.model.media import RenditionKind
from app.core.platform.pacing import Limiter
from app.core.platform.processes import Finished, Limits, Sandbox
from app.core.platform.processes import run as run_child

WAVEFORM = "waveform.peaks"
ESSENCE = "essence.txt"
_SLOWEST = 60
"""Seconds of work for a second of material, at most; long since hung, or hopeless."""
_MANY_ERRORS = 69
"""Exit code of ffmpeg when most of what it decoded was damaged, after finishing all outputs."""


class Attempt:
    """One way to do a job."""

    def __init__(
        self,
        job: DeriveJob,
        opened: Sequence[Opened],
        folder: Path,
        encoder: Encoder,
        has_picture: bool,
        has_sound: bool,
    ) -> None:
        self.job = job
        self.opened = opened
        self.folder = folder
        self.encoder = encoder
        self.source = next((each for each in opened if each.survey.picture), None)
        seen = self.source.survey.picture if self.source and has_picture else None
        self.picture: Picture | None = seen
        self.tracks: tuple[Track, ...] = derive_sound.tracks(opened) if has_sound else ()
        self.plan: PicturePlan | None = None
        if self.source and seen:
            self.plan = derive_picture.plan(job, self.source, seen)

    @property
    def makes_anything(self) -> bool:
        """False where there is nothing to decode this way."""
        return bool(self.picture or self.tracks)

    @property
    def channels(self) -> int:
        """Of all tracks together."""
        return sum(track.sound.channels for track in self.tracks)

    @property
    def duration(self) -> Fraction:
        """Seconds of material, as well as it is known; at least one."""
        known = [each.duration for each in self.opened if each.duration]
        return max([self.job.facts.duration or Fraction(1), *known, Fraction(1)])

    @property
    def proxy_name(self) -> str:
        """QuickTime carries reel and timecode; sound alone is an ordinary `.m4a` where that is possible."""
        plain = any(derive_sound.is_plain_pcm(track.sound) for track in self.tracks)
        return "proxy.mov" if self.picture or plain else "proxy.m4a"

    def outputs(self) -> list[Stream]:
        """All outputs of the pass; the proxy first, for progress counts its frames."""
        sound = derive_sound.outputs(self.job, self.tracks)
        shown, files = None, list[Stream]()
        if self.source and self.picture and self.plan:
            shown, files = derive_picture.outputs(
                self.job, self.source, self.picture, self.plan, self.encoder
            )
        made: list[Stream] = []
        if streams := [*([shown] if shown else []), *sound.proxy]:
            options = {**self._proxy_options(shown is not None), **sound.proxy_options}
            made.append(to_output(streams, f"file:{self.proxy_name}", options))
        return [*made, *files, *sound.files, self._essence()]

    def _proxy_options(self, has_picture: bool) -> dict[str, object]:
        options: dict[str, object] = {
            "map_metadata": -1,
            "map_chapters": -1,
            "movflags": "+faststart",
            "f": "mov" if self.proxy_name.endswith("mov") else "ipod",
        }
        if has_picture and self.plan and self.picture:
            options |= derive_picture.proxy_options(self.plan, self.picture, self.encoder)
            if label := timecode_label(self.job.facts):
                options["timecode"] = label
                if self.job.facts.reel:
                    reel = self.job.facts.reel.encode("utf-8", "replace").decode()
                    options["metadata:s:v:0"] = f"reel_name={reel}"
        return options

    def _essence(self) -> Stream:
        """A hash of the packets as they are read: the same while only headers change."""
        packets: list[Stream] = []
        for each in self.opened:
            seen = each.survey
            numbers = [seen.picture.index] if seen.picture else []
            numbers += [sound.index for sound in seen.sounds]
            packets += [each.stream[str(number)] for number in numbers]
        options = {"c": "copy", "f": "streamhash", "hash": "murmur3", "copyinkf": None}
        return to_output(packets, f"file:{ESSENCE}", options)

    def limits(self) -> Limits:
        """Bounds that no sound job comes near to."""
        slowest = _SLOWEST if self.job.pace is None else max(_SLOWEST, 2 / self.job.pace)
        seconds = 600 + int(self.duration * slowest)
        pixels = self.picture.width * self.picture.height if self.picture else 0
        return Limits(
            seconds=seconds,
            cpu_seconds=seconds * max(2, self.job.threads),
            memory_mb=4096 + (pixels * 8 * 48 >> 20),
            file_mb=1024 + int(self.duration * 8),
            nice=self.job.nice,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went."""

    attempt: Attempt
    finished: Finished
    log: PassLog
    peaks: PeakWriter | None

    @property
    def succeeded(self) -> bool:
        """Whether there is something to keep."""
        if self.finished.timed_out or self.finished.returncode not in (0, _MANY_ERRORS):
            return False
        if self.attempt.picture and self.log.frames == 0 and self._shows_frames:
            return False
        return self.peaks is None or self.peaks.samples > 0 or bool(self.attempt.picture)

    @property
    def _shows_frames(self) -> bool:
        return RenditionKind.PROXY in self.attempt.job.wanted


def run(
    attempt: Attempt,
    cancel: Callable[[], bool] | None,
    hold: Callable[[], bool] | None,
    progress: Callable[[int, int], None] | None,
    cap: Limiter | None = None,
) -> Outcome:
    """Runs one attempt; raises only what running a child raises."""
    job = attempt.job
    log = PassLog(_scaled(attempt, progress))
    words = command_line(
        job.programs.ffmpeg,
        attempt.outputs(),
        threads=job.threads,
        before=attempt.encoder.before if attempt.picture else (),
    )
    peaks = PeakWriter(attempt.folder / WAVEFORM, attempt.channels) if attempt.channels else None
    try:
        finished = run_child(
            words,
            limits=attempt.limits(),
            sandbox=_sandbox(attempt),
            cancel=cancel,
            hold=hold,
            on_error_line=log.take,
            on_bytes=peaks.feed if peaks else _nowhere,
            folder=attempt.folder,
            cap=cap,
        )
        if peaks is not None:
            peaks.finish()
    finally:
        if peaks is not None:
            peaks.abandon()
    return Outcome(attempt, finished, log, peaks)


def _nowhere(data: bytes) -> None:
    del data


def _scaled(
    attempt: Attempt, progress: Callable[[int, int], None] | None
) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    total = attempt.plan.filmstrip.frames[-1] + 1 if attempt.plan else 0
    if attempt.plan and attempt.job.facts.frames:
        total = attempt.job.facts.frames
    length = int(attempt.duration * 1_000_000)

    def told(frames: int, microseconds: int) -> None:
        if total and RenditionKind.PROXY in attempt.job.wanted:
            progress(min(frames, total), total)
        else:
            progress(min(microseconds, length), length)

    return told


def _sandbox(attempt: Attempt) -> Sandbox:
    seen = dict.fromkeys(path for each in attempt.opened for path in each.visible)
    devices = attempt.encoder.devices if attempt.picture else ()
    return Sandbox(read=tuple(seen), write=(attempt.folder,), devices=devices)


def clean(folder: Path, *, keep_folders: bool = False) -> None:
    """Empties a working folder; its own folders are the links that name the parts of the material."""
    for entry in folder.iterdir():
        if not entry.is_dir():
            entry.unlink(missing_ok=True)
        elif not keep_folders:
            shutil.rmtree(entry, ignore_errors=True)
