"""The XML that cameras write beside (or into) their clips: Sony, Panasonic P2, Canon, MEDIAPRO.

Sony's LTC table is binary-coded decimal, frames first (`28585900` is 00:59:58:28; 4 is added to the tens
of the frames where drop-frame is on). Everything is read through `safe_xml`: hostile documents are
refused in words.
"""

import dataclasses
import datetime
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from app.core.media.safe_xml import attribute, each, first, name_of, parse, text
from app.core.media.start_labels import from_label
from app.core.model.errors import Refused
from app.core.model.media import StartTimecode
from app.core.model.timecode import parse_rate

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_BCD = re.compile(r"^[0-9A-Fa-f]{8}$")
_SPEED = re.compile(r"^(\d+(?:\.\d+)?)\s*([pPiI]?)")


@dataclasses.dataclass(frozen=True, slots=True)
class CameraXml:
    """What one clip's XML says."""

    maker: str
    """`sony`, `p2`, `canon`: whose document it is."""
    clip_name: str | None = None
    user_clip_name: str | None = None
    clip_id: str | None = None
    """UMID or GlobalClipID, lower case."""
    label: str | None = None
    """Start timecode as written; None where there is none."""
    label_base: int | None = None
    """Labels a second (half the frames where Sony writes `halfStep`); None where it is not said."""
    drop: bool | None = None
    """None where the document does not say."""
    frames: int | None = None
    rate: Fraction | None = None
    capture_rate: Fraction | None = None
    """Frames a second that were taken, where they are played at another rate."""
    recorded_at: str | None = None
    """ISO 8601, UTC; None where the document gives no zone."""
    recorded_local: str | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    scene: str | None = None
    take: str | None = None
    shot: str | None = None
    reel: str | None = None
    note: str | None = None
    essences: tuple[str, ...] = ()
    """`video` and `audio`, as many as the clip has files (P2)."""
    previous_id: str | None = None
    next_id: str | None = None
    offset: int | None = None
    """Frames from the recording's first frame (P2 spans)."""

    def start(self, rate: Fraction) -> StartTimecode | None:
        """The start timecode in frames of a clip of this rate."""
        base = self.label_base or max(1, round(self.rate or rate))
        if self.label is None:
            return None
        return from_label(self.label, base, rate, self.drop, "camera-xml")


@dataclasses.dataclass(frozen=True, slots=True)
class ListedClip:
    """One clip in MEDIAPRO.XML."""

    path: str
    """As written, relative to the card's folder, without `./`."""
    umid: str | None
    frames: int | None
    rate: Fraction | None
    channels: int | None
    sidecars: tuple[str, ...]
    proxies: tuple[str, ...]


def read(data: bytes, subject: str = "") -> CameraXml | None:
    """Reads one clip's XML; None where it is no camera's.

    Raises:
        Refused: hostile XML.
        BadData: it is no XML.
    """
    root = parse(data, subject)
    name = name_of(root)
    if name == "NonRealTimeMeta":
        return _sony(root)
    if name == "P2Main":
        return _p2(root)
    if any(first(root, word) is not None for word in ("ClipName", "ModelName", "StartTimecode")):
        return _canon(root)
    return None


def read_list(data: bytes, subject: str = "") -> tuple[ListedClip, ...]:
    """The clips that MEDIAPRO.XML lists.

    Raises:
        Refused: hostile XML.
        BadData: it is no XML.
    """
    return tuple(_listed(one) for one in each(parse(data, subject), "Material") if one.get("uri"))


def _sony(root: "Element") -> CameraXml:
    table = first(root, "LtcChangeTable")
    speed = attribute(root, ("VideoFormat", "VideoFrame"), "formatFps")
    label, drop = _ltc(table)
    utc, local = instants(attribute(root, ("CreationDate",), "value"))
    title = first(root, "Title")
    return CameraXml(
        maker="sony",
        clip_name=(title.get("usAscii") or title.get("international"))
        if title is not None
        else None,
        clip_id=_lower(attribute(root, ("TargetMaterial",), "umidRef")),
        label=label,
        label_base=_whole(table.get("tcFps")) if table is not None else None,
        drop=drop,
        frames=_whole(attribute(root, ("Duration",), "value")),
        rate=_speed(speed),
        capture_rate=_speed(attribute(root, ("VideoFormat", "VideoFrame"), "captureFps")),
        recorded_at=utc,
        recorded_local=local,
        make=attribute(root, ("Device",), "manufacturer"),
        model=attribute(root, ("Device",), "modelName"),
        serial=attribute(root, ("Device",), "serialNo"),
        note=text(root, "Description"),
    )


