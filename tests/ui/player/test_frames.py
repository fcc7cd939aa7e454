"""The viewer shows frame n if and only if the decoder returned frame n."""

import random
from pathlib import Path

import pytest

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
