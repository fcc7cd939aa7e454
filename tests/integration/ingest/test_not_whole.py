"""Files that are not whole yet are listed with the hour at which they are called damaged."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import arriving
from app.core.model.entities import Arriving
from app.core.platform import settings as settings_file
from app.core.services import Services
from tests.support import catalogs
from tests.support.volumes import Desk, put, wav

OPEN = b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + b"\0\0\0\0mdat" + bytes(range(256)) * 40
MINUTE = 60_000


def _at(path: Path, ms: int) -> None:
    os.utime(path, ns=(ms * 1_000_000, ms * 1_000_000))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "1")
    settings_file.set_value(home, "ingest.open_structure_minutes", "30")
    found = Services(home)
    catalogs.settle_in(found.catalog)
    yield found
    found.close()


def _listed(services: Services, volume_id: str) -> list[Arriving]:
    with services.catalog.read() as reader:
        return arriving.on_volume(reader, volume_id, 30)[0]


def test_unfinished_and_empty_files_wait_with_their_hour(services: Services, root: Path) -> None:
    put(root, "whole.wav")
    now = time.time_ns() // 1_000_000
    for name, content, age in (("open.mov", OPEN, 5), ("nothing.mov", b"", 2)):
        (root / name).write_bytes(content)
        _at(root / name, now - age * MINUTE)
    volume = services.volumes.add(root)
    services.start(watch=False)
    assert services.engine.wait_idle()
    listed = _listed(services, volume.id)
    assert [(one.path, one.unchanged_ms, one.verdict_ms) for one in listed] == [
        ("open.mov", now - 5 * MINUTE, now + 25 * MINUTE),
        ("nothing.mov", now - 2 * MINUTE, now + 28 * MINUTE),
    ]
    rows = [one.row for one in listed if one.row is not None]
    with services.catalog.read() as reader:
        by_clip = arriving.of_clips(reader, rows, 30)
    assert {row: found[0].path for row, found in by_clip.items()} == dict(
        zip(rows, ["open.mov", "nothing.mov"], strict=True)
    )


def test_between_two_looks_a_file_stays_listed(services: Services, root: Path) -> None:
    put(root, "whole.wav")
    (root / "open.mov").write_bytes(OPEN)
    volume = services.volumes.add(root)
    _at(root / "open.mov", time.time_ns() // 1_000_000 - 5 * MINUTE)
    services.start(watch=False)
    assert services.engine.wait_idle()
    before = _listed(services, volume.id)
    services.engine.pause(True)
    services.catalog.write(
        lambda tx: tx.run(
            "UPDATE file SET state = 'present', settled_at = 0, facts_sig = NULL WHERE path = ?",
            b"open.mov",
        )
    )
    assert _listed(services, volume.id) == before
    assert len(before) == 1


def test_a_file_that_still_grows_has_no_hour_yet(desk: Desk, root: Path) -> None:
    put(root, "old.wav")
    volume = desk.add(root)
    (root / "new.wav").write_bytes(wav("new")[:300])
    desk.look(volume)
    with desk.catalog.read() as reader:
        listed, count = arriving.on_volume(reader, volume.id, 30)
    assert [(one.path, one.verdict_ms) for one in listed] == [("new.wav", None)]
    assert count == 1
