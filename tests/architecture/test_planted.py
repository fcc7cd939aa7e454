"""Every row of the fault matrix has tests that exist and a planted defect that can still be planted."""

import re

from tests.support import planting
from tests.support.source import ROOT

MATRIX = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)


def test_every_defect_can_still_be_planted() -> None:
    assert len(planting.defects()) > 0
    assert [(one.name, said) for one in planting.defects() if (said := planting.stale(one))] == []
    names = [one.name for one in planting.defects()]
    assert len(set(names)) == len(names)
