"""The sound branch of the decode pass: proxy tracks, speech copies, loudness and raw sound for peaks.

Tracks stay apart and keep every channel; nothing is ever mixed.
"""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

from app.core.media.command import Stream, join, split, to_output
from app.core.media.derive_input import Opened
from app.core.media.derived import DeriveJob
from app.core.media.peaks import RATE
from app.core.media.survey import Sound
from app.core.model.media import RenditionKind

SPEECH_RATE = 16000
MOST_SPEECH = 16
MOST_CHANNELS = 64
_BITS_A_CHANNEL = 96_000
_LAYOUTS = {
    1: "mono",
    2: "stereo",
    3: "3.0",
    4: "4.0",
    5: "5.0",
    6: "hexagonal",
    7: "7.0",
    8: "octagonal",
    16: "hexadecagonal",
}
"""Layouts of AAC without a low-frequency channel, which an encoder would cut off above 120 Hz."""
_SURROUND = frozenset({"5.1", "5.1(side)", "7.1"})


@dataclasses.dataclass(frozen=True, slots=True)
class Track:
    """One sound stream of the clip and where it comes from."""

    opened: Opened
    sound: Sound
    number: int
    """Counted over all sound streams of the clip."""
    first_channel: int
    """Counted over all channels of the clip."""
    delay: Fraction
    """Seconds to take off its times so that the first picture is at zero."""


@dataclasses.dataclass(frozen=True, slots=True)
class SoundBranch:
    """The streams and outputs of all tracks."""

    proxy: list[Stream]
    proxy_options: dict[str, object]
    files: list[Stream]


def tracks(opened: Sequence[Opened]) -> tuple[Track, ...]:
    """All sound streams of a job in order; channels past the 64th are left out."""
    found: list[Track] = []
    channel = 0
    for each in opened:
        picture = each.survey.picture
        delay = max(Fraction(0), picture.start - each.survey.start) if picture else Fraction(0)
        for sound in each.survey.sounds:
            if channel + sound.channels <= MOST_CHANNELS:
                found.append(Track(each, sound, len(found), channel, delay))
                channel += sound.channels
    return tuple(found)


def outputs(job: DeriveJob, found: Sequence[Track]) -> SoundBranch:
    """The branches of all tracks; raw sound of all channels goes to stdout."""
    total = sum(track.sound.channels for track in found)
    branch = SoundBranch([], {}, [])
    raw: list[Stream] = []
    for track in found:
        wanted = [
            kind
            for kind in (RenditionKind.PROXY, RenditionKind.SPEECH, RenditionKind.WAVEFORM)
            if kind in job.wanted or (kind is RenditionKind.WAVEFORM and _measured(job))
        ]
        if not wanted:
            continue
        parts = dict(zip(wanted, split(_prepared(track), len(wanted), audio=True), strict=True))
        if RenditionKind.PROXY in parts:
            branch.proxy.append(_proxy_track(parts[RenditionKind.PROXY], track.sound))
            branch.proxy_options.update(_proxy_options(track))
        if RenditionKind.SPEECH in parts:
            branch.files.extend(_speech(parts[RenditionKind.SPEECH], track))
        if RenditionKind.WAVEFORM in parts:
            raw.append(_raw(job, parts[RenditionKind.WAVEFORM], track, total))
    if raw:
        together = raw[0]
        if len(raw) > 1:
            together = join(raw, "amix", inputs=len(raw), duration="longest", normalize=0)
        branch.files.append(to_output([together], "pipe:1", {"c:a": "pcm_s16le", "f": "s16le"}))
    return branch


def _measured(job: DeriveJob) -> bool:
    return bool(job.wanted & {RenditionKind.SPEECH, RenditionKind.LOUDNESS})


def _prepared(track: Track) -> Stream:
    """48 kHz from the first picture on, with silence where the recording has holes."""
    stream = track.opened.stream[str(track.sound.index)]
    if track.delay:
        stream = stream.filter(
            "asetpts", f"PTS-({track.delay.numerator}/{track.delay.denominator})/TB"
        )
    # `async` 1 only fills and trims, it never stretches; holes under 30 ms are rounding.
    return stream.filter("aresample", RATE, **{"async": 1, "min_hard_comp": 0.03, "first_pts": 0})


def _raw(job: DeriveJob, stream: Stream, track: Track, total: int) -> Stream:
    """The track in its places among all channels; the others silent, so that adding merges them.

    `<` is `=` with the gains made to sum to one, which one channel alone does anyway; the builder
    would escape an equals sign.
    """
    if RenditionKind.LOUDNESS in job.wanted:
        meter = f"ebur128@loud{track.number}"
        stream = stream.filter(meter, framelog="verbose", peak="true")
    places = "|".join(f"c{track.first_channel + n}<c{n}" for n in range(track.sound.channels))
    return stream.filter("pan", f"{total}c|{places}")


def _speech(stream: Stream, track: Track) -> list[Stream]:
    kept = min(track.sound.channels, MOST_SPEECH - track.first_channel)
    if kept < 1:
        return []
    low = split(stream.filter("aresample", SPEECH_RATE), kept, audio=True)
    return [
        to_output(
            [part.filter("pan", f"mono|c0<c{channel}")],
            f"file:{speech_name(track.first_channel + channel)}",
            {"c:a": "pcm_s16le", "f": "wav"},
        )
        for channel, part in enumerate(low)
    ]


def speech_name(channel: int) -> str:
    """The file of one channel's 16 kHz copy; channels count over the whole clip, from 0."""
    return f"speech-{channel + 1:02d}.wav"


def is_plain_pcm(sound: Sound) -> bool:
    """True where AAC has no layout for so many channels: kept as 16-bit PCM then."""
    return sound.channels not in _LAYOUTS


def _is_surround(sound: Sound) -> bool:
    # Recorders write discrete tracks as PCM, and readers then guess a surround layout.
    return sound.layout in _SURROUND and not sound.codec.startswith("pcm")


def _proxy_track(stream: Stream, sound: Sound) -> Stream:
    if is_plain_pcm(sound) or _is_surround(sound):
        return stream
    places = "|".join(map(str, range(sound.channels)))
    return stream.filter("channelmap", map=places, channel_layout=_LAYOUTS[sound.channels])


def _proxy_options(track: Track) -> dict[str, object]:
    number = track.number
    if is_plain_pcm(track.sound):
        return {f"c:a:{number}": "pcm_s16le"}
    rate = _BITS_A_CHANNEL * track.sound.channels
    return {f"c:a:{number}": "aac", f"aac_coder:a:{number}": "fast", f"b:a:{number}": rate}
