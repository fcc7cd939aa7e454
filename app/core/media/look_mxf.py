"""The facts of an MXF file: our own reader for time, timecode and structure, libmediainfo for streams."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath

from app.core.media import mediainfo_report, mxf, raw_formats
from app.core.media.bytesource import ByteSource
from app.core.media.facts_building import Seen, amount, claim, tagged, troubled
from app.core.media.mediainfo_report import Report
from app.core.media.mxf import MxfFile, PackageTimecode
from app.core.media.sniffing import expected_kind
from app.core.media.start_labels import from_count
from app.core.model.media import ClipKind, MediaFacts, StartTimecode
from app.core.model.timecode import rate_text

_MEANINGLESS = frozenset(("", "material package", "unnamed", "untitled", "untitled clip"))


def look(source: ByteSource, name: PurePath, report: Sequence[Report] | None) -> Seen:
    """The facts of one file; the arguments are those of `look_quicktime.look`."""
    file = mxf.read(source)
    if file is None or not (file.has_picture or file.sounds):
        facts = MediaFacts(expected_kind(name), container="mxf", closed=False)
        words = (
            "The header names no picture and no sound: the file is cut off or was never finished."
        )
        return Seen(troubled(facts, "no-frames", words, fatal=True))
    kind = ClipKind.VIDEO if file.has_picture else ClipKind.AUDIO
    facts = MediaFacts(kind, container="mxf", closed=file.closed, origins={"container": "mxf"})
    facts = _with_problems(facts, file)
    facts, doubts = _with_streams(facts, report)
    facts = _with_time(facts, file)
    facts = _with_labels(facts, file)
    if facts.frames is None:
        doubts = (*doubts, "the header does not know its length")
    return Seen(facts, doubts)


def _with_problems(facts: MediaFacts, file: MxfFile) -> MediaFacts:
    if file.missing_bytes:
        facts = dataclasses.replace(facts, closed=False)
        words = f"The end is missing: at least {amount(file.missing_bytes)}, with the footer."
        return troubled(facts, "truncated", words, fatal=False)
    if file.duration == 0:
        return troubled(
            facts, "no-frames", "The header says that nothing was recorded.", fatal=True
        )
    return facts


def _with_streams(
    facts: MediaFacts, report: Sequence[Report] | None
) -> tuple[MediaFacts, tuple[str, ...]]:
    if report is None:
        return facts, ("libmediainfo was not asked",)
    streams = mediainfo_report.read(report, "mxf")
    facts = claim(facts, "mediainfo", video=streams.video, audio=streams.audio or None)
    forms = [one.get("Format", "") for one in report if one.get("@type") == "Video"]
    raw = next((words for form in forms if (words := raw_formats.by_codec(form))), "")
    if not raw:
        return facts, streams.doubts
    facts = dataclasses.replace(facts, decodable=False)
    return troubled(facts, "no-decoder", raw_formats.explanation(raw), fatal=False), ()


def _with_time(facts: MediaFacts, file: MxfFile) -> MediaFacts:
    if file.edit_rate is None:
        return facts
    duration = None if file.duration is None else file.duration / file.edit_rate
    facts = claim(facts, "mxf", duration=duration)
    if file.has_picture:
        return claim(facts, "mxf", rate=file.edit_rate, frames=file.duration)
    if not facts.audio:
        return facts
    rate = Fraction(facts.audio[0].sample_rate)
    samples = None if duration is None else int(duration * rate)
    return claim(facts, "mxf", rate=rate, frames=samples)


def _label_rate(code: PackageTimecode) -> Fraction:
    """The exact rate of a timecode that stands beside sound alone."""
    if code.rate is not None and round(code.rate) == code.base:
        return code.rate
    return Fraction(code.base * 1000, 1001) if code.drop else Fraction(code.base)


def _with_labels(facts: MediaFacts, file: MxfFile) -> MediaFacts:
    code = file.timecode
    start: StartTimecode | None = None
    label_rate: str | None = None
    if code is not None and facts.kind is ClipKind.VIDEO and facts.rate is not None:
        start = from_count(code.start, code.base, facts.rate, code.drop, "mxf")
    elif code is not None and facts.kind is ClipKind.AUDIO:
        rate = _label_rate(code)
        start = from_count(code.start, code.base, rate, code.drop, "mxf")
        label_rate = rate_text(rate)
    meaningless = (file.clip_name or "").casefold() in _MEANINGLESS
    facts = claim(
        facts,
        "mxf",
        start=start,
        reel=file.tape,
        clip_name=None if meaningless else file.clip_name,
        recorded_at=file.created,
    )
    return tagged(
        facts,
        {
            "umid": file.material_id,
            "file_umid": " ".join(file.file_ids) or None,
            "operational_pattern": file.pattern,
            "software": file.product,
            "timecode_rate": label_rate,
            "timecode_breaks": "1" if code and code.breaks else None,
        },
    )
