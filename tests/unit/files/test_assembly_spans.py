"""Recordings that go on in the next file because the one before was full, and parts that do not fit."""

import pytest

from app.core.model.media import MediaFacts
from tests.support.seen_files import GIB, assemble, only, outline, picture, seen, sound

FULL = 4 * GIB - 1_000_000


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("PRIVATE/AVCHD/BDMV/STREAM/00000.MTS", "PRIVATE/AVCHD/BDMV/STREAM/00001.MTS"),
        ("DCIM/100CANON/MVI_0001.MOV", "DCIM/100CANON/MVI_0002.MOV"),
        ("DJI_0001.MP4", "DJI_0002.MP4"),
        ("DJI_20260514101500_0001_D.MP4", "DJI_20260514102500_0002_D.MP4"),
        ("T001.WAV", "T002.WAV"),
    ],
)
def test_a_full_file_goes_on_in_the_next(first: str, second: str) -> None:
    plan = only(assemble([seen(first, FULL), seen(second, 5 * 1000)]))
    assert [(role, part) for _, role, part in outline(plan)] == [("essence", 0), ("span", 1)]
    assert plan.lead == first
    assert len(assemble([seen(first, FULL // 3), seen(second, 5 * 1000)])) == 2


def test_a_chain_of_full_files_is_one_clip_with_its_sidecars() -> None:
    stream, info = "BDMV/STREAM/%05d.MTS", "BDMV/CLIPINF/%05d.CPI"
    sizes = [FULL, 2 * GIB - 4096, 700, 800]
    files = [seen(stream % n, size) for n, size in enumerate(sizes)]
    files += [seen(info % n) for n in range(4)]
    long, short = assemble(files)
    assert [part for _, role, part in outline(long) if role != "sidecar"] == [0, 1, 2]
    assert [part for _, role, part in outline(long) if role == "sidecar"] == [0, 1, 2]
    assert short.keys == (stream % 3, info % 3)


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        (picture(start=1000, frames=250), picture(start=1250, frames=9), 1),
        (picture(start=1000, frames=250), picture(start=5000, frames=9), 2),
        (picture(), picture(), 1),
        (picture(size=(1920, 1080)), picture(size=(1280, 720)), 2),
        (picture(start=2159990, frames=250), picture(start=240, frames=9), 1),
        (picture(), None, 1),
    ],
)
def test_facts_confirm_or_refuse_what_goes_on(
    first: MediaFacts, second: MediaFacts | None, count: int
) -> None:
    files = [seen("MVI_0001.MP4", FULL, first), seen("MVI_0002.MP4", 1000, second)]
    assert len(assemble(files)) == count


def test_sound_goes_on_by_its_time_reference() -> None:
    head = sound(48000 * 3600, reference=48000 * 100)
    assert (
        len(
            assemble(
                [
                    seen("T001.WAV", FULL, head),
                    seen("T002.WAV", 9, sound(5, reference=48000 * 3700)),
                ]
            )
        )
        == 1
    )
    assert (
        len(
            assemble(
                [
                    seen("T001.WAV", FULL, head),
                    seen("T002.WAV", 9, sound(5, reference=48000 * 9000)),
                ]
            )
        )
        == 2
    )


def test_an_older_file_is_no_continuation() -> None:
    assert (
        len(assemble([seen("MVI_0001.MP4", FULL, mtime_ns=2), seen("MVI_0002.MP4", 9, mtime_ns=1)]))
        == 2
    )


def test_chapters_that_do_not_fit_are_flagged() -> None:
    files = [
        seen("GX010042.MP4", facts=picture(start=1000, frames=250)),
        seen("GX020042.MP4", facts=picture(start=9000, frames=250)),
    ]
    plan = only(assemble(files))
    assert [problem.code for problem in plan.problems] == ["not-continuous"]
    files[1] = seen("GX020042.MP4", facts=picture(start=1250, frames=250))
    assert not only(assemble(files)).problems
