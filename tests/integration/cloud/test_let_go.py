"""What failed holds no parts of a file any longer than it takes: nobody waits for Python to look at everything it has."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.cloud import transfer
from app.core.cloud.sending import Control
from app.core.cloud.source import Part
from app.core.work import failures
from app.core.work.parallel import Parallel
from tests.integration.cloud.conftest import OpenS3
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.uploading import (
    MIB,
    FakeTimer,
    ListJournal,
    content,
    eager,
    plain_file,
    wanted,
    written,
)

pytestmark = pytest.mark.s3
DATA = content(2 * MIB + 7)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    home = tmp_path / "home"
    home.mkdir()
    catalog = Catalog.open(home)
    yield catalog
    catalog.close()


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        (Fault("reset", method="PUT", times=1), True),
        (Fault("lost reply", method="PUT", times=1), True),
        (Fault("reset", method="PUT"), False),
        (Fault("denied", method="PUT"), False),
    ],
)
def test_parts_of_a_failure_are_free_at_once(
    open_s3: OpenS3,
    proxy: FaultProxy,
    catalog: Catalog,
    tmp_path: Path,
    fault: Fault,
    arrives: bool,
) -> None:
    store = open_s3(proxy.url)
    store.capabilities()
    proxy.plan(fault)
    path = written(tmp_path / "clip.mov", DATA)
    control = Control(backoff=eager(FakeTimer()))

    def send() -> None:
        transfer.upload(
            store,
            plain_file(path),
            wanted(DATA, "day/clip.mov"),
            ListJournal(),
            control=control,
            map_parts=Parallel(2),
        )

    gc.collect()
    gc.disable()
    try:
        assert failures.attempt(catalog, ("upload", "x", "clip.mov"), send) is arrives
        assert not [one for one in gc.get_objects() if isinstance(one, Part)]
    finally:
        gc.enable()
