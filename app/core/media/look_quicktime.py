"""The facts of a QuickTime or MP4 file: our own reader for time and structure, libmediainfo for pictures."""

import dataclasses
import datetime
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath

from app.core.media import (
    camera_xml,
    mediainfo_report,
    quicktime,
    quicktime_rtmd,
    raw_formats,
)
from app.core.media.bytesource import ByteSource
from app.core.media.facts_building import Seen, amount, claim, tagged, troubled, with_camera_xml
from app.core.media.mediainfo_report import Report
from app.core.media.quicktime import Movie, Track
from app.core.media.quicktime_frames import Presented, presented
from app.core.media.sniffing import expected_kind
from app.core.media.start_labels import from_count, from_label
from app.core.model.errors import BadData, Refused
from app.core.model.media import ClipKind, MediaFacts, StartTimecode

_EPOCH = datetime.datetime(1904, 1, 1, tzinfo=datetime.UTC)
_OLDEST = datetime.datetime(1971, 1, 1, tzinfo=datetime.UTC)
_LABEL = re.compile(r"^\d{2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2,3}$")
_EXACT_SOUND = ("pcm_", "alac", "flac")
_OWN_TAGS = ("date", "start_timecode", "start_timecode_scale", "start_timecode_size")


def look(source: ByteSource, name: PurePath, report: Sequence[Report] | None) -> Seen:
    """The facts of one file.

    Args:
        source: the file.
        name: its name, for what a broken one promises to be.
        report: what libmediainfo says; None where it was not asked.
    """
    movie = quicktime.read(source)
    shown = _main_track(movie)
    kind = _kind(shown, name)
    facts = MediaFacts(kind, container="mov,mp4", origins={"container": "quicktime"})
    facts = _with_problems(facts, movie, shown, source.size)
    if shown is None:
        return Seen(facts)
    facts = _with_time(facts, movie, shown)
    facts, doubts = _with_streams(facts, movie, report)
    facts = _with_labels(facts, movie, shown)
    return Seen(_with_tags(facts, movie), (*doubts, *_doubts(movie, shown, facts)))


def _main_track(movie: Movie) -> Track | None:
    """The first picture track, else the first sound track."""
    for handler in ("vide", "soun"):
        for track in movie.tracks:
            if track.handler == handler:
                return track
    return None


def _kind(shown: Track | None, name: PurePath) -> ClipKind:
    if shown is None or name.suffix[1:].lower() in raw_formats.STILLS:
        return expected_kind(name) if shown is None else ClipKind.STILL
    return ClipKind.VIDEO if shown.handler == "vide" else ClipKind.AUDIO


def _with_problems(facts: MediaFacts, movie: Movie, shown: Track | None, size: int) -> MediaFacts:
    if not movie.has_index:
        facts = dataclasses.replace(facts, closed=False)
        words = "The index (moov) is missing: the recording never ended, or the file is cut off."
        return troubled(facts, "no-moov", words, fatal=True)
    if shown is None or (shown.samples == 0 and not movie.fragmented):
        words = "The file has an index and no picture or sound in it."
        return troubled(facts, "no-frames", words, fatal=True)
    for track in movie.tracks:
        if track.index_fault and track.handler in ("vide", "soun"):
            words = f"The index of track {track.index + 1} is broken: {track.index_fault}."
            facts = troubled(facts, "broken-index", words, fatal=track is shown)
    return _with_missing(facts, movie, shown, size)


def _with_missing(facts: MediaFacts, movie: Movie, shown: Track, size: int) -> MediaFacts:
    chunks = [track.chunks for track in movie.tracks if len(track.chunks)]
    last = max((max(places) for places in chunks), default=0)
    missing = max(movie.missing_bytes, last + 1 - size)
    if missing <= 0:
        return facts
    facts = dataclasses.replace(facts, closed=False)
    if len(shown.chunks) and min(shown.chunks) >= size:
        words = "Only the header is there: none of the frames that it lists."
        return troubled(facts, "header-only", words, fatal=True)
    words = f"The end is missing: at least {amount(missing)} that the index lists."
    return troubled(facts, "truncated", words, fatal=False)


def _with_time(facts: MediaFacts, movie: Movie, shown: Track) -> MediaFacts:
    if movie.fragmented:
        return facts
    times = {
        track.index: presented(track, movie.timescale)
        for track in movie.tracks
        if track.handler in ("vide", "soun")
    }
    main = times[shown.index]
    longest = max((one.duration for one in times.values()), default=Fraction(0))
    facts = claim(facts, "quicktime", duration=_duration(movie, main, longest))
    if shown.handler == "vide":
        facts = claim(facts, "quicktime", frames=main.samples, rate=main.rate)
        return dataclasses.replace(facts, frames_exact=main.exact)
    rate = shown.sound[2] if shown.sound else 0
    if not rate or not main.samples:
        return facts
    plain = main.rate == rate
    samples = main.samples if plain else int(main.duration * rate)
    facts = claim(facts, "quicktime", rate=Fraction(rate), frames=samples)
    return dataclasses.replace(facts, frames_exact=plain)


