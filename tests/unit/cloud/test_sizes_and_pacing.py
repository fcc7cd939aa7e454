"""Part sizes, bandwidth and patience: arithmetic on a clock that nobody waits for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud.pacing import SECOND, Backoff, Limiter
from app.core.cloud.sending import MAX_PART, MAX_PARTS, MIN_PART, part_size_for
from app.core.model.errors import Cancelled, Missing, Passing, Refused
from tests.support.uploading import MIB, FakeTimer


@pytest.mark.parametrize(
    ("size", "parts"),
    [(0, 16 * MIB), (160_000 * MIB, 16 * MIB), (160_001 * MIB, 17 * MIB), (5 << 40, 525 * MIB)],
)
def test_a_part_is_as_usual_until_there_would_be_too_many(size: int, parts: int) -> None:
    assert part_size_for(size) == parts


@given(st.integers(0, MAX_PARTS * MAX_PART - MIB * MAX_PARTS), st.integers(0, 64 * MIB))
def test_no_file_needs_more_parts_than_a_bucket_takes(size: int, usual: int) -> None:
    part = part_size_for(size, usual)
    assert MIN_PART <= part <= MAX_PART
    assert -(-size // part) <= MAX_PARTS


def test_a_file_beyond_every_bucket_is_refused() -> None:
    with pytest.raises(Refused):
        part_size_for(1 << 60)


def test_the_limit_holds_over_any_stretch() -> None:
    fake = FakeTimer()
    limiter = Limiter(1_000_000, fake.timer())
    for _ in range(50):
        limiter.take(100_000)
    assert fake.time == 49 * SECOND // 10


def test_no_limit_never_waits() -> None:
    fake = FakeTimer()
    Limiter(0, fake.timer()).take(1 << 40)
    assert fake.slept == []


def test_a_changed_limit_counts_from_then_on() -> None:
    fake = FakeTimer()
    limiter = Limiter(1_000, fake.timer())
    limiter.take(1_000)
    limiter.rate = 0
    limiter.take(1_000_000)
    assert fake.time == 0


def test_a_wait_for_bandwidth_can_be_called_off() -> None:
    fake = FakeTimer()
    limiter = Limiter(1, fake.timer())
    limiter.take(3600)
    with pytest.raises(Cancelled):
        limiter.take(1, lambda: fake.time > SECOND)
    assert fake.time < 2 * SECOND


def test_a_changed_limit_reaches_who_waits_already() -> None:
    fake = FakeTimer()
    limiter = Limiter(1, fake.timer())
    limiter.take(1 << 30)

    def faster() -> bool:
        if fake.time > SECOND:
            limiter.rate = 1 << 30
        return False

    limiter.take(1, faster)
    assert SECOND < fake.time < 3 * SECOND, "a second at the old rate, not a lifetime"
    limiter.rate = 1
    limiter.take(1 << 20)
    limiter.rate = 0
    limiter.take(1)
    assert fake.time < 5 * SECOND, "not the days that a million bytes take at one a second"


def test_who_came_first_is_not_kept_back_by_who_came_later() -> None:
    fake = FakeTimer()
    limiter = Limiter(1_000, fake.timer())
    mine = limiter.owe(1_000)
    limiter.owe(1_000_000)
    assert not limiter.settled(mine)
    fake.time += SECOND
    assert limiter.settled(mine)


def test_time_in_which_nobody_reads_is_not_saved_up() -> None:
    fake = FakeTimer()
    limiter = Limiter(1_000, fake.timer())
    limiter.take(1_000)
    fake.time += 3600 * SECOND
    limiter.take(1_000)
    limiter.take(1_000)
    assert fake.time == 3601 * SECOND


class Flaky:
    """Fails a number of times."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


def test_what_passes_is_tried_again_and_what_does_not_is_not() -> None:
    fake = FakeTimer()
    flaky = Flaky(5, Passing("busy"))
    assert Backoff(timer=fake.timer()).run(flaky) == "done"
    assert flaky.calls == 6
    broken = Flaky(5, Missing("credentials"))
    with pytest.raises(Missing):
        Backoff(timer=fake.timer()).run(broken)
    assert broken.calls == 1


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    fake = FakeTimer()
    backoff = Backoff(timer=fake.timer(), chance=lambda: 1.0, longest=4 * SECOND)
    backoff.run(Flaky(6, Passing("busy")))
    assert fake.time == (SECOND // 2) + SECOND * (1 + 2 + 4 + 4 + 4)
    fake = FakeTimer()
    Backoff(timer=fake.timer(), chance=lambda: 0.5).run(Flaky(1, Passing("busy")))
    assert fake.time == SECOND // 4


def test_patience_ends_with_the_fault_itself() -> None:
    fake = FakeTimer()
    flaky = Flaky(1 << 30, Passing("busy"))
    with pytest.raises(Passing, match="busy"):
        Backoff(timer=fake.timer(), patience=600 * SECOND, chance=lambda: 1.0).run(flaky)
    assert 600 * SECOND <= fake.time < 640 * SECOND
    assert flaky.calls < 30


def test_a_pause_can_be_called_off() -> None:
    fake = FakeTimer()
    backoff = Backoff(timer=fake.timer(), chance=lambda: 1.0)
    with pytest.raises(Cancelled):
        backoff.run(Flaky(99, Passing("busy")), lambda: fake.time > 2 * SECOND)
    assert fake.time < 3 * SECOND
