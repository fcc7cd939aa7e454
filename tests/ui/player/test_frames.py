"""The viewer shows frame n if and only if the decoder returned frame n."""

import random
from pathlib import Path

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
