"""Every row of docs/reliability.md has a planted defect that can still be planted, and counts nothing that may not be."""

import re

from tests.support import planting
from tests.support.source import ROOT

MATRIX = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (\d+)(?:–\d+)? \|(.*)\|$", re.MULTILINE)
CELLS = 8
"""After the number: fault, where, times, lies, hangs, tracebacks, what is seen, tests."""
MUST_BE_CAUGHT = frozenset(
    (1, 2, 3, 11, *range(17, 22), *range(30, 35), 41, *range(47, 51), *range(53, 60), 63, 64, 68)
) | frozenset((75, 76, 77, 78, 80, 88, 89, 90, 94))


def rows() -> list[tuple[int, list[str]]]:
    return [
        (int(number), [cell.strip() for cell in cells.split(" | ")])
        for number, cells in ROW.findall(MATRIX.read_text(encoding="utf-8"))
    ]


def test_every_defect_can_still_be_planted() -> None:
    assert len(planting.defects()) > len(MUST_BE_CAUGHT)
    assert [(one.name, said) for one in planting.defects() if (said := planting.stale(one))] == []
    names = [one.name for one in planting.defects()]
    assert len(set(names)) == len(names)


def test_every_row_is_told_and_has_a_planted_defect() -> None:
    told = {number for number, _ in rows()}
    planted = {number for defect in planting.defects() for number in defect.rows}
    assert MUST_BE_CAUGHT - told == set()
    assert MUST_BE_CAUGHT - planted == set()


def test_no_row_has_a_lie_a_hang_or_a_traceback() -> None:
    found = rows()
    assert [number for number, cells in found if len(cells) != CELLS] == []
    assert [number for number, cells in found if cells[3:6] != ["0", "0", "0"]] == []
    assert [number for number, cells in found if "`" not in cells[-1]] == []
