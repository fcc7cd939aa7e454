"""Values of offloads: what is wanted, where each file of a card is by now, and what is proven of it."""

import dataclasses
import enum
from collections.abc import Mapping


class Verify(enum.StrEnum):
    """What an offload guarantees, by what it reads again."""

    TWICE = "twice"
    """Source read twice, every copy read back."""
    COPIES = "copies"
    """Every copy read back; the source was read once."""
    NOTHING = "nothing"
    """Copied, not verified."""

    @property
    def words(self) -> str:
        """The guarantee, for people."""
        return _WORDS[self]


_WORDS: Mapping[Verify, str] = {
    Verify.TWICE: "source read twice, copies read back",
    Verify.COPIES: "copies read back, source read once",
    Verify.NOTHING: "copied, not verified",
}


class OffloadState(enum.StrEnum):
    """How far an offload is."""

    WANTED = "wanted"
    PAUSED = "paused"
    DONE = "done"
    """Everything it promised holds on every leg."""
    STOPPED = "stopped"
    """A person gave it up; what was copied stays."""


class LegState(enum.StrEnum):
    """How one destination stands."""

    OPEN = "open"
    PARKED = "parked"
    """It failed or went away; the others went on without it. It can be finished later."""
    DONE = "done"


class EntryState(enum.StrEnum):
    """What is known of one file of the source."""

    WAITING = "waiting"
    READ = "read"
    """Once, while it was copied."""
    TWICE = "read twice"
    """The second time it gave the same bytes."""
    DIFFERS = "differs"
    """It gave other bytes the second time, or others than a hash that came with it."""
    UNREADABLE = "unreadable"


class CopyState(enum.StrEnum):
    """What is known of one file on one destination."""

    COPIED = "copied"
    """Durable under its name; not read back yet."""
    VERIFIED = "verified"
    DIFFERS = "differs"
    """Read back, it is not what was read from the source."""
    FAILED = "failed"
    """It could not be put there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    """The thing that breaks as one: a disk, an array, a server."""

    key: str
    """Equal keys are one device."""
    name: str = ""
    proven: bool = False
    """Whether the system told; else a person has to say that it is a device of its own."""


@dataclasses.dataclass(frozen=True, slots=True)
class OffloadLeg:
    """One destination of an offload."""

    id: str
    name: str
    root: str
    """The destination's folder; nothing is made above it."""
    folder: str
    """Below it, `/` between names: where the tree of the card is."""
    lasting: str
    """Tells the filesystem of the root from others."""
    device: Device
    said_by: str
    """Who said that it is a device of its own, where the system does not tell; empty: nobody."""
    state: LegState
    problem: str
    """Why it is parked, in words."""
    after: int
    """The place among the legs of the one it is copied from, once that is proven; -1: from the card."""
    away: bool
    """It is parked because its disk is not there: it goes on by itself once that is back."""
    manifest: str
    """The MHL that was written last, relative to the folder; empty before."""


@dataclasses.dataclass(frozen=True, slots=True)
class OffloadEntry:
    """One file of the source."""

    n: int
    """Its place in the order of the card, from 0."""
    path: str
    size: int
    mtime_ns: int
    state: EntryState
    hashes: Mapping[str, str]
    """By name, of what was read; empty before."""
    problem: str
    copies: Mapping[str, tuple[CopyState, str]]
    """By leg: how it stands there, and how that was found or what is wrong, in words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Offload:
    """A card or folder that is to be copied, and how far that is."""

    id: str
    source: str
    name: str
    """What people call the card."""
    type: str
    """The id of its card type; empty where it has none."""
    title: str
    lasting: str
    """Tells the card from others also when it is put in again."""
    digest: str
    """Of everything on it, by name, size and time, when the offload was begun."""
    verify: Verify
    hashes: tuple[str, ...]
    state: OffloadState
    problem: str
    """What it waits for, in words."""
    project_id: str
    folders: tuple[str, ...]
    """Folders of the card, empty ones too."""
    left_out: tuple[tuple[str, str], ...]
    """(path, why) of entries that cannot be copied: links, pipes, what may not be read."""
    made_ms: int
    ended_ms: int | None
    legs: tuple[OffloadLeg, ...] = ()
