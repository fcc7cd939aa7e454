"""KLV packets and metadata sets of MXF: keys, lengths, local tags (SMPTE ST 377-1, ST 336).

Only what the probe asks for is decoded. Every length is checked against what is there; a packet that
does not fit ends the walk.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

MOST_PACKETS = 200_000
LONGEST_NAME = 500
"""Characters kept of one name."""

_LABEL = b"\x06\x0e\x2b\x34"
PARTITION = bytes.fromhex("060e2b34020501010d01020101")
"""Begins the key of every partition pack; the next two bytes say which and how finished."""
RANDOM_INDEX = bytes.fromhex("060e2b34020501010d0102010111")
_SET = bytes.fromhex("060e2b34025301010d0101010101")

SETS = {
    0x2F: "preface",
    0x30: "identification",
    0x36: "material",
    0x37: "source",
    0x3B: "track",
    0x3A: "track",
    0x0F: "sequence",
    0x11: "clip",
    0x14: "timecode",
    0x2E: "tape",
}
"""Kinds of sets that are looked at, by the fifteenth byte of their key."""

_PICTURE = bytes.fromhex("0103020201")
_SOUND = bytes.fromhex("0103020202")
_OLD_DEFINITIONS = {
    bytes.fromhex("807d006008143e6f6f3c8ce16cef11d2"): "picture",
    bytes.fromhex("78e1ebe16cef11d2807d006008143e6f"): "sound",
}


class Packet(NamedTuple):
    """One key-length-value packet."""

    key: bytes
    start: int
    """Where its value begins."""
    length: int


class MetadataSet(NamedTuple):
    """One set of the header metadata: its kind and its properties by local tag."""

    kind: str
    properties: dict[int, bytes]

    def number(self, tag: int) -> int | None:
        """A signed integer property of any width."""
        value = self.properties.get(tag)
        return int.from_bytes(value, "big", signed=True) if value else None

    def text(self, tag: int) -> str | None:
        """A UTF-16 property without what follows its end mark."""
        value = self.properties.get(tag, b"")
        return value.decode("utf-16-be", "replace").split("\0")[0].strip()[:LONGEST_NAME] or None

    def ratio(self, tag: int) -> Fraction | None:
        """A rational property; None where it is zero or negative."""
        value = self.properties.get(tag, b"")
        if len(value) != 8:
            return None
        above, below = struct.unpack(">ii", value)
        return Fraction(above, below) if above > 0 and below > 0 else None

    def references(self, tag: int) -> list[bytes]:
        """The instance ids in a batch or array of strong references."""
        value = self.properties.get(tag, b"")
        if len(value) < 8:
            return []
        count, size = struct.unpack_from(">II", value)
        count = min(count, (len(value) - 8) // 16)
        return [value[8 + 16 * at : 24 + 16 * at] for at in range(count)] if size == 16 else []


def length_of(data: bytes, offset: int) -> tuple[int, int] | None:
    """A BER length at `offset`: (length, bytes it took); None where it is cut off or too long."""
    if offset >= len(data):
        return None
    first = data[offset]
    if first < 0x80:
        return first, 1
    more = first & 0x7F
    if more == 0 or more > 8 or offset + 1 + more > len(data):
        return None
    return int.from_bytes(data[offset + 1 : offset + 1 + more], "big"), 1 + more


def packets(data: bytes) -> Iterator[Packet]:
    """The packets in a piece of the file, as far as they are whole."""
    offset = 0
    for _ in range(MOST_PACKETS):
        if not data.startswith(_LABEL, offset) or (size := length_of(data, offset + 16)) is None:
            return
        length, taken = size
        start = offset + 16 + taken
        if start + length > len(data):
            return
        yield Packet(data[offset : offset + 16], start, length)
        offset = start + length


def metadata_sets(data: bytes) -> dict[bytes, MetadataSet]:
    """The sets of a header metadata block that Rushes knows, by instance id."""
    found: dict[bytes, MetadataSet] = {}
    for packet in packets(data):
        kind = SETS.get(packet.key[14]) if packet.key.startswith(_SET) else None
        if kind is None:
            continue
        properties = _properties(data[packet.start : packet.start + packet.length])
        found[properties.get(0x3C0A, packet.key)] = MetadataSet(kind, properties)
    return found


def _properties(value: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    offset = 0
    while offset + 4 <= len(value):
        tag, length = struct.unpack_from(">HH", value, offset)
        found[tag] = value[offset + 4 : offset + 4 + length]
        offset += 4 + length
    return found


def sort_of(component: MetadataSet) -> str:
    """`picture`, `sound` or empty, by a component's data definition."""
    definition = component.properties.get(0x0201, b"")
    if definition[8:13] == _PICTURE:
        return "picture"
    if definition[8:13] == _SOUND:
        return "sound"
    return _OLD_DEFINITIONS.get(definition, "")
