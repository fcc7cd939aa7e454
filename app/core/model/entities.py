"""What the catalog's queries return: frozen values, ready to show."""

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import (
    ClipKind,
    ClipState,
    Derive,
    FileRole,
    FileState,
    RenditionKind,
    RenditionState,
)
from app.core.model.timecode import Timebase


@dataclasses.dataclass(frozen=True, slots=True)
class Volume:
    """A folder that is watched, wherever it is mounted."""

    id: str
    name: str
    kind: str
    """`local`, `network` or `removable`."""
    derive: Derive
    online: bool
    mount: str | None
    """Where it is on this machine, or was last."""
    fs_type: str
    fs_key: str
    """Filesystem UUID, or server and share; "" where neither is known."""
    subpath: str
    """The folder within that filesystem."""
    clips: int
    """Of which something lies there: as many as are shown."""
    files: int
    size: int
    watcher: str
    """`watching`, `scanning`, `polling` or words for why not."""
    scanned_at: int | None
    """Milliseconds since 1970, UTC."""
    read_cap: int
    """Bytes a second for derived work; 0 is no cap."""
    hours: str
    """`""` always, else `22:00-06:00`, local time."""
    held: int = 0
    """The same with every copy counted, and"""
    copies: int = 0
    """how many of these are further copies: equal bytes, of which another file, here or elsewhere, names the clip."""


