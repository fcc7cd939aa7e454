"""Files of every kind: variable rate, drop-frame, sound alone, one frame, rotated, several sound streams."""

from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.ui.player.monitoring import Monitor
from app.ui.player.source import PlayerSource
from app.ui.player.states import MediaInfo
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS, Player


def test_variable_rate_frames_are_counted_not_timed(player: Player, tmp_path: Path) -> None:
    path, times = clips.variable(tmp_path / "phone.mp4", tmp_path)
    player.load(path, "30", len(times), frame_times=times)
    for frame in (0, 1, 2, 3, 4, 5, 6, 12, 22, 23, 7):
        assert player.shown(lambda n=frame: player.engine.seek_frame(n)) == frame
        assert player.picture() == frame
    for frame in (8, 9, 10):
        assert player.shown(lambda: player.engine.step(1)) == frame == player.picture()


def test_drop_frame_labels_are_the_decoders_frame(player: Player, clip2997: Path) -> None:
    start = 1798  # 00:00:59;28: the two labels after ;29 are dropped
    source = player.load(clip2997, "30000/1001", 60, start_frame=start, drop=True)
    assert source.text(player.engine.frame) == "00:00:59;28"
    shown = player.shown(lambda: player.engine.step(2))
    assert shown == player.picture() == 2
    assert source.text(shown) == "00:01:00;02"


def test_switching_proxy_and_original_keeps_the_frame(
    player: Player, clip25: Path, tmp_path: Path
) -> None:
    proxy = clips.numbered(tmp_path / "proxy.mp4", size=(320, 180))
    player.load(clip25)
    player.shown(lambda: player.engine.seek_frame(33))
    other = PlayerSource(proxy, Fraction(25), 50, is_proxy=True, label="proxy 720p")
    assert player.shown(lambda: player.engine.switch(other)) == 33 == player.picture()
    assert player.engine.source == other


def test_a_held_surface_shows_no_picture_on_the_way(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.shown(lambda: player.engine.seek_frame(20))
    seen: list[int] = []
    player.engine.state_changed.connect(lambda _state: seen.append(player.picture()))
    source = player.engine.source
    assert source is not None
    player.shown(lambda: player.engine.switch(source))
    assert set(seen) == {20}


def test_first_frame_after_an_edit_list_is_frame_0(player: Player, tmp_path: Path) -> None:
    whole = clips.numbered(tmp_path / "whole.mp4", frames=40)
    cut = tmp_path / "cut.mp4"
    clips.run("-ss", "0.4", "-i", str(whole), "-c", "copy", str(cut))
    player.load(cut, frames=30)
    first = player.picture()
    assert first == 10
    for frame in (7, 0, 29):
        assert player.shown(lambda n=frame: player.engine.seek_frame(n)) == frame
        assert player.picture() == first + frame


def test_one_frame(player: Player, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "one.mp4", frames=1, sound=0)
    player.load(path, frames=1)
    assert player.picture() == 0
    assert player.shown(lambda: player.engine.step(1)) == 0
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.play()
    assert player.picture() == 0


def test_sound_alone_counts_samples(player: Player, tmp_path: Path) -> None:
    path = clips.tone(tmp_path / "tone.wav")
    opened: list[MediaInfo] = []
    player.engine.opened.connect(opened.append)
    source = player.load(
        path, "48000", 96_000, has_video=False, label_rate=Fraction(25), start_frame=250
    )
    assert not opened[0].has_picture
    assert opened[0].audio_tracks == 1
    assert source.text(0) == "00:00:10:00"
    assert player.shown(lambda: player.engine.step(3)) == 3 * 1920
    assert source.text(player.engine.frame) == "00:00:10:03"
    assert player.shown(lambda: player.engine.seek_frame(48_001)) == 48_001
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.play()


def test_sound_after_sound_starts_at_its_own_beginning(player: Player, tmp_path: Path) -> None:
    for name in ("one.wav", "two.wav", "three.wav"):
        path = clips.tone(tmp_path / name)
        player.load(path, "48000", 96_000, has_video=False, label_rate=Fraction(25))
        assert player.engine.frame == 0
        for frame in (48_000, 95_999, 1920):
            assert player.shown(lambda n=frame: player.engine.seek_frame(n)) == frame
        with player.qtbot.waitSignal(
            player.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n > 9600
        ):
            player.engine.play()
        assert player.shown(player.engine.pause) > 9600


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotated_pictures_stand_upright(player: Player, tmp_path: Path, turn: int) -> None:
    flat = clips.numbered(tmp_path / "flat.mp4", frames=3, sound=0)
    turned, upright = tmp_path / "turned.mov", tmp_path / "upright.png"
    clips.run("-i", str(flat), "-c", "copy", "-metadata:s:v:0", f"rotate={turn}", str(turned))
    clips.run("-i", str(turned), "-frames:v", "1", str(upright))  # ffmpeg turns it by itself
    truth = QImage(str(upright))
    opened: list[MediaInfo] = []
    player.engine.opened.connect(opened.append)
    player.load(turned, frames=3)
    assert opened[0].size == (truth.width(), truth.height())
    player.surface.resize(truth.size() * 2)
    player.qtbot.waitUntil(lambda: player.surface.picture().size() == truth.size() * 2)
    picture = player.surface.picture()
    for x, y in ((0.1, 0.5), (0.9, 0.5), (0.5, 0.1), (0.5, 0.9), (0.3, 0.4)):
        seen = picture.pixelColor(int(picture.width() * x), int(picture.height() * y)).lightness()
        real = truth.pixelColor(int(truth.width() * x), int(truth.height() * y)).lightness()
        assert (seen > 128) == (real > 128)
    painted = player.surface.grab().toImage()
    assert painted.pixelColor(8, 8).lightness() == pytest.approx(
        picture.pixelColor(8, 8).lightness(), abs=40
    )


def test_two_mono_streams_are_mixed_and_soloed(player: Player, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "two.mov", sound=2)
    player.load(path, audio_channels=(1, 1))
    assert player.picture() == 0
    player.shown(lambda: player.engine.seek_frame(17))
    assert (
        player.shown(lambda: player.engine.sound.set_monitor(Monitor(soloed=frozenset({1})))) == 17
    )
    assert player.picture() == 17
    assert (
        player.shown(lambda: player.engine.sound.set_monitor(Monitor(muted=frozenset({0, 1}))))
        == 17
    )
    assert player.shown(lambda: player.engine.step(1)) == 18 == player.picture()


def test_more_streams_than_the_file_has_play_plainly(player: Player, clip25: Path) -> None:
    player.load(clip25, audio_channels=(1, 1, 2))
    assert player.shown(lambda: player.engine.seek_frame(5)) == 5 == player.picture()


def test_an_unknown_length_is_taken_from_the_file(player: Player, clip25: Path) -> None:
    player.load(clip25, frames=None)
    assert player.engine.source is not None
    assert player.engine.source.frames == 50
    assert player.shown(lambda: player.engine.seek_frame(900)) == 49 == player.picture()


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "dpx"])
def test_a_still_is_one_frame(player: Player, clip25: Path, tmp_path: Path, suffix: str) -> None:
    still = tmp_path / f"still.{suffix}"
    clips.run("-ss", "0.4", "-i", str(clip25), "-frames:v", "1", str(still))
    player.load(still, frames=1)
    assert player.picture() == 10
    assert player.shown(lambda: player.engine.step(1)) == 0
    assert player.picture() == 10
