"""The viewer shows frame n if and only if the decoder returned frame n."""

import dataclasses
import random
from fractions import Fraction
from pathlib import Path

import pytest

from app.ui.player.source import PlayerSource
from tests.ui.player import clips
from tests.ui.player.conftest import Player


def test_first_picture_is_frame_0(player: Player, clip25: Path) -> None:
    player.load(clip25)
    assert player.engine.frame == 0
    assert player.picture() == 0


def test_every_seek_shows_that_frame(player: Player, clip2997: Path) -> None:
    player.load(clip2997, "30000/1001", 60)
    frames = [0, 1, 2, 58, 59, *random.sample(range(60), 25)]
    for frame in frames:
        assert player.shown(lambda n=frame: player.engine.seek_frame(n)) == frame
        assert player.picture() == frame


CODECS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "long-gop.mp4": ("24000/1001", ("-c:v", "libx264", "-g", "250", "-bf", "3"), ()),
    "open-gop.mp4": ("25", ("-c:v", "libx264", "-g", "10", "-x264-params", "open-gop=1"), ()),
    "ten-bit.mp4": ("25", ("-c:v", "libx265", "-x265-params", "log-level=none"), ("yuv420p10le",)),
    "prores.mov": ("25", ("-c:v", "prores_ks", "-profile:v", "0"), ("yuv422p10le",)),
    "drop.mxf": ("30000/1001", ("-c:v", "mpeg2video", "-g", "15", "-bf", "2"), ()),
    "interlaced.mov": (
        "25",
        ("-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-g", "12", "-bf", "2"),
        (),
    ),
    "motion.avi": ("25", ("-c:v", "mjpeg"), ("yuvj420p",)),
    "stream.ts": ("25", ("-c:v", "mpeg2video", "-g", "12", "-bf", "2"), ()),
    "fast.mkv": ("100", ("-c:v", "libx264", "-g", "50", "-bf", "2"), ()),
}


@pytest.mark.parametrize("name", CODECS)
def test_frames_are_exact_in_every_codec(player: Player, tmp_path: Path, name: str) -> None:
    rate, codec, pixels = CODECS[name]
    extra = ("-pix_fmt", pixels[0]) if pixels else ()
    # MXF wants an even number of macroblock rows.
    size = (320, 192) if name.endswith(".mxf") else (160, 90)
    path = clips.numbered(
        tmp_path / name, rate=rate, frames=40, size=size, sound=0, video=codec, extra=extra
    )
    player.load(path, rate, 40)
    assert player.picture() == 0
    for frame in (1, 2, 39, 38, 20, 19, 21, 0, *random.sample(range(40), 6)):
        assert player.shown(lambda n=frame: player.engine.seek_frame(n)) == frame
        assert player.picture() == frame


def _with_sound(folder: Path, name: str) -> tuple[Path, str]:
    rate, codec, pixels = CODECS[name]
    extra = ("-pix_fmt", pixels[0]) if pixels else ()
    if name.endswith(".avi"):
        extra += ("-c:a", "pcm_s16le")  # other sound shifts an AVI's second picture
    return (
        clips.numbered(
            folder / name, rate=rate, frames=40, size=(320, 192), video=codec, extra=extra
        ),
        rate,
    )


# ffmpeg's own MXF with sound has no times for its last pictures.
@pytest.mark.parametrize("name", [name for name in CODECS if not name.endswith(".mxf")])
def test_opened_at_a_frame_beside_sound_it_shows_that_frame(
    player: Player, tmp_path: Path, name: str
) -> None:
    path, rate = _with_sound(tmp_path, name)
    source = PlayerSource(path, Fraction(rate), 40)
    for frame in (39, 38, 37, 20, 1, 0, 39, 900, 39, 38):
        there = min(frame, 39)
        assert player.shown(lambda n=frame: player.engine.load(source, n)) == there
        assert player.picture() == there
        other = dataclasses.replace(source, is_proxy=not source.is_proxy)
        assert player.shown(lambda one=other: player.engine.switch(one)) == there
        assert player.picture() == there


@pytest.mark.parametrize("name", ["stream.ts", "long-gop.mp4", "motion.avi"])
def test_opened_again_and_again_the_last_wish_is_shown(
    player: Player, tmp_path: Path, name: str
) -> None:
    path, rate = _with_sound(tmp_path, name)
    source = PlayerSource(path, Fraction(rate), 40)

    def quickly() -> None:
        for frame in (0, 39, 20, 39):
            player.engine.load(source, frame)

    for _turn in range(4):
        assert player.shown(quickly) == 39
        assert player.picture() == 39
