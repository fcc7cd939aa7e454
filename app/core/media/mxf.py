"""Reads the structure of MXF files: whether they are finished, durations, timecode, tape, packages.

Only partitions and header metadata are read, never essence (SMPTE ST 377-1). Where the header was
written before recording ended, the footer's copy of the metadata is taken instead.
"""

import dataclasses
import struct
from fractions import Fraction

from app.core.media.bytesource import ByteSource
from app.core.media.mxf_sets import (
    PARTITION,
    RANDOM_INDEX,
    MetadataSet,
    length_of,
    metadata_sets,
    sort_of,
)

LONGEST_RUN_IN = 1 << 16
"""What may stand before the first partition (ST 377-1)."""
LARGEST_METADATA = 32 << 20

_PACK = struct.Struct(">HHIQQQQQIQI16s")
_FOOTER = 4
_PATTERNS = {1: "OP1", 2: "OP2", 3: "OP3", 0x10: "OP-Atom"}


@dataclasses.dataclass(frozen=True, slots=True)
class PackageTimecode:
    """A timecode component of a package."""

    start: int
    """The number of the first label, counted from 00:00:00:00."""
    base: int
    """Labels a second."""
    drop: bool
    package: str
    """`material`, `source` (the file's own) or `tape`."""
    breaks: bool
    """More than one component: the timecode jumps."""
    rate: Fraction | None = None
    """Frames a second of the track that carries it."""


@dataclasses.dataclass(frozen=True, slots=True)
class MxfFile:
    """What the structure of one MXF file says."""

    pattern: str = ""
    """`OP1a`, `OP-Atom` …"""
    closed: bool = False
    """It was finished: a header marked closed, or a footer that can be read."""
    missing_bytes: int = 0
    """How far before its footer the file ends, where the header knows the footer's place."""
    edit_rate: Fraction | None = None
    """Edit units a second of the picture, else of the sound."""
    duration: int | None = None
    """Presented edit units; None where the header does not know."""
    has_picture: bool = False
    sounds: int = 0
    """Sound tracks of the material package."""
    timecode: PackageTimecode | None = None
    tape: str | None = None
    clip_name: str | None = None
    material_id: str | None = None
    """UMID of the material package, lower-case hex: parts of one clip share it."""
    file_ids: tuple[str, ...] = ()
    """UMIDs of the file packages."""
    product: str | None = None
    created: str | None = None
    """When the material package was made, UTC."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Partition:
    sort: int
    status: int
    value_end: int
    footer: int
    metadata_bytes: int
    pattern: bytes

    @property
    def closed(self) -> bool:
        return self.status in (2, 4)

    @property
    def complete(self) -> bool:
        return self.status in (3, 4)


def read(source: ByteSource) -> MxfFile | None:
    """Reads one file; None where there is no header partition.

    Raises:
        BadData: its tables are larger than any real clip's.
    """
    run_in = source.at(0, LONGEST_RUN_IN).find(PARTITION)
    header = _partition(source, run_in) if run_in >= 0 else None
    if header is None:
        return None
    footer = _footer(source, run_in, header)
    sets = _sets(source, header)
    if footer is not None and footer.metadata_bytes and not header.complete:
        sets = _sets(source, footer) or sets
    missing = max(0, run_in + header.footer + 1 - source.size) if header.footer else 0
    file = MxfFile(
        pattern=_pattern(header.pattern),
        closed=footer is not None or (header.closed and not missing),
        missing_bytes=missing,
    )
    return _described(file, sets)


def _partition(source: ByteSource, offset: int) -> _Partition | None:
    head = source.at(offset, 16 + 9 + _PACK.size)
    size = length_of(head, 16)
    if not head.startswith(PARTITION) or size is None or len(head) < 16 + size[1] + _PACK.size:
        return None
    start = 16 + size[1]
    pack = _PACK.unpack_from(head, start)
    return _Partition(
        sort=head[13],
        status=head[14],
        value_end=offset + start + size[0],
        footer=pack[5],
        metadata_bytes=pack[6],
        pattern=pack[11],
    )


def _footer(source: ByteSource, run_in: int, header: _Partition) -> _Partition | None:
    places = [run_in + header.footer] if header.footer else []
    tail = source.at(max(0, source.size - 4), 4)
    if not header.footer and len(tail) == 4:
        places += _places_in_index(source, int.from_bytes(tail, "big"), run_in)
    for place in places:
        found = _partition(source, place)
        if found is not None and found.sort == _FOOTER:
            return found
    return None


def _places_in_index(source: ByteSource, length: int, run_in: int) -> list[int]:
    """The last place named by a random index pack at the end of the file."""
    if not 20 <= length <= 1 << 20:
        return []
    data = source.at(source.size - length, length)
    if not data.startswith(RANDOM_INDEX) or len(data) < 32:
        return []
    return [run_in + int.from_bytes(data[-12:-4], "big")]


def _sets(source: ByteSource, partition: _Partition) -> dict[bytes, MetadataSet]:
    if not 0 < partition.metadata_bytes <= LARGEST_METADATA:
        return {}
    data = source.at(partition.value_end, partition.metadata_bytes + (1 << 16))
    at = data.find(b"\x06\x0e\x2b\x34")
    return metadata_sets(data[at:]) if at >= 0 else {}


def _pattern(label: bytes) -> str:
    name = _PATTERNS.get(label[12], "")
    letter = {1: "a", 2: "b", 3: "c"}.get(label[13], "") if name[-1:].isdigit() else ""
    return name + letter


class _Packages:
    """The packages of a file, with their tracks resolved."""

    def __init__(self, sets: dict[bytes, MetadataSet]) -> None:
        self._sets = sets
        packages = [one for one in sets.values() if one.kind in ("material", "source")]
        self.material = next((one for one in packages if one.kind == "material"), None)
        tapes = {one.properties.get(0x3C0A) for one in sets.values() if one.kind == "tape"}
        sources = [one for one in packages if one.kind == "source"]
        self.tapes = [one for one in sources if one.properties.get(0x4701) in tapes]
        self.files = [one for one in sources if one not in self.tapes]
        self.by_id = {one.properties.get(0x4401, b""): one for one in packages}

    def tracks(self, package: MetadataSet) -> list[tuple[MetadataSet, MetadataSet]]:
        """Its tracks, each with its sequence (or its one component)."""
        tracks = [self._sets.get(reference) for reference in package.references(0x4403)]
        found: list[tuple[MetadataSet, MetadataSet]] = []
        for track in tracks:
            sequence = self._sets.get(track.properties.get(0x4803, b"")) if track else None
            if track is not None and sequence is not None:
                found.append((track, sequence))
        return found

    def components(self, sequence: MetadataSet) -> list[MetadataSet]:
        """What a sequence is made of."""
        if sequence.kind != "sequence":
            return [sequence]
        inner = [self._sets.get(reference) for reference in sequence.references(0x1001)]
        return [one for one in inner if one is not None]

    def timecode(self, package: MetadataSet, name: str) -> PackageTimecode | None:
        """The first timecode track of a package."""
        for track, sequence in self.tracks(package):
            codes = [one for one in self.components(sequence) if one.kind == "timecode"]
            start, base = (codes[0].number(tag) for tag in (0x1501, 0x1502)) if codes else (0, 0)
            if codes and start is not None and start >= 0 and base is not None and base > 0:
                drop = bool(codes[0].number(0x1503))
                rate = track.ratio(0x4B01)
                return PackageTimecode(start, base, drop, name, len(codes) > 1, rate)
        return None

    def into_tape(self) -> tuple[MetadataSet, int] | None:
        """The tape that the file's picture or sound was taken from, and where on it."""
        for package in self.files:
            for _, sequence in self.tracks(package):
                for clip in self.components(sequence):
                    tape = self.by_id.get(clip.properties.get(0x1101, b""))
                    if clip.kind == "clip" and tape in self.tapes and tape is not None:
                        return tape, clip.number(0x1201) or 0
        return (self.tapes[0], 0) if self.tapes else None


