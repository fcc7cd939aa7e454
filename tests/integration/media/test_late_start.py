"""A proxy that learns its start timecode after it was made: labelled by a copy of its packets, or left as it is."""

import dataclasses
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.late_start import put_start
from app.core.media.survey import survey
from app.core.media.tools import programs
from app.core.model.media import ClipKind, MediaFacts, RenditionKind, StartTimecode
from app.core.model.timecode import Timebase
from tests.integration.media.deriving import derived
from tests.support.media_factory import X264, MediaFactory, Sound
from tests.support.media_kinds import Clip, facts_of, phone

NTSC = Fraction(30000, 1001)


def told(facts: MediaFacts, label: str, *, reel: str | None = None) -> MediaFacts:
    """The facts with the start that LTC told."""
    drop = ";" in label
    frame = Timebase(facts.rate or Fraction(25), drop).frame(label)
    start = StartTimecode(frame, drop, "LTC on audio track 1")
    return dataclasses.replace(facts, start=start, reel=reel)


def packets(path: Path) -> str:
    """Each picture and sound packet: its stream, times, size and content."""
    entries = "packet=stream_index,pts_time,dts_time,duration_time,size,flags,data_hash"
    words = ("-select_streams", "V", "-show_data_hash", "md5", "-show_entries", entries)
    sound = ("-select_streams", "a", "-show_data_hash", "md5", "-show_entries", entries)
    return "".join(
        subprocess.run(
            ["ffprobe", "-v", "error", *chosen, "-of", "compact", str(path)],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for chosen in (words, sound)
    )


def made(media: MediaFactory, kind: str) -> Clip:
    """A clip of two sound streams that knows no start, or one that counts for less."""
    if kind == "phone":
        return phone(media)
    rate, codec = (
        (NTSC if kind == "ntsc" else Fraction(25)),
        ("aac" if kind == "aac" else "pcm_s16le"),
    )
    tag = ("-timecode", "03:00:00:00") if kind == "tagged" else ()
    sound = [Sound(2, codec=codec), Sound(1, 880, codec=codec)]
    path = media.video(f"late-{kind}.mov", *X264, *tag, frames=40, rate=rate, sound=sound)
    return Clip((path,), facts_of(40, rate, 2, 1, label="03:00:00:00" if tag else ""), ())


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("aac", "10:00:00:07"),
        ("ntsc", "01:00:59;28"),
        ("phone", "01:00:00:00"),
        ("tagged", "10:00:00:00"),
    ],
)
def test_the_proxy_gets_its_label_and_nothing_else_changes(
    media: MediaFactory, tmp_path: Path, kind: str, label: str
) -> None:
    clip = made(media, kind)
    first = derived(clip, tmp_path / "out")
    proxy = tmp_path / "out" / str(first.path(RenditionKind.PROXY))
    before, held = packets(proxy), sorted(p.name for p in proxy.parent.iterdir())
    facts = told(clip.facts, label, reel="A001")
    after = put_start(first, facts, proxy.parent, programs())
    seen = survey(proxy, programs().ffprobe)
    assert (seen.timecode, seen.reel) == (label, "A001")
    assert packets(proxy) == before
    assert sorted(p.name for p in proxy.parent.iterdir()) == held
    assert after.parity is not None
    checks = {check.name: (check.found, check.ok) for check in after.parity.checks}
    assert checks["start"] == (label, True)
    assert checks["reel"] == ("A001", True)
    assert after.parity.ok
    sizes = {m.kind: m.size for m in after.made}
    assert sizes[RenditionKind.PROXY] == proxy.stat().st_size


def test_a_copy_that_is_not_the_same_is_not_kept(
    media: MediaFactory, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("not labelled with its start")
    clip = made(media, "aac")
    first = derived(clip, tmp_path / "out")
    proxy = tmp_path / "out" / str(first.path(RenditionKind.PROXY))
    before = proxy.read_bytes()
    short = tmp_path / "ffmpeg"
    short.write_text(f'#!/bin/sh\nexec {programs().ffmpeg} -t 1 "$@"\n')
    short.chmod(0o755)
    cut = dataclasses.replace(programs(), ffmpeg=short)
    after = put_start(first, told(clip.facts, "10:00:00:00"), proxy.parent, cut)
    assert proxy.read_bytes() == before
    assert sorted(p.suffix for p in proxy.parent.glob("labelled*")) == []
    assert after.parity is not None
    assert [c.name for c in after.parity.checks if not c.ok] == ["start"]


def test_sound_alone_stays_as_it_is(media: MediaFactory, tmp_path: Path) -> None:
    path = media.sound("take.wav", Sound(2))
    facts = dataclasses.replace(facts_of(25, 25, 2, kind=ClipKind.AUDIO), video=None)
    clip = Clip((path,), facts, ())
    first = derived(clip, tmp_path / "out")
    assert put_start(first, told(clip.facts, "10:00:00:00"), tmp_path / "out", programs()) == first
