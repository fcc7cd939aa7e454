"""Everything the inspector shows of one clip, read in one snapshot."""

import dataclasses
from collections.abc import Mapping

from app.core.catalog import (
    arriving,
    attempts,
    decisions,
    library,
    logs,
    members,
    notes,
    projects,
    uploads,
    volumes,
    wholeness,
)
from app.core.catalog.attempts import Attempt
from app.core.catalog.rows import Reader
from app.core.model.entities import (
    Arriving,
    Clip,
    ClipLog,
    Decision,
    HistoryEntry,
    Mark,
    Note,
    Target,
    Upload,
)
from app.core.model.media import ClipKind, Derive
from app.core.platform.preferences import Ingest

_OPEN_MINUTES = Ingest().open_structure_minutes


@dataclasses.dataclass(frozen=True, slots=True)
class ClipDetail:
    """One clip with what people said of it in this project."""

    clip: Clip
    notes: tuple[Note, ...]
    marks: tuple[Mark, ...]
    log: ClipLog
    decision: Decision | None
    """The word that counts now."""
    history: tuple[HistoryEntry, ...]
    uploads: tuple[Upload, ...]
    keywords: tuple[str, ...]
    """Of the whole project, most used first."""
    initials: Mapping[str, str]
    """By actor."""
    derive: Derive | None
    """How much is made from clips of its volume."""
    interlaced: bool = False
    """Its originals are; proxies never."""
    sent: tuple[Upload, ...] = ()
    """The uploads of the version that was decided on."""
    targets: tuple[Target, ...] = ()
    """Where approved clips are sent: the confirmed ones."""
    votes: tuple[Decision, ...] = ()
    """Every standing word on it, the one that counts first."""
    stuck: Attempt | None = None
    """Why what is made of it could not be made."""
    arriving: tuple[Arriving, ...] = ()
    """Its files that are not whole yet, the one changed last first."""

    lacks_frames: bool = False
    """A frame of the bytes that are known went away: what was decided on is not all there."""

    @property
    def open_notes(self) -> int:
        """Notes that wait for an answer; replies are not counted."""
        return sum(note.state == "open" and note.parent is None for note in self.notes)


def read(
    reader: Reader, row: int, project_id: str, actor_id: str, open_minutes: int = _OPEN_MINUTES
) -> ClipDetail | None:
    """The clip of this row; None where it is gone. A file may stay unfinished for `open_minutes`."""
    clip = library.by_row(reader, row, project_id)
    if clip is None:
        return None
    decision = decisions.latest(reader, clip.id, project_id)
    return ClipDetail(
        clip=clip,
        notes=tuple(notes.of_clip(reader, clip.id, project_id)),
        marks=tuple(notes.marks_of(reader, clip.id, project_id)),
        log=logs.of_clip(reader, clip.id, project_id, actor_id),
        decision=decision,
        history=tuple(logs.history(reader, library.aliases(reader, clip.id))),
        uploads=tuple(uploads.of_clip(reader, clip.id)),
        keywords=tuple(word for word, _ in logs.keywords(reader, project_id, 60)),
        initials={actor.id: actor.initials for actor in projects.actors(reader)},
        derive=_derive(reader, clip),
        interlaced=_interlaced(reader, clip),
        sent=_sent(reader, clip, decision),
        targets=tuple(target for target in projects.targets(reader) if target.confirmed),
        votes=tuple(decisions.of_clip(reader, clip.id, project_id)),
        stuck=attempts.of(reader, "derive", clip.id),
        lacks_frames=wholeness.lacks_frames(reader, clip.id),
        arriving=arriving.of_clips(reader, [row], open_minutes).get(row, ()),
    )


def _sent(reader: Reader, clip: Clip, decision: Decision | None) -> tuple[Upload, ...]:
    hashed = decision.hash if decision else ""
    return tuple(uploads.of_version(reader, clip.id, hashed)) if hashed else ()


def _derive(reader: Reader, clip: Clip) -> Derive | None:
    volume = volumes.get(reader, clip.files[0].volume_id) if clip.files else None
    return volume.derive if volume else None


def _interlaced(reader: Reader, clip: Clip) -> bool:
    if clip.kind is not ClipKind.VIDEO:
        return False
    found = (member.facts for _, _, _, member in members.of_clip(reader, clip.id))
    pictures = (facts.video for facts in found if facts is not None)
    return any(one is not None and one.field_order != "progressive" for one in pictures)


def span(clip: Clip, start: int, end: int) -> str:
    """Frames as labels: `10:02:53:04`, or `10:02:52:11 – 10:02:56:00` with the last frame that belongs to it."""
    first = clip.label(start)
    return first if end <= start + 1 else f"{first} – {clip.label(end - 1)}"
