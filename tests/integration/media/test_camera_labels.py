"""Labels that cameras put beside and into their pictures, in files that play: AVCHD and Sony's XAVC."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.probe import Prober
from app.core.model.media import MediaFacts
from app.core.model.timecode import Timebase
from tests.support.avchd_factory import date_packs, with_user_data
from tests.support.footage import FOOTAGE
from tests.support.media_factory import X264, ffmpeg
from tests.support.probe_media import box, ffprobe, rtmd_packet, rtmd_track

NTSC = Fraction(30000, 1001)
FRAMES = 30


@pytest.fixture
def prober() -> Iterator[Prober]:
    with Prober() as made:
        yield made


def made(path: Path, rate: Fraction | int, *words: object) -> Path:
    """A second or so of moving picture, with frames that are shown in another order than coded."""
    given = f"testsrc2=s=160x96:r={Fraction(rate)}"
    coded = (*X264, "-frames:v", FRAMES, "-bf", "2", "-x264-params", "b-adapt=0:aud=1")
    ffmpeg("-f", "lavfi", "-i", given, *coded, *words, path)
    return path


def start(facts: MediaFacts) -> tuple[str, str]:
    """(label of the first frame, its origin)."""
    assert facts.start is not None
    assert facts.rate is not None
    label = Timebase(facts.rate, facts.start.drop).label(facts.start.frame)
    return label, facts.origins["start"]


@pytest.mark.parametrize(
    ("first", "rate"),
    [("10:20:30:20", Fraction(25)), ("10:00:59;20", NTSC), ("10:00:59:20", NTSC)],
)
def test_an_avchd_clip_tells_label_and_time(
    prober: Prober, tmp_path: Path, first: str, rate: Fraction
) -> None:
    plain = made(tmp_path / "plain.mts", rate, "-f", "mpegts", "-mpegts_m2ts_mode", "1")
    clock = Timebase(rate, ";" in first)
    labels = [clock.label(clock.frame(first) + n) for n in range(FRAMES)]
    date = date_packs("20240307142501", 0x02)
    clip = with_user_data(plain, tmp_path / "00001.MTS", labels, date)
    facts = prober.probe(clip, root=tmp_path)
    assert start(facts) == (first, "avchd")
    assert facts.recorded_at == "2024-03-07T13:25:01Z"
    assert facts.origins["recorded_at"] == "avchd"
    assert (facts.rate, facts.frames, facts.problems) == (rate, FRAMES, ())
    assert prober.probe(plain, root=tmp_path).start is None


def test_a_clock_without_a_zone_stays_local(prober: Prober, tmp_path: Path) -> None:
    plain = made(tmp_path / "plain.mts", 25, "-f", "mpegts")
    labels = [f"00:00:0{n // 25}:{n % 25:02d}" for n in range(FRAMES)]
    clip = with_user_data(plain, tmp_path / "1.mts", labels, date_packs("20240307142501", 0xFF))
    facts = prober.probe(clip, root=tmp_path)
    assert facts.recorded_at is None
    assert facts.tags["recorded_local"] == "2024-03-07T14:25:01"


def xavc(path: Path, labels: list[str]) -> Path:
    """An MP4 whose further track holds Sony's packets."""
    data = path.read_bytes()
    index = data.rindex(b"moov") - 4
    packets = b"".join(rtmd_packet(label) for label in labels)
    track = rtmd_track([index + 8], len(labels))
    path.write_bytes(data[:index] + box("mdat", packets) + box("moov", data[index + 8 :], track))
    return path


def test_an_xavc_clip_tells_its_label_as_ffprobe_does(prober: Prober, tmp_path: Path) -> None:
    labels = [Timebase(Fraction(25)).label(900_000 + n) for n in range(FRAMES)]
    clip = xavc(made(tmp_path / "C0001.MP4", 25), labels)
    facts = prober.probe(clip, root=tmp_path)
    assert start(facts) == ("10:00:00:00", "rtmd")
    assert (facts.frames, facts.problems) == (FRAMES, ())
    streams = ffprobe(clip)["streams"]
    assert [one["tags"].get("timecode") for one in streams] == [None, "10:00:00:00"]


def test_a_timecode_track_counts_more(prober: Prober, tmp_path: Path) -> None:
    labels = [Timebase(Fraction(25)).label(900_000 + n) for n in range(FRAMES)]
    clip = xavc(made(tmp_path / "C0001.MP4", 25, "-timecode", "01:00:00:00"), labels)
    assert start(prober.probe(clip, root=tmp_path)) == ("01:00:00:00", "tmcd")


@pytest.mark.footage
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage folder beside the checkout")
def test_a_real_camcorder_s_clip(prober: Prober) -> None:
    """It begins with a key picture that is shown third: the first one shown is two labels earlier."""
    (clip,) = (FOOTAGE / "camera").glob("Sony ILCE-7M3*.mts")
    facts = prober.probe(clip, root=FOOTAGE)
    assert start(facts) == ("00:00:10:11", "avchd")
    assert facts.recorded_at == "2019-04-24T20:24:00Z"
