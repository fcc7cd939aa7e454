"""Whether two films are the same material, and what of the original a proxy keeps."""

import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from app.core.files.proxy_match import match, parity
from app.core.model.media import MediaFacts
from tests.support.seen_files import picture

DROP = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("original", "proxy", "same"),
    [
        (picture(start=90000), picture(start=90000), True),
        (picture(start=90000), picture(start=90000, frames=249), True),
        (picture(start=90000), picture(start=90000, frames=240), False),
        (picture(start=90000), picture(start=90025), False),
        (picture(start=1800, rate=DROP, drop=True), picture(start=1800, rate=DROP), False),
        (picture(start=90000), picture(), None),
        (picture(start=0), picture(start=0), None),
        (picture(), picture(), None),
        (picture(start=90000, rate=Fraction(50)), picture(start=45000), False),
        (None, picture(), None),
    ],
)
def test_the_same_material(
    original: MediaFacts | None, proxy: MediaFacts, same: bool | None
) -> None:
    verdict = match(original, proxy)
    assert verdict.same is same
    assert verdict.text


def _broken(proxy: MediaFacts) -> set[str]:
    original = picture(start=90000, reel="A001R1AB", channels=(1, 1))
    return {note.code for note in parity(original, proxy) if not note.holds}


def test_a_true_proxy_keeps_everything() -> None:
    proxy = picture(start=90000, reel="A001R1AB", channels=(1, 1), size=(1280, 720))
    assert _broken(proxy) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"frames": 249}, "frames"),
        ({"rate": Fraction(24)}, "rate"),
        ({"start": 90001}, "start"),
        ({"size": (1280, 960)}, "aspect"),
        ({"rotation": 90}, "rotation"),
        ({"channels": (2,)}, "tracks"),
        ({"channels": (1, 2)}, "channels"),
        ({"reel": "A002"}, "reel"),
    ],
)
def test_what_a_proxy_lost_is_named(change: dict[str, Any], code: str) -> None:
    given: dict[str, Any] = {
        "start": 90000,
        "reel": "A001R1AB",
        "channels": (1, 1),
        "size": (1280, 720),
    }
    assert code in _broken(picture(**{**given, **change}))


def test_one_pixel_of_rounding_is_no_other_aspect() -> None:
    assert "aspect" not in _broken(picture(size=(853, 480), start=90000, channels=(1, 1)))


def test_what_neither_knows_is_left_out() -> None:
    bare = dataclasses.replace(picture(), frames=None, rate=None, video=None, audio=())
    assert {note.code for note in parity(bare, bare)} == {"tracks"}
