"""The window asks how much is due: one question at a time, so that a dear one is never asked over and over."""

import threading

import pytest

from app.core.model.errors import BadData
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_a_question_that_takes_long_is_not_asked_again_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, engine = bench.work.work, bench.services.engine
    asked: list[int] = []
    gate, due = threading.Event(), engine.due

    def slow(limit: int) -> object:
        asked.append(limit)
        assert gate.wait(60)
        return due(limit)

    monkeypatch.setattr(engine, "due", slow)
    work.ask()
    bench.qtbot.waitUntil(lambda: bool(asked))
    for _ in range(5):
        work.ask()
        bench.qtbot.wait(20)
    assert len(asked) == 1
    gate.set()
    bench.settle()
    work.ask()
    bench.qtbot.waitUntil(lambda: len(asked) > 1)
    bench.settle()


def test_after_a_question_that_failed_the_next_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, engine = bench.work.work, bench.services.engine
    asked: list[int] = []

    def broken(limit: int) -> object:
        asked.append(limit)
        raise BadData("The disk is gone")

    monkeypatch.setattr(engine, "due", broken)
    work.ask()
    bench.settle()
    before = len(asked)
    work.ask()
    bench.qtbot.waitUntil(lambda: len(asked) > before)
    bench.settle()
