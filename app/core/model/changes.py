"""What a committed write changed: one `ChangeSet` a transaction."""

import dataclasses
import enum
from collections.abc import Mapping


class Aspect(enum.StrEnum):
    """The sides of the catalog that views and planners watch."""

    VOLUME = "volume"
    FILE = "file"
    CLIP = "clip"
    RENDITION = "rendition"
    TRANSCRIPT = "transcript"
    NOTE = "note"
    MARK = "mark"
    LOG = "log"
    """Rating, circled, reject, keywords."""
    DECISION = "decision"
    BIN = "bin"
    PROJECT = "project"
    ACTOR = "actor"
    TARGET = "target"
    UPLOAD = "upload"
    OFFLOAD = "offload"
    """Cards that are copied: ids of offloads."""
    ATTEMPT = "attempt"
    SETTINGS = "settings"
    HEALTH = "health"
    """Whether the catalog can be written."""


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeSet:
    """Ids by aspect; clip-bound aspects carry clip ids. An empty set of ids means "many: look again"."""

    changes: Mapping[Aspect, frozenset[str]]
    origin: str = ""
    """Who wrote, so that a view can skip its own echo."""

    def ids(self, *aspects: Aspect) -> frozenset[str]:
        """All ids of these aspects."""
        return frozenset[str]().union(
            *(self.changes.get(aspect, frozenset[str]()) for aspect in aspects)
        )

    def touches(self, *aspects: Aspect) -> bool:
        """Whether any of these aspects changed."""
        return any(aspect in self.changes for aspect in aspects)
