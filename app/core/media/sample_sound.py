"""A recorder's sound file, for the made shooting day: WAV with bext and iXML."""

import struct
from fractions import Fraction

from app.core.media.sample_takes import DAY, Recording
from app.core.model.timecode import Timebase

RATE = 48000
BITS = 24
NAMES = ("Boom", "Lav 1")


def wave_file(recording: Recording, samples: bytes, rate: Fraction) -> bytes:
    """The whole file; `samples` are interleaved, 24 bits, one channel for each of `NAMES`."""
    start = Timebase(rate).frame(recording.start)
    since_midnight = int(Fraction(start) / rate * RATE)
    align = len(NAMES) * BITS // 8
    form = struct.pack("<HHIIHH", 1, len(NAMES), RATE, RATE * align, align, BITS)
    body = b"WAVE" + _chunk(b"bext", _bext(recording, since_midnight))
    body += _chunk(b"iXML", _ixml(recording, rate, since_midnight).encode())
    body += _chunk(b"fmt ", form) + _chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _bext(recording: Recording, since_midnight: int) -> bytes:
    fields = {"SPEED": "025.000-ND", "SCENE": recording.scene, "TAKE": recording.take}
    tracks = {f"TRK{n}": name for n, name in enumerate(NAMES, 1)}
    words = "\r\n".join(f"s{key}={value}" for key, value in (fields | tracks).items())
    return struct.pack(
        "<256s32s32s10s8sIIH254x",
        words.encode(),
        b"Rushes sample",
        f"SAMPLE{recording.scene}{recording.take}".encode(),
        DAY.encode(),
        recording.start[:8].encode(),
        since_midnight & 0xFFFFFFFF,
        since_midnight >> 32,
        1,
    )


def _ixml(recording: Recording, rate: Fraction, since_midnight: int) -> str:
    tracks = "".join(
        f"<TRACK><CHANNEL_INDEX>{n}</CHANNEL_INDEX><INTERLEAVE_INDEX>{n}</INTERLEAVE_INDEX><NAME>{name}</NAME></TRACK>"
        for n, name in enumerate(NAMES, 1)
    )
    speed = f"{rate.numerator}/{rate.denominator}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>2.10</IXML_VERSION>'
        "<PROJECT>Harbour film</PROJECT><TAPE>S001</TAPE>"
        f"<SCENE>{recording.scene}</SCENE><TAKE>{recording.take}</TAKE><CIRCLED>FALSE</CIRCLED>"
        f"<SPEED><MASTER_SPEED>{speed}</MASTER_SPEED><CURRENT_SPEED>{speed}</CURRENT_SPEED>"
        f"<TIMECODE_RATE>{speed}</TIMECODE_RATE><TIMECODE_FLAG>NDF</TIMECODE_FLAG>"
        f"<FILE_SAMPLE_RATE>{RATE}</FILE_SAMPLE_RATE><AUDIO_BIT_DEPTH>{BITS}</AUDIO_BIT_DEPTH>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{since_midnight >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{since_midnight & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
        f"<TIMESTAMP_SAMPLE_RATE>{RATE}</TIMESTAMP_SAMPLE_RATE></SPEED>"
        f"<TRACK_LIST><TRACK_COUNT>{len(NAMES)}</TRACK_COUNT>{tracks}</TRACK_LIST></BWFXML>"
    )
