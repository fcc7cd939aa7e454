"""Headers of pictures, made field by field."""

import struct
from fractions import Fraction

from app.core.media import exif, look_still, stills
from app.core.media.sniffing import sniff
from app.core.media.stills import Picture
from app.core.model.media import ClipKind, MediaFacts, StartTimecode
from tests.support.probe_media import source


def png(width: int, height: int, depth: int = 8, colour: int = 2, end: bytes = b"IEND") -> bytes:
    head = struct.pack(">I4sIIBBBBBI", 13, b"IHDR", width, height, depth, colour, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + head + bytes(40) + end + bytes(4)


def tiff(*entries: tuple[int, int, int, bytes], order: str = "<", more: bytes = b"") -> bytes:
    """One directory at 8; values longer than four bytes are offsets into the file."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = struct.pack(order + "H", len(entries))
    body += b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    return mark + struct.pack(order + "I", 8) + body + bytes(4) + more


def number(tag: int, value: int) -> tuple[int, int, int, bytes]:
    return tag, 4, 1, struct.pack("<I", value)


def words(tag: int, text: str, place: int) -> tuple[int, int, int, bytes]:
    return tag, 2, len(text) + 1, struct.pack("<I", place)


def jpeg(sampling: int = 0x22, *, before: bytes = b"", end: bytes = b"\xff\xd9") -> bytes:
    parts = bytes((1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1))
    frame = struct.pack(">BHHB", 8, 720, 1280, 3) + parts
    head = b"\xff\xd8" + before + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return head + b"\xff\xda\0\x02" + bytes(50) + end


def read(data: bytes, container: str) -> Picture:
    found = stills.read(source(data), container)
    assert found is not None
    return found


def look(data: bytes, name: str) -> MediaFacts:
    return look_still.look(source(data), sniff(data[:4096], len(data), name)).facts


def test_png_size_and_format() -> None:
    found = read(png(640, 480, 16, 6), "png")
    assert (found.width, found.height, found.pix_fmt) == (640, 480, "rgba64be")
    assert not found.truncated
    assert read(png(640, 480, end=b""), "png").truncated


def test_jpeg_size_and_format() -> None:
    found = read(jpeg(), "jpeg")
    assert (found.width, found.height, found.pix_fmt) == (1280, 720, "yuvj420p")
    assert read(jpeg(0x21), "jpeg").pix_fmt == "yuvj422p"
    assert read(jpeg(0x41), "jpeg").pix_fmt is None
    assert read(jpeg(end=b""), "jpeg").truncated


def test_exif_in_a_jpeg_tells_camera_date_and_how_to_turn_it() -> None:
    text = b"Canon\0" + b"EOS R5\0\0" + b"2026:05:14 10:00:00\0" + b"+02:00\0\0"
    start = 8 + 2 + 6 * 12 + 4
    block = tiff(
        words(0x10F, "Canon", start),
        words(0x110, "EOS R5", start + 6),
        (0x112, 3, 1, struct.pack("<HH", 6, 0)),
        words(0x9003, "2026:05:14 10:00:00", start + 14),
        words(0x9011, "+02:00", start + 34),
        number(0x100, 0),
        more=text,
    )
    piece = b"Exif\0\0" + block
    facts = look(jpeg(before=b"\xff\xe1" + struct.pack(">H", len(piece) + 2) + piece), "IMG_1.JPG")
    assert facts.kind is ClipKind.STILL
    assert facts.camera == "Canon EOS R5"
    assert facts.recorded_at == "2026-05-14T08:00:00Z"
    assert facts.video is not None
    assert facts.video.rotation == 90
    assert facts.frames == 1


def test_the_largest_full_picture_of_a_tiff_counts() -> None:
    second = 8 + 2 + 4 * 12 + 4
    inner = struct.pack("<H", 2)
    inner += struct.pack("<HHI", 0x100, 4, 1) + struct.pack("<I", 6000)
    inner += struct.pack("<HHI", 0x101, 4, 1) + struct.pack("<I", 4000) + bytes(4)
    data = tiff(
        number(0xFE, 1), number(0x100, 160), number(0x101, 120), number(0x14A, second), more=inner
    )
    found = exif.read(source(data))
    assert found is not None
    assert (found.width, found.height) == (6000, 4000)


def test_strips_beyond_the_end_are_missing() -> None:
    data = tiff(number(0x100, 10), number(0x101, 10), number(0x111, 500), number(0x117, 300))
    found = exif.read(source(data))
    assert found is not None
    assert found.missing_bytes == 800 - len(data)


def test_position_is_told_in_degrees() -> None:
    place = 8 + 2 + 12 + 4
    values = place + 2 + 4 * 12 + 4
    gps = struct.pack("<H", 4)
    for tag, text, at in ((1, b"N\0\0\0", values), (3, b"W\0\0\0", values + 24)):
        gps += struct.pack("<HHI", tag, 2, 2) + text
        gps += struct.pack("<HHII", tag + 1, 5, 3, at)
    gps += bytes(4) + struct.pack("<12I", 54, 1, 30, 1, 0, 1, 2, 1, 15, 1, 36, 1)
    found = exif.read(source(tiff(number(0x8825, place), more=gps)))
    assert found is not None
    assert found.location == "+54.50000-002.26000/"


def dpx(order: str = ">", *, rate: bytes = b"\xff" * 4, label: bytes = b"\xff" * 4) -> bytes:
    data = bytearray(b"\xff" * 2048)
    data[:4] = b"SDPX" if order == ">" else b"XPDS"
    struct.pack_into(order + "I", data, 4, 2048)
    struct.pack_into(order + "I", data, 16, 2048 + 100)
    struct.pack_into(order + "II", data, 772, 2048, 1556)
    data[1920:1924], data[1940:1944] = label, rate
    return bytes(data) + bytes(100)


def test_dpx_tells_size_and_only_what_is_set() -> None:
    for order in "<>":
        found = read(dpx(order), "dpx")
        assert (found.width, found.height, found.rate, found.label) == (2048, 1556, None, None)
        assert not found.truncated
    assert read(dpx()[:-1], "dpx").truncated


def test_pixels_where_a_short_dpx_header_ends_are_no_rate() -> None:
    whole = dpx(rate=struct.pack(">f", 25.0), label=bytes.fromhex("01020304"))
    short = whole[:4] + struct.pack(">I", 1664) + whole[8:]
    found = read(short, "dpx")
    assert (found.width, found.rate, found.label) == (read(whole, "dpx").width, None, None)


def test_dpx_label_and_rate_make_a_start() -> None:
    rate = struct.pack(">f", 23.976)
    facts = look(dpx(rate=rate, label=bytes.fromhex("01020304")), "plate.0001.dpx")
    assert facts.rate == Fraction(24000, 1001)
    assert facts.start == StartTimecode(((1 * 60 + 2) * 60 + 3) * 24 + 4, False, "tag")


def exr(*attributes: tuple[str, str, bytes]) -> bytes:
    body = b"".join(
        name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
        for name, kind, value in attributes
    )
    return b"v/1\x01\x02\0\0\0" + body + b"\0" + bytes(40)


def test_exr_display_window_rate_label_and_reel() -> None:
    data = exr(
        ("displayWindow", "box2i", struct.pack("<4i", -10, 0, 1909, 1079)),
        ("framesPerSecond", "rational", struct.pack("<iI", 30000, 1001)),
        ("timeCode", "timecode", struct.pack("<II", 0x01000042, 0)),
        ("reelName", "string", b"A005R1AB"),
    )
    facts = look(data, "plate.0001.exr")
    assert facts.video is not None
    assert (facts.video.width, facts.video.height) == (1920, 1080)
    assert facts.start == StartTimecode(107_894, True, "tag")
    assert facts.reel == "A005R1AB"
