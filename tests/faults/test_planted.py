"""Each planted defect is caught by the tests that are said to catch it."""

import pytest

from tests.support import planting


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("defect", planting.defects(), ids=lambda defect: defect.name)
def test_a_planted_defect_is_caught(defect: planting.Defect) -> None:
    assert planting.run(defect) == ""
