"""What the Info tab says of a proxy beside its original."""

import dataclasses

import pytest

from app.core.media.parity import Check
from app.ui.inspector import kept

GOOD = Check("frames", "250", "250", ok=True)


def test_that_all_is_kept_is_said_in_a_few_words() -> None:
    facts = {"parity": [dataclasses.asdict(GOOD)]}
    assert kept.words(facts) == "all of the original kept"


@pytest.mark.parametrize("facts", [{}, {"parity": []}, {"parity": None}])
def test_where_nothing_was_compared_nothing_is_said(facts: dict[str, object]) -> None:
    assert kept.words(facts) == ""


def test_only_what_differs_is_said() -> None:
    bad = Check("start", "10:00:00:00", "none", ok=False)
    here = {"parity": [dataclasses.asdict(one) for one in (GOOD, bad)]}
    assert kept.words(here) == "Start: none instead of 10:00:00:00."
    beside = {"parity": [{"what": "frames", "holds": False, "text": "240 frames of 250."}]}
    assert kept.words(beside) == "240 frames of 250."
