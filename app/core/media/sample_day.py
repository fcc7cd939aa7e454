"""The made shooting day that `--sample` opens on: real files of real kinds, made on this machine once.

Nothing of it is footage and nothing is downloaded. It is made whole or not at all: in a temporary folder
that gets its name when everything is there.
"""

import datetime
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.core.media import sample_cards, sample_takes, tools
from app.core.media.sample_sound import wave_file
from app.core.media.sample_studio import Studio
from app.core.media.sample_takes import Take
from app.core.platform import clock, durable, paths

NAME: Final = "Harbour film"
_DAY: Final = "Day 1"
_VERSION: Final = 1
"""Raised when the day is made differently: a new one is made, an old one stays where it is."""
_OLD_ENOUGH: Final = 86_400
"""Seconds, on a machine whose clock stands before the day."""


def prepare(
    home: Path,
    say: Callable[[str], None],
    *,
    override: str = "",
    cancel: Callable[[], bool] | None = None,
) -> Path:
    """The folder of the made day, made now where it is not there yet; under a minute on two cores.

    Args:
        home: the data folder of the sample; the day lies in it.
        say: told what is being made, in words.
        override: the person's setting for ffmpeg.
        cancel: asked now and then.

    Raises:
        Missing: ffmpeg is not there, or is no full build. NoRoom: the disk is full. Cancelled.
    """
    final = paths.make_private(home) / f"day-{_VERSION}"
    if (final / NAME).is_dir():
        return final / NAME
    ffmpeg = tools.find("ffmpeg", override)
    _sweep(home)
    making = home / durable.temporary_name()
    try:
        paths.make_private(making)
        studio = Studio(ffmpeg, making, f"{NAME}/{_DAY}", cancel)
        _make(studio, say)
        studio.clear()
        _date(making / NAME / _DAY)
        making.rename(final)
    except OSError as problem:
        raise durable.write_error(final, problem) from problem
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return final / NAME


def _make(studio: Studio, say: Callable[[str], None]) -> None:
    takes, recordings = sample_takes.TAKES, sample_takes.RECORDINGS
    total = len(takes) + len(recordings) + 1
    if not studio.speaks:
        say("This ffmpeg cannot speak (it has no flite): a tone stands for what people say.")
    for n, take in enumerate(takes, 1):
        say(f"making a shooting day, {n} of {total}: {take.path}")
        _finish(studio.shoot(take), take)
        for small, original in sample_takes.SMALL.items():
            if original == take.path:
                studio.small(small, take)
    for n, recording in enumerate(recordings, len(takes) + 1):
        say(f"making a shooting day, {n} of {total}: {recording.path}")
        samples = studio.listen(recording)
        studio.write(recording.path, wave_file(recording, samples, sample_takes.PAL))
    say(f"making a shooting day, {total} of {total}: stills, sidecars, a sequence with a hole")
    for path, painting in sample_takes.PICTURES.items():
        studio.still(path, painting)
    _sequence(studio)
    for path, text in sample_cards.texts():
        studio.write(path, text.encode())


def _finish(path: Path, take: Take) -> None:
    """What no encoder does: a phone held upright, a copy that broke off."""
    if take.codec == "phone":
        path.write_bytes(sample_cards.turn(path.read_bytes()))
    if take.cut:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size * take.cut // 100)


def _sequence(studio: Studio) -> None:
    first, count = sample_takes.PLATE_FIRST, sample_takes.PLATE_FRAMES
    folder = studio.frames(sample_takes.PLATE, "dawn", first, count)
    for path in folder.iterdir():
        if int(path.name.split(".")[-2]) in sample_takes.PLATE_HOLE:
            path.unlink()


def _date(day: Path) -> None:
    """Every file was last written on the day itself: one that is not whole is no copy still going on."""
    starts = {take.path: take.start for take in sample_takes.TAKES}
    latest = clock.now_ms() // 1000 - _OLD_ENOUGH
    for path in day.rglob("*"):
        start = starts.get(path.relative_to(day).as_posix()) or "12:00:00"
        written = f"{sample_takes.DAY}T{start[:8].replace(';', ':')}+00:00"
        seconds = min(int(datetime.datetime.fromisoformat(written).timestamp()), latest)
        os.utime(path, (seconds, seconds))


def _sweep(home: Path) -> None:
    """Takes away what an interrupted start has left."""
    for path in home.iterdir():
        if durable.is_abandoned(path.name, 0) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
