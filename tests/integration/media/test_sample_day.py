from pathlib import Path

import pytest

from app.core.media import sample_day
from app.core.media.sample_day import FOLDER, Take


def test_a_day_is_made_whole_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = (
        Take(
            "A cam/A001C001.mov", "testsrc2", 1, "10:00:00;02", "30000/1001", says="Hello: it's me"
        ),
        Take("Sound/S1.wav", "", 1),
    )
    monkeypatch.setattr(sample_day, "DAY", short)
    (tmp_path / ".making").mkdir()
    steps: list[tuple[int, int]] = []
    day = sample_day.make(tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert day == tmp_path / FOLDER
    assert sorted(p.relative_to(day).as_posix() for p in day.rglob("*.*")) == [
        "A cam/A001C001.mov",
        "Sound/S1.wav",
    ]
    assert all(p.stat().st_size > 1000 for p in day.rglob("*.*"))
    assert steps[-1] == (2, 2)
    assert not (tmp_path / ".making").exists()
    before = [p.stat().st_mtime_ns for p in sorted(day.rglob("*.*"))]
    assert sample_day.make(tmp_path) == day
    assert [p.stat().st_mtime_ns for p in sorted(day.rglob("*.*"))] == before
