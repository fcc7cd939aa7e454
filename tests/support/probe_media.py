"""Media as bytes, made field by field: QuickTime, MXF, RIFF; and what ffprobe says of a file."""

import io
import json
import struct
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.core.media.bytesource import ByteSource


def source(data: bytes) -> ByteSource:
    """Bytes as a file that the readers take."""
    return ByteSource(io.BytesIO(data))


def box(kind: str, *payload: bytes) -> bytes:
    """One QuickTime box."""
    data = b"".join(payload)
    return struct.pack(">I4s", len(data) + 8, kind.encode("latin-1")) + data


def full(kind: str, *payload: bytes, version: int = 0, flags: int = 0) -> bytes:
    """One box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def table(kind: str, rows: Sequence[Sequence[int]], form: str = "I") -> bytes:
    """A box with a count and rows of numbers."""
    flat = [number for row in rows for number in row]
    return full(kind, struct.pack(f">I{len(flat)}{form}", len(rows), *flat))


def video_track(
    *,
    steps: Sequence[tuple[int, int]] = ((10, 512),),
    offsets: Sequence[tuple[int, int]] = (),
    edits: Sequence[tuple[int, int]] = (),
    timescale: int = 12800,
    chunk: int = 100,
    track_id: int = 1,
    turn: tuple[int, int, int, int] = (1, 0, 0, 1),
    pixel: tuple[int, int] | None = None,
    codes: Sequence[int] = (),
) -> bytes:
    """A picture track whose samples have these lengths, composition offsets and edits."""
    a, b, c, d = (number << 16 for number in turn)
    samples = sum(count for count, _ in steps)
    length = sum(count * step for count, step in steps)
    entry = struct.pack(">6xH16xHHII4xH32xHh", 1, 320, 180, 72 << 16, 72 << 16, 1, 24, -1)
    entry += box("pasp", struct.pack(">II", *pixel)) if pixel else b""
    tables = [
        full("stsd", struct.pack(">I", 1), box("avc1", entry)),
        table("stts", steps),
        table("ctts", offsets, "i") if offsets else b"",
        table("stsc", [(1, samples, 1)]),
        full("stsz", struct.pack(">II", 10, samples)),
        table("stco", [(chunk,)]),
    ]
    head = struct.pack(
        ">IIII I 8x 8x 9i II",
        0,
        0,
        track_id,
        0,
        length,
        a,
        b,
        0,
        c,
        d,
        0,
        0,
        0,
        1 << 30,
        320 << 16,
        180 << 16,
    )
    return box(
        "trak",
        full("tkhd", head),
        box(
            "edts",
            full(
                "elst",
                struct.pack(">I", len(edits)),
                *(struct.pack(">IiI", *edit, 1 << 16) for edit in edits),
            ),
        )
        if edits
        else b"",
        box("tref", box("tmcd", struct.pack(f">{len(codes)}I", *codes))) if codes else b"",
        _media("vide", timescale, length, tables),
    )


def timecode_track(
    value_at: int,
    *,
    drop: bool = False,
    timescale: int = 25,
    step: int = 1,
    labels: int = 25,
    reel: str | None = None,
    track_id: int = 9,
    edits: Sequence[tuple[int, int]] = (),
) -> bytes:
    """A `tmcd` track whose one sample lies at a place in the file."""
    name = (reel or "").encode()
    entry = struct.pack(">6xH4xIIIBx", 1, int(drop), timescale, step, labels)
    entry += box("name", struct.pack(">HH", len(name), 0), name) if reel else b""
    tables = [
        full("stsd", struct.pack(">I", 1), box("tmcd", entry)),
        table("stts", [(1, 100)]),
        table("stsc", [(1, 1, 1)]),
        full("stsz", struct.pack(">II", 4, 1)),
        table("stco", [(value_at,)]),
    ]
    head = struct.pack(">III", 0, 0, track_id) + bytes(68)
    listed = box(
        "edts",
        full(
            "elst",
            struct.pack(">I", len(edits)),
            *(struct.pack(">IiI", *edit, 1 << 16) for edit in edits),
        ),
    )
    return box(
        "trak", full("tkhd", head), listed if edits else b"", _media("tmcd", timescale, 100, tables)
    )


def rtmd_packet(label: str, size: int = 1024) -> bytes:
    """One frame's packet as Sony's cameras write it: a head with the label, then sets of values."""
    hours, minutes, seconds, frames = (int(part) for part in label.replace(";", ":").split(":"))
    head = bytes.fromhex("001c 0100 0000 0000 0000 0000 00".replace(" ", ""))
    head += bytes((hours, minutes, seconds, ";" in label, frames)) + bytes(10)
    key = bytes.fromhex("060e2b34025301010c02010101010000")
    values = struct.pack(">HHH", 0x8000, 2, 0xC000) + struct.pack(">HH4x", 0x8109, 4)
    return (head + key + struct.pack(">HH", 0x8300, len(values)) + values).ljust(size, b"\0")


def rtmd_track(
    places: Sequence[int],
    each: int,
    *,
    sizes: Sequence[int] = (),
    count: int = 0,
    size: int = 1024,
    track_id: int = 3,
) -> bytes:
    """A track of such packets, `each` of them at every place in the file."""
    entry = struct.pack(">6xH", 1)
    count = count or len(places) * each
    sample_sizes = struct.pack(f">II{len(sizes)}I", 0 if sizes else size, count, *sizes)
    tables = [
        full("stsd", struct.pack(">I", 1), box("rtmd", entry)),
        table("stts", [(count, 512)]),
        table("stsc", [(1, each, 1)]),
        full("stsz", sample_sizes),
        table("stco", [(place,) for place in places]),
    ]
    head = struct.pack(">III", 0, 0, track_id) + bytes(68)
    return box("trak", full("tkhd", head), _media("meta", 12800, 512 * count, tables))


def _media(handler: str, timescale: int, length: int, tables: Sequence[bytes]) -> bytes:
    return box(
        "mdia",
        full("mdhd", struct.pack(">IIII4x", 0, 0, timescale, length)),
        full("hdlr", struct.pack(">4s4s12x", b"mhlr", handler.encode())),
        box("minf", box("stbl", *tables)),
    )


def movie(
    *boxes: bytes,
    timescale: int = 1000,
    duration: int = 400,
    created: int = 0,
    data: bytes = bytes(4000),
) -> bytes:
    """A whole file: brand, media data (its bytes begin at 28), then the index with these boxes."""
    header = full("mvhd", struct.pack(">IIII80x", created, created, timescale, duration))
    brand = box("ftyp", b"qt  ", bytes(4), b"qt  ")
    return brand + box("mdat", data) + box("moov", header, *boxes)


MDAT = 28
"""Where the media data of `movie` begins."""


# --- MXF ---------------------------------------------------------------------------------------


def klv(key: bytes, value: bytes) -> bytes:
    """One packet with a four-byte length."""
    return key + b"\x83" + len(value).to_bytes(3, "big") + value


def partition(
    sort: int,
    status: int,
    *,
    this: int = 0,
    footer: int = 0,
    metadata: bytes = b"",
    pattern: int = 1,
) -> bytes:
    """A partition pack with its header metadata behind it."""
    label = bytes.fromhex("060e2b34040101010d010201") + bytes((pattern, 1, 1, 0))
    pack = struct.pack(
        ">HHIQQQQQIQI16sII", 1, 3, 1, this, 0, footer, len(metadata), 0, 0, 0, 1, label, 0, 16
    )
    return (
        klv(bytes.fromhex("060e2b34020501010d01020101") + bytes((sort, status, 0)), pack) + metadata
    )


def metadata_set(kind: int, ident: int, **properties: bytes) -> bytes:
    """A local set; properties are named `t4401=…` by their tags in hexadecimal."""
    tags = {0x3C0A: instance(ident)} | {
        int(name[1:], 16): value for name, value in properties.items()
    }
    body = b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in tags.items())
    return klv(bytes.fromhex("060e2b34025301010d0101010101") + bytes((kind, 0)), body)


def instance(number: int) -> bytes:
    """An instance id."""
    return number.to_bytes(16, "big")


def references(*numbers: int) -> bytes:
    """An array of instance ids."""
    return struct.pack(">II", len(numbers), 16) + b"".join(map(instance, numbers))


PICTURE = bytes.fromhex("060e2b34040101010103020201000000")
SOUND = bytes.fromhex("060e2b34040101010103020202000000")
TIMECODE = bytes.fromhex("060e2b34040101010103020101000000")


def mxf_metadata(
    *,
    rate: Fraction = Fraction(25),
    frames: int = 50,
    start: int = 90000,
    base: int = 25,
    drop: bool = False,
    tape: tuple[str, int, int] | None = None,
    name: str = "",
) -> bytes:
    """Header metadata: a material package, a file package, and a tape (name, its start, where on it)."""
    ratio = struct.pack(">ii", rate.numerator, rate.denominator)
    length = struct.pack(">q", frames)

    def timecode(ident: int, number: int) -> bytes:
        flag = bytes((int(drop),))
        values = {"t0201": TIMECODE, "t0202": length, "t1501": struct.pack(">q", number)}
        return metadata_set(0x14, ident, **values, t1502=struct.pack(">H", base), t1503=flag)

    sets = [
        metadata_set(
            0x36, 1, t4401=b"M" * 32, t4402=name.encode("utf-16-be"), t4403=references(2, 4)
        ),
        metadata_set(0x3B, 2, t4B01=ratio, t4803=instance(3)),
        metadata_set(0x0F, 3, t0201=PICTURE, t0202=length, t1001=references()),
        metadata_set(0x3B, 4, t4B01=ratio, t4803=instance(5)),
        timecode(5, start),
        metadata_set(0x37, 10, t4401=b"F" * 32, t4403=references(11), t4701=instance(20)),
        metadata_set(0x3B, 11, t4B01=ratio, t4803=instance(12)),
        metadata_set(0x0F, 12, t0201=PICTURE, t0202=length, t1001=references(13)),
        metadata_set(
            0x11,
            13,
            t0201=PICTURE,
            t0202=length,
            t1101=b"T" * 32,
            t1201=struct.pack(">q", tape[2] if tape else 0),
        ),
    ]
    if tape:
        sets += [
            metadata_set(
                0x37,
                30,
                t4401=b"T" * 32,
                t4402=tape[0].encode("utf-16-be"),
                t4403=references(31),
                t4701=instance(33),
            ),
            metadata_set(0x3B, 31, t4B01=ratio, t4803=instance(32)),
            timecode(32, tape[1]),
            metadata_set(0x2E, 33),
        ]
    return b"".join(sets)


def mxf_file(
    metadata: bytes, *, status: int = 4, essence: int = 2000, footer_metadata: bytes = b""
) -> bytes:
    """A whole file: header, some essence, footer."""
    size = len(partition(2, status, metadata=metadata))
    place = size + essence
    head = partition(2, status, footer=place if status in (2, 4) else 0, metadata=metadata)
    tail = partition(4, 4, this=place, footer=place, metadata=footer_metadata)
    index = bytes.fromhex("060e2b34020501010d01020101110100")
    entries = struct.pack(">IQIQ", 1, 0, 0, place)
    return head + bytes(essence) + tail + klv(index, entries + struct.pack(">I", len(entries) + 24))


# --- RIFF --------------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes, length: int | None = None) -> bytes:
    """One RIFF chunk, padded to even."""
    return (
        kind
        + struct.pack("<I", len(data) if length is None else length)
        + data
        + bytes(len(data) % 2)
    )


def wave(*chunks: bytes, form: bytes = b"RIFF") -> bytes:
    """A RIFF/WAVE file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body)) + body


def pcm_format(channels: int = 1, rate: int = 48000, bits: int = 24, tag: int = 1) -> bytes:
    """A `fmt ` chunk."""
    align = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits))


def bext(
    description: str = "",
    *,
    reference: int = 0,
    date: str = "",
    time: str = "",
    originator: str = "",
) -> bytes:
    """A `bext` chunk of version 1."""
    fields = struct.pack(
        "<256s32s32s10s8sIIH",
        description.encode(),
        originator.encode(),
        b"",
        date.encode(),
        time.encode(),
        reference & 0xFFFFFFFF,
        reference >> 32,
        1,
    )
    return chunk(b"bext", fields + bytes(254))


# --- the oracle --------------------------------------------------------------------------------


def ffprobe(path: Path, *words: str) -> dict[str, Any]:
    """What ffprobe says of a file, as JSON."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", *words]
    done = subprocess.run(
        [*command, f"file:{path}"], stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
