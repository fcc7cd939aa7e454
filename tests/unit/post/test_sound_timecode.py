"""Where in a clip's sound its timecode is looked for."""

from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.derived import Channel
from app.core.model.entities import Clip
from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import ClipKind, ClipState
from app.core.post import sound_timecode
from tests.support import speech_factory as make
from tests.support.ltc_factory import ltc

CODE = ltc("10:00:00:00", 2, sample_rate=make.RATE)
HOUR = 25 * 3600


def clip(origin: str = "", rate: Fraction | None = Fraction(25)) -> Clip:
    """A clip whose start comes from there."""
    nothing = dict.fromkeys(("frames", "width", "height", "codec", "pix_fmt", "hash", "card"))
    words = dict.fromkeys(
        ("reel", "camera", "scene", "take", "shot", "recorded_at", "problem", "start_frame")
    )
    return Clip(
        id=ClipId("a"),
        row=ClipRow(1),
        content_id="c",
        name="A001",
        kind=ClipKind.VIDEO,
        state=ClipState.READY,
        rate=rate,
        vfr=False,
        drop=False,
        label_rate=rate,
        rotation=0,
        audio=(),
        gaps=(),
        tags={},
        origins={"start": origin} if origin else {},
        **nothing,
        **words,
    )


def channel(folder: Path, name: str, *sound) -> Channel:
    """One channel's copy as the decode pass leaves it."""
    make.write_wav(folder / name, make.in_a_row(*sound))
    return Channel(0, 0, None, None, name)


def test_it_may_begin_later_in_the_clip(tmp_path: Path) -> None:
    channels = [
        Channel(0, 0, None, None, None),
        channel(tmp_path, "2.wav", make.noise(14)),
        channel(tmp_path, "3.wav", make.silence(12), CODE),
    ]
    found = sound_timecode.start_of(clip(), channels, tmp_path)
    assert found is not None
    assert (found.frame, found.origin) == (10 * HOUR - 12 * 25, "LTC on audio track 3")
    assert (found.drop, found.label_rate) == (False, 25)


def test_it_is_not_looked_for_beyond_two_minutes(tmp_path: Path) -> None:
    late = channel(tmp_path, "late.wav", make.silence(121), CODE)
    assert sound_timecode.start_of(clip(), [late], tmp_path) is None


@pytest.mark.parametrize("origin", ["mxf", "tmcd", "camera-xml", "rtmd", "avchd", "bext, at 25"])
def test_nothing_is_read_where_something_better_is_known(tmp_path: Path, origin: str) -> None:
    gone = Channel(0, 0, None, None, "no-such-file.wav")
    assert sound_timecode.start_of(clip(origin), [gone], tmp_path) is None


@pytest.mark.parametrize("origin", ["", "tag", "LTC on audio track 2"])
def test_it_counts_more_than_a_tag(tmp_path: Path, origin: str) -> None:
    channels = [channel(tmp_path, "1.wav", CODE)]
    found = sound_timecode.start_of(clip(origin), channels, tmp_path)
    assert found is not None
    assert (found.frame, found.origin) == (10 * HOUR, "LTC on audio track 1")


def test_a_clip_without_a_rate_has_no_labels(tmp_path: Path) -> None:
    channels = [channel(tmp_path, "1.wav", CODE)]
    assert sound_timecode.start_of(clip(rate=None), channels, tmp_path) is None
