"""A desk with one clip of 250 frames."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from tests.support import catalogs


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        catalogs.settle_in(opened)
        yield opened


@pytest.fixture
def clip(catalog: Catalog) -> str:
    return catalogs.add_clip(catalog, catalogs.add_volume(catalog))
