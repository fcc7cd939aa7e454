"""Real files from cameras, recorders and phones, beside the checkout: facts agree with ffprobe's."""

import csv
import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.facts_building import is_hopeless
from app.core.media.probe import Prober
from app.core.model.media import ClipKind, MediaFacts
from app.core.model.timecode import Timebase

FOOTAGE = Path(__file__).resolve().parents[4] / "shared" / "footage"

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage folder beside the checkout"),
]

PICTURE = re.compile(
    r"v:(?P<codec>[^/]+)/(?P<profile>.+?)/(?P<pix>[^/ ]+) (?P<width>\d+)x(?P<height>\d+)"
    r" (?P<real>\d+/\d+)(?:\(avg (?P<mean>\d+/\d+)\))?"
)
SOUND = re.compile(r"a:(?P<codec>\w+) (?P<rate>\d+)Hz (?P<channels>\d+)ch")
ONE_MILLISECOND = Fraction(1, 1000)


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the manifest."""

    name: str
    code: str
    picture: re.Match[str] | None
    sounds: tuple[re.Match[str], ...]
    duration: Fraction | None
    label: str | None


def rows() -> Iterator[Row]:
    if not FOOTAGE.is_dir():
        return
    with (FOOTAGE / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            facts = line["codec_facts_ffprobe_5.1"]
            duration = re.search(r"dur=([\d.]+)", facts)
            label = re.search(r"tc=(\S+)", facts)
            yield Row(
                line["file"],
                line["ffprobe_rc"],
                PICTURE.search(facts),
                tuple(SOUND.finditer(facts)),
                Fraction(duration[1]) if duration else None,
                label[1] if label else None,
            )


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
    rates = [wanted["real"], wanted["mean"] or "0/0"]
    known = {Fraction(rate) for rate in rates if not rate.endswith("/0")}
    if facts.kind is not ClipKind.STILL and facts.rate not in known:
        yield f"rate {facts.rate} not {known}"


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
