"""What field recorders write into sound files: bext (EBU Tech 3285) and iXML, and start timecode from it.

`time_reference` counts samples since midnight of the timecode, so that it gives a label only together
with a frame rate: iXML's, else (elsewhere) the project's.
"""

import dataclasses
import re
import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.media import safe_xml
from app.core.model.errors import BadData, Refused
from app.core.model.media import StartTimecode
from app.core.model.timecode import DROP_RATES, Timebase, parse_rate, rate_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_CHANNELS = 256

_DATE = re.compile(r"(\d{4})[-:_./ ](\d{2})[-:_./ ](\d{2})")
_TIME = re.compile(r"(\d{2})[-:_./ ](\d{2})[-:_./ ](\d{2})")
_FIELD = re.compile(r"^[a-zA-Z]?(SCENE|TAKE|TAPE|SPEED|NOTE|CIRCLED|PROJECT|UBITS|TRK\d+)=(.*)$")
_SPEED = re.compile(r"^0*(\d{2,3})(?:\.(\d{3}))?-?(ND|DF|NDF)?$")


@dataclasses.dataclass(frozen=True, slots=True)
class Bext:
    """The broadcast extension chunk."""

    description: str
    originator: str
    reference: str
    local_time: str | None
    """When it was recorded, ISO 8601 without a zone: recorders do not know theirs."""
    time_reference: int
    version: int
    umid: str | None
    fields: dict[str, str]
    """`SCENE`, `TAKE`, `TAPE`, `SPEED` … that recorders write into the description."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ixml:
    """The iXML chunk."""

    project: str | None = None
    scene: str | None = None
    take: str | None = None
    tape: str | None = None
    note: str | None = None
    circled: bool | None = None
    rate: Fraction | None = None
    """The timecode's rate."""
    drop: bool = False
    timestamp: int | None = None
    """Samples since midnight."""
    timestamp_rate: int | None = None
    """Samples a second that the timestamp counts."""
    channel_names: tuple[str, ...] = ()
    """By place in the file; empty where a channel has none."""
    family: str | None = None
    """The same for all files of one take."""
    file_index: str | None = None
    files: int | None = None


def read_bext(data: bytes) -> Bext | None:
    """Reads a bext chunk; None where it is too short to be one."""
    if len(data) < 348:
        return None
    low, high, version = struct.unpack_from("<IIH", data, 338)
    description = _text(data[0:256])
    umid = data[348:412]
    return Bext(
        description=description,
        originator=_text(data[256:288]),
        reference=_text(data[288:320]),
        local_time=_local_time(_text(data[320:330]), _text(data[330:338])),
        time_reference=(high << 32) | low,
        version=version,
        umid=umid.rstrip(b"\0").hex() or None if version else None,
        fields=_fields(description),
    )


def _text(data: bytes) -> str:
    """Up to the first zero; ASCII by the book, UTF-8 or Latin-1 in life."""
    data = data.split(b"\0")[0]
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def _local_time(date: str, time: str) -> str | None:
    found = _DATE.match(date)
    clock = _TIME.match(time)
    if not found or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[3]) <= 31:
        return None
    day = f"{found[1]}-{found[2]}-{found[3]}"
    return f"{day}T{clock[1]}:{clock[2]}:{clock[3]}" if clock else day


def _fields(description: str) -> dict[str, str]:
    """`sSCENE=12` lines (Sound Devices, Zaxcom, Metacorder write different first letters)."""
    found: dict[str, str] = {}
    for line in description.splitlines():
        match = _FIELD.match(line.strip())
        if match and match[2].strip():
            found.setdefault(match[1], match[2].strip())
    return found


def spoken_rate(speed: str) -> tuple[Fraction, bool] | None:
    """Rate and drop flag of a `SPEED` field: `025.000-ND`, `029.970-DF`."""
    found = _SPEED.match(speed.strip())
    if not found:
        return None
    whole, part = int(found[1]), found[2] or "000"
    rate = Fraction(whole) if part == "000" else Fraction((whole + 1) * 1000, 1001)
    drop = found[3] == "DF"
    return (rate, drop) if 0 < rate <= 120 and (not drop or rate in DROP_RATES) else None


