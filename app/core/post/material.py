"""Where a clip's essence lies on this machine now: one whole copy of it, in order, with the facts of each file."""

import dataclasses
import re
from fractions import Fraction
from pathlib import Path

from app.core.catalog import library, members, unreadable
from app.core.catalog.members import Member
from app.core.catalog.rows import Reader
from app.core.media.presence import size_of
from app.core.model.entities import Clip
from app.core.model.errors import Away, Refused
from app.core.model.media import IDENTITY_ROLES, ClipKind, FileRole, MediaFacts
from app.core.post.clip_facts import TRACKS


@dataclasses.dataclass(frozen=True, slots=True)
class Material:
    """One copy of a clip that can be read now."""

    clip: Clip
    spans: tuple[Path, ...]
    """Files that follow one another; every existing picture of a sequence."""
    together: tuple[Path, ...]
    """Further files that play beside the first (P2 sound, poly-mono), in order."""
    facts: MediaFacts
    """Of the whole clip: frames and duration over all spans, sound streams of everything that plays together."""
    counts: tuple[int, ...]
    """Frames of each span; empty where one is not known."""
    volume_id: str
    place: int
    """The copy, by the row of its first file."""
    numbers: tuple[int, ...] = ()
    """Of a sequence: the number each picture carries in its name."""
    shown: tuple[Path, ...] = ()
    """Of a sequence: the picture for each number from the first to the last. Where one is missing or an
    empty file, the picture before it is held, so that frame n is always number first + n."""

    @property
    def size(self) -> int:
        """Bytes of everything that is read.

        Raises:
            Away: its volume went away.
        """
        return size_of((*self.spans, *self.together))


def material_of(reader: Reader, clip_id: str) -> Material:
    """The first whole copy that is online; one that could not be read comes after those that were not tried.

    Raises:
        Refused: no such clip. Away: no copy of it is online.
    """
    clip = library.get(reader, clip_id)
    if clip is None:
        raise Refused("Unknown clip", f"No clip has the id {clip_id!r}.", subject=clip_id)
    copies: dict[int, list[tuple[str, int, Member]]] = {}
    for mount, place, part, member in members.of_clip(reader, clip.id):
        if member.role in IDENTITY_ROLES:
            copies.setdefault(place, []).append((mount, part, member))
    tried = unreadable.tried(reader, clip.id)
    for place, copy in sorted(copies.items(), key=lambda one: one[0] in tried):
        if all(member.facts is not None for _, _, member in copy) or clip.kind is ClipKind.SEQUENCE:
            return _material(clip, copy, place)
    raise Away(
        f"{clip.name} is offline",
        "No copy of it is online.",
        subject=clip.name,
        todo="Connect its volume. Rushes goes on when it is back.",
    )


def _material(clip: Clip, copy: list[tuple[str, int, Member]], place: int) -> Material:
    volume = next(
        (f.volume_id for f in clip.files if f.id == copy[0][2].id),
        clip.files[0].volume_id if clip.files else "",
    )
    if clip.kind is ClipKind.SEQUENCE:
        pictures = [(Path(mount, member.path), member) for mount, _, member in copy]
        known = [m.facts for _, m in pictures if m.facts is not None]
        # An empty file has facts too, and tells nothing.
        lead = next((facts for facts in known if facts.video), MediaFacts(kind=ClipKind.SEQUENCE))
        shown = _held(pictures)
        facts = dataclasses.replace(
            lead,
            kind=ClipKind.SEQUENCE,
            rate=clip.rate,
            frames=len(shown),
            duration=Fraction(len(shown)) / clip.rate if clip.rate else None,
        )
        return Material(
            clip,
            tuple(path for path, _ in pictures),
            (),
            facts,
            (),
            volume,
            place,
            tuple(_number(path) for path, _ in pictures),
            shown,
        )
    spans = [
        (Path(mount, m.path), m)
        for mount, _, m in copy
        if m.role in (FileRole.ESSENCE, FileRole.SPAN)
    ]
    together = [(Path(mount, m.path), m) for mount, _, m in copy if m.role is FileRole.AUDIO]
    first, others = _beside(spans, copy)
    facts = _whole(clip, [m for _, m in first], [m for _, m in (*others, *together)])
    counts = tuple(
        m.facts.frames for _, m in first if m.facts is not None and m.facts.frames is not None
    )
    return Material(
        clip,
        tuple(path for path, _ in first),
        tuple(path for path, _ in (*others, *together)),
        facts,
        counts if len(counts) == len(first) else (),
        volume,
        place,
    )


def _held(pictures: list[tuple[Path, Member]]) -> tuple[Path, ...]:
    """A picture for every number, in order; gaps hold the picture before them."""
    whole = [(path, member) for path, member in pictures if member.size] or pictures
    by_number = {_number(path): path for path, _ in whole}
    numbers = [_number(path) for path, _ in pictures]
    held = whole[0][0]
    shown: list[Path] = []
    for number in range(min(numbers), max(numbers) + 1):
        held = by_number.get(number, held)
        shown.append(held)
    return tuple(shown)


def _beside(
    spans: list[tuple[Path, Member]], copy: list[tuple[str, int, Member]]
) -> tuple[list[tuple[Path, Member]], list[tuple[Path, Member]]]:
    """Files in time order, and those that share a moment with another (one file a track)."""
    moment = {member.id: part // TRACKS for _, part, member in copy}
    first: list[tuple[Path, Member]] = []
    others: list[tuple[Path, Member]] = []
    seen: set[int] = set()
    for path, member in spans:
        (others if moment[member.id] in seen else first).append((path, member))
        seen.add(moment[member.id])
    return first, others


def _whole(clip: Clip, spans: list[Member], together: list[Member]) -> MediaFacts:
    lead = spans[0].facts or MediaFacts(kind=clip.kind)
    durations = [m.facts.duration for m in spans if m.facts and m.facts.duration is not None]
    sound = [stream for m in together if m.facts for stream in m.facts.audio]
    return dataclasses.replace(
        lead,
        frames=clip.frames if len(spans) > 1 else lead.frames,
        audio=(*lead.audio, *sound),
        duration=sum(durations, Fraction(0))
        if len(spans) > 1 and len(durations) == len(spans)
        else lead.duration,
        reel=clip.reel,
    )


def _number(path: Path) -> int:
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else 0
