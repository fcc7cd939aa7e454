"""Closing is bounded: what hangs is left behind and said in the log, and it can write nothing afterwards."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts
from app.core.model.changes import Aspect
from app.core.model.errors import RushesError
from app.core.work import engine as engines
from app.core.work.engine import Engine
from app.core.work.recipes import NET, QUICK, Context, Subject
from tests.support import catalogs
from tests.support.command import wait_for
from tests.support.guards import ExpectLog
from tests.support.shop import Shop
from tests.support.source import ROOT


class Hang:
    """Work that hears no call to stop, and then wants to store something."""

    def __init__(self) -> None:
        self.begun, self.open, self.over = (threading.Event() for _ in range(3))
        self.refused: list[RushesError] = []

    def __call__(self, context: Context, _subject: Subject) -> None:
        self.begun.set()
        self.open.wait()
        try:
            context.catalog.write(lambda tx: tx.touch(Aspect.SETTINGS, "late"))
        except RushesError as error:
            self.refused.append(error)
            raise
        finally:
            self.over.set()


@pytest.fixture
def hang() -> Iterator[Hang]:
    hang = Hang()
    yield hang
    hang.open.set()


@pytest.mark.parametrize("lane", [QUICK, NET])
def test_closing_leaves_behind_what_hangs(
    tmp_path: Path,
    hang: Hang,
    lane: str,
    expect_log: ExpectLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A request that looks up a name is waited for less long than anything else.
    monkeypatch.setattr(engines, "CLOSING_MOST", 600 if lane == NET else 0.2)
    expect_log("press:heavy .*left behind")
    shop = Shop(act=hang, lane=lane)
    shop.want("heavy")
    with catalogs.opened(tmp_path / "home") as catalog:
        engine = Engine(catalog, [shop.recipe])
        told: list[int] = []
        engine.subscribe(lambda: told.append(1))
        engine.start()
        assert hang.begun.wait()
        engine.close()
        assert not hang.over.is_set(), "it still hangs"
        told.clear()
    hang.open.set()
    assert hang.over.wait()
    assert hang.refused, "what comes late is not stored"
    assert not told, "and nobody is told of it"
    with catalogs.opened(tmp_path / "home") as catalog, catalog.read() as reader:
        assert attempts.every(reader) == [], "it is due again, as if it had never begun"


def test_several_that_hang_are_waited_for_together(
    tmp_path: Path, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CLOSING_MOST", 0.5)
    expect_log("left behind")
    hangs = [Hang() for _ in range(6)]
    waited: list[float] = []
    monkeypatch.setattr(
        threading.Thread, "join", _counted(threading.Thread.join, waited), raising=True
    )
    with catalogs.opened(tmp_path / "home") as catalog:
        shops = [Shop(f"press{n}", act=hang, lane=f"io:{n}") for n, hang in enumerate(hangs)]
        for shop in shops:
            shop.want("heavy")
        engine = Engine(catalog, [shop.recipe for shop in shops])
        engine.start()
        assert all(hang.begun.wait() for hang in hangs)
        waited.clear()
        engine.close()
    assert sum(waited) < 2 * 0.5 + engines.CLOSING_MOST
    for hang in hangs:
        hang.open.set()
        assert hang.over.wait()


def _counted(join, waited: list[float]):
    def counted(self: threading.Thread, timeout: float | None = None) -> None:
        waited.append(timeout or 0)
        join(self, timeout)

    return counted


HANGING = """
import threading
from app.core.work.parallel import Parallel

begun = threading.Event()

def hang(_number):
    begun.set()
    threading.Event().wait()

threading.Thread(target=lambda: list(Parallel(2)(hang, [1, 2])), daemon=True).start()
begun.wait()
print("ended", flush=True)
"""


def test_a_part_that_hangs_does_not_hold_the_end_of_the_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        try:
            wait_for(lambda: process.poll() is not None)
            assert process.returncode == 0
            assert process.stdout is not None
            assert process.stdout.read() == "ended\n"
        finally:
            process.kill()
