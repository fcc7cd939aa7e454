"""Speech files: every channel, exact samples, odd headers; what is no speech file is refused."""

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.errors import BadData
from app.core.post.speech_audio import open_speech
from tests.support import speech_factory as make

SAMPLES = struct.pack("<6h", 0, 16384, -16384, 32767, -32768, 100)


def wav(
    *, mark: bytes = b"RIFF", coding: int = 1, channels: int = 2, rate: int = 16_000, bits: int = 16,
    size: int | None = None, before: bytes = b"", data: bytes = SAMPLES,
) -> bytes:  # fmt: skip
    width = channels * bits // 8
    layout = struct.pack("<HHIIHH", coding, channels, rate, rate * width, width, bits)
    if coding == 0xFFFE:
        layout += struct.pack("<HHI", 22, bits, 3) + struct.pack("<H", 1) + bytes(14)
    length = len(data) if size is None else size
    chunks = before + b"fmt " + struct.pack("<I", len(layout)) + layout
    return mark + bytes(4) + b"WAVE" + chunks + b"data" + struct.pack("<I", length) + data


def saved(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "a.wav").write_bytes(data)
    return tmp_path / "a.wav"


@pytest.mark.parametrize(
    "data",
    [
        wav(),
        wav(coding=0xFFFE),
        wav(before=b"LIST" + struct.pack("<I", 3) + b"odd\0"),
        wav(size=0),
        wav(size=1 << 30),
        wav(mark=b"RF64", size=0xFFFFFFFF, before=b"ds64" + struct.pack("<IQQQI", 28, 0, 12, 3, 0)),
    ],
    ids=["plain", "extensible", "odd chunk", "size never written", "cut short", "rf64"],
)
def test_channels_are_read_apart(tmp_path: Path, data: bytes) -> None:
    audio = open_speech([saved(tmp_path, data)])
    assert (audio.channels, audio.samples) == (2, 3)
    assert audio.block(0, 0, 3).tolist() == [0.0, -0.5, -1.0]
    assert audio.block(1, 1, 99).tolist() == pytest.approx([32767 / 32768, 100 / 32768])
    assert audio.block(1, 5, 9).tolist() == []


def test_floats_are_taken_as_they_are(tmp_path: Path) -> None:
    data = wav(coding=3, channels=1, bits=32, data=struct.pack("<2f", 0.25, -1))
    assert open_speech([saved(tmp_path, data)]).block(0, 0, 2).tolist() == [0.25, -1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0AVI LIST",
        wav(rate=48_000),
        wav(bits=24),
        wav(channels=0),
        wav(coding=85),
        wav()[:30],
    ],
)
def test_anything_else_is_refused_in_words(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadData) as caught:
        open_speech([saved(tmp_path, data)])
    assert "a.wav" in caught.value.message


def test_a_missing_file_is_bad_data_too(tmp_path: Path) -> None:
    with pytest.raises(BadData):
        open_speech([tmp_path / "gone.wav"])


@given(st.binary(max_size=120))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + tail)
    with contextlib.suppress(BadData):
        assert len(open_speech([path]).block(0, 0, 10)) <= 10


def test_made_files_are_read_back(tmp_path: Path) -> None:
    audio = open_speech([make.write_wav(tmp_path / "b.wav", make.tone(0.1), make.silence(0.1))])
    assert audio.samples == 1600
    assert not audio.block(1, 0, 1600).any()


def test_one_file_a_channel_is_one_clip(tmp_path: Path) -> None:
    long = make.write_wav(tmp_path / "1.wav", make.tone(0.2))
    short = make.write_wav(tmp_path / "2.wav", make.tone(0.1), make.silence(0.1))
    audio = open_speech([long, short])
    assert (audio.channels, audio.samples) == (3, 3200)
    assert len(audio.block(1, 0, 3200)) == 3200
    assert audio.block(1, 0, 1600).any()
    assert not audio.block(1, 1600, 3200).any()
    assert len(audio.block(1, 2000, 3200)) == 1200
