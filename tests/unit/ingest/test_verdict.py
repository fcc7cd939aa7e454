"""What a verdict is made of, and that nothing less than all of it makes a card safe."""

import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.ingest.verdict import CardFile, Facts, Light, Policy, Proof, judge, unknown
from app.core.model.offloads import Device


def proof(place: str, **other: Any) -> Proof:
    """A copy that is all right, but for what is told."""
    made = Proof(place, Device(place, place, proven=True), "", True, 5, True)
    return dataclasses.replace(made, **other)


def facts(*proofs: Proof, **other: Any) -> Facts:
    """A card with one file that is all right, but for what is told."""
    one = CardFile("a.mov", True, "", proofs)
    return dataclasses.replace(Facts((one,), (), False, "card"), **other)


def light(found: Facts, policy: Policy | None = None) -> Light:
    return judge(found, policy or Policy()).light


def test_two_devices_read_now_are_safe_and_one_is_not() -> None:
    assert light(facts(proof("a"), proof("b"))) is Light.SAFE
    assert light(facts(proof("a"))) is Light.NOT_SAFE
    assert light(facts()) is Light.NOT_SAFE
    assert unknown().light is Light.UNKNOWN


def test_a_persons_word_lifts_a_doubt_and_never_makes_one_disk_two() -> None:
    doubtful = Device("b", "b", proven=False)
    assert light(facts(proof("a"), proof("b", device=doubtful))) is Light.NOT_SAFE
    said = proof("b", device=doubtful, said_by="Ada")
    found = judge(facts(proof("a"), said), Policy())
    assert found.light is Light.SAFE
    assert any("Ada said" in why for why in found.proven)
    same = Device("a", "a", proven=True)
    assert light(facts(proof("a"), proof("c", device=same, said_by="Ada"))) is Light.NOT_SAFE
    card = Device("card", "card", proven=True)
    assert light(facts(proof("a"), proof("c", device=card, said_by="Ada"))) is Light.NOT_SAFE


def test_an_empty_card_is_not_called_safe() -> None:
    assert light(facts(files=())) is Light.NOT_SAFE


def test_nobody_having_looked_whether_it_plays_is_told() -> None:
    assert light(facts(proof("a"), proof("b"), not_tried=True)) is Light.LOOK


_PROOFS = st.lists(
    st.builds(
        lambda place, now, listed, known, said: proof(
            place,
            read_now=now,
            manifest=listed,
            device=Device(place, place, proven=known),
            said_by=said,
        ),
        st.sampled_from(["a", "b", "card"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["", "Ada"]),
    ),
    max_size=4,
)
_FILES = st.lists(
    st.builds(
        lambda now, problem, proofs: CardFile("x", now, problem, tuple(proofs)),
        st.booleans(),
        st.sampled_from(["", "it differs"]),
        _PROOFS,
    ),
    max_size=3,
)


@given(
    files=_FILES,
    left_out=st.booleans(),
    changed=st.booleans(),
    missing=st.booleans(),
    copies=st.sampled_from([2, 3]),
)
def test_green_means_everything(
    *, files: list[CardFile], left_out: bool, changed: bool, missing: bool, copies: int
) -> None:
    """Said again from the rule itself: nothing that lacks one part of it is ever green."""
    found = judge(
        Facts(
            tuple(files),
            (("link", "it is a link"),) if left_out else (),
            changed,
            "card",
            ("a span is missing",) if missing else (),
        ),
        Policy(copies=copies),
    )
    whole = bool(files) and all(
        one.read_now
        and not one.problem
        and len(
            {
                p.device.key
                for p in one.proofs
                if p.read_now
                and p.manifest
                and p.device.key != "card"
                and (p.device.proven or p.said_by)
            }
        )
        >= copies
        for one in files
    )
    assert (found.light is Light.SAFE) == (whole and not (left_out or changed or missing))
    assert (found.light is Light.SAFE) == (found.open == ())
