"""Whether one file is a proxy or transcode of another, and how true it is to it.

Two questions, kept apart: *is it the same material* (start timecode, length, reel: those that both
know must agree), and *parity*: what a proxy must keep so that an editing program links it (frame
count, rate, timecode and drop flag, aspect, rotation, sound tracks and channels, reel).
"""

import dataclasses
from fractions import Fraction

from app.core.model.media import MediaFacts, VideoStream
from app.core.model.timecode import DROP_RATES, Timebase, rate_text


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """Whether it is the same material."""

    same: bool | None
    """True: timecode and length agree. False: something contradicts. None: too little is known."""
    text: str
    """Why, for a person."""


@dataclasses.dataclass(frozen=True, slots=True)
class ParityNote:
    """One thing a proxy must keep, and whether it does."""

    code: str
    """`frames`, `rate`, `start`, `aspect`, `rotation`, `tracks`, `channels`, `reel`."""
    holds: bool
    text: str


def match(original: MediaFacts | None, proxy: MediaFacts | None) -> Match:
    """Whether facts allow a file to be a proxy of another of its name.

    A picture whose start or length is unknown (vendor raw, for one) proves nothing and contradicts
    nothing; a start at zero proves nothing either, as everything without timecode starts there.
    Lengths may differ by one frame.
    """
    if original is None or proxy is None:
        return Match(None, "One of them is not read yet.")
    against = [
        note.text
        for note in (_start(original, proxy), _length(original, proxy), _reel(original, proxy))
        if note and not note.holds
    ]
    if against:
        return Match(False, " ".join(against))
    known = original.start is not None and original.start.frame != 0
    if known and _start(original, proxy) and _length(original, proxy):
        return Match(True, "Timecode and length agree.")
    return Match(None, "Nothing contradicts.")


def parity(original: MediaFacts, proxy: MediaFacts) -> tuple[ParityNote, ...]:
    """What of the original a proxy keeps; things that neither knows are left out."""
    notes = (
        _count(original, proxy),
        _rate(original, proxy),
        _start(original, proxy),
        _aspect(original, proxy),
        _rotation(original, proxy),
        _tracks(original, proxy),
        _channels(original, proxy),
        _reel(original, proxy),
    )
    return tuple(note for note in notes if note)


def _count(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    if original.frames is None or proxy.frames is None:
        return None
    return ParityNote(
        "frames", original.frames == proxy.frames, f"{proxy.frames} frames of {original.frames}."
    )


def _rate(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    if original.rate is None or proxy.rate is None:
        return None
    text = f"{rate_text(proxy.rate)} frames a second, the original {rate_text(original.rate)}."
    return ParityNote("rate", original.rate == proxy.rate, text)


def _label(facts: MediaFacts) -> str | None:
    if facts.start is None or facts.rate is None:
        return None
    drop = facts.start.drop and facts.rate in DROP_RATES
    return Timebase(facts.rate, drop).label(facts.start.frame)


def _start(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    first, second = _label(original), _label(proxy)
    if first is None or (second is None and original.start is None):
        return None
    if second is None:
        # A proxy without timecode contradicts nothing: many encoders drop it.
        return None
    return ParityNote("start", first == second, f"It starts at {second}, the original at {first}.")


def _length(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    first, second = _seconds(original), _seconds(proxy)
    rate = original.rate or proxy.rate
    if first is None or second is None or not rate:
        return None
    holds = abs(first - second) <= 1 / rate
    return ParityNote(
        "length", holds, f"It is {_text(second)} s long, the original {_text(first)} s."
    )


def _seconds(facts: MediaFacts) -> Fraction | None:
    if facts.frames is not None and facts.rate and not facts.vfr:
        return facts.frames / facts.rate
    return facts.duration


def _text(seconds: Fraction) -> str:
    thousandths = round(seconds * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def _aspect(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    if original.video is None or proxy.video is None:
        return None
    wide, high = _shown(original.video), _shown(proxy.video)
    # One pixel of rounding, at the proxy's size.
    holds = abs(wide * proxy.video.height - high * proxy.video.height) <= 1
    return ParityNote(
        "aspect", holds, f"Its picture is {_text(high)} to 1, the original's {_text(wide)} to 1."
    )


def _shown(picture: VideoStream) -> Fraction:
    return Fraction(picture.width, picture.height or 1) * picture.sample_aspect


def _rotation(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    if original.video is None or proxy.video is None:
        return None
    turned, own = original.video.rotation, proxy.video.rotation
    return ParityNote(
        "rotation", turned == own, f"It is turned by {own}°, the original by {turned}°."
    )


def _tracks(original: MediaFacts, proxy: MediaFacts) -> ParityNote:
    count, own = len(original.audio), len(proxy.audio)
    return ParityNote("tracks", count == own, f"{own} sound tracks of {count}.")


def _channels(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    channels = [track.channels for track in original.audio]
    own = [track.channels for track in proxy.audio]
    if len(channels) != len(own) or not channels:
        return None
    return ParityNote("channels", channels == own, f"Channels {own}, the original's {channels}.")


def _reel(original: MediaFacts, proxy: MediaFacts) -> ParityNote | None:
    if not original.reel or not proxy.reel:
        return None
    return ParityNote(
        "reel", original.reel == proxy.reel, f"Reel {proxy.reel}, the original's {original.reel}."
    )