def _ltc(table: "Element | None") -> tuple[str | None, bool | None]:
    """The label of frame 0, and its drop flag."""
    if table is None:
        return None, None
    changes = (one for one in each(table, "LtcChange") if one.get("frameCount") == "0")
    value = next(changes, table).get("value", "")
    if not _BCD.match(value):
        return (value, None) if ":" in value else (None, None)
    frames, seconds, minutes, hours = bytes.fromhex(value)
    parts = (hours & 0x3F, minutes & 0x7F, seconds & 0x7F, frames & 0x3F)
    return ":".join(f"{part:02x}" for part in parts), bool(frames & 0x40)


def _p2(root: "Element") -> CameraXml:
    video = first(root, "EssenceList", "Video")
    utc, local = instants(text(root, "Access", "CreationDate") or text(root, "Shoot", "StartDate"))
    essences = first(root, "EssenceList")
    sorts = (name_of(one).lower() for one in essences) if essences is not None else ()
    return dataclasses.replace(
        _device(root),
        maker="p2",
        clip_name=text(root, "ClipContent", "ClipName"),
        user_clip_name=text(root, "ClipMetadata", "UserClipName"),
        clip_id=_lower(text(root, "ClipContent", "GlobalClipID")),
        label=text(root, "StartTimecode"),
        drop=_drop(video),
        frames=_whole(text(root, "ClipContent", "Duration")),
        rate=_edit_rate(text(root, "ClipContent", "EditUnit")),
        recorded_at=utc,
        recorded_local=local,
        scene=text(root, "Scenario", "SceneNo."),
        take=text(root, "Scenario", "TakeNo."),
        note=text(root, "Memo", "Text"),
        essences=tuple(sort for sort in sorts if sort in ("video", "audio")),
        previous_id=_lower(text(root, "Relation", "Connection", "Previous", "GlobalClipID")),
        next_id=_lower(text(root, "Relation", "Connection", "Next", "GlobalClipID")),
        offset=_whole(text(root, "Relation", "OffsetInShot")),
    )


def _drop(video: "Element | None") -> bool | None:
    for name in ("FrameRate", "StartTimecode"):
        flag = attribute(video, (name,), "DropFrameFlag") if video is not None else None
        if flag is not None:
            return flag.lower() == "true"
    return None


def _canon(root: "Element") -> CameraXml:
    """Canon's clip XML and CIF, and any other that uses the common names."""
    utc, local = instants(text(root, "CreationDate") or text(root, "StartDate"))
    return dataclasses.replace(
        _device(root),
        clip_name=text(root, "ClipName"),
        user_clip_name=text(root, "UserClipName"),
        clip_id=_lower(text(root, "GlobalClipID") or text(root, "Umid") or text(root, "UMID")),
        label=text(root, "StartTimecode"),
        frames=_whole(text(root, "Duration")),
        recorded_at=utc,
        recorded_local=local,
        scene=text(root, "Scene"),
        take=text(root, "Take"),
        reel=text(root, "ReelName") or text(root, "ReelNumber"),
    )


def _device(root: "Element") -> CameraXml:
    return CameraXml(
        maker="canon",
        make=text(root, "Device", "Manufacturer"),
        model=text(root, "Device", "ModelName") or text(root, "ModelName"),
        serial=text(root, "Device", "SerialNo.") or text(root, "Device", "SerialNo"),
    )


def _listed(material: "Element") -> ListedClip:
    inner = [(name_of(one), one.get("uri", "").removeprefix("./")) for one in material]
    return ListedClip(
        path=material.get("uri", "").removeprefix("./"),
        umid=_lower(material.get("umid")),
        frames=_whole(material.get("dur")),
        rate=_speed(material.get("fps")),
        channels=_whole(material.get("ch")),
        sidecars=tuple(uri for name, uri in inner if uri and name != "Proxy"),
        proxies=tuple(uri for name, uri in inner if uri and name == "Proxy"),
    )


def instants(written: str | None) -> tuple[str | None, str | None]:
    """A written instant as (UTC, local without zone): one of them is None.

    Takes ISO 8601 with or without a zone, also `+0300` and a space for the `T`.
    """
    try:
        instant = datetime.datetime.fromisoformat((written or "").strip())
        if instant.tzinfo is None:
            return None, instant.isoformat(timespec="seconds")
        utc = instant.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None, None
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z"), None


def _lower(value: str | None) -> str | None:
    return value.strip().lower() or None if value else None


def _whole(value: str | None) -> int | None:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


def _edit_rate(unit: str | None) -> Fraction | None:
    """`1/25` and `1001/30000` are lengths of a frame."""
    above, _, below = (unit or "").partition("/")
    length, count = _whole(above), _whole(below)
    return Fraction(count, length) if length and count else None


def _speed(value: str | None) -> Fraction | None:
    """`59.94p`, `50i` (fields), `25p` as frames a second."""
    found = _SPEED.match((value or "").strip())
    try:
        rate = parse_rate(found[1]) if found else None
    except Refused:
        return None
    return rate / 2 if rate and found and found[2] in "iI" and found[2] else rate
