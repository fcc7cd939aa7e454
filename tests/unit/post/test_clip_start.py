"""Which start timecode a clip gets, where its file and the XML beside it say different things."""

import dataclasses
from fractions import Fraction

import pytest

from app.core.catalog.clips import ClipRecord
from app.core.catalog.members import Member
from app.core.files.assembly_plans import ClipPlan, PlanPart
from app.core.media.camera_xml import CameraXml
from app.core.model.entities import Project
from app.core.model.media import (
    START_SOURCES,
    ClipKind,
    FileRole,
    FileState,
    StartTimecode,
    start_rank,
)
from app.core.post.clip_facts import record_of
from tests.support.seen_files import picture

HOUR = 25 * 3600
PROJECT = Project("film", "Film", Fraction(25), drop=False, glossary=(), languages=())
XML = CameraXml("sony", label="11:00:00:00", label_base=25)


def made(source: str | None, xml: CameraXml | None) -> ClipRecord:
    """The clip of a file that starts at 10:00:00:00 by this source."""
    start = StartTimecode(10 * HOUR, False, source) if source else None
    facts = dataclasses.replace(picture(), start=start)
    known = (1, "a", "A001.mov", 1000, 0, "media_video", FileState.PRESENT)
    lead = Member(*known, facts, None, None, None, None)
    plan = ClipPlan("A001", ClipKind.VIDEO, (PlanPart("a", FileRole.ESSENCE),))
    return record_of(plan, {"a": lead}, "disk", PROJECT, xml)


@pytest.mark.parametrize(
    ("source", "hour", "origin"),
    [
        ("mxf", 10, "mxf"),
        ("tmcd", 10, "tmcd"),
        ("rtmd", 11, "camera-xml"),
        ("avchd", 11, "camera-xml"),
        ("tag", 11, "camera-xml"),
        (None, 11, "camera-xml"),
    ],
)
def test_the_better_source_counts(source: str | None, hour: int, origin: str) -> None:
    record = made(source, XML)
    assert (record.start_frame, record.origins["start"]) == (hour * HOUR, origin)


def test_without_xml_the_file_counts() -> None:
    for source in ("rtmd", "avchd", "tag"):
        for xml in (None, CameraXml("sony")):
            record = made(source, xml)
            assert (record.start_frame, record.origins["start"]) == (10 * HOUR, source)
    assert made(None, None).start_frame is None


def test_origins_are_ranked_by_their_first_word() -> None:
    assert [start_rank(one) for one in START_SOURCES] == list(range(len(START_SOURCES)))
    assert start_rank("LTC on audio track 2") == start_rank("ltc")
    assert start_rank("bext, at the project's rate") == start_rank("bext")
    assert start_rank("") == start_rank("a person") > start_rank("tag")
