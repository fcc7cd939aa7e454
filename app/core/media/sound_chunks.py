"""The chunks of sound files: RIFF/WAVE, RF64, BW64, Wave64 (Sony), AIFF and AIFC.

What a file is made of, how many samples it really holds, and where its metadata lies. Layouts:
Microsoft RIFF, EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), Apple AIFF-C.
"""

import dataclasses
import struct
from collections.abc import Iterator
from typing import NamedTuple

from app.core.media.bytesource import ByteSource

MOST_CHUNKS = 4096
LARGEST_CHUNK = 4 << 20
"""Bytes of one metadata chunk."""

_UNKNOWN = 0xFFFFFFFF
_NEIGHBOURS = frozenset(
    b"LIST bext iXML cue id3 ID3 JUNK PAD FLLR minf elm1 regn umid smpl fact axml chna LGWV".split()
)
"""Chunks that follow sound data; one of them proves that a length of zero is meant."""
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_PCM = {1: ("u8", "s16le", "s24le", "s32le"), 3: ("", "", "", "f32le", "", "", "", "f64le")}
_OTHER = {2: "adpcm_ms", 6: "pcm_alaw", 7: "pcm_mulaw", 0x11: "adpcm_ima_wav", 0x55: "mp3"}
_EXTENSIBLE = 0xFFFE


class Chunk(NamedTuple):
    """One chunk of a file."""

    kind: bytes
    start: int
    """Where its content begins."""
    length: int
    """What it says; the file may be shorter."""


@dataclasses.dataclass(frozen=True, slots=True)
class SoundFile:
    """What a sound file is made of."""

    container: str
    """`wav`, `rf64`, `w64`, `aiff`."""
    codec: str = ""
    """ffprobe's name; empty where Rushes does not know it."""
    channels: int = 0
    sample_rate: int = 0
    bits: int = 0
    frame_bytes: int = 0
    """Bytes of one sample of all channels; 0 where it is compressed."""
    samples: int | None = None
    """Samples that are really there; None where it is compressed or no sound data was found."""
    missing_bytes: int = 0
    """Sound data that it claims and does not have."""
    open: bool = False
    """Its recorder has not written the final sizes."""
    chunks: tuple[Chunk, ...] = ()

    def chunk(self, kind: bytes, source: ByteSource) -> bytes | None:
        """The content of its first chunk of a kind, capped; None where there is none."""
        found = next((one for one in self.chunks if one.kind.lower() == kind.lower()), None)
        return source.at(found.start, min(found.length, LARGEST_CHUNK)) if found else None


def read(source: ByteSource) -> SoundFile | None:
    """Reads one file; None where it is none of these formats."""
    head = source.at(0, 40)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _wave(source, head[:4] != b"RIFF", list(_chunks(source, 12, "<")))
    if head[:16] == _W64:
        return _wave64(source)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _aiff(source, list(_chunks(source, 12, ">")))
    return None


def _chunks(source: ByteSource, offset: int, order: str) -> Iterator[Chunk]:
    form = struct.Struct(order + "4sI")
    for _ in range(MOST_CHUNKS):
        head = source.at(offset, 8)
        if len(head) < 8:
            return
        kind, length = form.unpack(head)
        yield Chunk(kind, offset + 8, length)
        # A recorder that died leaves 0 or all ones: then the sound runs to the end of the file.
        if kind == b"data" and length in (0, _UNKNOWN) and offset + 8 + length >= source.size:
            return
        offset += 8 + length + (length & 1)


def _wave(source: ByteSource, large: bool, chunks: list[Chunk]) -> SoundFile:
    sizes = next((one for one in chunks if one.kind == b"ds64"), None)
    if large and sizes is not None:
        chunks = _with_large_sizes(source, chunks, sizes)
    file = _formatted(source, SoundFile("rf64" if large else "wav", chunks=tuple(chunks)))
    return _with_data(source, file, next((one for one in chunks if one.kind == b"data"), None))


def _with_large_sizes(source: ByteSource, chunks: list[Chunk], sizes: Chunk) -> list[Chunk]:
    """Puts the real length of the sound data in, and walks on behind it."""
    table = source.at(sizes.start, 24)
    data = next((one for one in chunks if one.kind == b"data"), None)
    if len(table) < 24 or data is None or data.length != _UNKNOWN:
        return chunks
    (length,) = struct.unpack_from("<Q", table, 8)
    before = [one for one in chunks if one.start < data.start]
    after = list(_chunks(source, data.start + length + (length & 1), "<"))
    return [*before, Chunk(b"data", data.start, length), *after]


