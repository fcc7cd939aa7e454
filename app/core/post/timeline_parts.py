"""What files a clip plays from on a timeline: one after the other where it was recorded in several, or numbered pictures."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import library, members
from app.core.catalog.rows import Reader
from app.core.model.entities import Clip, FilePlace
from app.core.model.media import IDENTITY_ROLES, ClipKind, FileRole, FileState
from app.core.post.clip_facts import TRACKS

_NUMBERED: Final = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """How the pictures of a sequence are called: prefix, number, suffix."""

    folder: Path
    prefix: str
    suffix: str
    first: int
    width: int
    """Digits that numbers are padded to."""


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a clip that one file holds, or files that play together do."""

    number: int
    """From 1."""
    of: int
    start: int
    """The frame of the clip it begins at."""
    frames: int
    files: Sequence[FilePlace]
    """Of one copy; none where no file is known."""
    numbers: Numbers | None = None
    """Where it is a sequence that is there."""

    @property
    def end(self) -> int:
        """The frame of the clip behind its last."""
        return self.start + self.frames


def whole(clip: Clip) -> tuple[Part, ...]:
    """The clip as one part, whatever files it has: its proxy is one file."""
    return (Part(1, 1, 0, clip.frames or 0, _copy(clip)),)


def of_clip(reader: Reader, clip: Clip) -> tuple[Part, ...]:
    """The parts of a clip in order, without a hole between them.

    Returns:
        None at all where it is not known which of its frames lies in which file.
    """
    if clip.kind is ClipKind.SEQUENCE:
        pictures = library.originals(reader, clip.id)
        places = {file.place for file in pictures}
        copy = [f for f in clip.files if f.role in IDENTITY_ROLES and f.place in places]
        return (Part(1, 1, 0, clip.frames or 0, copy, _numbers(pictures)),)
    copy = _copy(clip)
    if len(_moments(copy)) <= 1:
        return (Part(1, 1, 0, clip.frames or 0, copy),)
    lengths = members.lengths(reader, clip.id)
    # While a file is away for good, the clip may count what is left of it.
    left = [file for file in copy if file.state is not FileState.MISSING]
    return _counted(clip, copy, lengths) or _counted(clip, left, lengths)


def _counted(
    clip: Clip, copy: Sequence[FilePlace], lengths: Mapping[str, int | None]
) -> tuple[Part, ...]:
    """Its parts, where their lengths are known and make up the clip."""
    moments = _moments(copy)
    frames = [_length(files, lengths) for files in moments]
    if not all(frames) or sum(frames) != clip.frames:
        return ()
    return tuple(
        Part(n + 1, len(moments), sum(frames[:n]), frames[n], files)
        for n, files in enumerate(moments)
    )


def _moments(copy: Sequence[FilePlace]) -> list[list[FilePlace]]:
    """Files that play together, in order of time."""
    found: dict[int, list[FilePlace]] = {}
    for file in copy:
        found.setdefault(file.part // TRACKS, []).append(file)
    return [found[n] for n in sorted(found)]


def _copy(clip: Clip) -> list[FilePlace]:
    """The files of one copy: the first that is wholly there, else the first of which something is."""
    copies: dict[tuple[str, int | None], list[FilePlace]] = {}
    for file in clip.files:
        if file.role in IDENTITY_ROLES:
            copies.setdefault((file.volume_id, file.place), []).append(file)
    ranked = sorted(copies.values(), key=lambda files: (not all(map(_there, files)), not any(f.absolute for f in files)))  # fmt: skip
    return sorted(ranked[0], key=lambda file: file.part) if ranked else []


def _there(file: FilePlace) -> bool:
    return file.absolute is not None and file.state is not FileState.MISSING


def _length(files: Sequence[FilePlace], lengths: Mapping[str, int | None]) -> int:
    """Frames of the file that leads; 0 where they are not known."""
    lead = next((f for f in files if f.role in (FileRole.ESSENCE, FileRole.SPAN)), None)
    return (lengths.get(lead.id) if lead else None) or 0


def _numbers(pictures: Sequence[FilePlace]) -> Numbers | None:
    """From the names of the pictures themselves: padding is the shortest number's, longer ones run over it."""
    there = [f for f in pictures if f.role is FileRole.ESSENCE and _there(f)]
    paths = [Path(file.absolute or "") for file in there]
    found = [(path, _NUMBERED.fullmatch(path.stem)) for path in paths]
    numbered = [(path, match[1], match[2]) for path, match in found if match]
    if not numbered:
        return None
    path, prefix, _ = numbered[0]
    digits = [number for _, _, number in numbered]
    return Numbers(path.parent, prefix, path.suffix, min(map(int, digits)), min(map(len, digits)))
