"""Joins what the headers said with what ffprobe says: our own readers first where they know exactly."""

import dataclasses
from fractions import Fraction

from app.core.media import complaints
from app.core.media.camera_xml import instants
from app.core.media.command import MAX_PIXELS
from app.core.media.facts_building import believable, claim, is_hopeless, replaced, tagged, troubled
from app.core.media.ffprobe import Probed
from app.core.media.look_lines import Look
from app.core.media.start_labels import Written, from_label
from app.core.model.media import AudioStream, ClipKind, MediaFacts, VideoStream

MOST_NOMINAL = 300
"""Frames a second; a higher "real" rate is only the time base of a variable one."""

_NEAR = Fraction(1, 200)
_FIELDS = ("tt", "bb", "tb", "bt")
_KNOWN_TAGS = ("title", "comment", "artist", "make", "model", "software", "location", "encoder")


def joined(look: Look, probed: Probed) -> MediaFacts:
    """The facts of a file after both looks."""
    facts = look.facts
    if probed.error or not probed.has_streams:
        return _unread(facts, probed)
    if probed.picture_only_attached or probed.video is None:
        facts = dataclasses.replace(facts, kind=_without_picture(facts.kind))
    elif facts.kind in (ClipKind.AUDIO, ClipKind.DOCUMENT):
        facts = dataclasses.replace(facts, kind=ClipKind.VIDEO)
    facts = _with_streams(facts, probed)
    facts = claim(facts, "ffprobe", container=probed.container)
    if facts.kind is ClipKind.STILL:
        return _checked(claim(facts, "ffprobe", frames=1))
    facts = claim(facts, "ffprobe", duration=probed.duration)
    facts = _with_frames(facts, probed) if probed.video else _with_samples(facts, probed)
    if facts.frames and facts.rate and facts.frames_exact and not facts.vfr:
        facts = claim(facts, "frames", duration=facts.frames / facts.rate)
    return believable(_checked(_with_labels(facts, look.label, probed)), look.size)


def _without_picture(kind: ClipKind) -> ClipKind:
    return ClipKind.AUDIO if kind in (ClipKind.VIDEO, ClipKind.DOCUMENT) else kind


def _unreadable(said: str) -> str:
    words = complaints.meaning([said])
    return f"{words} (ffprobe: {said})" if words else f"It cannot be read: {said}."


def _unread(facts: MediaFacts, probed: Probed) -> MediaFacts:
    """The facts of a file that ffprobe makes nothing of."""
    if not facts.decodable or is_hopeless(facts):
        return facts
    if facts.container in ("heif", "avif"):
        facts = dataclasses.replace(facts, decodable=False)
        words = (
            "This ffmpeg has no decoder for HEIF photographs. The file is catalogued and checked."
        )
        return troubled(facts, "no-decoder", words, fatal=False)
    if probed.timed_out:
        return troubled(facts, "time-limit", f"{probed.error} to read it.", fatal=True)
    if probed.error:
        return troubled(facts, "unreadable", _unreadable(probed.error), fatal=True)
    return troubled(facts, "no-frames", "There is no picture and no sound in it.", fatal=True)


def _with_streams(facts: MediaFacts, probed: Probed) -> MediaFacts:
    if probed.video is not None and facts.kind is not ClipKind.AUDIO:
        facts = replaced(facts, "ffprobe", video=_video(facts.video, probed.video))
    if not probed.audio:
        return facts
    names = {stream.index: stream for stream in facts.audio}
    audio = tuple(_named(stream, names.get(stream.index)) for stream in probed.audio)
    return replaced(facts, "ffprobe", audio=audio)


def _video(own: VideoStream | None, theirs: VideoStream) -> VideoStream:
    """The picture as ffprobe sees it, with what our own readers know better."""
    if own is None:
        return theirs
    sized = theirs.width > 0 and theirs.height > 0
    return dataclasses.replace(
        theirs,
        codec=theirs.codec or own.codec,
        width=theirs.width if sized else own.width,
        height=theirs.height if sized else own.height,
        rotation=own.rotation or theirs.rotation,
        pix_fmt=theirs.pix_fmt or own.pix_fmt,
    )


