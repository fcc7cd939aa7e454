"""Real telemetry of drones: none of it is a caption."""

from pathlib import Path

import pytest

from app.core.post.telemetry import is_telemetry_srt


@pytest.mark.footage
def test_real_telemetry_is_told_from_captions(footage: Path) -> None:
    files = sorted((footage / "sidecars" / "dji-srt").iterdir())
    assert len(files) > 5
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        assert is_telemetry_srt(text) == bool(text), file.name
