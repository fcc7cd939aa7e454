"""From a plan and its files' facts to what the catalog keeps of a clip."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.members import Member
from app.core.files import naming_grammar
from app.core.files.assembly_plans import ClipPlan
from app.core.media.camera_xml import CameraXml
from app.core.model import durations
from app.core.model.entities import Audio, Project
from app.core.model.media import (
    IDENTITY_ROLES,
    ClipKind,
    ClipState,
    FileRole,
    FileState,
    MediaFacts,
    Problem,
    start_rank,
)
from app.core.model.timecode import DROP_RATES, parse_rate

_DAMAGE: Final = frozenset(
    {
        "truncated",
        "decode-errors",
        "no-moov",
        "no-footer",
        "missing-part",
        "chunk-out-of-range",
        "header-only",
    }
)
TRACKS: Final = 64
"""A file's part number is its place in time times this, plus its channel: files that play together share the first."""
Members = Mapping[str, Member]


def record_of(
    plan: ClipPlan, members: Members, volume_id: str, project: Project, camera: CameraXml | None
) -> ClipRecord:
    """The record of one plan.

    Args:
        plan: which files, and why.
        members: the files by their key.
        volume_id: where they are.
        project: what holds where the files are silent.
        camera: what the clip's own XML says, where it has one.
    """
    lead = members[plan.lead]
    facts = lead.facts or MediaFacts(kind=plan.kind)
    spans = _spans(plan, members)
    kind = ClipKind.SEQUENCE if plan.sequence else facts.kind if lead.facts else plan.kind
    rate = (
        _rate(plan, facts, project)
        if kind in (ClipKind.VIDEO, ClipKind.AUDIO, ClipKind.SEQUENCE)
        else None
    )
    state, problem = _state(plan, members, kind)
    start, drop, label_rate, source = _start(facts, kind, rate, project, camera)
    frames = _frames(plan, facts, spans, kind, camera)
    folder = lead.path.rpartition("/")[0]
    said = _said(plan, facts, camera, folder)
    video = facts.video
    return ClipRecord(
        volume_id=volume_id,
        folder=folder,
        name=plan.name,
        kind=kind,
        state=state,
        parts=_parts(plan, members, spans),
        rate=rate,
        vfr=facts.vfr,
        drop=drop,
        start_frame=start,
        label_rate=label_rate,
        frames=frames,
        duration_ms=_duration_ms(frames, rate, facts, spans),
        width=video.width if video else None,
        height=video.height if video else None,
        codec=_codec(facts, kind),
        pix_fmt=video.pix_fmt if video else None,
        rotation=video.rotation if video else 0,
        audio=_audio(plan, members, facts),
        recorded_at=facts.recorded_at or (camera.recorded_at if camera else None),
        gaps=tuple((g.first, g.last) for g in plan.gaps),
        problem=problem,
        card=plan.card,
        sequence=plan.sequence.pattern if plan.sequence else None,
        proxy_base=plan.proxy_base,
        size=_size(plan, members),
        facts=_more(plan, facts),
        tags=_tags(facts, camera),
        origins=_origins(facts, said, source),
        **{field: value for field, (value, _) in said.items()},
    )


def _spans(plan: ClipPlan, members: Members) -> list[MediaFacts]:
    """Facts of the files that follow one another in time, in order; one file of each moment."""
    by_index: dict[int, MediaFacts] = {}
    for part in plan.parts:
        known = members[part.key].facts
        if part.role in (FileRole.ESSENCE, FileRole.SPAN) and known is not None:
            by_index.setdefault(part.part_index, known)
    return [by_index[n] for n in sorted(by_index)]


def _parts(plan: ClipPlan, members: Members, spans: Sequence[MediaFacts]) -> tuple[Part, ...]:
    starts = {} if plan.sequence else _starts(plan, spans)
    parts = [
        Part(
            members[p.key].n,
            p.role,
            p.part_index * TRACKS + (p.channel or 0),
            starts.get(p.part_index),
        )
        for p in plan.parts
    ]
    if plan.sequence:
        parts = [p for p in parts if p.role is not FileRole.ESSENCE]
        parts = [
            Part(members[key].n, FileRole.ESSENCE, n) for n, key in enumerate(plan.sequence.members)
        ] + parts
    return tuple(parts)


