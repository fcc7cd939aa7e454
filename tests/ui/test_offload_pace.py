"""The ready-by time: right within a tenth after the first minute, whatever sets the pace."""

from collections.abc import Iterator, Mapping

import pytest

from app.core.ingest.offload_standing import CARD
from app.ui.ingest.pace import Pace
from app.ui.ingest.standing import Amounts, Stage

SECOND = 1_000_000_000
MB = 1_000_000
SIZE = 318_000 * MB


def _run(
    copy: Mapping[str, int], back: Mapping[str, int], later: tuple[str, int] | None = None
) -> Iterator[Amounts]:
    """What is left, second by second: copied as quickly as the slowest takes it, then read back side by side, each at its own speed.

    Args:
        copy: MB a second that each destination takes.
        back: MB a second that each place gives when it is read.
        later: a destination that follows, and its speed.
    """
    left, places = SIZE, dict.fromkeys(back, SIZE)
    stages = (tuple(copy), *(((later[0],),) if later else ()))
    then, then_back = (SIZE, SIZE) if later else (0, 0)
    while left or any(places.values()) or then or then_back:
        first = Stage(stages[0], left, dict(places))
        second = [Stage(stages[1], then, {stages[1][0]: then_back})] if later else []
        yield Amounts((first, *second))
        if left:
            left = max(0, left - min(copy.values()) * MB)
        elif any(places.values()):
            places = {one: max(0, had - back[one] * MB) for one, had in places.items()}
        elif later:
            then, then_back = (
                (max(0, then - later[1] * MB), then_back)
                if then
                else (0, max(0, then_back - later[1] * MB))
            )


@pytest.mark.parametrize(
    ("copy", "back"),
    [
        ({"ssd": 590, "nas": 590}, {"ssd": 590, "nas": 590, CARD: 590}),
        ({"ssd": 900, "nas": 110}, {"ssd": 900, "nas": 110, CARD: 590}),
        ({"ssd": 300}, {"ssd": 320, CARD: 310}),
    ],
)
def test_the_time_is_right_within_a_tenth_after_a_minute(
    copy: Mapping[str, int], back: Mapping[str, int]
) -> None:
    every = list(_run(copy, back))
    pace, wrong = Pace(), list[tuple[int, int | None]]()
    for second, left in enumerate(every):
        pace.see(second * SECOND, left)
        found = pace.seconds()
        truth = len(every) - second
        if 60 <= second < len(every) - 30 and (
            found is None or abs(found - truth) > truth / 10 + 3
        ):
            wrong.append((second, found))
    assert wrong == []


def test_disks_that_give_quicker_than_they_take_are_known_the_second_time() -> None:
    copy, back = {"ssd": 160, "nas": 160}, {"ssd": 480, "nas": 420, CARD: 450}
    every = list(_run(copy, back))
    first, learned = Pace(), dict[str, int]()
    for second, left in enumerate(every):
        first.see(second * SECOND, left)
        learned |= first.learned()
    assert learned.keys() == back.keys()
    pace, wrong = Pace(), list[tuple[int, int | None]]()
    pace.known = learned
    for second, left in enumerate(every):
        pace.see(second * SECOND, left)
        found, truth = pace.seconds(), len(every) - second
        if 60 <= second < len(every) - 30 and (
            found is None or abs(found - truth) > truth / 10 + 3
        ):
            wrong.append((second, found))
    assert wrong == []


def test_a_slow_disk_behind_the_fast_one_is_counted_and_the_fast_one_is_ready_before_it() -> None:
    pace = Pace()
    for second, left in enumerate(_run({"ssd": 590}, {"ssd": 590, CARD: 590}, ("nas", 590))):
        pace.see(second * SECOND, left)
        if second == 90:
            break
    whole, fast, slow = pace.seconds(), pace.seconds("ssd"), pace.seconds("nas")
    assert whole is not None
    assert fast is not None
    each = SIZE // MB // 590
    assert abs(fast - (2 * each - 90)) < each // 10
    assert abs(whole - (4 * each - 90)) < each // 10
    assert slow == whole


def test_a_speed_follows_what_changes_and_nothing_is_said_too_early() -> None:
    pace = Pace()

    def see(second: int, left: int) -> None:
        pace.see(second * SECOND, Amounts((Stage(("ssd",), left * MB, {}),)))

    see(0, 10_000)
    assert pace.seconds() is None
    see(1, 9_900)
    assert pace.rate("ssd") is None, "a second is no measure"
    for second in range(2, 70):
        see(second, 10_000 - 100 * second)
    assert pace.rate("ssd") == 100 * MB
    left = 10_000 - 100 * 69
    for second in range(70, 140):
        left -= 10
        see(second, left)
    assert pace.rate("ssd") == 10 * MB, "what was a minute ago is forgotten"
    for second in range(140, 210):
        see(second, left)
    assert pace.seconds() is None, "it stands still: there is no time to tell"
