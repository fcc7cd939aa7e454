"""Values of scrubs: copies of cards that are read again from their disks, what is rotten, and what was put in its place."""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Final

from app.core.model.offloads import CopyState


@dataclasses.dataclass(frozen=True, slots=True)
class ScrubCopy:
    """One file of a card at one destination."""

    offload_id: str
    leg_id: str
    n: int
    """Its place in the order of the card."""
    card: str
    """What people call the card."""
    place: str
    """What people call the destination."""
    root: str
    """The destination's folder."""
    folder: str
    """Below it: where the tree of the card is."""
    lasting: str
    """Tells the filesystem of the root from others."""
    path: str
    """Below the folder."""
    size: int
    mtime_ns: int
    hash: str
    """The xxh128 of what was read from the card."""
    hashes: Mapping[str, str]
    """All that were taken then, by name."""
    state: CopyState
    said: str
    at_ms: int
    """Since when it is known to be so."""

    @property
    def id(self) -> str:
        """Short, for people to name it by."""
        return f"{self.leg_id[-8:]}-{self.n}"

    @property
    def rel(self) -> str:
        """Below the root."""
        return f"{self.folder}/{self.path}" if self.folder else self.path

    @property
    def absolute(self) -> str:
        """Where it lies."""
        return f"{self.root.rstrip('/')}/{self.rel}"

    @property
    def where(self) -> tuple[str, str, str, str]:
        """The same for two offloads that have one file."""
        return self.root, self.folder, self.path, self.hash


@dataclasses.dataclass(frozen=True, slots=True)
class GoodCopy:
    """Where the right bytes of a file are, as far as is known."""

    place: str
    """For people: the destination's name, or the card's."""
    root: str
    rel: str
    """Below the root."""
    lasting: str
    """Tells the filesystem of the root; empty: any, as for a card, whose bytes tell enough."""
    proven_ms: int
    """When it was last read back and right; 0: never."""
    copy: ScrubCopy | None = None
    """None: the card itself."""

    @property
    def absolute(self) -> str:
        """Where it lies."""
        return f"{self.root.rstrip('/')}/{self.rel}"


class RepairState(enum.StrEnum):
    """How far a repair is."""

    BEGUN = "begun"
    DONE = "done"
    STOPPED = "stopped"
    """It could not be done; the damaged file is where it was."""
    UNDOING = "undoing"
    UNDONE = "undone"


UNFINISHED: Final = (RepairState.BEGUN, RepairState.UNDOING)
"""Cut short: the same command goes on with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Repair:
    """A damaged copy that was, or is being, replaced by a good one."""

    id: str
    copy: ScrubCopy
    work: str
    """The name under which the good bytes are written first."""
    aside: str
    """The name that the damaged file gets; empty where there was none."""
    kept: str
    """The name that the good one gets when the repair is undone."""
    source: str
    """Where the good bytes came from, for people."""
    state: RepairState
    said: str
    made_ms: int


@dataclasses.dataclass(frozen=True, slots=True)
class Rotten:
    """A copy that is not what was copied, and where the right bytes are."""

    copy: ScrubCopy
    good: GoodCopy | None
    """The copy that was right last, wherever it is now; None: none is known."""
    unfinished: Repair | None = None
    """A repair of it that was cut short."""
