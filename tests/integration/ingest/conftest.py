"""A desk and a folder to watch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.model.entities import Volume
from tests.support import volumes
from tests.support.volumes import Desk, later, put


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with an empty catalog."""
    with volumes.desk(tmp_path / "home") as found:
        yield found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to watch."""
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


@pytest.fixture
def card(desk: Desk, root: Path) -> Volume:
    """A volume that was scanned long after it was filled."""
    for n, path in enumerate(("top.wav", "A/one.wav", "A/in/two.wav", "B/three.wav")):
        put(root, path, at=n)
    later(desk)
    return desk.add(root)
