"""An engine on a real catalog, closed again."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.work.courtesy import Courtesy
from app.core.work.engine import Engine
from tests.support import catalogs
from tests.support.shop import Shop

Start = Callable[..., Engine]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def engine_of(catalog: Catalog) -> Iterator[Start]:
    """Starts an engine with these shops' recipes."""
    with contextlib.ExitStack() as stack:

        def start(*shops: Shop, courtesy: Courtesy | None = None, **widths: int) -> Engine:
            engine = Engine(catalog, [s.recipe for s in shops], widths=widths, courtesy=courtesy)
            stack.callback(engine.close)
            engine.start()
            return engine

        yield start
