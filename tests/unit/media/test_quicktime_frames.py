"""Which frames a track presents: against counting them one by one."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from app.core.media import quicktime
from app.core.media.quicktime_frames import Presented, presented
from tests.support.probe_media import movie, source, video_track

Pairs = Sequence[tuple[int, int]]


def counted(
    steps: Pairs, offsets: Pairs = (), edits: Pairs = (), timescale: int = 12800
) -> Presented:
    data = movie(video_track(steps=steps, offsets=offsets, edits=edits, timescale=timescale))
    found = quicktime.read(source(data))
    return presented(found.tracks[0], found.timescale)


def one_by_one(steps: Pairs, offsets: Pairs, spans: Sequence[tuple[int, int]]) -> int:
    """Every sample's time, compared with every span."""
    times: list[int] = []
    clock = 0
    for count, step in steps:
        for _ in range(count):
            times.append(clock)
            clock += step
    late = [offset for count, offset in offsets for _ in range(count)]
    shown = [time + (late[at] if at < len(late) else 0) for at, time in enumerate(times)]
    return sum(start <= time < end for start, end in spans for time in shown)


def test_without_edits_all_is_shown() -> None:
    found = counted([(48, 1001)], timescale=24000)
    assert (found.samples, found.rate) == (48, Fraction(24000, 1001))
    assert found.duration == Fraction(48 * 1001, 24000)


def test_reordered_frames_behind_an_edit_are_all_shown() -> None:
    # Decoded I P B b b: shown at 1024, 3072, 2048, 1536, 2560.
    late = [(1, 1024), (1, 2560), (1, 1024), (1, 0), (1, 512)]
    assert counted([(5, 512)], late, [(200, 1024)]).samples == 5
    assert counted([(5, 512)], late, [(200, 1536)]).samples == 4
    assert counted([(5, 512)], late, [(120, 1024)]).samples == 3


def test_an_edit_trims_head_and_tail() -> None:
    found = counted([(100, 512)], edits=[(1000, 512 * 10)])
    assert found.samples == 25
    assert found.duration == 1


def test_an_empty_edit_delays_and_shows_nothing() -> None:
    found = counted([(25, 512)], edits=[(500, -1), (1000, 0)])
    assert found.samples == 25
    assert found.duration == Fraction(3, 2)


def test_an_odd_last_frame_is_no_variable_rate() -> None:
    assert counted([(99, 512), (1, 700)]).rate == 25


def test_rounded_steps_are_a_constant_rate() -> None:
    # 30 frames a second written in milliseconds: 33, 33, 34.
    steps = [(2, 33), (1, 34)] * 20
    assert counted(steps, timescale=1000).rate == 30


def test_uneven_steps_have_no_rate() -> None:
    assert counted([(44, 20), (1, 21), (75, 20)], timescale=600).rate is None
    assert counted([(2, 512), (1, 1024), (5, 512), (1, 700), (4, 512)]).rate is None


def test_steps_of_whole_frames_are_no_rounding() -> None:
    assert counted([(10, 1), (10, 2)], timescale=60).rate is None


def test_tables_that_do_not_cover_the_samples_are_not_exact() -> None:
    data = movie(video_track(steps=[(10, 512)]))
    at = data.index(b"stts") + 12
    short = data[:at] + (4).to_bytes(4, "big") + data[at + 4 :]
    found = quicktime.read(source(short))
    assert not presented(found.tracks[0], found.timescale).exact


def test_billions_of_claimed_samples_are_answered_at_once() -> None:
    data = movie(
        video_track(
            steps=[(0xFFFFFFF0, 1)], edits=[(1000, 5000)], offsets=[(5, -(2**31)), (5, 2**31 - 1)]
        )
    )
    found = quicktime.read(source(data))
    assert not presented(found.tracks[0], found.timescale).exact


runs = some.lists(some.tuples(some.integers(1, 9), some.integers(1, 40)), min_size=1, max_size=6)
late = some.lists(some.tuples(some.integers(1, 9), some.integers(-60, 90)), max_size=6)
cuts = some.lists(some.tuples(some.integers(1, 300), some.integers(0, 300)), min_size=1, max_size=3)


@given(steps=runs, offsets=late, edits=cuts)
def test_counting_by_tables_equals_counting_one_by_one(
    steps: Pairs, offsets: Pairs, edits: Pairs
) -> None:
    spans = [(start, start + length) for length, start in edits]
    found = counted(steps, offsets, edits, timescale=1000)
    assert found.samples == one_by_one(steps, offsets, spans)


def test_a_track_without_a_clock_shows_nothing() -> None:
    assert counted([(10, 512)], timescale=0).samples == 0
