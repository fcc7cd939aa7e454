"""When a quick pass is enough, and when the whole scan comes."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.ingest import recipes
from app.core.ingest.comparing import ScanReport
from app.core.ingest.recipes import Scans
from app.core.ingest.watching import WATCHING, Watcher
from app.core.model.entities import Volume
from app.core.model.errors import Refused
from app.core.platform.preferences import Ingest
from app.core.work.recipes import Context, Job, Recipe, Subject
from tests.support.volumes import Desk

HOUR = 3_600_000


class _Clock:
    """The two clocks that schedules go by."""

    def __init__(self) -> None:
        self.wall = time.time_ns()
        self.ticks = time.monotonic_ns()

    def pass_ms(self, ms: int) -> None:
        self.wall += ms * 1_000_000
        self.ticks += ms * 1_000_000

    def time_ns(self) -> int:
        return self.wall

    def monotonic_ns(self) -> int:
        return self.ticks


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """A clock in the test's hand."""
    found = _Clock()
    monkeypatch.setattr(recipes, "time", found)
    return found


@pytest.fixture
def works(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Does what is due; tells whether that was a whole scan or a quick pass."""
    scans = Scans(desk.catalog, desk.volumes, desk.scanner, Watcher(desk.catalog), Ingest())
    done: list[str] = []
    for name in ("scan", "quick"):
        real = getattr(desk.scanner, name)

        def noted(
            volume: str, *, name: str = name, real: Callable[..., ScanReport] = real, **more: object
        ) -> ScanReport:
            done.append(name)
            return real(volume, **more)

        monkeypatch.setattr(desk.scanner, name, noted)

    def work(want: str = "", look: bool = False) -> list[str]:
        done.clear()
        if want:
            scans.want(want)
        recipe = Recipe("scan", "Scans", scans.due, scans.run)
        if look:
            job = Job(recipe, Subject("volumes", "quick", ""), threading.Event())
            scans.look(Context(desk.catalog, job, lambda _: None), job.subject)
        with desk.catalog.read() as reader:
            subjects = scans.due(reader, 10, ())
        for subject in subjects:
            job = Job(recipe, subject, threading.Event())
            scans.run(Context(desk.catalog, job, lambda _: None), subject)
        return list(done)

    return work


@pytest.mark.parametrize("watched", [True, False])
def test_quick_passes_fill_the_time_between_whole_scans(
    desk: Desk, card: Volume, clock: _Clock, works: Callable[..., list[str]], watched: bool
) -> None:
    if watched:
        desk.catalog.write(lambda tx: tx.run("UPDATE volume SET watcher = ?", WATCHING))
    assert works() == ["scan"], "at the start"
    assert works() == []
    step, whole = (300_000, HOUR) if watched else (60_000, 300_000)
    for _ in range(whole // step - 1):
        clock.pass_ms(step)
        assert works() == ["quick"]
        assert works() == []
    clock.pass_ms(step)
    assert works() == ["scan"], "by the schedule"
    assert works(want=card.id) == ["scan"], "when asked"


@pytest.mark.usefixtures("card")
def test_a_volume_that_comes_back_and_a_clock_set_back_are_whole_scans(
    desk: Desk,
    root: Path,
    tmp_path: Path,
    clock: _Clock,
    works: Callable[..., list[str]],
) -> None:
    works()
    away = root.rename(tmp_path / "away")
    assert works(look=True) == []
    away.rename(root)
    clock.pass_ms(6_000)
    assert works(look=True) == ["scan"]
    desk.catalog.write(lambda tx: tx.run("UPDATE volume SET online = 0"))
    clock.pass_ms(6_000)
    # Nobody asked what is due while it was away: that it came back is enough.
    assert works(look=True) == ["scan"]
    clock.wall -= 86_400 * 1_000_000_000
    assert works() == ["scan"]
    assert works() == []
    clock.pass_ms(60_000)
    assert works() == ["quick"]


def test_after_a_scan_that_failed_no_quick_pass_takes_its_place(
    desk: Desk,
    card: Volume,
    clock: _Clock,
    works: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    works()

    def failing(volume: str, **_: object) -> ScanReport:
        raise Refused("No", "It may not be read.", subject=volume)

    clock.pass_ms(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(desk.scanner, "scan", failing)
        with pytest.raises(Refused):
            works()
    clock.pass_ms(60_000)
    assert works() == []
    assert works(want=card.id) == ["scan"]
    clock.pass_ms(60_000)
    assert works() == ["quick"]


@pytest.mark.usefixtures("card")
def test_where_a_quick_pass_cannot_tell_the_whole_scan_follows(
    desk: Desk,
    clock: _Clock,
    works: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    works()
    monkeypatch.setattr(
        desk.scanner, "_quick", lambda volume, _: ScanReport(volume.id, unclear=True)
    )
    clock.pass_ms(60_000)
    assert works() == ["quick", "scan"]
    desk.catalog.write(lambda tx: tx.run("UPDATE volume SET fs_type = 'exfat'"))
    clock.pass_ms(60_000)
    assert works() == [], "its folders have no times to go by"
    clock.pass_ms(240_000)
    assert works() == ["scan"]
