"""How long a clip plays, by what its files say."""

import dataclasses
from fractions import Fraction

from app.core.catalog.members import Member
from app.core.files.assembly_plans import ClipPlan, PlanPart
from app.core.model.entities import Project
from app.core.model.media import ClipKind, FileRole, FileState, MediaFacts
from app.core.post.clip_facts import record_of
from tests.support.seen_files import picture

PROJECT = Project("film", "Film", Fraction(25), drop=False, glossary=(), languages=())
SPAN = dataclasses.replace(picture(), rate=Fraction(30), frames=135, duration=Fraction(9, 2))


def _duration(*spans: MediaFacts) -> int:
    members = {
        str(n): Member(
            n, str(n), f"{n}.mov", 1000, 0, "media_video", FileState.PRESENT, facts, *[None] * 4
        )
        for n, facts in enumerate(spans)
    }
    parts = tuple(PlanPart(key, FileRole.SPAN, n) for n, key in enumerate(members))
    plan = ClipPlan("clip", ClipKind.VIDEO, parts)
    return record_of(plan, members, "disk", PROJECT, None).duration_ms


def test_one_file_says_it_itself() -> None:
    assert _duration(SPAN) == 4500
    assert _duration(dataclasses.replace(SPAN, duration=Fraction(135 * 1001, 30_000))) == 4504


def test_a_file_that_does_not_say_it_plays_its_frames() -> None:
    assert _duration(dataclasses.replace(SPAN, duration=None)) == 4500
    assert _duration(dataclasses.replace(SPAN, duration=None, frames=None)) == 0


def test_several_even_files_play_their_frames_and_uneven_ones_their_times() -> None:
    long = dataclasses.replace(SPAN, duration=Fraction(5))
    assert _duration(long, long) == 9000
    uneven = dataclasses.replace(long, vfr=True)
    assert _duration(long, uneven) == 10_000
