"""The made shooting day, as far as no program is needed: its own readers find in it what was put there."""

from fractions import Fraction

import pytest

from app.core.media import (
    camera_xml,
    look_sound,
    sample_cards,
    sample_harbour,
    sample_scenes,
    sample_takes,
)
from app.core.media.sample_paint import HEIGHT, WIDTH, ppm
from app.core.media.sample_sound import NAMES, wave_file
from app.core.media.sample_studio import find_font
from app.core.media.sniffing import sniff
from app.core.model.media import StartTimecode
from app.core.model.timecode import Timebase
from tests.support.probe_media import source

TEXTS = dict(sample_cards.texts())


def test_every_path_is_used_once() -> None:
    paths = [take.path for take in sample_takes.TAKES]
    paths += [recording.path for recording in sample_takes.RECORDINGS]
    paths += [*sample_takes.SMALL, *sample_takes.PICTURES, *TEXTS]
    assert len(paths) == len(set(paths))
    assert set(sample_takes.SMALL.values()) <= set(paths)


@pytest.mark.parametrize("take", [t for t in sample_takes.TAKES if t.start], ids=lambda t: t.path)
def test_every_label_is_legal_at_its_rate(take: sample_takes.Take) -> None:
    base = Timebase(take.rate, ";" in take.start)
    assert base.label(base.frame(take.start)) == take.start


def test_the_card_describes_its_clips() -> None:
    takes = [take for take in sample_takes.TAKES if take.codec == "xdcam"]
    for take in takes:
        found = camera_xml.read(TEXTS[take.path.replace(".MXF", "M01.XML")].encode())
        assert found is not None
        base = Timebase(take.rate)
        assert found.start(take.rate) == StartTimecode(base.frame(take.start), False, "camera-xml")
        assert found.frames == take.frames
    name = next(path for path in TEXTS if path.endswith("MEDIAPRO.XML"))
    listed = camera_xml.read_list(TEXTS[name].encode())
    card = name.removesuffix("MEDIAPRO.XML")
    assert [card + clip.path for clip in listed] == [take.path for take in takes]
    assert {card + proxy for clip in listed for proxy in clip.proxies} <= set(sample_takes.SMALL)


def test_a_recording_names_its_microphones_and_its_start() -> None:
    recording = sample_takes.RECORDINGS[0]
    data = wave_file(recording, bytes(4800 * 6), sample_takes.PAL)
    facts = look_sound.look(source(data), sniff(data[:4096], len(data), "12-T001.WAV")).facts
    assert facts.start is not None
    assert Timebase(Fraction(25)).label(facts.start.frame) == recording.start
    assert (facts.scene, facts.take, facts.reel) == ("12", "1", "S001")
    assert facts.audio[0].channel_names == NAMES


@pytest.mark.parametrize(
    "picture",
    [
        lambda: sample_harbour.harbour(sample_harbour.NIGHT),
        lambda: sample_scenes.speaker(sample_scenes.OLA),
        sample_scenes.shore,
    ],
)
def test_a_painting_is_the_same_each_time_and_fills_its_frame(picture) -> None:
    painted = ppm(picture())
    assert painted == ppm(picture())
    head = b"P6 %d %d 255\n" % (WIDTH, HEIGHT)
    assert painted.startswith(head)
    assert len(painted) == len(head) + WIDTH * HEIGHT * 3
    assert len(set(painted[len(head) :])) > 100


def test_the_evenest_font_is_taken_and_none_is_needed(tmp_path) -> None:
    assert find_font([str(tmp_path)]) is None
    for name in ("Whatever.ttf", "DejaVuSans.ttf", "DejaVuSansMono.ttf"):
        (tmp_path / name).touch()
    assert find_font([str(tmp_path / "no such"), str(tmp_path)]) == tmp_path / "DejaVuSansMono.ttf"
