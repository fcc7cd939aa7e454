import threading
from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QObject

from app.core.model.errors import Bug, Cancelled, Family, Refused, RushesError
from app.ui import tasks

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_results_come_on_the_main_thread_and_work_is_done_elsewhere(owner: QObject) -> None:
    here = threading.get_ident()
    worked: list[int] = []
    delivered: list[tuple[int, str]] = []

    def read() -> str:
        worked.append(threading.get_ident())
        return "clips"

    tasks.run_query(owner, read, lambda result: delivered.append((threading.get_ident(), result)))
    assert tasks.wait()
    assert delivered == [(here, "clips")]
    assert worked != [here]


def test_nothing_is_delivered_to_a_widget_that_is_gone(owner: QObject) -> None:
    delivered: list[int] = []
    go = threading.Event()
    tasks.run_query(owner, lambda: go.wait(5), lambda _: delivered.append(1))
    shiboken6.delete(owner)
    go.set()
    assert tasks.wait()
    assert delivered == []


def test_a_newer_query_of_the_same_key_makes_the_older_stale(owner: QObject) -> None:
    shown: list[str] = []
    go = threading.Event()
    ran: list[str] = []

    def search(words: str) -> str:
        go.wait(5)
        ran.append(words)
        return words

    for words in ("t", "ti", "tid", "tide", "tide c"):
        tasks.run_query(owner, lambda w=words: search(w), shown.append, key="search")
    go.set()
    assert tasks.wait()
    assert shown == ["tide c"]
    assert len(ran) < 5


def test_commands_run_one_after_another_in_order(owner: QObject) -> None:
    done: list[int] = []
    for number in range(50):
        tasks.run_command(owner, lambda n=number: done.append(n))
    assert tasks.wait()
    assert done == list(range(50))


def _raise(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_an_error_goes_to_the_caller_else_to_the_reporter(owner: QObject) -> None:
    taken: list[RushesError] = []
    shown: list[RushesError] = []
    tasks.set_reporter(shown.append)
    refused = Refused("No such clip", "There is no clip A9.")
    tasks.run_command(owner, _raise(refused), failed=taken.append)
    tasks.run_command(owner, _raise(refused))
    tasks.run_command(owner, _raise(Cancelled("Called off")))
    assert tasks.wait()
    assert taken == [refused]
    assert shown == [refused]


def test_a_foreign_exception_becomes_our_bug(
    owner: QObject, expect_log: Callable[[str], None]
) -> None:
    expect_log("a task of the window failed")
    shown: list[RushesError] = []
    tasks.run_query(owner, _raise(ZeroDivisionError("x")), lambda _: None, shown.append)
    assert tasks.wait()
    assert isinstance(shown[0], Bug)
    assert shown[0].family is Family.BUG
    assert "ZeroDivisionError" in shown[0].message


def test_later_comes_back_from_any_thread(owner: QObject) -> None:
    where: list[int] = []
    tasks.run_query(
        owner,
        lambda: tasks.later(owner, lambda: where.append(threading.get_ident())),
        lambda _: None,
    )
    assert tasks.wait()
    assert where == [threading.get_ident()]
