"""The window says what waits for room and lists every failure; an estimate is given only once lengths are known."""

from PySide6.QtWidgets import QLabel, QPushButton

from app.core.catalog import attempts
from app.core.model.errors import Away, NoRoom, as_json
from app.core.post.room import FULL
from app.ui.shell.estimate import Estimate
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _fail(bench: Bench, error: NoRoom | Away, clip: str) -> None:
    told = as_json(error)
    bench.services.catalog.write(lambda tx: attempts.failed(tx, "derive", clip, told, passing=True))
    bench.work.work.ask()
    bench.settle()


def _words(bench: Bench) -> str:
    bench.work.panels.activity.open()
    return " ".join(w.text() for w in bench.work.panels.activity.findChildren(QLabel))


def test_proxies_that_wait_for_room_are_said_everywhere(bench: Bench) -> None:
    assert not bench.window.status.room.isVisible()
    _fail(bench, NoRoom(FULL, "Old figures.", todo="Free some."), bench.ids[0])
    words = "Proxies that wait for room: 1"
    told = _words(bench)
    assert words in told
    assert "the reserve is" in told
    assert "Everything that was asked for is there" not in told
    assert words in bench.window.status.room.text()
    assert words in bench.window.banner.text()
    assert "make the reserve smaller" in bench.window.banner.text()
    bench.services.catalog.write(attempts.retry)
    bench.work.work.ask()
    bench.settle()
    assert not bench.window.status.room.isVisible()
    assert not bench.window.banner.isVisible()


def test_a_failure_that_is_tried_again_by_itself_is_listed_with_retry(bench: Bench) -> None:
    _fail(bench, Away("The media is offline", "It cannot be reached."), bench.ids[0])
    told = _words(bench)
    assert "The media is offline" in told
    assert "it is tried again by itself" in told
    panel = bench.work.panels.activity
    assert [b.text() for b in panel.findChildren(QPushButton)].count("Retry") == 1
    with bench.services.catalog.read() as reader:
        assert list(bench.work.work.state.failed) == attempts.every(reader)


def test_no_figure_is_given_before_lengths_are_known() -> None:
    words = Estimate(85, 2_000, 10**9, unknown=84).words()
    assert "not known yet" in words
    assert "84" in words
    assert "ready" not in words
    assert "GB" in Estimate(85, 9_000_000, 10**9).words()
