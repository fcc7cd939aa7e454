"""Gathers what a decode pass left in its folder."""

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from app.core.media import derive_sound, framemap, parity, waveform_picture
from app.core.media.derive_attempt import ESSENCE, WAVEFORM, Attempt, Outcome
from app.core.media.derived import Channel, Derived, Made
from app.core.media.framemap import FrameMap
from app.core.media.peaks import RATE
from app.core.media.survey import Survey, survey
from app.core.model.media import ClipKind, RenditionKind

_FRAME_MAP = "frames.map"


def collect(outcome: Outcome, cancel: Callable[[], bool] | None) -> Derived:
    """What came of a successful pass, the proxy compared with its original."""
    attempt = outcome.attempt
    job, folder = attempt.job, attempt.folder
    proxy = folder / attempt.proxy_name
    seen = survey(proxy, job.programs.ffprobe, cancel=cancel) if proxy.exists() else None
    frames, duration = _length(outcome, seen)
    times = _frame_map(attempt, proxy, seen, cancel)
    if times is not None:
        (folder / _FRAME_MAP).write_bytes(times.to_bytes())
    poster, poster_frame = _poster(outcome, frames)
    channels = _channels(outcome)
    expected = job.facts.frames if job.facts.frames_exact and attempt.picture else None
    made = _made(attempt, poster, channels)
    return Derived(
        made=made,
        frames=frames,
        duration=duration,
        complete=(expected is None or frames is None or frames >= expected)
        and not (job.facts.kind is ClipKind.SEQUENCE and outcome.log.errors),
        errors=outcome.log.errors,
        first_errors=tuple(outcome.log.first_errors),
        parity=_parity(attempt, seen),
        frame_map=times,
        filmstrip=attempt.plan.filmstrip if attempt.plan else None,
        poster_frame=poster_frame,
        loudness=outcome.log.loudness(),
        channels=channels,
        likeness=outcome.peaks.likeness() if outcome.peaks and outcome.peaks.samples else (),
        essence=_essence(folder / ESSENCE),
        size=attempt.plan.size if attempt.plan else None,
        deinterlaced=attempt.plan.deinterlaced if attempt.plan else False,
        other_sizes=tuple(sorted(outcome.log.sizes)),
        encoder=attempt.encoder.name if attempt.picture and seen else None,
        cpu_seconds=outcome.log.cpu_seconds,
    )


def _length(outcome: Outcome, seen: Survey | None) -> tuple[int | None, Fraction | None]:
    """Frames and seconds that decoded; without a proxy, what the pass itself counted."""
    if outcome.attempt.picture is None:
        seconds = Fraction(outcome.peaks.samples if outcome.peaks else 0, RATE)
        return round(seconds * (outcome.attempt.job.facts.rate or RATE)), seconds
    if seen is None or seen.picture is None:
        return None, Fraction(outcome.log.microseconds, 1_000_000)
    return seen.picture.frames, seen.picture.duration


def _frame_map(
    attempt: Attempt, proxy: Path, seen: Survey | None, cancel: Callable[[], bool] | None
) -> FrameMap | None:
    """The times of the frames, read from the proxy, where they are not equally spaced."""
    if seen is None or seen.picture is None or attempt.plan is None:
        return None
    picture, rate = seen.picture, attempt.plan.rate
    if rate is not None and picture.frames and picture.duration == picture.frames / rate:
        return None
    times = framemap.frame_times(proxy, cancel=cancel)
    stated = attempt.job.facts.rate
    even = stated is not None and not attempt.job.facts.vfr and times.is_even(stated)
    return None if even else times


def _parity(attempt: Attempt, proxy: Survey | None) -> parity.Parity | None:
    if proxy is None:
        return None
    channels = tuple(track.sound.channels for track in attempt.tracks)
    known = tuple(sound.channels for sound in attempt.job.facts.audio)
    original = attempt.source.survey if attempt.source else attempt.opened[0].survey
    return parity.compare(attempt.job.facts, original, proxy, known or channels)


def _poster(outcome: Outcome, frames: int | None) -> tuple[str | None, int | None]:
    """The first candidate that is not black, and its frame; for sound its waveform."""
    attempt = outcome.attempt
    if RenditionKind.POSTER not in attempt.job.wanted:
        return None, None
    if attempt.plan is None:
        return _drawn(attempt), None
    there = [n for n in _preferred(attempt) if (attempt.folder / f"poster-{n}.jpg").exists()]
    if not there:
        return None, None
    best = next((n for n in there if n not in outcome.log.black), there[0])
    (attempt.folder / f"poster-{best}.jpg").rename(attempt.folder / "poster.jpg")
    frame = attempt.plan.posters[best]
    return "poster.jpg", frame if frames is None or frame < frames else None


def _preferred(attempt: Attempt) -> list[int]:
    return list(attempt.plan.preferred) if attempt.plan else []


def _drawn(attempt: Attempt) -> str | None:
    if not (attempt.folder / WAVEFORM).exists():
        return None
    waveform_picture.draw_to(attempt.folder / WAVEFORM, attempt.folder / "poster.png")
    return "poster.png"


def _channels(outcome: Outcome) -> tuple[Channel, ...]:
    attempt, peaks = outcome.attempt, outcome.peaks
    levels = peaks.levels() if peaks and peaks.samples else ()
    audio = attempt.job.facts.audio
    found: list[Channel] = []
    for track in attempt.tracks:
        names = audio[track.number].channel_names if track.number < len(audio) else ()
        single = audio[track.number].name if track.number < len(audio) else None
        for channel in range(track.sound.channels):
            number = track.first_channel + channel
            speech = derive_sound.speech_name(number)
            found.append(
                Channel(
                    stream=track.number,
                    channel=channel,
                    name=names[channel] if channel < len(names) else single,
                    level=levels[number] if number < len(levels) else None,
                    speech=speech if (attempt.folder / speech).exists() else None,
                )
            )
    return tuple(found)


def _made(attempt: Attempt, poster: str | None, channels: tuple[Channel, ...]) -> tuple[Made, ...]:
    wanted = attempt.job.wanted
    names = [
        (RenditionKind.PROXY, attempt.proxy_name),
        (RenditionKind.POSTER, poster or ""),
        (RenditionKind.FILMSTRIP, "filmstrip.jpg"),
        (RenditionKind.WAVEFORM, WAVEFORM),
        *((RenditionKind.SPEECH, channel.speech or "") for channel in channels),
    ]
    made = [
        Made(kind, name, (attempt.folder / name).stat().st_size)
        for kind, name in names
        if kind in wanted and name and (attempt.folder / name).exists()
    ]
    times = attempt.folder / _FRAME_MAP
    if times.exists():
        made.append(Made(RenditionKind.FRAMEMAP, times.name, times.stat().st_size))
    return tuple(made)


def _essence(file: Path) -> str | None:
    """One hash over the hashes of the streams, in order; None where no packet was read."""
    if not file.exists():
        return None
    lines = [line.split(",")[1:] for line in file.read_text().splitlines() if line]
    if not lines:
        return None
    text = "\n".join(",".join(parts) for parts in lines)
    return f"e1:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
