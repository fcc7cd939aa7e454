"""Metadata of QuickTime and MP4 files: user data, `mdta` keys, iTunes-style lists.

Names come out as Rushes calls them (`make`, `model`, `location`, `date`, `software` …); everything
else that is text keeps its own name. Both the classic `©xxx` atoms and Apple's keys are read.
"""

import struct

from app.core.media.quicktime_boxes import children, find

MOST_TAGS = 200
LONGEST_TAG = 1000
"""Characters kept of one value."""

_CLASSIC = {
    b"\xa9mak": "make",
    b"\xa9mod": "model",
    b"\xa9xyz": "location",
    b"\xa9day": "date",
    b"\xa9swr": "software",
    b"\xa9too": "software",
    b"\xa9nam": "title",
    b"\xa9cmt": "comment",
    b"\xa9TIM": "start_timecode",
    b"\xa9TSC": "start_timecode_scale",
    b"\xa9TSZ": "start_timecode_size",
    b"\xa9lns": "lens",
    b"FIRM": "firmware",
}
_KEYS = {
    "com.apple.quicktime.make": "make",
    "com.apple.quicktime.model": "model",
    "com.apple.quicktime.location.ISO6709": "location",
    "com.apple.quicktime.creationdate": "date",
    "com.apple.quicktime.software": "software",
    "com.apple.quicktime.camera.identifier": "camera_id",
    "com.apple.quicktime.camera.lens_model": "lens",
    "com.android.manufacturer": "make",
    "com.android.model": "model",
    "com.android.version": "software",
}
_TEXT_TYPES = (1, 2)
"""Data types of `data` atoms that hold text: UTF-8 and UTF-16."""


def read_tags(index: memoryview) -> dict[str, str]:
    """All metadata of a movie box, by name; the first value of a name is kept."""
    tags: dict[str, str] = {}
    for meta in (find(index, b"meta"), find(index, b"udta", b"meta")):
        if meta is not None:
            _keyed(meta, tags)
    user = find(index, b"udta")
    if user is not None:
        _classic(user, tags)
    return tags


def string_of(data: bytes) -> str:
    """A classic string (two bytes length, two bytes language), or a bare one."""
    if len(data) >= 4 and 0 < struct.unpack_from(">H", data)[0] <= len(data) - 4:
        data = data[4 : 4 + struct.unpack_from(">H", data)[0]]
    return _clean(data)


def _clean(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("mac-roman")
    return text.replace("\0", " ").strip()[:LONGEST_TAG]


def _keep(tags: dict[str, str], name: str, value: str) -> None:
    if value and len(tags) < MOST_TAGS:
        tags.setdefault(name, value)


def _classic(user: memoryview, tags: dict[str, str]) -> None:
    for kind, payload in children(user):
        if kind in _CLASSIC and 0 < len(payload) <= 4 * LONGEST_TAG:
            _keep(tags, _CLASSIC[kind], string_of(bytes(payload)))


def _keyed(meta: memoryview, tags: dict[str, str]) -> None:
    # In QuickTime `meta` is a plain box; in MP4 it begins with version and flags.
    inner = meta if find(meta, b"ilst") is not None else meta[4:]
    items = find(inner, b"ilst")
    if items is None:
        return
    names = _key_names(find(inner, b"keys"))
    for kind, payload in children(items):
        number = int.from_bytes(kind, "big")
        value = _value(payload)
        if kind in _CLASSIC:
            _keep(tags, _CLASSIC[kind], value)
        elif 0 < number <= len(names):
            key = names[number - 1]
            _keep(tags, _KEYS.get(key, key), value)


def _key_names(payload: memoryview | None) -> list[str]:
    if payload is None:
        return []
    return [_clean(bytes(name)) for _, name in children(payload[8:])][:MOST_TAGS]


def _value(item: memoryview) -> str:
    data = find(item, b"data")
    if data is None or len(data) < 8:
        return ""
    kind = int.from_bytes(data[0:4], "big")
    body = bytes(data[8 : 8 + 4 * LONGEST_TAG])
    if kind not in _TEXT_TYPES:
        return ""
    return body.decode("utf-16-be", "replace").strip()[:LONGEST_TAG] if kind == 2 else _clean(body)
