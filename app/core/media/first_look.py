"""The first look at a file: what it is, and what its headers say, without decoding anything.

Runs in the child process (`mediainfo_worker`), because libmediainfo is foreign code that may crash, and
because a read from a dead network volume can hang: a child can be given up.
"""

import dataclasses
import itertools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from app.core.media import (
    avchd,
    look_mxf,
    look_quicktime,
    look_sound,
    look_still,
    raw_formats,
    stills,
)
from app.core.media.avchd import Recording
from app.core.media.bytesource import ByteSource, open_media, translated
from app.core.media.camera_xml import instants
from app.core.media.command import MAX_PIXELS
from app.core.media.facts_building import Seen, amount, believable, claim, tagged, troubled
from app.core.media.look_lines import Look
from app.core.media.mediainfo_report import Report
from app.core.media.quicktime_boxes import top_level
from app.core.media.sniffing import HEAD_BYTES, Sniffed, Sort, expected_kind, sniff
from app.core.model.errors import BadData
from app.core.model.media import ClipKind, MediaFacts

Reporter = Callable[[BinaryIO, int], Sequence[Report]]
"""libmediainfo: (file, the most bytes it may read) -> what it says of the tracks."""

MOST_BYTES = 48 << 20
"""Bytes of one file that libmediainfo may read."""
_PICTURES = 1 << 20
"""Bytes of pictures it may read where an index tells the rest: it goes on until it has seen dozens
of them, which costs more than everything else."""
_FEW_BOXES = 64

_log = logging.getLogger(__name__)


def look(path: Path, root: Path | None, reporter: Reporter | None) -> Look:
    """Looks at one file.

    Args:
        path: the file.
        root: its volume; no link below it is followed.
        reporter: libmediainfo, or None where it must not be asked.

    Raises:
        Refused: not a regular file.
        Missing: the file is gone.
        Passing: the volume does not answer.
        BadData: it cannot be read at all.
    """
    stream = open_media(path, root)
    with stream:
        try:
            return _look_into(stream, path, reporter)
        except OSError as problem:
            raise translated(problem, path) from problem


def _look_into(stream: BinaryIO, path: Path, reporter: Reporter | None) -> Look:
    source = ByteSource(stream)
    head = source.at(0, HEAD_BYTES)
    known = sniff(head, source.size, path)
    raw = raw_formats.by_head(head)
    if raw is None and known.code != "empty":
        raw = raw_formats.by_name(path) if known.sort in (Sort.NOTHING, Sort.STILL) else None
    try:
        seen = _seen(source, stream, path, known, raw, reporter)
    except BadData as problem:
        facts = MediaFacts(expected_kind(path), container=known.container or None)
        seen = Seen(troubled(facts, "too-large", problem.message, fatal=True))
    seen = _bounded(seen, source.size)
    return Look(seen.facts, source.size, known.demuxers, seen.doubts, seen.label)


def _seen(
    source: ByteSource,
    stream: BinaryIO,
    path: Path,
    known: Sniffed,
    raw: str | None,
    reporter: Reporter | None,
) -> Seen:
    if raw is not None:
        return _raw(source, path, known, raw)
    if known.sort is Sort.NOTHING:
        facts = MediaFacts(expected_kind(path), closed=known.code != "empty")
        return Seen(troubled(facts, known.code, known.words, fatal=True))
    if known.sort is Sort.SOUND:
        return look_sound.look(source, known)
    if known.sort is Sort.STILL:
        return look_still.look(source, known)
    if known.sort is Sort.STREAM:
        facts = MediaFacts(expected_kind(path), container=known.container)
        own = avchd.read(source) if known.container == "mpegts" else None
        facts = _dated(_short(facts, source, known), known, own, stream, reporter)
        label = own.label if own else None
        return Seen(facts, ("only ffprobe reads this container",), label)
    if known.sort is Sort.MXF:
        return look_mxf.look(source, path, _asked(stream, reporter))
    return look_quicktime.look(source, path, _asked(stream, reporter, _beside_pictures(source)))