@dataclasses.dataclass(frozen=True, slots=True)
class FilePlace:
    """One file of a clip on one volume."""

    id: str
    volume_id: str
    volume: str
    """The volume's name."""
    path: str
    """Relative to the volume, `/` separated, surrogateescape; a sequence is `dir/name.%07d.dpx`."""
    role: FileRole
    part: int
    state: FileState
    size: int
    mtime_ns: int
    hash: str | None
    absolute: str | None
    """Full path on this machine while the volume is online."""
    copy: bool = False
    """It belongs to a further copy: equal bytes, of which another file gives the clip its name."""
    place: int | None = None
    """Which copy: the same number for all files of one copy, another for each copy of the clip."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rendition:
    """Something derived from a clip's content."""

    id: str
    kind: RenditionKind
    recipe: str
    state: RenditionState
    path: str | None
    """Absolute, in the proxy store; of a foreign or camera proxy, on its volume."""
    size: int
    facts: Mapping[str, Any]
    """Parity, loudness, tiles: what its recipe records."""
    error: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Audio:
    """One sound stream as the contract shows it."""

    codec: str
    channels: int
    sample_rate: int
    name: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Clip:
    """What an editor calls a clip, whole."""

    id: ClipId
    row: ClipRow
    content_id: str
    name: str
    kind: ClipKind
    state: ClipState
    rate: Fraction | None
    vfr: bool
    drop: bool
    start_frame: int | None
    """Label frame of the first frame (corrections applied), or None where there is no timecode."""
    label_rate: Fraction | None
    """The rate labels count at: the clip's own; for sound the recorder's or the project's."""
    frames: int | None
    width: int | None
    height: int | None
    codec: str | None
    pix_fmt: str | None
    rotation: int
    audio: tuple[Audio, ...]
    reel: str | None
    camera: str | None
    scene: str | None
    take: str | None
    shot: str | None
    recorded_at: str | None
    gaps: tuple[tuple[int, int], ...]
    """Missing numbers of a sequence, or missing chapters: first and last of each run, both included."""
    problem: str | None
    """What is wrong, in words, where the state is damaged, undecodable or bad."""
    hash: str | None
    """Full hash of the content; None until it has been read whole."""
    card: str | None
    tags: Mapping[str, str]
    origins: Mapping[str, str]
    files: tuple[FilePlace, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    duration_ms: int = 0
    """How long it plays, in whole milliseconds; 0 where that is not known (see `durations`)."""

    @property
    def timebase(self) -> Timebase:
        """How its frames are labelled; 25 where the clip has no rate (stills, documents)."""
        return Timebase(self.label_rate or self.rate or Fraction(25), self.drop)

    def label_frame(self, frame: int) -> int:
        """The label count at a clip frame (they differ for sound, whose frames are samples)."""
        if self.kind is ClipKind.AUDIO and self.rate and self.label_rate:
            return (self.start_frame or 0) + int(Fraction(frame) / self.rate * self.label_rate)
        return (self.start_frame or 0) + frame

    def label(self, frame: int) -> str:
        """The label of a frame: source timecode, else media time from zero."""
        return self.timebase.label(self.label_frame(frame))

    def rendition(self, kind: RenditionKind) -> Rendition | None:
        """The ready rendition of this kind."""
        return next(
            (r for r in self.renditions if r.kind is kind and r.state is RenditionState.READY), None
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Arriving:
    """One file that is not whole yet."""

    path: str
    """Relative to its volume."""
    size: int
    unchanged_ms: int
    """When it was changed last, in milliseconds since 1970."""
    verdict_ms: int | None
    """When it is called damaged if it stays as it is; None while nobody has looked inside."""
    row: int | None
    """The clip it belongs to."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClipCard:
    """What one cell of the grid or one row of the list needs."""

    row: ClipRow
    id: ClipId
    name: str
    kind: ClipKind
    state: ClipState
    rate: Fraction | None
    drop: bool
    start: str
    """Start timecode as a label; "" where there is none."""
    duration_ms: int
    width: int | None
    height: int | None
    codec: str | None
    reel: str | None
    camera: str | None
    scene: str | None
    take: str | None
    recorded_at: str | None
    rating: int
    circled: bool
    rejected: bool
    approved: bool
    changes_asked: bool
    """Also where people dispute it."""
    open_notes: int
    poster: str | None
    """Absolute path of the poster picture."""
    filmstrip: str | None
    filmstrip_facts: Mapping[str, Any]
    proxy_ready: bool
    folder: str
    volume_id: str
    arriving: Arriving | None = None
    """The one of its files that is not whole yet; where several are, the one changed last."""
    disputed: bool = False
    """People said different things of it without knowing of one another."""
    own_state: ClipState = ClipState.READY
    """Its state without regard to whether its volume is there."""
    gaps: bool = False
    """Frames or chapters of it are missing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """A person's note on a frame or a range (end exclusive)."""

    id: str
    clip_id: str
    project_id: str
    start_frame: int
    end_frame: int
    text: str
    author: str
    """The actor's id."""
    author_name: str
    state: str
    """`open` or `resolved`."""
    parent: str | None
    created_ms: int
    edited_by_both: bool = False
    other_text: str | None = None
    """The text that lost where two people edited at once."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A marker, a range or a subclip."""

    id: str
    clip_id: str
    sort: str
    """`marker`, `range` or `subclip`."""
    start_frame: int
    end_frame: int
    name: str
    colour: str
    category: str
    text: str
    author: str
    created_ms: int
    project_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ClipLog:
    """What was logged of a clip in one project."""

    rating: int = 0
    circled: bool = False
    rejected: bool = False
    mark_in: int | None = None
    mark_out: int | None = None
    """Exclusive."""
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """The word on a version: bound to the content's hash."""

    clip_id: str
    verdict: str
    """`approved`, `rejected`; with `pending` true until the hash is known."""
    hash: str
    pending: bool
    current: bool
    """False where the content changed since: the approval is void and asked again."""
    by: str
    by_name: str
    at_ms: int
    comment: str
    disputed: bool = False
    """Two people said different things of the same bytes, neither knowing of the other: asked again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Word:
    """One spoken word. Times in samples of 16 kHz from the clip's start."""

    start: int
    end: int
    permille: int
    """Confidence, 0..1000."""
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """One spoken sentence or phrase. Times in samples of 16 kHz; end exclusive."""

    start: int
    end: int
    text: str
    speaker: str | None
    language: str
    words: tuple[Word, ...]
    corrected: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a clip, corrections applied."""

    language: str
    model: str
    segments: tuple[Segment, ...]
    reached: int | None = None
    """Samples up to which everything has been heard so far, while it is being made; None once it is whole."""


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """A search hit: a moment with a reason."""

    clip_id: str
    row: ClipRow
    name: str
    field: str
    """`name`, `transcript`, `note`, `marker`, `tag`, `text`, `document`, `fact`."""
    start_frame: int | None
    end_frame: int | None
    text: str
    score: int
    """Higher is better; comparable within one answer only."""
    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class Bin:
    """A bin of chosen clips, or a smart bin: a saved search."""

    id: str
    name: str
    query: str | None
    """A smart bin's search; None for a bin of chosen clips."""
    clips: int


@dataclasses.dataclass(frozen=True, slots=True)
class Project:
    """The film or job that notes, marks and ratings belong to."""

    id: str
    name: str
    rate: Fraction
    drop: bool
    glossary: tuple[str, ...]
    languages: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """A person at this desk."""

    id: str
    name: str
    initials: str


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A place approved clips are sent to."""

    id: str
    name: str
    bucket: str
    endpoint: str
    region: str
    profile: str
    send: str
    """`original`, `proxy` or `both`."""
    template: str
    confirmed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """One object on its way to a target."""

    id: str
    target_id: str
    target: str
    clip_id: str
    key: str
    source: str
    """`original:<file id>` or `proxy:<rendition id>`."""
    state: str
    """`queued`, `sending`, `verified`, `failed`, `stopped`."""
    size: int
    sent: int
    hash: str | None
    multipart_id: str | None
    part_size: int
    error: str | None
    changed_ms: int


@dataclasses.dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of a volume that was seen and left alone."""

    volume_id: str
    path: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of a clip, in words' raw form."""

    event_id: str
    kind: str
    actor: str
    actor_name: str
    at_ms: int
    body: Mapping[str, Any]
    undone: bool
