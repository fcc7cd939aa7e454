"""Reads the structure of QuickTime and MP4 files: tracks, times, edit lists, timecode, reel, metadata.

Only headers are read, never media. What the product needs and libmediainfo does not tell exactly is
here: which frames are presented, whether the file is whole, what the `tmcd` track really says.
"""

import array
import dataclasses
import struct
from fractions import Fraction

from app.core.media import quicktime_rtmd
from app.core.media.bytesource import ByteSource
from app.core.media.quicktime_boxes import Box, Runs, children, find, numbers, runs, top_level
from app.core.media.quicktime_rtmd import Packet
from app.core.media.quicktime_tags import read_tags, string_of

MOST_TRACKS = 512
LARGEST_INDEX = 96 << 20
"""Bytes of the movie box that are read into memory; a day of footage has less."""
LARGEST_XML = 1 << 20
SPOILT_DURATIONS = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)

_ENTRY = struct.Struct(">I4s")
_VIDEO_CHILDREN = 86
_TIMECODE_CHILDREN = 34


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """One line of an edit list."""

    duration: int
    """In the movie's time scale."""
    media_time: int
    """In the track's time scale; -1 is an empty edit: nothing is shown for `duration`."""


@dataclasses.dataclass(frozen=True, slots=True)
class TimecodeTrack:
    """What a `tmcd` track says."""

    drop: bool
    timescale: int
    frame_duration: int
    frames: int
    """Labels a second."""
    value: int | None
    """The number of its first label, counted from 00:00:00:00; None where it cannot be read."""
    samples: int
    """More than one where the timecode breaks."""
    reel: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Track:
    """One track, as its headers describe it."""

    index: int
    """Its number among the tracks, from 0: ffprobe's stream index."""
    track_id: int
    handler: str
    """`vide`, `soun`, `tmcd`, `meta` …"""
    codec: str
    """The four-character code of its first sample description."""
    timescale: int
    duration: int | None
    """In its own time scale, before the edit list."""
    edits: tuple[Edit, ...]
    rotation: int
    """Degrees clockwise to show it upright."""
    sample_aspect: Fraction | None
    """What the container asks for; None leaves it to the stream."""
    samples: int
    sample_size: int
    """Bytes of every sample where all are equal, else 0."""
    decode: Runs
    """`stts`: how long samples last."""
    composition: Runs
    """`ctts`: how much later than decoded they are shown."""
    chunks: "array.array[int]"
    """Where its chunks lie in the file."""
    sound: tuple[int, int, int] | None = None
    """Channels, bits, samples a second of a sound track as its description says."""
    field_order: str | None = None
    name: str | None = None
    timecode: TimecodeTrack | None = None
    packets: tuple[Packet, ...] = ()
    """The first labels of Sony's metadata track."""
    timecode_ids: tuple[int, ...] = ()
    """Tracks that this one names as its timecode."""
    index_fault: str = ""
    """What is wrong with its sample tables, in words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Movie:
    """A QuickTime or MP4 file."""

    timescale: int = 0
    duration: Fraction | None = None
    """Seconds, as the movie header says."""
    created: int | None = None
    """Seconds since 1904-01-01 UTC; None where it is not set."""
    tracks: tuple[Track, ...] = ()
    tags: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    fragmented: bool = False
    """Samples lie in fragments (`moof`), not only in the index."""
    has_index: bool = False
    """There is a readable movie box."""
    missing_bytes: int = 0
    """How far the file's boxes reach beyond its end."""
    xml: bytes | None = None
    """Camera XML that lies in a `meta` box (Sony XAVC S)."""


def read(source: ByteSource) -> Movie:
    """Reads one file. What is not there or makes no sense is left at its default.

    Raises:
        BadData: its tables are larger than any real clip's.
    """
    layout = list(top_level(source))
    movie = Movie(
        fragmented=any(box.kind == b"moof" for box in layout),
        missing_bytes=max([0, *(box.end - source.size for box in layout if _counts(box))]),
        xml=_loose_xml(source, layout),
    )
    index = next((box for box in layout if box.kind == b"moov"), None)
    if index is None or index.end > source.size or index.end - index.start > LARGEST_INDEX:
        return movie
    data = memoryview(source.at(index.start, index.end - index.start))
    return _with_index(movie, data, source)


def _counts(box: Box) -> bool:
    """Whether the file is short when this box does not fit: rubbish after the end does not count."""
    return box.kind in (b"mdat", b"moov", b"moof", b"free", b"skip", b"wide", b"uuid", b"meta")


