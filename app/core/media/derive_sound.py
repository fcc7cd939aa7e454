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
        kept = _speech_channels(track) if RenditionKind.SPEECH in job.wanted else 0
        parts = _parts(job, track, total, kept)
        if RenditionKind.PROXY in job.wanted:
            branch.proxy.append(_proxy_track(parts.pop(), track.sound))
            branch.proxy_options.update(_proxy_options(track))
        if _is_measured(job):
            raw.append(parts.pop())
        branch.files.extend(_speech_file(part, track, n) for n, part in enumerate(parts))
    if raw:
        together = raw[0]
        if len(raw) > 1:
            together = join(raw, "amix", inputs=len(raw), duration="longest", normalize=0)
        branch.files.append(to_output([together], "pipe:1", {"c:a": "pcm_s16le", "f": "s16le"}))
    return branch


def _is_measured(job: DeriveJob) -> bool:
    kinds = {RenditionKind.WAVEFORM, RenditionKind.SPEECH, RenditionKind.LOUDNESS}
    return bool(job.wanted & {*kinds, RenditionKind.POSTER})


def _parts(job: DeriveJob, track: Track, total: int, kept: int) -> list[Stream]:
    """The track as often as it is needed: `kept` single channels, all in their places, as it is.

    A splitter needs a layout that has a name; where there is none, each asks the decoder itself. (The
    builder takes filters of the same arguments on the same stream for one; these differ.)
    """
    source = track.opened.stream[str(track.sound.index)]
    pans = [f"mono|c0<c{channel}" for channel in range(kept)]
    pans += [_places(track, total)] * _is_measured(job)
    if is_plain_pcm(track.sound):
        whole = [_prepared(track, source)] if RenditionKind.PROXY in job.wanted else []
        return [_prepared(track, source.filter("pan", pan)) for pan in pans] + whole
    ways = len(pans) + (RenditionKind.PROXY in job.wanted)
    copies = split(_prepared(track, source), ways, audio=True) if ways else []
    if _is_measured(job):
        copies[kept] = _metered(job, copies[kept], track)
    for number, pan in enumerate(pans):
        copies[number] = copies[number].filter("pan", pan)
    return copies


def _places(track: Track, total: int) -> str:
    """The track in its places among all channels, the others silent, so that adding merges them.

    `<` is `=` with the gains made to sum to one, which one channel alone does anyway; the builder
    would escape an equals sign.
    """
    places = "|".join(f"c{track.first_channel + n}<c{n}" for n in range(track.sound.channels))
    return f"{total}C|{places}"


def _prepared(track: Track, stream: Stream) -> Stream:
    """48 kHz from the first picture on, with silence where the recording has holes."""
    if track.delay:
        shift = f"PTS-({track.delay.numerator}/{track.delay.denominator})/TB"
        stream = stream.filter("asetpts", shift)
    # `async` 1 only fills and trims, it never stretches; holes under 30 ms are rounding.
    return stream.filter("aresample", RATE, **{"async": 1, "min_hard_comp": 0.03, "first_pts": 0})


def _metered(job: DeriveJob, stream: Stream, track: Track) -> Stream:
    """The meter weighs channels by their places, so a track without a layout has no loudness."""
    if RenditionKind.LOUDNESS not in job.wanted:
        return stream
    return stream.filter(f"ebur128@loud{track.number}", framelog="verbose", peak="true")


def _speech_channels(track: Track) -> int:
    return max(0, min(track.sound.channels, MOST_SPEECH - track.first_channel))


def _speech_file(channel: Stream, track: Track, number: int) -> Stream:
    options = {"c:a": "pcm_s16le", "f": "wav"}
    name = speech_name(track.first_channel + number)
    return to_output([channel.filter("aresample", SPEECH_RATE)], f"file:{name}", options)


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
    return {
        f"c:a:{number}": "aac",
        f"aac_coder:a:{number}": "fast",
        # Channels are microphones, each for itself; looking for what two have in common is half the encoder's work.
        f"aac_ms:a:{number}": 0,
        f"b:a:{number}": rate,
    }
