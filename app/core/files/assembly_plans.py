"""The values of clip assembly: files as they were seen, and the plans of clips made of them.

A plan names files by opaque keys and changes nothing: whoever keeps the catalog carries it out.
"""

import dataclasses
from collections.abc import Callable
from fractions import Fraction

from app.core.model.media import ClipKind, FileRole, MediaFacts, Problem


@dataclasses.dataclass(frozen=True, slots=True)
class SeenFile:
    """One file as the scan saw it, with its facts where it was probed already."""

    key: str
    """Opaque and unique; comes back in the plans."""
    path: str
    """Relative to its volume, `/` separated, surrogateescape."""
    size: int
    mtime_ns: int = 0
    facts: MediaFacts | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ProjectDefaults:
    """What a project says where files are silent."""

    rate: Fraction | None = None
    """Frames a second, for image sequences whose headers carry no rate."""


@dataclasses.dataclass(frozen=True, slots=True)
class SpanLink:
    """How one clip of a card goes on in others, as the card's own description tells (P2 `Relation`)."""

    id: str
    """This clip's own identifier."""
    previous: str | None = None
    next: str | None = None


LinkReader = Callable[[str], SpanLink | None]
"""Reads the description with this key; None where it tells of no relation."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlanPart:
    """One file of a clip.

    Parts that follow one another in time have rising `part_index`; parts that play together share it
    and differ in `channel`. The first part of every plan has the role `essence`.
    """

    key: str
    role: FileRole
    part_index: int = 0
    channel: int | None = None
    """Which track or lens, from 1, where a clip has one file for each."""


@dataclasses.dataclass(frozen=True, slots=True)
class Gap:
    """Something missing in a clip: frames of a sequence, or numbered parts of a recording."""

    unit: str
    """`frame`, `part` or `chapter`."""
    first: int
    last: int
    """Inclusive."""

    @property
    def text(self) -> str:
        """`86405`, `10-12`."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclasses.dataclass(frozen=True, slots=True)
class SequenceInfo:
    """A run of numbered pictures as one clip."""

    folder: str
    prefix: str
    """What stands before the number."""
    width: int
    """Digits of the number, zero-padded; 0: not padded."""
    suffix: str
    """What follows the number, with its dot."""
    first: int
    last: int
    missing: tuple[Gap, ...]
    members: tuple[str, ...]
    """Keys of the frames that are there, in order; the first is also the plan's first part."""
    rate: Fraction | None = None
    """From the headers, else the project's; None where neither says."""

    @property
    def frames(self) -> int:
        """Frames from first to last, those that are missing included."""
        return self.last - self.first + 1

    @property
    def pattern(self) -> str:
        """The one file entry: `dir/name.%07d.dpx`; a `%` of the names themselves is doubled."""
        number = f"%0{self.width}d" if self.width else "%d"
        head = f"{self.folder}/{self.prefix}" if self.folder else self.prefix
        return head.replace("%", "%%") + number + self.suffix.replace("%", "%%")

    def path(self, number: int) -> str:
        """The path of one frame, by its own number."""
        name = f"{self.prefix}{str(number).zfill(self.width)}{self.suffix}"
        return f"{self.folder}/{name}" if self.folder else name


@dataclasses.dataclass(frozen=True, slots=True)
class ClipPlan:
    """A clip to be: its files and why they belong together."""

    name: str
    kind: ClipKind
    parts: tuple[PlanPart, ...]
    gaps: tuple[Gap, ...] = ()
    sequence: SequenceInfo | None = None
    card: str | None = None
    """The id of the card type in `resources/cards/`."""
    reel: str | None = None
    """Hints from names and folders: facts of the files win over them."""
    camera: str | None = None
    scene: str | None = None
    take: str | None = None
    proxy_base: str | None = None
    """Set where it looks like a proxy or transcode whose original is not among these files: the
    base name to look for elsewhere."""
    problems: tuple[Problem, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def lead(self) -> str:
        """The key of the file that the clip is known by."""
        return self.parts[0].key

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all files, each once."""
        frames = self.sequence.members[1:] if self.sequence else ()
        return (*(part.key for part in self.parts), *frames)


@dataclasses.dataclass(frozen=True, slots=True)
class Leftover:
    """A file that belongs to no clip, and why."""

    key: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Assembly:
    """Every file of a scope, once: in a clip, or left over with a reason."""

    clips: tuple[ClipPlan, ...]
    leftovers: tuple[Leftover, ...]
