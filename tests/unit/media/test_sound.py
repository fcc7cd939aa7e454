"""Sound files: chunks, bext, iXML, and the start timecode from them."""

import struct
from fractions import Fraction

import pytest

from app.core.media import look_sound, sound_chunks, sound_metadata
from app.core.media.sniffing import sniff
from app.core.media.sound_chunks import SoundFile
from app.core.model.media import MediaFacts, StartTimecode
from app.core.model.timecode import Timebase
from tests.support.probe_media import bext, chunk, pcm_format, source, wave

IXML = """<?xml version="1.0" encoding="UTF-8"?><BWFXML><SCENE>12</SCENE><TAKE>3</TAKE><TAPE>26Y05M14</TAPE>
<CIRCLED>TRUE</CIRCLED><SPEED><NOTE>no</NOTE><TIMECODE_RATE>{rate}</TIMECODE_RATE>
<TIMECODE_FLAG>{flag}</TIMECODE_FLAG></SPEED><TRACK_LIST><TRACK_COUNT>2</TRACK_COUNT>
<TRACK><CHANNEL_INDEX>5</CHANNEL_INDEX><INTERLEAVE_INDEX>2</INTERLEAVE_INDEX><NAME>Lav 1</NAME></TRACK>
<TRACK><CHANNEL_INDEX>1</CHANNEL_INDEX><INTERLEAVE_INDEX>1</INTERLEAVE_INDEX><NAME>Boom</NAME></TRACK>
</TRACK_LIST><FILE_SET><FAMILY_UID>F1</FAMILY_UID><FILE_SET_INDEX>A</FILE_SET_INDEX></FILE_SET></BWFXML>"""


def ixml(rate: str = "25/1", flag: str = "NDF") -> bytes:
    return chunk(b"iXML", IXML.format(rate=rate, flag=flag).encode() + bytes(7))


def read(data: bytes) -> SoundFile:
    found = sound_chunks.read(source(data))
    assert found is not None
    return found


def look(data: bytes) -> MediaFacts:
    return look_sound.look(source(data), sniff(data[:4096], len(data), "T001.WAV")).facts


def test_samples_are_counted_from_what_is_there() -> None:
    found = read(wave(pcm_format(2, 48000, 24), chunk(b"data", bytes(600))))
    assert (found.codec, found.channels, found.samples) == ("pcm_s24le", 2, 100)
    assert not found.open


@pytest.mark.parametrize(
    ("tag", "bits", "codec"),
    [(1, 8, "pcm_u8"), (1, 16, "pcm_s16le"), (1, 32, "pcm_s32le"), (3, 32, "pcm_f32le")],
)
def test_codecs_have_ffprobe_s_names(tag: int, bits: int, codec: str) -> None:
    assert read(wave(pcm_format(1, 48000, bits, tag), chunk(b"data", bytes(64)))).codec == codec


def test_a_recorder_that_died_leaves_its_sound() -> None:
    for length in (0, 0xFFFFFFFF):
        found = read(wave(pcm_format(1, 48000, 16), chunk(b"data", bytes(200), length)))
        assert found.open
        assert found.samples == 100


def test_empty_sound_before_other_chunks_is_empty() -> None:
    found = read(wave(pcm_format(), chunk(b"data", b""), chunk(b"iXML", b"<BWFXML/>")))
    assert found.samples == 0
    assert not found.open


def test_a_cut_file_says_how_much_is_missing() -> None:
    facts = look(wave(pcm_format(1, 48000, 16), chunk(b"data", bytes(200), 1000)))
    assert facts.frames == 100
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("truncated", False)]
    assert not facts.closed


def test_large_files_keep_their_length_in_another_chunk() -> None:
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, 600, 100, 0))
    data = wave(sizes, pcm_format(), chunk(b"data", bytes(600), 0xFFFFFFFF), ixml(), form=b"RF64")
    found = read(data)
    assert (found.container, found.samples) == ("rf64", 200)
    assert found.chunk(b"iXML", source(data)) is not None


