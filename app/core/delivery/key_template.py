"""How objects are named: a template of elements such as `{project}/{day}/{reel}/{name}.{ext}`.

Elements are looked up in a fixed table; nothing of a name is ever a format, a path or a pattern.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Final

from app.core.model import names
from app.core.model.entities import Clip
from app.core.model.errors import Refused

DEFAULT: Final = "{project}/{day}/{reel}/{name}.{ext}"
LONGEST: Final = 1024
"""Bytes of an S3 key."""
SEGMENT: Final = 240
"""Bytes between two slashes: a file name on any disk, with room for the digits of a hash."""
_SHORT: Final = 16
_PART: Final = re.compile(r"\{([a-z0-9]+)\}|([^{}]+)|([{}])")
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f\\^`<>{}\[\]"%~#|?*:]+')


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What a key is made for."""

    clip: Clip
    project: str
    path: str
    """Of the file, relative to its volume."""
    frame: bool = False
    """Whether the file is one picture of a sequence: these keep together below the clip's name."""


ELEMENTS: Final[Mapping[str, Callable[[Subject], str | None]]] = {
    "project": lambda s: s.project,
    "day": lambda s: (s.clip.recorded_at or "")[:10],
    "reel": lambda s: s.clip.reel,
    "camera": lambda s: s.clip.camera,
    "scene": lambda s: s.clip.scene,
    "take": lambda s: s.clip.take,
    "name": lambda s: f"{s.clip.name}/{_stem(s.path)}" if s.frame else _stem(s.path),
    "ext": lambda s: _ending(s.path),
    "kind": lambda s: s.clip.kind.value,
    "hash8": lambda s: (s.clip.hash or "").rpartition(":")[2][:8],
    "folder": lambda s: s.path.rpartition("/")[0],
    "id": lambda s: s.clip.id,
}
"""The elements and where each comes from. A segment whose elements are all unknown is left out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """A template, read."""

    text: str
    segments: tuple[tuple[tuple[bool, str], ...], ...]
    """Between slashes: (is an element, its name or the literal)."""


def parse(text: str) -> Template:
    """Reads a template.

    Raises:
        Refused: unknown element, stray brace, or nothing that tells clips apart.
    """
    if text.startswith("/") or not text.strip():
        raise Refused(
            "Not a template",
            f"{text!r}: a key begins with no slash and is not empty.",
            subject=text,
        )
    segments = tuple(tuple(_parts(segment, text)) for segment in text.split("/"))
    used = {name for segment in segments for element, name in segment if element}
    if not used & {"name", "id", "hash8"}:
        raise Refused(
            "Not a template",
            f"{text!r} names every clip alike.",
            subject=text,
            todo="Use {name}, {id} or {hash8}.",
        )
    return Template(text, segments)


def _parts(segment: str, text: str) -> list[tuple[bool, str]]:
    parts: list[tuple[bool, str]] = []
    for element, literal, brace in _PART.findall(segment):
        if brace or (element and element not in ELEMENTS):
            raise Refused(
                "Not a template",
                f"{text!r}: {{{element or brace}}} is no element.",
                subject=text,
                choices=tuple(ELEMENTS),
            )
        parts.append((bool(element), element or literal))
    return parts


def key_for(template: str, clip: Clip, project: str, path: str, *, frame: bool = False) -> str:
    """The key of one file of a clip. Never absolute, never with `..`, control characters or empty parts.

    The frames of a sequence are below a folder of the clip's name; where the template leaves their
    names out, below what it makes.
    """
    subject = Subject(clip, project, path, frame)
    found: list[str] = []
    segments = parse(template or DEFAULT).segments
    if frame and (True, "name") not in {part for segment in segments for part in segment}:
        segments = (*segments, ((False, path.rpartition("/")[2]),))
    for segment in segments:
        values = [ELEMENTS[name](subject) if element else name for element, name in segment]
        if any(element for element, _ in segment) and not any(
            v for (element, _), v in zip(segment, values, strict=True) if element
        ):
            continue
        found += [
            clean
            for piece in "".join(v or "" for v in values).split("/")
            if (clean := _clean(piece))
        ]
    key = "/".join(found) or clip.id
    # A path too deep for a key: the clip's id says as well which one it is.
    return key if len(key.encode()) <= LONGEST else f"{clip.id}/{_clean(path.rpartition('/')[2])}"


def _clean(piece: str) -> str:
    """A segment that every store and every disk can hold; empty where nothing is left of it."""
    shown = _UNSAFE.sub("_", names.display(names.compare_key(piece))).strip(" .")
    return _cut(shown).strip(" .")


def _cut(segment: str) -> str:
    """The segment within `SEGMENT` bytes, with its ending where that is a short one."""
    if len(segment.encode()) <= SEGMENT:
        return segment
    ending = _ending(segment)
    ending = f".{ending}" if ending and len(ending.encode()) <= _SHORT else ""
    room = SEGMENT - len(ending.encode())
    return segment.encode()[:room].decode(errors="ignore") + ending


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _ending(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name else ""
