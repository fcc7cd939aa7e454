"""Heavy work gives way to an editing program that works, and to a draining battery."""

from pathlib import Path

import pytest

from app.core.platform.neighbours import Neighbours


def process(proc: Path, number: int, name: str, ticks: int) -> None:
    folder = proc / str(number)
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "stat").write_text(f"{number} ({name} x) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 3 0 0 20 0\n")


def supply(power: Path, name: str, **values: str) -> None:
    folder = power / name
    folder.mkdir(exist_ok=True, parents=True)
    for key, value in values.items():
        (folder / key).write_text(value + "\n")


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Neighbours:
    now = iter(range(10**12, 10**15, 6_000_000_000))
    monkeypatch.setattr("time.monotonic_ns", lambda: next(now))
    return Neighbours(tmp_path / "proc", tmp_path / "power")


def test_an_editor_that_only_sits_open_is_no_reason(around: Neighbours, tmp_path: Path) -> None:
    process(tmp_path / "proc", 12, "resolve", 500)
    assert around.busy() == ""
    process(tmp_path / "proc", 12, "resolve", 505)
    assert around.busy() == ""


def test_an_editor_at_work_is(around: Neighbours, tmp_path: Path) -> None:
    process(tmp_path / "proc", 12, "resolve", 500)
    process(tmp_path / "proc", 13, "bash", 0)
    around.busy()
    process(tmp_path / "proc", 12, "resolve", 900)
    process(tmp_path / "proc", 13, "bash", 9000)
    assert around.busy() == "resolve is at work"
    assert around.busy() == ""


def test_a_draining_battery_is_unless_it_is_plugged_in(around: Neighbours, tmp_path: Path) -> None:
    supply(tmp_path / "power", "BAT0", type="Battery", status="Discharging")
    assert around.busy() == "running on battery"
    supply(tmp_path / "power", "AC", type="Mains", online="1")
    assert around.busy() == ""