def _starts(plan: ClipPlan, spans: Sequence[MediaFacts]) -> dict[int, int]:
    """The frame that each part begins at; empty where the length of one before another is not known."""
    indexes = sorted({p.part_index for p in plan.parts if p.role in IDENTITY_ROLES})
    counts = [span.frames for span in spans[:-1]]
    if len(indexes) == 1:
        return {indexes[0]: 0}
    if len(indexes) != len(spans) or None in counts:
        return {}
    starts = itertools.accumulate((count or 0 for count in counts), initial=0)
    return dict(zip(indexes, starts, strict=True))


def _rate(plan: ClipPlan, facts: MediaFacts, project: Project) -> Fraction | None:
    if plan.sequence:
        return plan.sequence.rate or facts.rate or project.rate
    return facts.rate


def _state(plan: ClipPlan, members: Members, kind: ClipKind) -> tuple[ClipState, str | None]:
    identity = [members[p.key] for p in plan.parts if p.role in IDENTITY_ROLES]
    known = [m.facts for m in identity if m.facts is not None]
    problems = [problem for facts in known for problem in facts.problems] + list(plan.problems)
    words = " ".join(dict.fromkeys(problem.text for problem in problems)) or None
    if any(m.state is FileState.GROWING for m in identity):
        return ClipState.GROWING, words
    if kind is ClipKind.DOCUMENT:
        return ClipState.READY, words
    if len(known) < len(identity) and not plan.sequence:
        return ClipState.WORKING, words
    if not known:
        return ClipState.WORKING, words
    return _judged(known, problems), words


def _judged(known: Sequence[MediaFacts], problems: Sequence[Problem]) -> ClipState:
    if any(not facts.decodable for facts in known):
        return ClipState.UNDECODABLE
    if all(any(problem.fatal for problem in facts.problems) for facts in known):
        return ClipState.BAD
    if any(problem.fatal or problem.code in _DAMAGE for problem in problems):
        return ClipState.DAMAGED
    return ClipState.READY


def _start(
    facts: MediaFacts,
    kind: ClipKind,
    rate: Fraction | None,
    project: Project,
    camera: CameraXml | None,
) -> tuple[int | None, bool, Fraction | None, str]:
    """(label frame of the first frame, drop, rate of the labels, origin)."""
    if kind is ClipKind.AUDIO:
        return _sound_start(facts, project)
    told = (facts.start, camera.start(rate) if camera is not None and rate is not None else None)
    known = [start for start in told if start is not None]
    start = min(known, key=lambda one: start_rank(one.source), default=None)
    if start is None:
        return None, False, rate, ""
    return start.frame, start.drop and rate in DROP_RATES, rate, start.source


def _sound_start(
    facts: MediaFacts, project: Project
) -> tuple[int | None, bool, Fraction | None, str]:
    told = facts.tags.get("timecode_rate")
    label = parse_rate(told) if told else project.rate
    if facts.start is not None:
        return (
            facts.start.frame,
            facts.start.drop and label in DROP_RATES,
            label,
            facts.start.source,
        )
    reference = facts.tags.get("time_reference", "")
    if reference.isdigit() and facts.rate:
        return (
            int(Fraction(int(reference)) / facts.rate * label),
            project.drop and label in DROP_RATES,
            label,
            "bext, at the project's rate",
        )
    return None, False, label, ""


def _frames(
    plan: ClipPlan,
    facts: MediaFacts,
    spans: Sequence[MediaFacts],
    kind: ClipKind,
    camera: CameraXml | None,
) -> int | None:
    if plan.sequence:
        return plan.sequence.frames
    if kind is ClipKind.STILL:
        return 1
    if len(spans) > 1 and all(span.frames is not None for span in spans):
        return sum(span.frames or 0 for span in spans)
    return (
        facts.frames
        if facts.frames is not None
        else camera.frames
        if camera and not facts.decodable
        else None
    )