def test_sony_wave64_is_read() -> None:
    def big(kind: bytes, data: bytes) -> bytes:
        guid = kind + bytes.fromhex("f3acd3118cd100c04f8edb8a")
        return guid + struct.pack("<Q", len(data) + 24) + data + bytes(-len(data) % 8)

    head = bytes.fromhex("726966662e91cf11a5d628db04c10000") + struct.pack("<Q", 0)
    head += b"wave" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
    form = struct.pack("<HHIIHH", 1, 2, 48000, 48000 * 4, 4, 16)
    found = read(head + big(b"fmt ", form) + big(b"data", bytes(400)))
    assert (found.container, found.channels, found.samples) == ("w64", 2, 100)


def test_aiff_is_read() -> None:
    rate = struct.pack(">HQ", 16383 + 15, 48000 << 48)
    common = b"COMM" + struct.pack(">IhIh", 18, 2, 50, 16) + rate
    sound = b"SSND" + struct.pack(">III", 208, 0, 0) + bytes(200)
    data = b"FORM" + struct.pack(">I", 4 + len(common) + len(sound)) + b"AIFF" + common + sound
    found = read(data)
    assert (found.codec, found.sample_rate, found.samples) == ("pcm_s16be", 48000, 50)
    assert read(data[:-100]).samples == 25


def test_ixml_gives_scene_take_tape_names_and_the_start() -> None:
    reference = 10 * 3600 * 48000
    sound = chunk(b"data", bytes(600))
    facts = look(wave(bext("sSCENE=99", reference=reference), pcm_format(2), sound, ixml()))
    assert (facts.scene, facts.take, facts.reel, facts.circled) == ("12", "3", "26Y05M14", True)
    assert facts.audio[0].channel_names == ("Boom", "Lav 1")
    assert facts.audio[0].name == "Boom / Lav 1"
    assert facts.start == StartTimecode(900_000, False, "bext")
    assert facts.rate == 48000
    assert facts.tags["file_set"] == "F1"


def test_without_a_rate_the_start_waits_for_the_project() -> None:
    words = "sSPEED=029.970-DF\r\nsSCENE=7\r\nsTAKE=2\r\nsTAPE=X1\r\nsTRK1=Boom\r\n"
    facts = look(wave(bext(words, reference=480), pcm_format(), chunk(b"data", bytes(300))))
    assert facts.start is None
    assert (facts.tags["time_reference"], facts.tags["sample_rate"]) == ("480", "48000")
    assert "timecode_rate" not in facts.tags
    assert (facts.tags["recorder_rate"], facts.tags["recorder_drop"]) == ("30000/1001", "1")
    assert (facts.scene, facts.take, facts.reel) == ("7", "2", "X1")
    assert facts.audio[0].name == "Boom"


def test_local_time_stays_without_a_zone() -> None:
    data = wave(bext(date="2026-05-14", time="10-11-12"), pcm_format(), chunk(b"data", bytes(30)))
    facts = look(data)
    assert facts.recorded_at is None
    assert facts.tags["recorded_local"] == "2026-05-14T10:11:12"


def test_broken_ixml_does_not_spoil_the_sound() -> None:
    facts = look(wave(pcm_format(), chunk(b"data", bytes(30)), chunk(b"iXML", b"<BWFXML><A>")))
    assert facts.frames == 10
    assert facts.problems == ()
    assert "ixml_problem" in facts.tags


@pytest.mark.parametrize("drop", [False, True])
def test_every_first_sample_of_a_frame_gets_that_frame(drop: bool) -> None:
    """Also where the recorder rounded the sample down."""
    rate = Fraction(30000, 1001)
    for frame in (0, 1, 2, 1799, 1800, 107_891, 107_892, Timebase(rate, drop).day - 1):
        for exact in (frame * 48000 / rate,):
            for sample in {int(exact), -int(-exact // 1)}:
                found = sound_metadata.start_timecode(sample, 48000, rate, drop)
                assert found == StartTimecode(frame, drop, "bext")


def test_a_drop_flag_at_a_rate_that_has_none_is_ignored() -> None:
    data = wave(bext(reference=48000), pcm_format(), chunk(b"data", bytes(30)), ixml("25/1", "DF"))
    assert look(data).start == StartTimecode(25, False, "bext")


def test_a_header_without_sound_is_hopeless() -> None:
    facts = look(wave(pcm_format()))
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("no-frames", True)]
