"""Real files from cameras, recorders and phones, beside the checkout: facts agree with ffprobe's."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from app.core.media.facts_building import is_hopeless
from app.core.media.probe import Prober
from app.core.model.media import ClipKind, MediaFacts
from app.core.model.timecode import Timebase
from tests.support.footage import FOOTAGE, Row, rows

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage folder beside the checkout"),
]

ONE_MILLISECOND = Fraction(1, 1000)


def named(row: Row) -> str:
    return row.name


@pytest.fixture
def facts(request: pytest.FixtureRequest) -> MediaFacts:
    row: Row = request.param
    with Prober() as prober:
        return prober.probe(FOOTAGE / row.name, root=FOOTAGE)


GOOD = [row for row in rows() if row.code == "0"]
BROKEN = [row for row in rows() if row.code not in ("", "0")]


@pytest.mark.parametrize(
    ("row", "facts"), [(row, row) for row in GOOD], indirect=["facts"], ids=map(named, GOOD)
)
def test_facts_agree_with_ffprobe(row: Row, facts: MediaFacts) -> None:
    complaints = [*about_picture(row, facts), *about_sound(row, facts), *about_time(row, facts)]
    assert complaints == []


@pytest.mark.parametrize(
    ("row", "facts"), [(row, row) for row in BROKEN], indirect=["facts"], ids=map(named, BROKEN)
)
def test_broken_files_have_a_problem(row: Row, facts: MediaFacts) -> None:
    assert facts.problems, row.name
    assert is_hopeless(facts) or not facts.decodable


def about_picture(row: Row, facts: MediaFacts) -> Iterator[str]:
    wanted = row.picture
    if wanted is None or wanted["codec"] == "?" or wanted["width"] == "0":
        return
    if wanted["mean"] == "0/0" and facts.kind is ClipKind.AUDIO:
        return  # a cover, which is no picture of the clip
    video = facts.video
    if video is None:
        yield "no picture"
        return
    if video.codec != wanted["codec"]:
        yield f"codec {video.codec} not {wanted['codec']}"
    if (video.width, video.height) != (int(wanted["width"]), int(wanted["height"])):
        yield f"size {video.width}x{video.height}"
    if wanted["pix"] != "-" and facts.decodable and video.pix_fmt != wanted["pix"]:
        yield f"pixels {video.pix_fmt} not {wanted['pix']}"
    if facts.kind is not ClipKind.STILL and facts.rate not in row.rates:
        yield f"rate {facts.rate} not {row.rates}"


def about_sound(row: Row, facts: MediaFacts) -> Iterator[str]:
    wanted = [(one["codec"], int(one["channels"]), int(one["rate"])) for one in row.sounds]
    found = [(one.codec, one.channels, one.sample_rate) for one in facts.audio]
    if found != wanted:
        yield f"sound {found} not {wanted}"


def about_time(row: Row, facts: MediaFacts) -> Iterator[str]:
    if row.duration and facts.kind is not ClipKind.STILL:
        picture = facts.video is not None and facts.rate is not None
        near = 1 / facts.rate if picture and facts.rate else ONE_MILLISECOND
        if facts.duration is None or abs(facts.duration - row.duration) > near:
            yield f"duration {facts.duration} not {row.duration}"
    if row.label and facts.start and facts.rate and facts.kind is ClipKind.VIDEO:
        label = Timebase(facts.rate, facts.start.drop).label(facts.start.frame)
        if label != row.label:
            yield f"start {label} not {row.label}"
    if row.label and facts.kind is ClipKind.VIDEO and not facts.start:
        yield f"no start, not {row.label}"
