"""What numbered frames are called that lie once more under another name."""

from typing import Any

import pytest

from app.core.catalog import library


@pytest.mark.parametrize(
    ("pattern", "path", "shown"),
    [
        ("day/plate.%04d.dpx", b"day/plate.0001.dpx", "day/plate.%04d.dpx"),
        ("day/plate.%04d.dpx", b"b/plate.0001.dpx", "b/plate.%04d.dpx"),
        ("day/plate.%04d.dpx", b"b/copy of it.0001.dpx", "b/copy of it.%04d.dpx"),
        ("plate%04d.dpx", b"take20001.dpx", "take2%04d.dpx"),
        ("plate.%d.dpx", b"b/other.17.dpx", "b/other.%d.dpx"),
        ("plate.%04d.dpx", b"b/other.dpx", "b/plate.%04d.dpx"),
        ("plate.%04d.dpx", b"b/other.0001.DPX", "b/plate.%04d.dpx"),
    ],
)
def test_a_copy_is_listed_by_its_own_name(pattern: str, path: bytes, shown: str) -> None:
    folder = path.rpartition(b"/")[0]
    row: Any = {
        "clip_id": "c",
        "place": 1,
        "path": path,
        "folder": folder,
        "sequence": pattern,
        "role": "essence",
    }
    assert library._entry(row) == ("c", 1, True, shown)