def read_ixml(data: bytes, subject: str = "") -> Ixml:
    """Reads an iXML chunk.

    Raises:
        Refused: hostile XML.
        BadData: it is no XML.
    """
    start = data.find(b"<")
    body = data[max(0, start) :].rstrip(b"\0 \r\n\t")
    root = safe_xml.parse(body, subject)
    rate = _rate(safe_xml.text(root, "SPEED", "TIMECODE_RATE")) or _rate(
        safe_xml.text(root, "SPEED", "MASTER_SPEED")
    )
    flag = (safe_xml.text(root, "SPEED", "TIMECODE_FLAG") or "").upper()
    circled = (_own(root, "CIRCLED") or "").upper()
    return Ixml(
        project=_own(root, "PROJECT"),
        scene=_own(root, "SCENE"),
        take=_own(root, "TAKE"),
        tape=_own(root, "TAPE"),
        note=_own(root, "NOTE"),
        circled={"TRUE": True, "FALSE": False}.get(circled),
        rate=rate,
        drop=flag == "DF" and rate in DROP_RATES,
        timestamp=_timestamp(root),
        timestamp_rate=_whole(safe_xml.text(root, "SPEED", "TIMESTAMP_SAMPLE_RATE"))
        or _whole(safe_xml.text(root, "SPEED", "FILE_SAMPLE_RATE")),
        channel_names=_channel_names(root),
        family=safe_xml.text(root, "FILE_SET", "FAMILY_UID"),
        file_index=safe_xml.text(root, "FILE_SET", "FILE_SET_INDEX"),
        files=_whole(safe_xml.text(root, "FILE_SET", "TOTAL_FILES")),
    )


def _own(root: "Element", name: str) -> str | None:
    """The text of a direct child: `NOTE` and others appear deeper with another meaning."""
    found = next((child for child in root if safe_xml.name_of(child) == name), None)
    return (
        (found.text or "").strip()[: safe_xml.LONGEST_TEXT] or None if found is not None else None
    )


def _rate(text: str | None) -> Fraction | None:
    try:
        rate = parse_rate(text or "")
    except Refused:
        return None
    return rate if 1 <= rate <= 240 else None


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    return int(text)


def _timestamp(root: "Element") -> int | None:
    high, low = (
        _whole(safe_xml.text(root, "SPEED", f"TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{part}"))
        for part in ("HI", "LO")
    )
    if low is None:
        return None
    # Some recorders print the lower half as a signed number.
    return ((high or 0) << 32) + (low & 0xFFFFFFFF)


def _channel_names(root: "Element") -> tuple[str, ...]:
    names: dict[int, str] = {}
    tracks = safe_xml.first(root, "TRACK_LIST")
    for place, track in enumerate(safe_xml.each(tracks, "TRACK") if tracks is not None else (), 1):
        index = _whole(safe_xml.text(track, "INTERLEAVE_INDEX")) or place
        if 1 <= index <= MOST_CHANNELS:
            names.setdefault(index, safe_xml.text(track, "NAME") or "")
    return tuple(names.get(index, "") for index in range(1, max(names, default=0) + 1))


def start_timecode(
    time_reference: int, sample_rate: int, rate: Fraction, drop: bool
) -> StartTimecode | None:
    """The label of the first sample, in frames of the timecode's own rate.

    A recorder that rounds a frame's first sample down must not slip back to the frame before it: one
    sample of grace is given.
    """
    if sample_rate <= 0:
        return None
    base = Timebase(rate, drop)
    frame = (time_reference + 1) * rate // sample_rate
    return StartTimecode(int(frame) % base.day, drop, "bext")


def sound_tags(bext: Bext | None, ixml: Ixml | None, sample_rate: int) -> dict[str, str]:
    """The further facts of a sound file: what labels it later, and what is worth showing."""
    tags: dict[str, str | None] = {}
    if bext is not None:
        spoken = spoken_rate(bext.fields.get("SPEED", ""))
        tags |= {
            "time_reference": str(bext.time_reference),
            "recorder": bext.originator,
            "description": bext.description if not bext.fields else None,
            "recorded_local": bext.local_time,
            "originator_reference": bext.reference,
            "umid": bext.umid,
            "recorder_rate": rate_text(spoken[0]) if spoken else None,
            "recorder_drop": "1" if spoken and spoken[1] else None,
        }
    if ixml is not None:
        tags |= {
            "project": ixml.project,
            "note": ixml.note,
            "file_set": ixml.family,
            "file_set_index": ixml.file_index,
            "file_set_total": str(ixml.files) if ixml.files else None,
        }
        if ixml.timestamp is not None:
            tags["time_reference"] = str(ixml.timestamp)
        if ixml.rate is not None:
            tags["timecode_rate"] = rate_text(ixml.rate)
            tags["timecode_drop"] = "1" if ixml.drop else None
    if "time_reference" in tags:
        counted = ixml.timestamp_rate if ixml is not None and ixml.timestamp is not None else None
        tags["sample_rate"] = str(counted or sample_rate)
    return {name: value for name, value in tags.items() if value}


def readable_ixml(data: bytes | None) -> tuple[Ixml | None, str]:
    """What iXML says, or why it cannot be read, in words: broken notes do not spoil the sound."""
    if not data:
        return None, ""
    try:
        return read_ixml(data), ""
    except (Refused, BadData) as problem:
        return None, problem.message
