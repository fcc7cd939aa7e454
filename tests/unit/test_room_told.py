"""A run says that the disk became full and that it has room again, however quickly the one follows the other."""

from pathlib import Path

from app.cli.output import Output
from app.cli.run import Room
from app.core.catalog.health import Health
from app.core.model.errors import NoRoom


def test_both_are_said_though_nobody_looked_in_between(tmp_path: Path) -> None:
    said: list[str] = []
    health = Health(tmp_path)
    room = Room(health, Output(as_json=False, cwd=tmp_path, say=said.append))
    room.tell()
    assert said == []
    for _ in range(2):
        said.clear()
        assert health.failed(NoRoom("Full", "No room."))
        assert health.look()
        room.tell()
        room.tell()
        assert [line.partition(":")[0] for line in said] == [
            "The disk is full",
            "There is room again",
        ]


def test_what_was_full_at_the_start_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    health = Health(tmp_path)
    health.failed(NoRoom("Full", "No room."))
    room = Room(health, Output(as_json=False, cwd=tmp_path, say=said.append))
    room.tell()
    health.failed(NoRoom("Full", "No room."))
    room.tell()
    assert len(said) == 1