def _duration(movie: Movie, main: Presented, longest: Fraction) -> Fraction | None:
    """The movie header's, made exact by the frames or by the longest track where both mean the same."""
    said = movie.duration
    if said is None:
        return longest or None
    tick = Fraction(2, movie.timescale)
    exact = (one for one in (main.duration, longest) if one and abs(one - said) < tick)
    return next(exact, said)


def _with_streams(
    facts: MediaFacts, movie: Movie, report: Sequence[Report] | None
) -> tuple[MediaFacts, tuple[str, ...]]:
    raw = next(
        (words for track in movie.tracks if (words := raw_formats.by_codec(track.codec))), ""
    )
    if report is None:
        return _undecodable(facts, raw), ("libmediainfo was not asked",)
    streams = mediainfo_report.read(report, "mov,mp4", movie.tracks)
    facts = claim(
        facts,
        "mediainfo",
        video=streams.video if facts.kind is not ClipKind.AUDIO else None,
        audio=streams.audio or None,
    )
    return _undecodable(facts, raw), () if raw else streams.doubts


def _undecodable(facts: MediaFacts, raw: str) -> MediaFacts:
    if not raw:
        return facts
    facts = dataclasses.replace(facts, decodable=False)
    return troubled(facts, "no-decoder", raw_formats.explanation(raw), fatal=False)


def _doubts(movie: Movie, shown: Track, facts: MediaFacts) -> tuple[str, ...]:
    """What only ffprobe can say about time."""
    if not facts.decodable or shown.handler != "vide":
        return ("its length",) if movie.fragmented else ()
    found: list[str] = []
    if movie.fragmented:
        found.append("its frames lie in fragments")
    elif facts.rate is None:
        found.append("frames are not equally spaced")
    if not facts.frames_exact:
        found.append("the sample tables contradict each other")
    return tuple(found)


def _with_labels(facts: MediaFacts, movie: Movie, shown: Track) -> MediaFacts:
    """Timecode and reel: the tmcd track, the camera's XML, its packets, then the tag that editors write."""
    codes = [track for track in movie.tracks if track.timecode is not None]
    linked = [track for track in codes if track.track_id in shown.timecode_ids]
    for track in (linked or codes)[:1]:
        code = track.timecode
        if code is not None:
            start = _tmcd(track, facts.rate)
            facts = claim(facts, "tmcd", start=start, reel=code.reel)
            breaks = str(code.samples - 1) if code.samples > 1 else None
            facts = tagged(facts, {"timecode_breaks": breaks})
    facts = _with_xml(facts, movie)
    facts = claim(facts, "rtmd", start=_packed(movie, facts.rate))
    return claim(facts, "tag", start=_written(movie.tags, facts.rate))


def _tmcd(track: Track, rate: Fraction | None) -> StartTimecode | None:
    code = track.timecode
    if code is None or code.value is None or rate is None:
        return None
    # A trimmed movie shows its timecode track from a later point on.
    first = next((edit.media_time for edit in track.edits if edit.media_time >= 0), 0)
    later = 0
    if first and track.timescale and code.frame_duration:
        seconds = Fraction(first, track.timescale)
        later = int(seconds * code.timescale / code.frame_duration)
    return from_count(code.value + later, code.frames, rate, code.drop, "tmcd")


def _packed(movie: Movie, rate: Fraction | None) -> StartTimecode | None:
    packets = next((track.packets for track in movie.tracks if track.packets), ())
    return quicktime_rtmd.start(packets, rate) if rate is not None else None


def _written(tags: dict[str, str], rate: Fraction | None) -> StartTimecode | None:
    label = tags.get("start_timecode") or tags.get("com.apple.quicktime.timecode") or ""
    if rate is None or not _LABEL.match(label):
        return None
    return from_label(label, max(1, round(rate)), rate, None, "tag")


def _with_xml(facts: MediaFacts, movie: Movie) -> MediaFacts:
    if movie.xml is None:
        return facts
    try:
        document = camera_xml.read(movie.xml)
    except (Refused, BadData) as problem:
        return tagged(facts, {"camera_xml_problem": problem.message})
    return with_camera_xml(facts, document) if document else facts


def _with_tags(facts: MediaFacts, movie: Movie) -> MediaFacts:
    utc, local = camera_xml.instants(movie.tags.get("date"))
    created = _created(movie.created)
    facts = claim(facts, "quicktime", recorded_at=utc or (None if local else created))
    make, model = movie.tags.get("make"), movie.tags.get("model")
    device = " ".join(filter(None, (make, model)))
    facts = claim(facts, "quicktime", camera=device or None)
    shown = {name: value for name, value in movie.tags.items() if name not in _OWN_TAGS}
    return tagged(facts, {**shown, "recorded_local": local})


def _created(seconds: int | None) -> str | None:
    """The movie header's time: UTC by the standard; unset and absurd ones say nothing."""
    if not seconds:
        return None
    try:
        instant = _EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return None
    if not _OLDEST < instant < _OLDEST + datetime.timedelta(days=73_000):
        return None
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
