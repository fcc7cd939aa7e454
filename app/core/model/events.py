"""Events: everything a person says. Appended once, never changed; the read tables follow from them.

An event's body is a plain JSON object; `BODIES` says which keys each kind has. Unknown kinds and
newer versions are stored and skipped.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, Final

Body = Mapping[str, Any]
"""A JSON object."""


class Entity(enum.StrEnum):
    """What an event is about."""

    PROJECT = "project"
    ACTOR = "actor"
    CLIP = "clip"
    NOTE = "note"
    MARK = "mark"
    BIN = "bin"
    DECISION = "decision"
    SEGMENT = "segment"
    GROUP = "group"
    TARGET = "target"


class Kind(enum.StrEnum):
    """Every kind of event, named in the past tense of what was done."""

    PROJECT_CREATED = "project-created"
    PROJECT_CHANGED = "project-changed"
    ACTOR_NAMED = "actor-named"
    CLIP_FIELD_SET = "clip-field-set"
    """name, title, reel, camera, scene, take, shot: a person's word over the derived fact."""
    CLIP_RATED = "clip-rated"
    CLIP_CIRCLED = "clip-circled"
    CLIP_REJECTED = "clip-rejected"
    """The log's reject (not wanted in the cut); not a decision on a version."""
    CLIP_MARKED = "clip-marked"
    """In and out of the clip, per actor."""
    TAG_ADDED = "tag-added"
    TAG_REMOVED = "tag-removed"
    NOTE_ADDED = "note-added"
    NOTE_EDITED = "note-edited"
    NOTE_DELETED = "note-deleted"
    NOTE_RESTORED = "note-restored"
    NOTE_RESOLVED = "note-resolved"
    NOTE_REOPENED = "note-reopened"
    MARK_ADDED = "mark-added"
    MARK_EDITED = "mark-edited"
    MARK_DELETED = "mark-deleted"
    MARK_RESTORED = "mark-restored"
    BIN_CREATED = "bin-created"
    BIN_CHANGED = "bin-changed"
    BIN_DELETED = "bin-deleted"
    BIN_RESTORED = "bin-restored"
    BIN_CLIP_ADDED = "bin-clip-added"
    BIN_CLIP_REMOVED = "bin-clip-removed"
    DECISION_MADE = "decision-made"
    """approve or reject, bound to the content hash ("" while the hash is not known yet)."""
    DECISION_WITHDRAWN = "decision-withdrawn"
    DECISION_BOUND = "decision-bound"
    """The hash of the bytes that a pending decision was about, once they were read whole."""
    SEGMENT_CORRECTED = "segment-corrected"
    """Text or speaker of a transcript segment, over the immutable transcript."""
    GROUP_MADE = "group-made"
    """Sync sound or multicam: these clips belong together."""
    GROUP_DISSOLVED = "group-dissolved"
    SYNC_OFFSET_SET = "sync-offset-set"
    TIMECODE_CORRECTED = "timecode-corrected"
    TARGET_ADDED = "target-added"
    TARGET_CHANGED = "target-changed"


BODIES: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.PROJECT_CREATED: frozenset({"name"}),
    Kind.PROJECT_CHANGED: frozenset({"field", "value"}),
    Kind.ACTOR_NAMED: frozenset({"name", "initials"}),
    Kind.CLIP_FIELD_SET: frozenset({"field", "value"}),
    Kind.CLIP_RATED: frozenset({"rating"}),
    Kind.CLIP_CIRCLED: frozenset({"circled"}),
    Kind.CLIP_REJECTED: frozenset({"rejected"}),
    Kind.CLIP_MARKED: frozenset({"in", "out"}),
    Kind.TAG_ADDED: frozenset({"word"}),
    Kind.TAG_REMOVED: frozenset({"word", "adds"}),
    Kind.NOTE_ADDED: frozenset({"clip", "start", "end", "text", "parent"}),
    Kind.NOTE_EDITED: frozenset({"text", "base"}),
    Kind.NOTE_DELETED: frozenset(),
    Kind.NOTE_RESTORED: frozenset(),
    Kind.NOTE_RESOLVED: frozenset(),
    Kind.NOTE_REOPENED: frozenset(),
    Kind.MARK_ADDED: frozenset(
        {"clip", "sort", "start", "end", "name", "colour", "category", "text"}
    ),
    Kind.MARK_EDITED: frozenset({"changes"}),
    Kind.MARK_DELETED: frozenset(),
    Kind.MARK_RESTORED: frozenset(),
    Kind.BIN_CREATED: frozenset({"name", "query"}),
    Kind.BIN_CHANGED: frozenset({"field", "value"}),
    Kind.BIN_DELETED: frozenset(),
    Kind.BIN_RESTORED: frozenset(),
    Kind.BIN_CLIP_ADDED: frozenset({"clip"}),
    Kind.BIN_CLIP_REMOVED: frozenset({"clip", "adds"}),
    Kind.DECISION_MADE: frozenset({"clip", "verdict", "hash", "round", "comment"}),
    Kind.DECISION_WITHDRAWN: frozenset({"clip", "round"}),
    Kind.DECISION_BOUND: frozenset({"clip", "round", "decision", "hash"}),
    Kind.SEGMENT_CORRECTED: frozenset({"clip", "start", "end", "text", "speaker", "was"}),
    Kind.GROUP_MADE: frozenset({"sort", "clips", "name"}),
    Kind.GROUP_DISSOLVED: frozenset(),
    Kind.SYNC_OFFSET_SET: frozenset({"clip", "to", "samples", "sample_rate"}),
    Kind.TIMECODE_CORRECTED: frozenset({"offset", "rate", "reason"}),
    Kind.TARGET_ADDED: frozenset(
        {"name", "bucket", "endpoint", "region", "profile", "send", "template", "confirmed"}
    ),
    Kind.TARGET_CHANGED: frozenset({"field", "value"}),
}
VERSION: Final = 1
"""Of the bodies above."""


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One thing a person said, once."""

    id: str
    """UUIDv7, made at the writer."""
    hlc: int
    node: str
    actor: str
    project_id: str
    entity: Entity | str
    entity_id: str
    kind: Kind | str
    """A `Kind`; like the entity, a plain string where a newer Rushes wrote it."""
    v: int
    body: Body
    undoes: str | None = None
    """The event whose inverse this one is."""
    seen: int = 0
    """The last number of the hub's order that its writer knew of: what it may answer."""

    @property
    def understood(self) -> bool:
        """Whether this version knows what it says; what it does not know is stored and left out."""
        return (
            isinstance(self.entity, Entity)
            and isinstance(self.kind, Kind)
            and self.v <= VERSION
            and frozenset(self.body) >= BODIES[self.kind]
        )

    @property
    def order(self) -> tuple[int, str, str]:
        """The one order in which events count, whatever the order they arrive in."""
        return (self.hlc, self.node, self.id)
