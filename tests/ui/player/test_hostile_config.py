"""Settings, scripts and side files of a player that lie about: the viewer of Rushes reads none of them."""

from pathlib import Path

import pytest

from tests.support import hostile_media
from tests.ui.player.conftest import Player


def test_no_settings_or_scripts_of_others_are_loaded(
    player: Player, tmp_path: Path, clip25: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, told = tmp_path / "media", tmp_path / "told"
    told.mkdir()
    hostile_media.code(place, told)
    path = place / "clip.mp4"
    path.write_bytes(clip25.read_bytes())
    (place / "clip.mp4.conf").write_text(f"log-file={told / 'clip.conf'}\n")
    (place / "clip.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    monkeypatch.setenv("MPV_HOME", str(place))
    monkeypatch.setenv("PATH", str(place), prepend=":")
    monkeypatch.chdir(place)
    player.load(path)
    assert player.shown(lambda: player.engine.seek_frame(12)) == 12 == player.picture()
    tracks = player.engine._core
    assert tracks is not None
    assert list(told.iterdir()) == []