def _wave64(source: ByteSource) -> SoundFile:
    chunks: list[Chunk] = []
    offset = 40
    for _ in range(MOST_CHUNKS):
        head = source.at(offset, 24)
        if len(head) < 24:
            break
        (length,) = struct.unpack_from("<Q", head, 16)
        if length < 24:
            break
        chunks.append(Chunk(head[:4], offset + 24, length - 24))
        offset += length + (-length % 8)
    file = _formatted(source, SoundFile("w64", chunks=tuple(chunks)))
    return _with_data(source, file, next((one for one in chunks if one.kind == b"data"), None))


def _formatted(source: ByteSource, file: SoundFile) -> SoundFile:
    """Adds what the `fmt ` chunk says."""
    form = next((one for one in file.chunks if one.kind == b"fmt "), None)
    data = source.at(form.start, min(form.length, 64)) if form else b""
    if len(data) < 16:
        return file
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", data)
    if tag == _EXTENSIBLE and len(data) >= 26:
        (tag,) = struct.unpack_from("<H", data, 24)
    codec = _codec(tag, bits)
    plain = codec.startswith("pcm_")
    return dataclasses.replace(
        file,
        codec=codec,
        channels=channels,
        sample_rate=rate,
        bits=bits if plain else 0,
        frame_bytes=align if plain else 0,
    )


def _codec(tag: int, bits: int) -> str:
    words = _PCM.get(tag)
    if words is None:
        return _OTHER.get(tag, "")
    place = (bits + 7) // 8 - 1
    word = words[place] if 0 <= place < len(words) else ""
    return f"pcm_{word}" if word else ""


def _with_data(source: ByteSource, file: SoundFile, data: Chunk | None) -> SoundFile:
    """Counts the samples that are there."""
    if data is None:
        return file
    there = max(0, source.size - data.start)
    followed = any(
        one.start > data.start and one.kind.strip() in _NEIGHBOURS for one in file.chunks
    )
    unfinished = data.length in (0, _UNKNOWN) and 0 < there != data.length and not followed
    length = there if unfinished else min(data.length, there)
    return dataclasses.replace(
        file,
        samples=length // file.frame_bytes if file.frame_bytes else None,
        missing_bytes=0 if unfinished else max(0, data.length - there),
        open=unfinished,
    )


def _aiff(source: ByteSource, chunks: list[Chunk]) -> SoundFile:
    file = SoundFile("aiff", chunks=tuple(chunks))
    common = next((one for one in chunks if one.kind == b"COMM"), None)
    sound = next((one for one in chunks if one.kind == b"SSND"), None)
    data = source.at(common.start, min(common.length, 64)) if common else b""
    if len(data) < 18:
        return file
    channels, samples, bits = struct.unpack_from(">HIH", data)
    packing = data[18:22] if len(data) >= 22 else b"NONE"
    size = channels * ((bits + 7) // 8)
    missing = max(0, sound.start + sound.length - source.size) if sound else samples * size
    return dataclasses.replace(
        file,
        codec=_aiff_codec(packing, bits),
        channels=channels,
        sample_rate=_extended(data[8:18]),
        bits=bits,
        frame_bytes=size,
        samples=max(0, samples - missing // size) if sound and size else None,
        missing_bytes=missing,
    )


def _aiff_codec(packing: bytes, bits: int) -> str:
    place = (bits + 7) // 8 - 1
    words = {
        b"NONE": ("s8", "s16be", "s24be", "s32be"),
        b"twos": ("s8", "s16be", "s24be", "s32be"),
        b"sowt": ("s8", "s16le", "s24le", "s32le"),
        b"fl32": ("f32be",) * 4,
        b"FL32": ("f32be",) * 4,
        b"fl64": ("f64be",) * 8,
    }.get(packing, ())
    return f"pcm_{words[place]}" if 0 <= place < len(words) else ""


def _extended(data: bytes) -> int:
    """An 80-bit IEEE extended number, as a whole number of samples a second."""
    exponent, mantissa = struct.unpack(">HQ", data)
    shift = exponent - 16383 - 63
    return mantissa >> -shift if -64 < shift <= 0 else 0
