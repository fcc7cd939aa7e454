"""The facts of one picture file: size, format, camera, and the timecode of a frame of a sequence."""

import dataclasses

from app.core.media import stills
from app.core.media.bytesource import ByteSource
from app.core.media.facts_building import Seen, claim, tagged, troubled
from app.core.media.sniffing import Sniffed
from app.core.media.start_labels import from_label
from app.core.model.media import ClipKind, MediaFacts, VideoStream


def look(source: ByteSource, known: Sniffed) -> Seen:
    """The facts of one picture."""
    facts = MediaFacts(ClipKind.STILL, container=known.container, origins={"container": "content"})
    picture = stills.read(source, known.container)
    facts = with_picture(facts, picture, known)
    certain = picture is not None and picture.pix_fmt and picture.width and picture.height
    return Seen(facts, () if certain else ("only ffprobe reads this picture",))


def with_picture(facts: MediaFacts, picture: stills.Picture | None, known: Sniffed) -> MediaFacts:
    """Adds what a picture's header says."""
    if picture is None:
        return facts
    photograph = picture.photograph
    if picture.width and picture.height:
        rotation = photograph.rotation if photograph else 0
        full = (picture.pix_fmt or "").startswith("yuvj")
        video = VideoStream(
            0,
            picture.codec,
            picture.width,
            picture.height,
            picture.pix_fmt,
            rotation=rotation,
            colour_range="pc" if full else None,
        )
        facts = claim(facts, known.container, video=video, frames=1)
    facts = claim(facts, known.container, rate=picture.rate, reel=picture.reel)
    if picture.label and picture.rate:
        base = max(1, round(picture.rate))
        start = from_label(picture.label, base, picture.rate, None, "tag")
        facts = claim(facts, known.container, start=start)
    facts = tagged(facts, {"timecode": picture.label})
    if picture.truncated:
        facts = dataclasses.replace(facts, closed=False)
        facts = troubled(facts, "truncated", "The end of the picture is missing.", fatal=False)
    return _with_photograph(facts, picture)


def _with_photograph(facts: MediaFacts, picture: stills.Picture) -> MediaFacts:
    photograph = picture.photograph
    if photograph is None:
        return facts
    camera = " ".join(filter(None, (photograph.make, photograph.model)))
    facts = claim(facts, "exif", camera=camera or None, recorded_at=photograph.recorded_at)
    return tagged(
        facts,
        {
            "make": photograph.make,
            "model": photograph.model,
            "lens": photograph.lens,
            "location": photograph.location,
            "recorded_local": photograph.recorded_local,
        },
    )