def _duration_ms(
    frames: int | None, rate: Fraction | None, facts: MediaFacts, spans: Sequence[MediaFacts]
) -> int:
    """How long it plays: what its file says; several by their frames, where those are evenly spaced."""
    told = [span.duration for span in spans] or [facts.duration]
    known = [duration for duration in told if duration is not None]
    uneven = any(span.vfr for span in spans)
    if len(known) == len(told) and (uneven or len(told) == 1):
        return durations.milliseconds(sum(known, Fraction(0)))
    return durations.milliseconds(Fraction(frames) / rate) if frames is not None and rate else 0


def _audio(plan: ClipPlan, members: Members, facts: MediaFacts) -> tuple[Audio, ...]:
    """The sound streams of everything that plays together, in order."""
    together: list[MediaFacts] = [facts]
    for part in plan.parts[1:]:
        known = members[part.key].facts
        if (
            part.part_index == plan.parts[0].part_index
            and part.role in IDENTITY_ROLES
            and known is not None
        ):
            together.append(known)
    return tuple(
        Audio(a.codec, a.channels, a.sample_rate, a.name or (" / ".join(a.channel_names) or None))
        for f in together
        for a in f.audio
    )


def _codec(facts: MediaFacts, kind: ClipKind) -> str | None:
    if facts.video is not None:
        return facts.video.codec
    return facts.audio[0].codec if facts.audio and kind is ClipKind.AUDIO else None


def _size(plan: ClipPlan, members: Members) -> int:
    keys: set[str] = set(plan.sequence.members) if plan.sequence else set()
    keys.update(p.key for p in plan.parts if p.role in IDENTITY_ROLES)
    return sum(members[key].size for key in keys)


def _said(
    plan: ClipPlan, facts: MediaFacts, camera: CameraXml | None, folder: str
) -> dict[str, tuple[str | None, str]]:
    """Reel, camera, scene, take, shot: each from the best source, with where it came from."""
    grammar = naming_grammar.name_facts(plan.name)
    folders = naming_grammar.reel_from_folders(folder.split("/"))
    model = " ".join(word for word in (camera.make, camera.model) if word) if camera else ""
    sources: dict[str, tuple[tuple[str | None, str], ...]] = {
        "reel": (
            (facts.reel, "file"),
            (camera.reel if camera else None, "camera-xml"),
            (folders, "folder"),
            (plan.reel, "name"),
            (grammar.reel, "name"),
        ),
        "camera": (
            (plan.camera, "name"),
            (grammar.camera, "name"),
            (facts.camera, "file"),
            (model or None, "camera-xml"),
        ),
        "scene": (
            (facts.scene, "file"),
            (camera.scene if camera else None, "camera-xml"),
            (plan.scene, "name"),
        ),
        "take": (
            (facts.take, "file"),
            (camera.take if camera else None, "camera-xml"),
            (plan.take, "name"),
            (grammar.take, "name"),
        ),
        "shot": ((facts.shot, "file"), (camera.shot if camera else None, "camera-xml")),
    }
    return {
        field: next(((value, source) for value, source in told if value), (None, ""))
        for field, told in sources.items()
    }


def _origins(
    facts: MediaFacts, said: Mapping[str, tuple[str | None, str]], start_source: str
) -> dict[str, str]:
    origins = dict(facts.origins)
    for field, (value, source) in said.items():
        if value and (source != "file" or field not in origins):
            origins[field] = source
    if start_source:
        origins["start"] = start_source
    return origins


def _tags(facts: MediaFacts, camera: CameraXml | None) -> dict[str, str]:
    tags = dict(facts.tags)
    if camera is not None:
        for name in ("make", "model", "serial", "note", "clip_id", "user_clip_name"):
            value = getattr(camera, name)
            if value:
                tags.setdefault(name, value)
    return tags


def _more(plan: ClipPlan, facts: MediaFacts) -> dict[str, Any]:
    more: dict[str, Any] = {
        "container": facts.container,
        "reasons": list(plan.reasons),
        "circled": facts.circled,
    }
    if facts.video is not None:
        video = dataclasses.asdict(facts.video)
        more["video"] = {
            key: str(value) if isinstance(value, Fraction) else value
            for key, value in video.items()
        }
    return {key: value for key, value in more.items() if value not in (None, [], "")}
