"""Puts the facts of one file together: who says something first wins, and is remembered for it."""

import dataclasses
from collections.abc import Mapping

from app.core.media.camera_xml import CameraXml
from app.core.media.start_labels import Written
from app.core.model.media import ClipKind, MediaFacts, Problem

LONGEST_DURATION = 100 * 86400
"""Seconds; more is nonsense."""

LONGEST_TAG = 1000
MOST_TAGS = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one file, and what ffprobe must still say."""

    facts: MediaFacts
    doubts: tuple[str, ...] = ()
    """Why ffprobe is needed, in words; empty where everything is known."""
    label: Written | None = None
    """The start as written, where the rate is not known yet."""


def claim(facts: MediaFacts, origin: str, **values: object) -> MediaFacts:
    """Sets the facts that are not claimed yet; what is None says nothing.

    Args:
        facts: the facts so far.
        origin: who says it: `tmcd`, `mxf`, `mediainfo`, `ffprobe`, `ixml` …
        values: facts by the names of `MediaFacts`.
    """
    fresh = {
        name: value
        for name, value in values.items()
        if value is not None and name not in facts.origins
    }
    origins = {**facts.origins, **dict.fromkeys(fresh, origin)}
    return dataclasses.replace(facts, **fresh, origins=origins)


def replaced(facts: MediaFacts, origin: str, **values: object) -> MediaFacts:
    """Sets facts whoever claimed them before; what is None says nothing."""
    fresh = {name: value for name, value in values.items() if value is not None}
    origins = {**facts.origins, **dict.fromkeys(fresh, origin)}
    return dataclasses.replace(facts, **fresh, origins=origins)


def tagged(facts: MediaFacts, tags: Mapping[str, str | None]) -> MediaFacts:
    """Adds what else is worth showing; the first value of a name stays."""
    kept = {name: value[:LONGEST_TAG] for name, value in tags.items() if value}
    merged = {**kept, **facts.tags}
    return dataclasses.replace(facts, tags=dict(list(merged.items())[:MOST_TAGS]))


def troubled(facts: MediaFacts, code: str, text: str, *, fatal: bool) -> MediaFacts:
    """Adds a problem, once."""
    if any(problem.code == code for problem in facts.problems):
        return facts
    return dataclasses.replace(facts, problems=(*facts.problems, Problem(code, text, fatal)))


def believable(facts: MediaFacts, size: int) -> MediaFacts:
    """Without a length that no file of so many bytes has: a frame takes one at least. Size 0: it is not known."""
    frames = (facts.frames or 0) if facts.kind is ClipKind.VIDEO else 0
    if frames <= (size or frames) and (facts.duration or 0) <= LONGEST_DURATION:
        return facts
    facts = dataclasses.replace(facts, frames=None, duration=None)
    words = "Its header promises more than any file holds."
    return troubled(facts, "too-large", words, fatal=True)


def is_hopeless(facts: MediaFacts) -> bool:
    """True where nothing of the file reads."""
    return any(problem.fatal for problem in facts.problems)


def with_camera_xml(facts: MediaFacts, document: CameraXml) -> MediaFacts:
    """Adds what a camera's XML says, after what the container says (field guide §7.2, §7.3)."""
    device = " ".join(filter(None, (document.make, document.model)))
    start = document.start(facts.rate) if facts.rate is not None else None
    capture = document.capture_rate
    facts = claim(
        facts,
        "camera-xml",
        start=start,
        reel=document.reel,
        camera=device or None,
        scene=document.scene,
        take=document.take,
        shot=document.shot,
        recorded_at=document.recorded_at,
        clip_name=document.clip_name,
    )
    return tagged(
        facts,
        {
            "make": document.make,
            "model": document.model,
            "serial": document.serial,
            "umid": document.clip_id,
            "note": document.note,
            "user_clip_name": document.user_clip_name,
            "recorded_local": document.recorded_local,
            "capture_rate": str(capture) if capture and capture != facts.rate else None,
        },
    )


def amount(count: int) -> str:
    """Bytes for a person: `412 bytes`, `3.4 MB`."""
    if count < 10_000:
        return f"{count} bytes"
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            tenths = count * 10 // size
            return f"{tenths // 10}.{tenths % 10} {unit}"
    return f"{count} bytes"
