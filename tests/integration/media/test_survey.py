"""Where a file's pictures begin on its own clock: with the first that shows, not with the first that is stored."""

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.survey import survey
from app.core.media.tools import programs
from tests.support.footage import FOOTAGE, rows
from tests.support.media_factory import ffmpeg

TS_PACKET = 188
GROUPS = "keyint=12:min-keyint=12:bframes=2:b-adapt=0:scenecut=0"
HANGING = ("libx264", "-x264-params", f"{GROUPS}:open-gop=1:b-pyramid=none")
"""Each group's first pictures hang on the group before: cut off from it, they do not show."""
STANDING = ("libx265", "-x265-params", f"{GROUPS}:open-gop=0:radl=2:log-level=error")
"""Each group's first pictures are stored after its key picture, need nothing before it, and show, as in AVCHD."""


def first_shown(path: Path) -> Fraction:
    """The earliest time among the first pictures that a decoder gives, in seconds."""
    import av

    with av.open(str(path)) as opened:
        pictures = zip(range(12), opened.decode(video=0), strict=False)
        return min(Fraction(frame.pts) * frame.time_base for _, frame in pictures)


def stored(path: Path) -> tuple[Fraction, Fraction]:
    """The times of the packet stored first and of the earliest one, in seconds."""
    import av

    with av.open(str(path)) as opened:
        packets = zip(range(12), opened.demux(video=0), strict=False)
        times = [Fraction(p.pts) * p.time_base for _, p in packets if p.pts is not None]
        return times[0], min(times)


def begun_in_the_middle(folder: Path, codec: tuple[str, ...]) -> Path:
    """A transport stream that begins with a picture whose forerunners are stored after it."""
    whole, cut = folder / "whole.ts", folder / "cut.ts"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2")
    sound = ("-f", "lavfi", "-i", "sine=f=440:r=48000:d=2", "-c:a", "ac3")
    ffmpeg(*picture, *sound, "-c:v", *codec, whole)
    entries = ("-select_streams", "v", "-show_entries", "packet=pos,flags", "-of", "csv=p=0")
    told = subprocess.run(
        ["ffprobe", "-v", "error", *entries, str(whole)], capture_output=True, check=True, text=True
    ).stdout
    keys = [int(line.split(",")[0]) for line in told.splitlines() if ",K" in line]
    data = whole.read_bytes()
    cut.write_bytes(data[: 3 * TS_PACKET] + data[keys[2] :])
    return cut


def test_pictures_that_do_not_show_are_not_the_start(tmp_path: Path) -> None:
    path = begun_in_the_middle(tmp_path, HANGING)
    found = survey(path, programs().ffprobe)
    assert found.picture is not None
    assert found.picture.start == first_shown(path)
    assert found.picture.start > found.start, "the sound begins before"


def test_pictures_that_show_before_the_one_stored_first_are_the_start(tmp_path: Path) -> None:
    path = begun_in_the_middle(tmp_path, STANDING)
    key, before = stored(path)
    assert key - before == Fraction(2, 25), "two pictures are stored after it, and shown before"
    found = survey(path, programs().ffprobe)
    assert found.picture is not None
    assert found.picture.start == first_shown(path) == before


REAL = [row.name for row in rows() if row.code == "0" and row.name.startswith(("camera/", "mxf/"))]


@pytest.mark.footage
@pytest.mark.parametrize("name", REAL)
def test_real_files_begin_with_their_first_picture(name: str) -> None:
    path = FOOTAGE / name
    found = survey(path, programs().ffprobe)
    if found.picture is not None:
        assert found.picture.start == first_shown(path)
