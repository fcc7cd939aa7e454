"""A few threads for many items: in order, bounded, and gone at the end however it ends."""

import threading
from collections.abc import Iterator

import pytest

from app.core.work.parallel import Parallel


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "part"]


def _refuse_five(number: int) -> int:
    if number == 5:
        raise ValueError(number)
    return number * number


def test_results_come_in_order_and_the_threads_end() -> None:
    assert list(Parallel(3)(_refuse_five, [1, 2, 3, 4])) == [1, 4, 9, 16]
    assert _threads() == []


def test_after_a_failure_the_threads_end() -> None:
    with pytest.raises(ValueError, match="5"):
        list(Parallel(3)(_refuse_five, range(100)))
    assert _threads() == []


def test_given_up_in_the_middle_the_threads_end_and_no_more_is_taken() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10, 100):
            taken.append(number)
            yield number

    results = Parallel(2)(_refuse_five, items())
    assert next(results) == 100
    results.close()
    assert _threads() == []
    assert len(taken) == 3, "one ahead of each worker"
