"""The player's arithmetic, without a player."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.errors import BadData, Refused
from app.ui.player import keymap, monitoring, positions, shuttle
from app.ui.player.actions import player_actions
from app.ui.player.core import decimal
from app.ui.player.monitoring import Monitor
from app.ui.player.positions import Display
from app.ui.player.source import FrameClock, PlayerSource
from app.ui.player.strip_data import FilmstripData, StripView

RATES = ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001", "100", "120000/1001", "240"]
NOWHERE = Path("/nowhere.mov")


def source(rate: str = "25", frames: int | None = 1000, **more: object) -> PlayerSource:
    return PlayerSource(NOWHERE, Fraction(rate), frames, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", RATES)
@given(frame=st.integers(0, 24 * 3600 * 240 - 1), first=st.integers(0, 10_000))
def test_a_frames_time_is_that_frame(rate: str, frame: int, first: int) -> None:
    clock = FrameClock(source(rate, None), Fraction(first, 1000), pictures=True)
    told = Fraction(int(clock.time(frame) * 1_000_000), 1_000_000)  # as mpv prints it
    assert clock.frame(told) == frame


@pytest.mark.parametrize("rate", RATES)
@given(frame=st.integers(1, 100_000))
def test_a_seek_aims_between_the_frame_before_and_the_frame(rate: str, frame: int) -> None:
    clock = FrameClock(source(rate, None), Fraction(0), pictures=True)
    earliest_shown = clock.seek_target(frame) - Fraction(5, 1000)
    assert clock.time(frame - 1) < earliest_shown < clock.time(frame)


@given(gaps=st.lists(st.integers(1, 90), min_size=1, max_size=60), data=st.data())
def test_variable_frames_are_found_by_their_times(gaps: list[int], data: st.DataObject) -> None:
    times = [Fraction(0)]
    for gap in gaps:
        times.append(times[-1] + Fraction(gap, 90))
    clock = FrameClock(
        source("30", len(times), frame_times=tuple(times)), Fraction(1, 3), pictures=True
    )
    frame = data.draw(st.integers(0, len(times) - 1))
    assert clock.frame(clock.time(frame) + Fraction(1, 1_000_000)) == frame
    assert clock.time(0) == Fraction(1, 3)


def test_times_are_told_to_the_nanosecond() -> None:
    assert decimal(Fraction(1, 3)) == "0.333333333"
    assert decimal(Fraction(3600)) == "3600.000000000"


def test_the_ladder_climbs_steps_down_and_turns() -> None:
    speed, seen = Fraction(0), []
    for key in (1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, 1, 1):
        speed = shuttle.faster(speed, key)
        seen.append(int(speed))
    assert seen == [1, 2, 4, 8, 16, 16, 8, 4, 2, 1, -1, -2, -1, 1]


def test_speeds_in_words() -> None:
    words = [shuttle.speed_text(Fraction(s)) for s in ("1", "1/4", "-4", "-1/2")]
    assert words == ["1×", "¼×", "−4×", "−½×"]


def test_plain_sound_needs_no_graph() -> None:
    assert monitoring.graph((), Monitor()) == ""
    assert monitoring.graph((1,), Monitor()) == ""
    assert monitoring.graph((2,), Monitor()) == ""


def test_channels_are_mixed_by_number() -> None:
    assert monitoring.graph((1, 1), Monitor()) == (
        "[aid1]pan=stereo|c0=0.707*c0|c1=0.707*c0[m1];"
        "[aid2]pan=stereo|c0=0.707*c0|c1=0.707*c0[m2];"
        "[m1][m2]amix=inputs=2:duration=longest:normalize=0[ao]"
    )
    right_alone = monitoring.graph((2,), Monitor(soloed=frozenset({1})))
    assert right_alone == "[aid1]pan=stereo|c0=1.000*c1|c1=1.000*c1[ao]"
    nothing = monitoring.graph((2,), Monitor(muted=frozenset({0, 1})))
    assert nothing == "[aid1]pan=stereo|c0=0*c0|c1=0*c0[ao]"


def test_mute_wins_over_solo() -> None:
    monitor = Monitor().toggled_solo(2).toggled_mute(2).toggled_solo(0)
    assert monitor.audible(4) == {0}


def test_positions_in_every_display() -> None:
    clip = source(start_frame=25 * 3600)
    assert positions.text(clip, 83, Display.TIMECODE) == "01:00:03:08"
    assert positions.text(clip, 83, Display.FRAMES) == "83"
    assert positions.text(clip, 83, Display.SECONDS) == "3.320"
    assert positions.text(clip, 83, Display.FEET) == "5+03"
    assert positions.length(clip, 89, Display.TIMECODE) == "3:14"
    assert positions.length(clip, 9, Display.TIMECODE) == "0:09"
    assert positions.length(clip, 25 * 3600, Display.TIMECODE) == "1:00:00:00"


@pytest.mark.parametrize(
    ("typed", "frame"),
    [
        ("+12", 22),
        ("-3", 7),
        ("@7", 7),
        ("01:00:02:00", 50),
        ("1000003", 3),
        ("1.0.0.4", 4),
        ("+1.", 35),
    ],
)
def test_typed_timecode(typed: str, frame: int) -> None:
    clip = source(start_frame=25 * 3600)
    assert positions.parse(typed, clip, 10, Display.TIMECODE) == frame


def test_typed_numbers_mean_what_is_shown() -> None:
    clip = source(start_frame=25 * 3600)
    assert positions.parse("120", clip, 0, Display.FRAMES) == 120
    assert positions.parse("1.5", clip, 0, Display.SECONDS) == 37
    assert positions.parse("2+03", clip, 0, Display.FEET) == 35
    assert positions.parse("+4", clip, 10, Display.SECONDS) == 14


@pytest.mark.parametrize(
    "typed", ["", "abc", "10:00:00;00", "00:00:61:00", "1:2", "+", "@x", "9" * 12]
)
def test_what_is_no_position_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        positions.parse(typed, source(), 0, Display.TIMECODE)


def test_drop_frame_labels_that_do_not_exist_are_refused() -> None:
    clip = source("30000/1001", drop=True)
    with pytest.raises(Refused, match="00:01:00;02"):
        positions.parse("00:01:00;00", clip, 0, Display.TIMECODE)


def test_sound_is_labelled_at_the_label_rate() -> None:
    clip = source("48000", 480_000, has_video=False, label_rate=Fraction(25), start_frame=25)
    assert clip.text(48_000) == "00:00:02:00"
    assert positions.parse("00:00:02:00", clip, 0, Display.TIMECODE) == 48_000
    assert positions.parse("+2", clip, 1920, Display.TIMECODE) == 3 * 1920


@given(
    frames=st.integers(1, 200_000),
    width=st.integers(1, 4000),
    turns=st.lists(
        st.tuples(st.sampled_from(["in", "out", "pan"]), st.integers(0, 4000)), max_size=30
    ),
)
def test_the_strips_view_stays_inside_the_clip(
    frames: int, width: int, turns: list[tuple[str, int]]
) -> None:
    view = StripView.whole(frames, width)
    for kind, x in turns:
        if kind == "pan":
            view = view.panned(x - 2000)
        else:
            view = view.zoomed(Fraction(5, 4) if kind == "in" else Fraction(4, 5), min(x, width))
        assert view.first >= 0
        assert view.first + view.span <= max(frames, 1) + Fraction(1, 128)
        assert 0 <= view.frame_at(0) <= view.frame_at(width) < frames


@given(frames=st.integers(2, 5000), width=st.integers(200, 2000), data=st.data())
def test_a_frames_pixel_is_that_frame_when_frames_are_wide(
    frames: int, width: int, data: st.DataObject
) -> None:
    view = StripView.whole(frames, width).zoomed(Fraction(1_000_000), width // 2)
    first = view.frame_at(0)
    frame = data.draw(st.integers(first, view.frame_at(width - 1)))
    x = view.middle_of(frame)
    if 0 <= x < width:
        assert view.frame_at(x) == frame


def test_tiles_are_the_nearest() -> None:
    film = FilmstripData("", (160, 90), 3, (0, 10, 20, 30))
    assert [film.tile_at(n) for n in (0, 4, 6, 16, 99)] == [0, 0, 1, 2, 3]
    assert film.place(3) == (0, 90, 160, 90)


def test_our_keymap_has_every_action_and_no_conflict() -> None:
    ours = keymap.load()
    known = {action.id for action in player_actions()}
    assert set(ours.by_action) | set(ours.physical) == known
    assert ours.conflicts() == []
    assert ours.shown("play-pause") == "Space"
    assert {a.id for a in player_actions() if a.physical} == set(ours.physical)
    assert keymap.names()[0] == "rushes"


def test_one_key_for_two_actions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[keys]\nin = ["I"]\nout = ["i", "O"]\n[physical]\nstop = "K"\n')
    with pytest.raises(BadData, match="I is the key of in and of out"):
        keymap.read(path)


@pytest.mark.parametrize("text", ["keys = 3", "[keys", '[keys]\nin = ["NoSuchKey!"]'])
def test_a_broken_keymap_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadData):
        keymap.read(path)
