"""What AVCHD camcorders write into their pictures: timecode and the time of recording.

Each H.264 picture carries user data (an SEI message) with packs of five bytes, much as DV tapes had
them: pack 0x13 is the label of the picture, 0x18 and 0x19 are date, zone and time. Only the heads of the
first pictures are looked at, until it is sure which of them is shown first.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.core.media.bytesource import ByteSource
from app.core.media.start_labels import Written

_PACKET = 188
_PIECE = 64 << 10
_MOST_BYTES = 2 << 20
"""A key picture and those that are shown before it have some 300 KiB."""
_NO_PICTURE = 256 << 10
"""Without any picture until here it is no camera's file."""
_HEAD = 4096
"""Bytes of a picture in which its user data lies."""
_MARK = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
_LABEL, _DATE, _TIME = 0x13, 0x18, 0x19
_FURTHEST_ZONE = 14


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """What the camera says of a recording."""

    label: Written | None
    """Of the first picture that is shown."""
    recorded: str | None
    """ISO 8601, with the zone where the camera knows it."""


class _Picture(NamedTuple):
    """One picture by its head."""

    shown: int
    """When, in ticks of 90 kHz."""
    packs: Mapping[int, bytes]


def read(source: ByteSource) -> Recording | None:
    """Reads a transport stream; None where it is no AVCHD camera's."""
    pictures: list[_Picture] = []
    for picture in _pictures(source):
        if not pictures and not picture.packs:
            return None
        pictures.append(picture)
        # Nothing that is shown earlier comes after one that is shown later.
        if picture.shown > pictures[0].shown:
            break
    if not pictures:
        return None
    return Recording(_label(pictures), _recorded(pictures[0].packs))


def _label(pictures: list[_Picture]) -> Written | None:
    """The label of the picture that is shown first, which may follow the key picture it needs."""
    first = pictures[0]
    earliest = min(pictures, key=lambda one: one.shown)
    label = _written(earliest.packs.get(_LABEL))
    if label is not None:
        return label
    label = _written(first.packs.get(_LABEL))
    before = sum(one.shown < first.shown for one in pictures)
    return dataclasses.replace(label, later=before) if label else None


def _pictures(source: ByteSource) -> Iterator[_Picture]:
    """The first pictures in the order of the file, each as soon as its head is whole."""
    stream, shown = -1, 0
    head: bytes | None = None
    for offset, packet in _packets(source):
        number = int.from_bytes(packet[1:3], "big") & 0x1FFF
        begins = bool(packet[1] & 0x40)
        if stream == -1 and offset > _NO_PICTURE:
            return
        if stream not in (-1, number) or not (begins or head is not None):
            continue
        payload = _payload(packet)
        if not begins:
            head = (head or b"") + payload
        else:
            if head is not None:
                yield _Picture(shown, _packs(head))
            shown, head = _begun(payload)
            stream = stream if head is None else number
        if head is not None and len(head) >= _HEAD:
            yield _Picture(shown, _packs(head))
            head = None
    if head is not None:
        yield _Picture(shown, _packs(head))


def _packets(source: ByteSource) -> Iterator[tuple[int, bytes]]:
    """The stream's packets with their offsets; Blu-ray puts a time of four bytes before each."""
    extra = 0 if source.at(0, 1) == b"\x47" else 4
    size = _PACKET + extra
    step = _PIECE // size * size
    for start in range(0, _MOST_BYTES, step):
        piece = source.at(start, step)
        for at in range(extra, len(piece) - _PACKET + 1, size):
            if piece[at] != 0x47:
                return
            yield start + at, piece[at : at + _PACKET]
        if len(piece) < step:
            return


def _payload(packet: bytes) -> bytes:
    adapted, filled = packet[3] & 0x20, packet[3] & 0x10
    if not filled:
        return b""
    return packet[5 + packet[4] :] if adapted else packet[4:]


def _begun(payload: bytes) -> tuple[int, bytes | None]:
    """(when it is shown, its head so far) of a picture; no head for sound, subtitles and tables."""
    if len(payload) < 14 or payload[:3] != b"\0\0\1" or payload[3] & 0xF0 != 0xE0:
        return 0, None
    if not payload[7] & 0x80:
        return 0, None
    high, middle = payload[9] >> 1 & 7, int.from_bytes(payload[10:12], "big") >> 1
    shown = high << 30 | middle << 15 | int.from_bytes(payload[12:14], "big") >> 1
    return shown, payload[9 + payload[8] :]


def _packs(head: bytes) -> Mapping[int, bytes]:
    """The packs in a picture's head, by their number; empty where there are none."""
    at = head.find(_MARK)
    if at < 0:
        return {}
    # H.264 puts a 3 after two zero bytes, so that nothing in it looks like the start of a unit.
    data = head[at + len(_MARK) :].replace(b"\0\0\3", b"\0\0")
    count = data[0] if data else 0
    whole = [data[n : n + 5] for n in range(1, 1 + 5 * count, 5)]
    return {pack[0]: pack[1:] for pack in whole if len(pack) == 5}


def _written(pack: bytes | None) -> Written | None:
    """Frames, seconds, minutes, hours in decimal digits; the second bit of the frames says drop-frame."""
    if pack is None:
        return None
    masked = (pack[3] & 0x3F, pack[2] & 0x7F, pack[1] & 0x7F, pack[0] & 0x3F)
    parts = [f"{part:02x}" for part in masked]
    if pack == b"\xff" * 4 or not all(part.isdigit() for part in parts):
        return None
    return Written(":".join(parts), bool(pack[0] & 0x40), "avchd")


def _recorded(packs: Mapping[int, bytes]) -> str | None:
    if _DATE not in packs or _TIME not in packs:
        return None
    zone, *date = packs[_DATE]
    digits = bytes(date).hex() + packs[_TIME].hex()
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    told = f"{day}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}{_zone(zone)}"
    try:
        datetime.datetime.fromisoformat(told)
    except ValueError:
        return None
    return told


def _zone(byte: int) -> str:
    """`+02:00`; nothing where the camera knows none."""
    hours = byte >> 1 & 0xF
    if hours > _FURTHEST_ZONE:
        return ""
    return f"{'-' if byte & 0x20 else '+'}{hours:02d}:{'30' if byte & 1 else '00'}"
