"""What is asked of a decode pass, and what it gives."""

import dataclasses
from fractions import Fraction
from pathlib import Path

from app.core.media.framemap import FrameMap
from app.core.media.parity import Parity
from app.core.media.peak_writer import ChannelLevel
from app.core.media.tools import Programs
from app.core.model.media import MediaFacts, RenditionKind

EVERYTHING = frozenset(
    {
        RenditionKind.PROXY,
        RenditionKind.POSTER,
        RenditionKind.FILMSTRIP,
        RenditionKind.WAVEFORM,
        RenditionKind.SPEECH,
        RenditionKind.LOUDNESS,
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """One reel of material: a file, or several that follow one another."""

    parts: tuple[Path, ...]
    """Spans or chapters in their order; of an image sequence a picture for every number, a missing one
    held: the one before it stands there again."""


@dataclasses.dataclass(frozen=True, slots=True)
class DeriveJob:
    """What to derive from what."""

    sources: tuple[Source, ...]
    """They run side by side: the picture comes from the first that has one, sound from all, in order.
    P2: the picture file, then its sound files. Poly-mono: one source a file."""
    facts: MediaFacts
    """Of the whole clip: frames and duration over all parts, sound streams over all sources."""
    programs: Programs
    wanted: frozenset[RenditionKind] = EVERYTHING
    height: int = 720
    """Lines of the proxy (540, 720, 1080): it fits into 16:9 of so many lines, upright or on its side."""
    preset: str = "veryfast"
    """Of libx264; superfast and veryfast are made leaner, see `encoders`. ultrafast saves a third of the encoder's
    work more and makes files of twice the size."""
    hardware: bool = False
    """Try the machine's own encoder; libx264 when there is none or it fails."""
    threads: int = 2
    """Of each decoder, filter and encoder."""
    nice: int = 10
    pace: Fraction | None = None
    """Seconds of material read in a second at the most, so that a shared volume stays quick; None: no limit."""


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """One file of the result."""

    kind: RenditionKind
    name: str
    """In the working folder."""
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Filmstrip:
    """How the tiles of the filmstrip lie, row by row."""

    columns: int
    rows: int
    tile_width: int
    tile_height: int
    frames: tuple[int, ...]
    """The frame each tile shows."""


@dataclasses.dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 of one sound stream; None where it is too short or silent."""

    stream: int
    """Counted over all sound streams of the clip."""
    integrated: float | None
    """LUFS."""
    span: float | None
    """Loudness range, LU."""
    true_peak: float | None
    """dBTP."""


@dataclasses.dataclass(frozen=True, slots=True)
class Channel:
    """One channel of sound and how loud it is, for choosing microphones."""

    stream: int
    channel: int
    name: str | None
    level: ChannelLevel | None
    speech: str | None
    """File of its 16 kHz copy in the working folder; None past the sixteenth channel."""


@dataclasses.dataclass(frozen=True, slots=True)
class Derived:
    """What one decode pass gave."""

    made: tuple[Made, ...]
    frames: int | None
    """Presented frames that decoded; for sound alone samples, at the rate of the facts."""
    duration: Fraction | None
    """Seconds of what decoded."""
    complete: bool
    """False where less decoded than the facts promise."""
    errors: int
    """Complaints of decoders and demuxers."""
    first_errors: tuple[str, ...]
    parity: Parity | None
    frame_map: FrameMap | None
    """Where frames are not equally spaced."""
    filmstrip: Filmstrip | None
    poster_frame: int | None
    loudness: tuple[Loudness, ...]
    channels: tuple[Channel, ...]
    likeness: tuple[tuple[float, ...], ...]
    """How alike each two channels are, 0 to 1; the same microphone twice is 1."""
    essence: str | None
    """Hash of the packets alone: equal where only headers were rewritten."""
    size: tuple[int, int] | None
    """Of the proxy's picture, upright."""
    deinterlaced: bool
    other_sizes: tuple[tuple[int, int], ...]
    """Widths and heights of the pictures of a sequence that are not as large as its first; they were scaled to it."""
    encoder: str | None
    cpu_seconds: Fraction

    def path(self, kind: RenditionKind) -> str | None:
        """The name of the first file of a kind."""
        return next((made.name for made in self.made if made.kind is kind), None)