def _named(theirs: AudioStream, own: AudioStream | None) -> AudioStream:
    if own is None:
        return theirs
    return dataclasses.replace(
        theirs,
        name=own.name or theirs.name,
        channel_names=own.channel_names or theirs.channel_names,
    )


def _with_frames(facts: MediaFacts, probed: Probed) -> MediaFacts:
    nominal, vfr = nominal_rate(probed)
    fixed = "rate" in facts.origins
    facts = claim(facts, "ffprobe", rate=nominal)
    facts = dataclasses.replace(facts, vfr=vfr and not fixed)
    if "frames" in facts.origins:
        return facts
    counted = _counted(probed)
    if counted is not None:
        return claim(facts, "ffprobe", frames=counted)
    mean = probed.mean_rate or facts.rate
    estimate = round(facts.duration * mean) if facts.duration and mean else None
    frames = probed.listed or estimate
    facts = claim(facts, "ffprobe", frames=frames)
    return dataclasses.replace(facts, frames_exact=frames is None or probed.listed is not None)


def nominal_rate(probed: Probed) -> tuple[Fraction | None, bool]:
    """The rate a person would name, and whether frames are unevenly spaced.

    `r_frame_rate` is the nominal one, except where it counts fields, or is only the time base of
    a variable stream; then the mean is taken.
    """
    real, mean = probed.real_rate, probed.mean_rate
    if real is None or mean is None:
        return real or mean, False
    if probed.video is not None and probed.video.field_order in _FIELDS and real == mean * 2:
        return mean, False
    if real == mean:
        return real, False
    # Containers that round times to milliseconds give a mean that is a hair off.
    if abs(real - mean) < real * _NEAR / 10:
        return real, False
    return (real if real <= MOST_NOMINAL and real < mean * 4 else mean), True


def _counted(probed: Probed) -> int | None:
    """Frames from packets; two packets a frame where fields are packed apart."""
    if probed.packets is None:
        return None
    real, mean = probed.real_rate, probed.mean_rate
    fields = probed.video is not None and probed.video.field_order in _FIELDS
    return probed.packets // 2 if fields and mean and real == mean * 2 else probed.packets


def _with_samples(facts: MediaFacts, probed: Probed) -> MediaFacts:
    if not probed.audio or not probed.audio[0].sample_rate:
        return facts
    rate = Fraction(probed.audio[0].sample_rate)
    exact = probed.samples
    estimate = int(facts.duration * rate) if facts.duration else None
    if "frames" not in facts.origins:
        facts = claim(facts, "ffprobe", frames=exact or estimate)
        facts = dataclasses.replace(facts, frames_exact=exact is not None)
    if exact is not None and "duration" in facts.origins and facts.origins["duration"] == "ffprobe":
        facts = replaced(facts, "ffprobe", duration=exact / rate)
    return claim(facts, "ffprobe", rate=rate)


def _with_labels(facts: MediaFacts, label: Written | None, probed: Probed) -> MediaFacts:
    if label is not None and facts.rate and facts.kind is ClipKind.VIDEO:
        facts = claim(facts, label.source, start=label.start(facts.rate))
    start = None
    if probed.timecode and facts.rate and facts.kind is ClipKind.VIDEO:
        base = max(1, round(facts.rate))
        sources = {"mov": "tmcd", "mxf": "mxf"}
        source = sources.get((probed.container or "").partition(",")[0], "tag")
        start = from_label(probed.timecode, base, facts.rate, None, source)
    utc, local = instants(probed.tags.get("creation_time") or probed.tags.get("date"))
    facts = claim(facts, "ffprobe", start=start, reel=probed.reel, recorded_at=utc)
    known = {name: probed.tags.get(name) for name in _KNOWN_TAGS}
    return tagged(facts, {**known, "recorded_local": local})


def _checked(facts: MediaFacts) -> MediaFacts:
    """Problems that only the joined facts show."""
    video = facts.video
    if video is None:
        return facts
    if video.width * video.height > MAX_PIXELS:
        words = f"A picture of {video.width} x {video.height} pixels is larger than any camera's."
        return troubled(facts, "too-large", words, fatal=True)
    if not video.width or not video.height:
        words = "The picture has no size: its data is missing or broken."
        return troubled(facts, "no-frames", words, fatal=True)
    return facts