def _described(file: MxfFile, sets: dict[bytes, MetadataSet]) -> MxfFile:
    packages = _Packages(sets)
    shown = packages.material or next(iter(packages.files), None)
    if shown is None:
        return file
    tracks = packages.tracks(shown)
    pictures = [one for one in tracks if sort_of(one[1]) == "picture"]
    sounds = [one for one in tracks if sort_of(one[1]) == "sound"]
    rate, duration = (
        _length(packages, (pictures or sounds)[0]) if pictures or sounds else (None, None)
    )
    tape = packages.into_tape()
    maker = next((one for one in sets.values() if one.kind == "identification"), None)
    return dataclasses.replace(
        file,
        edit_rate=rate,
        duration=duration,
        has_picture=bool(pictures),
        sounds=len(sounds),
        timecode=_timecode(packages, tape),
        tape=tape[0].text(0x4402) if tape else None,
        clip_name=shown.text(0x4402),
        material_id=shown.properties.get(0x4401, b"").hex() or None,
        file_ids=tuple(one.properties.get(0x4401, b"").hex() for one in packages.files),
        product=" ".join(filter(None, (maker.text(0x3C01), maker.text(0x3C02)))) if maker else None,
        created=_timestamp(shown.properties.get(0x4405, b"")),
    )


def _length(
    packages: _Packages, track: tuple[MetadataSet, MetadataSet]
) -> tuple[Fraction | None, int | None]:
    """Edit rate and length of a track; ffmpeg and every player go by the material package."""
    rate, sequence = track[0].ratio(0x4B01), track[1]
    length = sequence.number(0x0202)
    if length is None or length < 0:
        parts = [one.number(0x0202) for one in packages.components(sequence)]
        known = [part for part in parts if part is not None and part >= 0]
        length = sum(known) if known and len(known) == len(parts) else None
    return rate, length


def _timecode(packages: _Packages, tape: tuple[MetadataSet, int] | None) -> PackageTimecode | None:
    """Material package, then the file's own, then the tape; a label of zero gives way to a real one."""
    found: list[PackageTimecode] = []
    for package, name in (
        (packages.material, "material"),
        *((f, "source") for f in packages.files),
    ):
        code = packages.timecode(package, name) if package is not None else None
        found += [code] if code else []
    if tape is not None and (code := packages.timecode(tape[0], "tape")):
        found.append(dataclasses.replace(code, start=code.start + tape[1]))
    return next((code for code in found if code.start), next(iter(found), None))


def _timestamp(value: bytes) -> str | None:
    """An MXF time as ISO 8601; None where the writer left it empty."""
    if len(value) != 8:
        return None
    year, month, day, hour, minute, second = struct.unpack(">HBBBBB", value[:7])
    if not (1970 < year < 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z"