def _loose_xml(source: ByteSource, layout: list[Box]) -> bytes | None:
    for box in layout:
        if box.kind == b"meta" and box.end - box.start <= LARGEST_XML:
            return _xml_in(memoryview(source.at(box.start, box.end - box.start)))
    return None


def _xml_in(meta: memoryview) -> bytes | None:
    payload = find(meta[4:], b"xml ") or find(meta, b"xml ")
    return bytes(payload[4:]).strip(b"\0") if payload else None


def _with_index(movie: Movie, data: memoryview, source: ByteSource) -> Movie:
    header = find(data, b"mvhd")
    created, timescale, duration = _times(header) if header else (0, 0, 0)
    meta = find(data, b"meta") or find(data, b"udta", b"meta")
    boxes = [payload for kind, payload in children(data) if kind == b"trak"]
    tracks = [_track(index, box, source) for index, box in enumerate(boxes[:MOST_TRACKS])]
    known = timescale > 0 and duration > 0 and duration not in SPOILT_DURATIONS
    return dataclasses.replace(
        movie,
        timescale=timescale,
        duration=Fraction(duration, timescale) if known else None,
        created=created or None,
        tracks=tuple(tracks),
        tags=read_tags(data),
        has_index=True,
        xml=movie.xml or (_xml_in(meta) if meta else None),
    )


def _times(header: memoryview) -> tuple[int, int, int]:
    """Creation time, time scale and duration of `mvhd` or `mdhd`, which begin alike."""
    try:
        if header[0] == 1:
            created, _, timescale, duration = struct.unpack_from(">QQIQ", header, 4)
        else:
            created, _, timescale, duration = struct.unpack_from(">IIII", header, 4)
    except (struct.error, IndexError):
        return 0, 0, 0
    return created, timescale, duration


def _track(index: int, box: memoryview, source: ByteSource) -> Track:
    header = find(box, b"tkhd") or memoryview(b"")
    media = find(box, b"mdia") or memoryview(b"")
    table = find(media, b"minf", b"stbl") or memoryview(b"")
    entry = _first_entry(table)
    handler = _handler(media)
    _, timescale, duration = _times(find(media, b"mdhd") or memoryview(b""))
    samples, sample_size = _sample_count(table)
    chunks = _chunk_offsets(table)
    codec = bytes(entry[4:8]).decode("latin-1") if len(entry) >= 8 else ""
    decode = runs(find(table, b"stts"))
    inner = entry[_VIDEO_CHILDREN:] if handler == "vide" else memoryview(b"")
    return Track(
        index=index,
        track_id=_track_id(header),
        handler=handler,
        codec=codec,
        timescale=timescale,
        duration=None if duration in SPOILT_DURATIONS else duration,
        edits=_edits(find(box, b"edts", b"elst")),
        rotation=_rotation(header),
        sample_aspect=_sample_aspect(find(inner, b"pasp"), header, entry) if inner else None,
        samples=samples,
        sample_size=sample_size,
        decode=decode,
        composition=runs(find(table, b"ctts")),
        chunks=chunks,
        sound=_sound(entry) if handler == "soun" else None,
        field_order=_field_order(find(inner, b"fiel")),
        name=_name(box),
        timecode=_timecode(entry, chunks, decode, source) if handler == "tmcd" else None,
        packets=quicktime_rtmd.read(table, chunks, source) if codec == "rtmd" else (),
        timecode_ids=tuple(numbers(find(box, b"tref", b"tmcd") or memoryview(b""), 0, "I", 64)),
        index_fault=_fault(table, samples, len(chunks)),
    )


def _track_id(header: memoryview) -> int:
    at = 20 if len(header) and header[0] == 1 else 12
    return int.from_bytes(header[at : at + 4], "big")


def _handler(media: memoryview) -> str:
    payload = find(media, b"hdlr")
    return bytes(payload[8:12]).decode("latin-1") if payload else ""


def _first_entry(table: memoryview) -> memoryview:
    """The first sample description, its size field included."""
    payload = find(table, b"stsd")
    if payload is None or len(payload) < 16:
        return memoryview(b"")
    size, _ = _ENTRY.unpack_from(payload, 8)
    return payload[8 : 8 + max(8, size)]