def _beside_pictures(source: ByteSource) -> int:
    """How much of a QuickTime file libmediainfo may read: its index and the first pictures."""
    boxes = {box.kind: box for box in itertools.islice(top_level(source), _FEW_BOXES)}
    if b"moov" not in boxes or b"moof" in boxes:
        return MOST_BYTES
    beside = sum(box.end - box.start for kind, box in boxes.items() if kind != b"mdat")
    return min(MOST_BYTES, beside + _PICTURES)


def _dated(
    facts: MediaFacts,
    known: Sniffed,
    own: Recording | None,
    stream: BinaryIO,
    reporter: Reporter | None,
) -> MediaFacts:
    """When a camcorder recorded it: what it wrote into its pictures, else what libmediainfo finds there."""
    if known.container not in ("mpegts", "dv"):
        return facts
    written, origin = own.recorded if own else None, "avchd"
    if written is None:
        report = _asked(stream, reporter) or ()
        dates = [one.get("Recorded_Date") for one in report if one.get("@type") == "General"]
        written, origin = dates[0] if dates else None, "mediainfo"
    utc, local = instants(written)
    return tagged(claim(facts, origin, recorded_at=utc), {"recorded_local": local})


def _asked(
    stream: BinaryIO, reporter: Reporter | None, most: int = MOST_BYTES
) -> Sequence[Report] | None:
    if reporter is None:
        return None
    try:
        stream.seek(0)
        return reporter(stream, most)
    except OSError as problem:
        _log.info("libmediainfo cannot be asked: %s", problem)
        return None


def _bounded(seen: Seen, size: int) -> Seen:
    """Refuses pictures and lengths that no camera makes, and asks no more about what does not read."""
    video = seen.facts.video
    facts = seen.facts
    if video is not None and video.width * video.height > MAX_PIXELS:
        words = f"A picture of {video.width} x {video.height} pixels is larger than any camera's."
        facts = troubled(facts, "too-large", words, fatal=True)
    facts = believable(facts, size)
    codes = {problem.code for problem in facts.problems}
    if codes & {"too-large", "no-moov"} or ("no-frames" in codes and not (video or facts.audio)):
        return Seen(facts)
    return dataclasses.replace(seen, facts=facts)


def _raw(source: ByteSource, path: Path, known: Sniffed, words: str) -> Seen:
    """A maker's own format. A raw photograph's preview tells size, camera and date."""
    still = path.suffix[1:].lower() in raw_formats.STILLS or words.endswith("still")
    facts = MediaFacts(ClipKind.STILL if still else ClipKind.VIDEO, decodable=False)
    facts = troubled(facts, "no-decoder", raw_formats.explanation(words), fatal=False)
    if still and known.sort is Sort.STILL:
        facts = look_still.with_picture(facts, stills.read(source, known.container), known)
    return Seen(claim(facts, "content", container=words))


def _short(facts: MediaFacts, source: ByteSource, known: Sniffed) -> MediaFacts:
    """Containers that say how long they are and are shorter."""
    promised = 0
    head = source.at(0, HEAD_BYTES)
    if known.container == "avi":
        promised = 8 + int.from_bytes(head[4:8], "little")
    elif known.container == "matroska":
        promised = _segment_end(head)
    if promised <= source.size:
        return facts
    facts = dataclasses.replace(facts, closed=False)
    words = f"The end is missing: {amount(promised - source.size)}."
    return troubled(facts, "truncated", words, fatal=False)


def _segment_end(head: bytes) -> int:
    """Where a Matroska segment says it ends; 0 where it does not say."""
    at = head.find(b"\x18\x53\x80\x67")
    if at < 0 or at + 5 > len(head) or head[at + 4] == 0:
        return 0
    width = 9 - head[at + 4].bit_length()
    number = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << 7 * width) - 1)
    unknown = number == (1 << 7 * width) - 1
    return 0 if unknown else at + 4 + width + number
