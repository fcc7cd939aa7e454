"""Stills: one picture, shown whole and upright, whatever its name looks like; nothing to play."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from app.ui.player.core import CoreOptions
from app.ui.player.panel import PlayerPanel
from app.ui.player.source import PlayerSource
from app.ui.player.states import MediaInfo
from app.ui.player.surfaces import SurfaceKind
from app.ui.player.viewer import ViewerState
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS, Player

NUMBER = 5
SIZE = (320, 180)


@pytest.fixture(scope="session")
def moving(folder: Path) -> Path:
    return clips.numbered(folder / "moving.mp4", frames=NUMBER + 1, size=SIZE, sound=0)


def _still(moving: Path, path: Path, *words: str) -> Path:
    """The frame that says NUMBER, as a picture file."""
    wanted = path.with_name(f"made{path.suffix}")
    clips.run(
        "-i", str(moving), "-vf", f"select=eq(n\\,{NUMBER})", "-frames:v", "1", *words, str(wanted)
    )
    return wanted.rename(path)


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("DSC_0102.JPG", "mjpeg"),
        ("frame_%03d.jpg", "mjpeg"),
        ("a{1,2}[3]*.jpeg", "mjpeg"),
        ("plate.png", "png"),
        ("scan.tif", "tiff"),
        ("plate.0001.dpx", "dpx"),
        ("old.bmp", "bmp"),
    ],
)
def test_a_still_shows_its_picture(
    player: Player, moving: Path, tmp_path: Path, name: str, coded: str
) -> None:
    path = _still(moving, tmp_path / name)
    opened: list[MediaInfo] = []
    player.engine.opened.connect(opened.append)
    source = player.load(path, frames=1, picture=coded)
    assert source.still
    assert opened[0].size == SIZE
    assert player.picture() == NUMBER
    assert player.engine.frame == 0


def test_a_still_neither_plays_nor_steps(player: Player, moving: Path, tmp_path: Path) -> None:
    player.load(_still(moving, tmp_path / "a.jpg"), frames=1, picture="mjpeg")
    for act in (player.engine.play, player.engine.play_range, lambda: player.engine.jkl("j")):
        act()
        assert not player.engine.playing
    for act in (lambda: player.engine.step(1), lambda: player.engine.seek_frame(40)):
        assert player.shown(act) == 0
    assert player.picture() == NUMBER


def test_pictures_and_clips_take_turns(
    player: Player, clip25: Path, moving: Path, tmp_path: Path
) -> None:
    still = _still(moving, tmp_path / "a.jpg")
    for _ in range(2):
        player.load(still, frames=1, picture="mjpeg")
        assert player.picture() == NUMBER
        player.load(clip25)
        assert player.shown(lambda: player.engine.seek_frame(33)) == 33 == player.picture()


def test_a_picture_taken_upright_stands_upright(
    player: Player, moving: Path, tmp_path: Path
) -> None:
    path = _still(moving, tmp_path / "a.jpg")
    plain = path.read_bytes()
    tag = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, 6, 0, 0)
    head = b"Exif\0\0" + tag
    path.write_bytes(plain[:2] + b"\xff\xe1" + struct.pack(">H", len(head) + 2) + head + plain[2:])
    opened: list[MediaInfo] = []
    player.engine.opened.connect(opened.append)
    player.load(path, frames=1, picture="mjpeg", turned=90)
    assert opened[0].size == (SIZE[1], SIZE[0])
    player.surface.resize(180, 320)
    player.qtbot.waitUntil(lambda: player.surface.picture().width() == 180)
    # Turned clockwise by a quarter, the white third at the top lies at the right.
    picture = player.surface.picture()
    assert picture.pixelColor(170, 160).lightness() > 128
    assert picture.pixelColor(10, 60).lightness() < 128


def test_a_broken_still_says_so(player: Player, tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(4000))
    with player.qtbot.waitSignal(player.engine.failed, timeout=PATIENCE_MS) as told:
        player.engine.load(PlayerSource(path, Fraction(25), 1, picture="mjpeg"))
    assert "broken.jpg" in told.args[1]


def test_the_panel_shows_frame_0_of_1(qtbot, moving: Path, tmp_path: Path) -> None:
    panel = PlayerPanel(CoreOptions(audio_device=False), SurfaceKind.SOFTWARE)
    panel.resize(640, 480)
    panel.show()
    source = PlayerSource(_still(moving, tmp_path / "a.jpg"), Fraction(25), 1, picture="mjpeg")
    with qtbot.waitSignal(panel.frame_shown, timeout=PATIENCE_MS):
        panel.show_clip(proxy=None, original=source)
    assert panel.viewer.state is ViewerState.PICTURE
    assert panel.strip.frames == 1
    assert not panel.transport.buttons["play-pause"].isEnabled()
    panel.close_player()
    panel.close()
    panel.deleteLater()
