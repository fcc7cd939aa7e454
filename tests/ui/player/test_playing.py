"""Play, stop, shuttle, step, loop and in-to-out, each ending on a frame that is the picture's."""

import itertools
from fractions import Fraction
from pathlib import Path

from tests.ui.player.conftest import PATIENCE_MS, Player


def _play_until(player: Player, frame: int) -> None:
    with player.qtbot.waitSignal(
        player.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n >= frame
    ):
        player.engine.play()


def test_a_stop_rests_on_the_frame_in_the_picture(player: Player, clip25: Path) -> None:
    player.load(clip25)
    for _ in range(5):
        player.shown(lambda: player.engine.seek_frame(0))
        _play_until(player, 4)
        shown = player.shown(player.engine.pause)
        assert shown == player.engine.frame
        # libmpv counts a picture as shown when it hands it over to be drawn.
        player.qtbot.waitUntil(lambda n=shown: player.picture() == n, timeout=PATIENCE_MS)
        player.qtbot.wait(100)
        assert player.picture() == shown == player.engine.frame


def test_playing_tells_every_frame_in_order(player: Player, clip25: Path) -> None:
    player.load(clip25)
    seen: list[int] = []
    player.engine.frame_changed.connect(seen.append)
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.play()
    player.qtbot.waitUntil(lambda: player.engine.frame == 49, timeout=PATIENCE_MS)
    assert seen == sorted(seen)
    assert len(seen) > 25
    assert player.picture() == 49


def test_play_at_the_end_starts_again(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.shown(lambda: player.engine.seek_frame(45))
    with player.qtbot.waitSignals(
        [player.engine.ended, player.engine.frame_shown], timeout=PATIENCE_MS
    ):
        player.engine.play()
    assert player.engine.frame == 49
    with player.qtbot.waitSignal(
        player.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n < 10
    ):
        player.engine.play()
    player.shown(player.engine.pause)


def test_steps_are_exact_both_ways(player: Player, clip2997: Path) -> None:
    player.load(clip2997, "30000/1001", 60)
    for frame in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14):
        assert player.shown(lambda: player.engine.step(1)) == frame == player.picture()
    for frame in (13, 12, 11, 10, 9):
        assert player.shown(lambda: player.engine.step(-1)) == frame == player.picture()
    assert player.shown(lambda: player.engine.step(-30)) == 0 == player.picture()
    assert player.shown(lambda: player.engine.step(500)) == 59 == player.picture()


def test_steps_given_at_once_all_count(player: Player, clip25: Path) -> None:
    player.load(clip25)

    def five() -> None:
        for _ in range(5):
            player.engine.step(1)

    player.shown(five)
    player.qtbot.waitUntil(lambda: player.engine.frame == 5, timeout=PATIENCE_MS)
    assert player.picture() == 5


def test_a_step_out_of_playing_counts_from_where_it_stops(player: Player, clip25: Path) -> None:
    player.load(clip25)
    _play_until(player, 5)
    stopped: list[int] = []
    player.engine.frame_changed.connect(stopped.append)
    after = player.shown(lambda: player.engine.step(1))
    assert after == player.picture()
    assert after >= 6


def test_backwards_runs_down_to_the_start(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.shown(lambda: player.engine.seek_frame(20))
    seen: list[int] = []
    player.engine.frame_changed.connect(seen.append)
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.jkl("j")
        assert player.engine.speed == -1
    player.qtbot.waitUntil(lambda: player.engine.frame == 0, timeout=PATIENCE_MS)
    assert seen == sorted(seen, reverse=True)
    assert len(seen) > 3
    assert player.picture() == 0
    assert not player.engine.playing


def test_backwards_stops_on_a_frame(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.shown(lambda: player.engine.seek_frame(40))
    with player.qtbot.waitSignal(
        player.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n < 35
    ):
        player.engine.jkl("j")
    shown = player.shown(player.engine.pause)
    assert shown == player.picture() == player.engine.frame


def test_shuttle_keys_reach_the_player(player: Player, clip25: Path) -> None:
    player.load(clip25)
    told: list[tuple[bool, Fraction]] = []
    player.engine.playing_changed.connect(lambda playing, speed: told.append((playing, speed)))
    for _ in range(3):
        player.engine.jkl("l")
    player.engine.jkl("j")
    player.shown(lambda: player.engine.jkl("k"))
    assert told == [(True, 1), (True, 2), (True, 4), (True, 2), (False, 0)]


def test_in_to_out_rests_on_the_last_frame_before_out(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.engine.set_range(10, 20)
    with player.qtbot.waitSignal(player.engine.ended, timeout=PATIENCE_MS):
        player.engine.play_range()
    player.qtbot.waitUntil(lambda: player.engine.frame == 19, timeout=PATIENCE_MS)
    player.qtbot.waitUntil(lambda: player.picture() == 19, timeout=PATIENCE_MS)


def test_a_loop_starts_over_at_in(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.engine.set_range(10, 16)
    player.engine.loop = True
    seen: list[int] = []
    player.engine.frame_changed.connect(seen.append)
    player.engine.play_range()
    player.qtbot.waitUntil(
        lambda: sum(b < a for a, b in itertools.pairwise(seen)) >= 2, timeout=PATIENCE_MS
    )
    player.engine.loop = False
    player.shown(player.engine.pause)
    assert min(seen[1:]) >= 10


def test_a_loop_of_the_whole_clip(player: Player, clip25: Path) -> None:
    player.load(clip25)
    player.engine.loop = True
    seen: list[int] = []
    player.engine.frame_changed.connect(seen.append)
    player.shown(lambda: player.engine.seek_frame(44))
    player.engine.play()
    player.qtbot.waitUntil(lambda: 0 < seen[-1] < 20, timeout=PATIENCE_MS)
    assert player.engine.playing
    player.shown(player.engine.pause)


def test_scrubbing_ends_on_the_last_wish(player: Player, clip25: Path) -> None:
    player.load(clip25)
    shown: list[int] = []
    player.engine.frame_shown.connect(shown.append)
    for frame in range(48):
        player.engine.seek_frame(frame)
    player.qtbot.waitUntil(lambda: shown[-1:] == [47], timeout=PATIENCE_MS)
    assert player.picture() == 47
    assert len(shown) < 10


def test_seeking_while_playing_goes_on_playing(player: Player, clip25: Path) -> None:
    player.load(clip25)
    _play_until(player, 3)
    player.engine.seek_frame(30)
    player.qtbot.waitUntil(lambda: player.engine.frame >= 32, timeout=PATIENCE_MS)
    assert player.engine.playing
    player.shown(player.engine.pause)
