"""What is known of media: facts of one file, and the words for kinds, roles and states."""

import dataclasses
import enum
from collections.abc import Mapping
from fractions import Fraction


class ClipKind(enum.StrEnum):
    """What sort of thing a clip is."""

    VIDEO = "video"
    AUDIO = "audio"
    STILL = "still"
    SEQUENCE = "sequence"
    DOCUMENT = "document"


class ClipState(enum.StrEnum):
    """How a clip stands now. Absence is a state, not a deletion."""

    READY = "ready"
    WORKING = "working"
    OFFLINE = "offline"
    MISSING = "missing"
    GROWING = "growing"
    DAMAGED = "damaged"
    """Part of it reads."""
    UNDECODABLE = "undecodable"
    """No decoder here; catalogued and verified all the same."""
    BAD = "bad"
    """Nothing reads."""


class FileState(enum.StrEnum):
    """How one file on one volume stands."""

    PRESENT = "present"
    GROWING = "growing"
    MISSING = "missing"
    OFFLINE = "offline"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"


class FileRole(enum.StrEnum):
    """What a file is to its clip. Only ESSENCE, SPAN and AUDIO make identity."""

    ESSENCE = "essence"
    SPAN = "span"
    AUDIO = "audio"
    SIDECAR = "sidecar"
    CAMERA_PROXY = "camera-proxy"
    FOREIGN_PROXY = "foreign-proxy"
    THUMBNAIL = "thumbnail"


IDENTITY_ROLES = frozenset({FileRole.ESSENCE, FileRole.SPAN, FileRole.AUDIO})


START_SOURCES = ("mxf", "tmcd", "camera-xml", "rtmd", "avchd", "bext", "ltc", "tag")
"""What tells a start timecode, the best first: `rtmd` is Sony's metadata of each frame, `avchd` the camcorders'."""


def start_rank(origin: str) -> int:
    """How good the origin of a start timecode is: 0 is best; what is not known comes last."""
    word = origin.lower().replace(",", " ").partition(" ")[0]
    return START_SOURCES.index(word) if word in START_SOURCES else len(START_SOURCES)


@dataclasses.dataclass(frozen=True, slots=True)
class StartTimecode:
    """The label of a clip's first frame."""

    frame: int
    """Frames from 00:00:00:00 at the clip's timebase, after drop-frame decoding."""
    drop: bool
    source: str
    """Where it comes from: one of `START_SOURCES`, with words after it where they help a person."""


@dataclasses.dataclass(frozen=True, slots=True)
class VideoStream:
    """One picture stream, as coded."""

    index: int
    codec: str
    width: int
    height: int
    pix_fmt: str | None = None
    profile: str | None = None
    rotation: int = 0
    """Degrees clockwise to show it upright: 0, 90, 180, 270."""
    sample_aspect: Fraction = Fraction(1)
    field_order: str = "progressive"
    """`progressive`, `tt`, `bb`, `tb`, `bt` (ffprobe's words)."""
    colour_range: str | None = None
    colour_matrix: str | None = None
    colour_primaries: str | None = None
    colour_transfer: str | None = None
    bit_rate: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound stream, as coded."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    name: str | None = None
    """The track's name where the recorder gave one; with several channels, names joined by ` / `."""
    channel_names: tuple[str, ...] = ()
    bit_depth: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file, in words for a person."""

    code: str
    """`no-moov`, `truncated`, `empty`, `no-frames`, `not-media`, `no-decoder`, `unreadable`, `refused`,
    `decode-errors`, `too-large`, …"""
    text: str
    fatal: bool
    """True: nothing reads. False: part of it reads."""


@dataclasses.dataclass(frozen=True, slots=True)
class MediaFacts:
    """What one file says about itself. What is not known is None, never guessed."""

    kind: ClipKind
    container: str | None = None
    duration: Fraction | None = None
    """Seconds, exact, of the presented material (after the edit list)."""
    rate: Fraction | None = None
    """Nominal rate: frames a second; samples a second for sound alone."""
    vfr: bool = False
    frames: int | None = None
    """Presented frames; samples for sound alone."""
    frames_exact: bool = True
    """False where the count is an estimate that the decode pass will replace."""
    video: VideoStream | None = None
    audio: tuple[AudioStream, ...] = ()
    start: StartTimecode | None = None
    reel: str | None = None
    camera: str | None = None
    scene: str | None = None
    take: str | None = None
    shot: str | None = None
    circled: bool | None = None
    recorded_at: str | None = None
    """ISO 8601, UTC."""
    clip_name: str | None = None
    """The clip's own name where the camera wrote one into the file or its XML."""
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    """Everything else worth showing: make, model, lens, iso, LUT, umid, location …"""
    origins: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    """For each fact above, where it came from: `mediainfo`, `ffprobe`, `mxf`, `tmcd`, `ixml`, `file name` …"""
    problems: tuple[Problem, ...] = ()
    closed: bool = True
    """False while the structure is still open (no moov, no MXF footer): perhaps it is still growing."""
    decodable: bool = True
    """False: no decoder here (vendor raw)."""


class RenditionKind(enum.StrEnum):
    """What Rushes derives from a clip."""

    PROXY = "proxy"
    POSTER = "poster"
    FILMSTRIP = "filmstrip"
    WAVEFORM = "waveform"
    SPEECH = "speech"
    LOUDNESS = "loudness"
    FRAMEMAP = "framemap"
    TRANSCRIPT = "transcript"


class RenditionState(enum.StrEnum):
    """How a rendition stands."""

    DUE = "due"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    STALE = "stale"


class Derive(enum.StrEnum):
    """How much is derived from the clips of a volume: the user's choice."""

    POSTERS = "posters"
    TOUCHED = "touched"
    ALL = "all"
