"""A desk and a folder to watch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import volumes
from tests.support.volumes import Desk


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
