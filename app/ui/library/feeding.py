"""From a clip of the catalog to what the player plays and the strip shows. Runs on worker threads."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.core.media.framemap import FrameMap
from app.core.media.peaks import Peaks
from app.core.model.entities import Clip, FilePlace, Mark, Note
from app.core.model.errors import BadData
from app.core.model.media import (
    IDENTITY_ROLES,
    ClipKind,
    ClipState,
    FileRole,
    FileState,
    RenditionKind,
    RenditionState,
)
from app.ui.player.source import PlayerSource
from app.ui.player.strip_data import FilmstripData, MarkKind, PeaksView, StripMark
from app.ui.widgets.wording import fill, translate

if TYPE_CHECKING:
    from app.core.post.store import ProxyStore

_PLAYABLE: Final = frozenset({ClipKind.VIDEO, ClipKind.AUDIO, ClipKind.SEQUENCE, ClipKind.STILL})
_PICTURE: Final = frozenset({ClipKind.VIDEO, ClipKind.SEQUENCE, ClipKind.STILL})
STILL_RATE: Final = Fraction(25)
"""What a still is labelled at: it has one frame and no rate."""
_JPEG: Final = "mjpeg"
_JPEG_ENDINGS: Final = (".jpg", ".jpeg", ".jpe")


@dataclasses.dataclass(frozen=True, slots=True)
class Feed:
    """What the player needs of one clip; a part that is not there yet is None."""

    proxy: PlayerSource | None
    original: PlayerSource | None
    poster: str
    film: FilmstripData | None
    peaks: PeaksView | None


class WaveformView:
    """A waveform file as the strip looks at it."""

    def __init__(self, peaks: Peaks) -> None:
        self._peaks = peaks
        self.channels: int = peaks.channels

    def bins(
        self, channel: int, start: Fraction, end: Fraction, count: int
    ) -> Sequence[tuple[int, int]]:
        """Lowest and highest level of `count` equal parts; see `PeaksView`."""
        samples = self._peaks.samples
        columns = self._peaks.columns(channel, int(start * samples), int(end * samples), count)
        return [(max(-127, column.low), column.high) for column in columns]


def make_feed(clip: Clip, store: "ProxyStore", *, interlaced: bool = False) -> Feed:
    """Looks up the files of a clip; reads its frame times and opens its waveform.

    `interlaced` is said of its originals; a proxy of ours is made whole.
    """
    times = _frame_times(clip, store)
    poster = store.file_of(clip, RenditionKind.POSTER)
    return Feed(
        proxy=_proxy(clip, store, times),
        original=_original(clip, times, interlaced=interlaced),
        poster=str(poster) if poster else "",
        film=_film(clip, store),
        peaks=_peaks(clip, store),
    )


def strip_marks(notes: Sequence[Note], marks: Sequence[Mark]) -> list[StripMark]:
    """Notes and markers as the strip shows them; replies stand with what they answer."""
    made = [
        StripMark(
            note.id,
            MarkKind.NOTE,
            note.start_frame,
            note.end_frame if note.end_frame > note.start_frame + 1 else None,
            note.text,
        )
        for note in notes
        if note.parent is None and note.state == "open"
    ]
    made += [
        StripMark(
            mark.id,
            MarkKind.MARKER,
            mark.start_frame,
            mark.end_frame if mark.end_frame > mark.start_frame + 1 else None,
            mark.name or mark.text,
        )
        for mark in marks
    ]
    return made


def _proxy(
    clip: Clip, store: "ProxyStore", times: tuple[Fraction, ...] | None
) -> PlayerSource | None:
    path, rate = store.file_of(clip, RenditionKind.PROXY), _rate(clip)
    if path is None or rate is None:
        return _camera_picture(clip)
    made = next(
        r
        for r in clip.renditions
        if r.kind is RenditionKind.PROXY and r.state is RenditionState.READY
    )
    size = made.facts.get("size")
    label = translate("Feeding", "proxy")
    if size:
        label = fill(translate("Feeding", "proxy {0}p"), size[1])
    picture = _JPEG if clip.kind is ClipKind.STILL else ""
    return _source(clip, rate, path, times, label=label, is_proxy=True, picture=picture)


def _camera_picture(clip: Clip) -> PlayerSource | None:
    """The JPEG the camera made of its raw picture, while none of ours is there."""
    if clip.kind is not ClipKind.STILL:
        return None
    for place in clip.files:
        if place.role is not FileRole.CAMERA_PROXY or place.state is not FileState.PRESENT:
            continue
        if place.absolute and place.absolute.lower().endswith(_JPEG_ENDINGS):
            path = Path(place.absolute)
            label = translate("Feeding", "camera proxy")
            return _source(clip, STILL_RATE, path, None, label=label, is_proxy=True, picture=_JPEG)
    return None


def _rate(clip: Clip) -> Fraction | None:
    """Frames (or samples) a second; a still has none of its own."""
    return STILL_RATE if clip.kind is ClipKind.STILL else clip.rate


def _original(
    clip: Clip, times: tuple[Fraction, ...] | None, *, interlaced: bool
) -> PlayerSource | None:
    place = _one_file(clip)
    rate = _rate(clip)
    if place is None or place.absolute is None or rate is None:
        return None
    picture = (clip.codec or _JPEG) if clip.kind is ClipKind.STILL else ""
    made = _source(
        clip,
        rate,
        Path(place.absolute),
        times,
        label="original",
        is_proxy=False,
        picture=picture,
        turned=clip.rotation if picture else 0,
    )
    return dataclasses.replace(made, interlaced=interlaced)


def _one_file(clip: Clip) -> FilePlace | None:
    """The essence file that can be played by itself: spanned and multi-file clips are played as proxies.

    Any copy that is there will do, the one that the clip has its name from before the others.
    """
    if clip.kind not in _PLAYABLE or clip.state in (ClipState.BAD, ClipState.UNDECODABLE):
        return None
    copies: dict[tuple[str, int | None], list[FilePlace]] = {}
    for place in clip.files:
        if place.role in IDENTITY_ROLES:
            copies.setdefault((place.volume_id, place.place), []).append(place)
    if clip.kind is ClipKind.SEQUENCE or any(len(parts) > 1 for parts in copies.values()):
        return None
    whole = sorted((parts[0] for parts in copies.values()), key=lambda part: part.copy)
    return next((p for p in whole if p.absolute and p.state is FileState.PRESENT), None)


def _source(
    clip: Clip,
    rate: Fraction,
    path: Path,
    times: tuple[Fraction, ...] | None,
    *,
    label: str,
    is_proxy: bool,
    picture: str = "",
    turned: int = 0,
) -> PlayerSource:
    sound = clip.kind is ClipKind.AUDIO
    return PlayerSource(
        path=path,
        rate=rate,
        frames=clip.frames,
        start_frame=clip.start_frame or 0,
        drop=clip.drop,
        frame_times=times,
        is_proxy=is_proxy,
        label=label,
        audio_channels=tuple(one.channels for one in clip.audio),
        channel_names=_channel_names(clip),
        has_video=clip.kind in _PICTURE,
        label_rate=(clip.label_rate or Fraction(25)) if sound else None,
        picture=picture,
        turned=turned,
    )


def _channel_names(clip: Clip) -> tuple[str, ...]:
    names: list[str] = []
    for one in clip.audio:
        given = (one.name or "").split(" / ")
        names += [given[n] if n < len(given) else "" for n in range(one.channels)]
    return tuple(names)


def _frame_times(clip: Clip, store: "ProxyStore") -> tuple[Fraction, ...] | None:
    path = store.file_of(clip, RenditionKind.FRAMEMAP) if clip.vfr else None
    if path is None:
        return None
    try:
        times = FrameMap.from_bytes(path.read_bytes())
    except (OSError, BadData):
        # Without its times a variable clip still plays; its frames are counted at the nominal rate.
        return None
    return tuple(times.seconds(frame) for frame in range(len(times)))


def _film(clip: Clip, store: "ProxyStore") -> FilmstripData | None:
    made = clip.rendition(RenditionKind.FILMSTRIP)
    path = store.file_of(clip, RenditionKind.FILMSTRIP)
    if made is None or path is None or not made.facts.get("frames"):
        return None
    facts = made.facts
    return FilmstripData(
        str(path),
        (int(facts["tile_width"]), int(facts["tile_height"])),
        int(facts["columns"]),
        tuple(int(frame) for frame in facts["frames"]),
    )


def _peaks(clip: Clip, store: "ProxyStore") -> PeaksView | None:
    path = store.file_of(clip, RenditionKind.WAVEFORM)
    if path is None:
        return None
    try:
        return WaveformView(Peaks(path))
    except (OSError, BadData):
        # `check` finds a damaged waveform and has it made again; the clip plays without.
        return None