def _edits(payload: memoryview | None) -> tuple[Edit, ...]:
    if payload is None or len(payload) < 8:
        return ()
    wide = payload[0] == 1
    form = struct.Struct(">QqI" if wide else ">IiI")
    count = min(int.from_bytes(payload[4:8], "big"), (len(payload) - 8) // form.size, 10_000)
    lines = (form.unpack_from(payload, 8 + line * form.size) for line in range(count))
    return tuple(Edit(duration, media_time) for duration, media_time, _ in lines)


def _rotation(header: memoryview) -> int:
    """Clockwise rotation to a right angle from the display matrix."""
    at = 52 if len(header) and header[0] == 1 else 40
    if len(header) < at + 8:
        return 0
    a, b = struct.unpack_from(">2i", header, at)
    turns = {(1, 0): 0, (0, 1): 90, (-1, 0): 180, (0, -1): 270}
    return turns.get((_sign(a), _sign(b)), 0)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _sample_aspect(
    pixel: memoryview | None, header: memoryview, entry: memoryview
) -> Fraction | None:
    """`pasp`, else what makes the coded size fill the track's size (as ffmpeg does)."""
    if pixel is not None and len(pixel) >= 8:
        across, down = struct.unpack_from(">II", pixel)
        return Fraction(across, down) if across and down else None
    at = 88 if len(header) and header[0] == 1 else 76
    if len(header) < at + 8 or len(entry) < 36:
        return None
    wide, high = (size >> 16 for size in struct.unpack_from(">II", header, at))
    width, height = struct.unpack_from(">HH", entry, 32)
    if not (wide and high and width and height) or (wide, high) == (width, height):
        return None
    return Fraction(height * wide, width * high)


def _field_order(payload: memoryview | None) -> str | None:
    """The `fiel` atom in ffprobe's words: fields a frame, which lines are stored and shown first."""
    if payload is None or len(payload) < 2:
        return None
    if payload[0] != 2:
        return "progressive"
    return {1: "tt", 6: "bb", 9: "tb", 14: "bt"}.get(payload[1])


def _sample_count(table: memoryview) -> tuple[int, int]:
    payload = find(table, b"stsz")
    if payload is not None and len(payload) >= 12:
        size, count = struct.unpack_from(">II", payload, 4)
        return count, size
    payload = find(table, b"stz2")
    return (int.from_bytes(payload[8:12], "big") if payload else 0), 0


def _chunk_offsets(table: memoryview) -> "array.array[int]":
    for kind, code in ((b"stco", "I"), (b"co64", "Q")):
        payload = find(table, kind)
        if payload is not None and len(payload) >= 8:
            return numbers(payload, 8, code, int.from_bytes(payload[4:8], "big"))
    return array.array("Q")


def _fault(table: memoryview, samples: int, chunks: int) -> str:
    """Contradictions between the sample tables that keep every reader from finding samples."""
    payload = find(table, b"stsc")
    if samples == 0:
        return ""
    if payload is None or len(payload) < 8 or chunks == 0:
        return "it lists samples and does not say where they are"
    last = 8 + (int.from_bytes(payload[4:8], "big") - 1) * 12
    if last < 8 or int.from_bytes(payload[last : last + 4], "big") > chunks:
        return "its tables of samples and chunks contradict each other"
    return ""


def _sound(entry: memoryview) -> tuple[int, int, int] | None:
    if len(entry) < 36:
        return None
    version = int.from_bytes(entry[16:18], "big")
    channels, bits = struct.unpack_from(">HH", entry, 24)
    if version == 2 and len(entry) >= 64:
        (rate,) = struct.unpack_from(">d", entry, 40)
        channels, _, bits = struct.unpack_from(">III", entry, 48)
        return channels, bits, int(rate) if 0 < rate < 1e7 else 0
    return channels, bits, int.from_bytes(entry[32:34], "big")


def _name(box: memoryview) -> str | None:
    """A track's own name (`udta/name`), which editors write for sound tracks."""
    payload = find(box, b"udta", b"name")
    return string_of(bytes(payload)) or None if payload else None


def _timecode(
    entry: memoryview, chunks: "array.array[int]", decode: Runs, source: ByteSource
) -> TimecodeTrack | None:
    if len(entry) < _TIMECODE_CHILDREN:
        return None
    flags, timescale, frame_duration = struct.unpack_from(">III", entry, 20)
    # GoPro writes 29 labels a second for 29.97: the byte counts only where there is nothing else.
    frames = round(Fraction(timescale, frame_duration)) if frame_duration else entry[32]
    reel = find(entry[_TIMECODE_CHILDREN:], b"name")
    data = source.at(chunks[0], 4) if chunks else b""
    return TimecodeTrack(
        drop=bool(flags & 1),
        timescale=timescale,
        frame_duration=frame_duration,
        frames=frames,
        value=int.from_bytes(data, "big") if len(data) == 4 else None,
        samples=decode.samples,
        reel=string_of(bytes(reel)) or None if reel else None,
    )
