"""Putting clips together can be called off between folders, however many changed; what is left is taken in next time."""

from pathlib import Path

import pytest

from app.core.catalog import files
from app.core.model.errors import Cancelled
from app.core.model.media import FileState
from tests.support import volumes
from tests.support.volumes import put


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
            desk.assembling._take_in(volume.id, check)
        assert len(desk.clips()) == 3
        assert asked[0] == 0
        desk.assembling.all_now()
        assert len(desk.clips()) == 8
        with desk.catalog.read() as reader:
            assert files.dirty_folders(reader, volume.id, 10) == []
