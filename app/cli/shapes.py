"""The contract's objects: how clips, notes, hits and uploads look as JSON."""

from typing import Any

from app.core.model.entities import (
    Clip,
    FilePlace,
    Hit,
    Mark,
    Note,
    Rendition,
    Segment,
    Upload,
    Volume,
    Word,
)
from app.core.model.media import ClipKind, RenditionKind
from app.core.model.timecode import rate_text
from app.core.post.subtitle_clock import Clock

_TIMED = (ClipKind.VIDEO, ClipKind.AUDIO, ClipKind.SEQUENCE)


def clip(value: Clip) -> dict[str, Any]:
    """`CLIP` of the contract."""
    return {
        "id": value.id,
        "name": value.name,
        "kind": value.kind.value,
        "state": value.state.value,
        "rate": rate_text(value.rate) if value.rate else None,
        "vfr": value.vfr,
        "drop": value.drop,
        "start": value.timebase.label(value.start_frame)
        if value.start_frame is not None and value.label_rate
        else None,
        "start_tc_frame": value.start_frame,
        "frames": value.frames,
        "width": value.width,
        "height": value.height,
        "codec": value.codec,
        "pix_fmt": value.pix_fmt,
        "rotation": value.rotation,
        "audio": [
            {"codec": a.codec, "channels": a.channels, "sample_rate": a.sample_rate, "name": a.name}
            for a in value.audio
        ],
        "reel": value.reel,
        "camera": value.camera,
        "scene": value.scene,
        "take": value.take,
        "recorded_at": value.recorded_at,
        "gaps": [list(gap) for gap in value.gaps],
        "problem": value.problem,
        "hash": value.hash,
        "files": [file(f) for f in value.files],
        "renditions": [rendition(r) for r in value.renditions],
    }


def file(value: FilePlace) -> dict[str, Any]:
    """A file of a clip."""
    return {
        "volume": value.volume,
        "path": value.path,
        "role": value.role.value,
        "state": value.state.value,
        "size": value.size,
        "hash": value.hash,
        "copy": value.copy,
    }


def rendition(value: Rendition) -> dict[str, Any]:
    """Something derived."""
    return {
        "kind": value.kind.value,
        "recipe": value.recipe,
        "state": value.state.value,
        "path": value.path,
        "size": value.size,
        "error": value.error,
        "facts": dict(value.facts) if value.kind is not RenditionKind.WAVEFORM else {},
    }


def note(value: Note, of: Clip) -> dict[str, Any]:
    """`NOTE` of the contract."""
    return {
        "id": value.id,
        "clip": value.clip_id,
        "start_frame": value.start_frame,
        "end_frame": value.end_frame,
        "start": of.label(value.start_frame),
        "end": of.label(value.end_frame),
        "text": value.text,
        "author": value.author_name,
        "state": value.state,
        "parent": value.parent,
        "created": value.created_ms,
        **(
            {"edited_by_both": True, "other_text": value.other_text} if value.edited_by_both else {}
        ),
    }


def mark(value: Mark, of: Clip) -> dict[str, Any]:
    """A marker, range or subclip."""
    return {
        "id": value.id,
        "clip": value.clip_id,
        "sort": value.sort,
        "start_frame": value.start_frame,
        "end_frame": value.end_frame,
        "start": of.label(value.start_frame),
        "end": of.label(value.end_frame),
        "name": value.name,
        "colour": value.colour,
        "category": value.category,
        "text": value.text,
        "created": value.created_ms,
    }


def hit(value: Hit, of: Clip | None) -> dict[str, Any]:
    """A search hit: a moment with a reason."""
    has_time = (
        of is not None
        and value.start_frame is not None
        and value.end_frame is not None
        and of.kind in _TIMED
    )
    return {
        "clip": value.clip_id,
        "name": value.name,
        "field": value.field,
        "start": of.label(value.start_frame or 0) if has_time and of else None,
        "end": of.label(value.end_frame or 0) if has_time and of else None,
        "start_frame": value.start_frame,
        "end_frame": value.end_frame,
        "text": value.text,
        "score": value.score,
        "why": value.why,
    }


def segment(value: Segment, of: Clip, clock: Clock) -> dict[str, Any]:
    """A spoken segment; frames count from 0, end exclusive."""
    start, end = clock.frames(value.start, value.end)
    return {
        "start": of.label(start),
        "end": of.label(end),
        "start_frame": start,
        "end_frame": end,
        "text": value.text,
        "speaker": value.speaker,
        "language": value.language,
        "corrected": value.corrected,
        "words": [_word(word, clock) for word in value.words],
    }


def _word(value: Word, clock: Clock) -> dict[str, Any]:
    start, end = clock.frames(value.start, value.end)
    return {
        "text": value.text,
        "start_frame": start,
        "end_frame": end,
        "confidence_permille": value.permille,
    }


def upload(value: Upload) -> dict[str, Any]:
    """An object in the cloud, or on its way."""
    return {
        "target": value.target,
        "key": value.key,
        "state": value.state,
        "bytes": value.size,
        "sent": value.sent,
        "hash": value.hash,
        "error": value.error,
    }


def volume(value: Volume) -> dict[str, Any]:
    """A volume with its health."""
    return {
        "id": value.id,
        "name": value.name,
        "kind": value.kind,
        "derive": value.derive.value,
        "online": value.online,
        "path": value.mount,
        "filesystem": value.fs_type,
        "identity": value.fs_key,
        "clips": value.clips,
        "copies": value.copies,
        "files": value.files,
        "size": value.size,
        "watcher": value.watcher,
        "scanned": value.scanned_at,
        "read_cap": value.read_cap,
        "hours": value.hours,
    }
