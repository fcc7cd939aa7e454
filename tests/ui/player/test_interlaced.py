"""Interlaced originals are shown as whole pictures, and their frame numbers stay exact."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.ui.player.source import PlayerSource
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS, Player

FRAMES = 50
INTERLACED = ("-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct", "-g", "12", "-bf", "2")
SIZE = (320, 192)


H264 = ("-c:v", "libx264", "-preset", "fast", "-flags", "+ilme+ildct", "-g", "12", "-bf", "2")


@pytest.fixture(
    scope="session",
    params=[("tff", "a.mxf", INTERLACED), ("bff", "b.mxf", INTERLACED), ("tff", "c.mp4", H264)],
    ids=["top first", "bottom first", "H.264"],
)
def numbered(folder: Path, request: pytest.FixtureRequest) -> Path:
    """Numbered frames, flagged and coded as two fields each."""
    order, name, video = request.param
    fields = f",setfield={order}"
    return clips.numbered(folder / name, size=SIZE, sound=0, video=video, filters=fields)


@pytest.fixture(scope="session")
def moving(folder: Path) -> Path:
    """A white bar that moves sideways, each field at its own time: still, it is a comb."""
    path = folder / "bar.mxf"
    clips.run(
        *("-f", "lavfi", "-i", "color=black:s=320x192:r=50,format=yuv420p"),
        *("-f", "lavfi", "-i", "color=white:s=32x192:r=50,format=yuv420p"),
        *("-filter_complex", "[0][1]overlay=x='mod(n*10,280)',interlace=scan=tff:lowpass=0"),
        *("-frames:v", str(FRAMES), *INTERLACED, str(path)),
    )
    return path


def _comb(picture: QImage) -> int:
    """How many points differ from the lines above and below, where those agree."""
    found = 0
    for y in range(1, picture.height() - 1):
        for x in range(0, picture.width(), 4):
            above, here, below = (
                picture.pixelColor(x, line).lightness() for line in (y - 1, y, y + 1)
            )
            found += abs(above - below) < 40 and abs(here - above) > 80
    return found


def _picture(player: Player) -> QImage:
    player.qtbot.wait(1)
    return player.surface.picture()


def _fit(player: Player) -> None:
    player.surface.resize(*SIZE)


def test_an_interlaced_original_shows_no_comb(player: Player, moving: Path) -> None:
    _fit(player)
    player.load(moving, frames=FRAMES, interlaced=True)
    player.shown(lambda: player.engine.seek_frame(9))
    whole = _comb(_picture(player))
    assert player.shown(player.engine.fields.turn) == 9
    torn = _comb(_picture(player))
    assert torn > 300
    assert whole < torn // 20
    assert player.shown(player.engine.fields.turn) == 9
    assert _comb(_picture(player)) == whole


def test_a_progressive_source_is_left_as_it_is(player: Player, moving: Path) -> None:
    _fit(player)
    player.load(moving, frames=FRAMES, interlaced=True)
    player.load(moving, frames=FRAMES)
    player.shown(lambda: player.engine.seek_frame(9))
    assert not player.engine.fields.whole
    assert _comb(_picture(player)) > 300


def test_frame_numbers_stay_exact(player: Player, numbered: Path) -> None:
    _fit(player)
    player.load(numbered, frames=FRAMES, interlaced=True)
    assert player.engine.fields.whole
    assert player.picture() == 0
    for frame in (1, 2, 25, 24, 11, 12, 13, 48, 49, 0, 30):
        shown = player.shown(lambda n=frame: player.engine.seek_frame(n))
        assert shown == frame == player.picture()
    for frame in (31, 32, 33):
        assert player.shown(lambda: player.engine.step(1)) == frame == player.picture()
    for frame in (32, 31, 30, 29):
        assert player.shown(lambda: player.engine.step(-1)) == frame == player.picture()


def test_playing_tells_every_frame_once(player: Player, numbered: Path) -> None:
    _fit(player)
    player.load(numbered, frames=FRAMES, interlaced=True)
    seen: list[int] = []
    player.engine.frame_changed.connect(seen.append)
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.play()
    player.qtbot.waitUntil(lambda: player.engine.frame == FRAMES - 1, timeout=PATIENCE_MS)
    assert seen == sorted(set(seen))
    assert player.picture() == FRAMES - 1
    player.shown(lambda: player.engine.seek_frame(10))
    player.engine.play()
    player.qtbot.waitUntil(lambda: player.engine.frame >= 15, timeout=PATIENCE_MS)
    assert player.shown(player.engine.pause) == player.picture()


def test_switching_to_the_proxy_ends_it(player: Player, numbered: Path, clip25: Path) -> None:
    player.load(numbered, frames=FRAMES, interlaced=True)
    player.shown(lambda: player.engine.seek_frame(21))
    proxy = PlayerSource(clip25, player.engine.source.rate, FRAMES, is_proxy=True)
    assert player.shown(lambda: player.engine.switch(proxy)) == 21 == player.picture()
    assert not player.engine.fields.whole
