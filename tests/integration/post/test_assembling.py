"""Putting clips together can be called off between folders, however many changed; what is left is taken in next time."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.core.catalog import files
from app.core.model.errors import Cancelled
from app.core.model.media import FileState
from app.core.work.recipes import QUICK, Subject
from tests.support import volumes
from tests.support.volumes import put


class _Called(NamedTuple):
    """The one thing of a job's context that this recipe asks."""

    check: Callable[[], None]


def test_called_off_between_folders(tmp_path: Path) -> None:
    card = tmp_path / "card"
    for number in range(8):
        put(card, f"day{number}/sound.wav", at=number)
    asked: list[int] = []

    def check() -> None:
        asked.append(len(desk.clips()))
        if asked[-1] == 3:
            raise Cancelled("Called off")

    with volumes.desk(tmp_path / "home") as desk:
        volume = desk.volumes.add(card)
        desk.scanner.scan(volume.id)
        with desk.catalog.read() as reader:
            refs = files.due_probe(reader, volume.id, 0, 1, -1)
        desk.catalog.write(
            lambda tx: [
                files.set_facts(tx, r, volumes._facts(r), None, FileState.PRESENT) for r in refs
            ]
        )
        with pytest.raises(Cancelled):
            desk.assembling._run(_Called(check), Subject(volume.id, QUICK, "card"))
        assert len(desk.clips()) == 3
        assert asked[0] == 0
        desk.assembling.all_now()
        assert len(desk.clips()) == 8
        with desk.catalog.read() as reader:
            assert files.dirty_folders(reader, volume.id, 10) == []
