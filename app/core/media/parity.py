"""Whether a proxy may stand for its original: the rules an NLE needs to link the two.

Equal frame count, rate, start timecode with its drop flag, reel, shape, sound streams with their
channels in the same order, and a duration that differs by a frame at most.
"""

import dataclasses
from fractions import Fraction

from app.core.media.survey import Survey
from app.core.model.media import MediaFacts
from app.core.model.timecode import DROP_RATES, Timebase, rate_text


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """One rule."""

    name: str
    expected: str
    found: str
    ok: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Parity:
    """All rules that apply to a clip."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every rule holds."""
        return all(check.ok for check in self.checks)


def compare(
    facts: MediaFacts, original: Survey, proxy: Survey, channels: tuple[int, ...]
) -> Parity:
    """Compares a proxy with what is known of its original.

    Args:
        facts: of the whole clip.
        original: what ffmpeg sees in its first file.
        proxy: what ffmpeg sees in the proxy.
        channels: of each sound stream of the clip, in order.
    """
    checks = [_sounds(channels, proxy)]
    if original.picture is not None:
        checks += _pictures(facts, original, proxy)
    if facts.duration is not None:
        checks.append(_duration(facts, proxy))
    return Parity(tuple(checks))


def timecode_label(facts: MediaFacts) -> str | None:
    """The start label as a timecode track holds it, or None where there is none to write.

    Above 60 frames a second a track counts all frames under a second; labels of Rushes have a dot.
    """
    if facts.start is None or facts.rate is None or facts.video is None:
        return None
    whole = max(1, int(facts.rate + Fraction(1, 2)))
    drop = facts.start.drop and facts.rate in DROP_RATES
    if drop:
        return Timebase(facts.rate, drop=True).label(facts.start.frame)
    seconds, frames = divmod(facts.start.frame % (whole * 86400), whole)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{clock}:{frames:02d}"


def _sounds(channels: tuple[int, ...], proxy: Survey) -> Check:
    found = tuple(sound.channels for sound in proxy.sounds)
    return Check("sound", _list(channels), _list(found), channels == found)


def _pictures(facts: MediaFacts, original: Survey, proxy: Survey) -> list[Check]:
    if original.picture is None or proxy.picture is None:
        return [Check("picture", "a picture", "none", ok=False)]
    checks: list[Check] = []
    if facts.frames is not None and facts.frames_exact:
        found = proxy.picture.frames
        checks.append(Check("frames", str(facts.frames), str(found), facts.frames == found))
    if facts.rate is not None and not facts.vfr:
        found_rate = proxy.picture.rate
        shown = rate_text(found_rate) if found_rate else "none"
        checks.append(Check("rate", rate_text(facts.rate), shown, facts.rate == found_rate))
    label = timecode_label(facts)
    if label is not None:
        checks.append(Check("start", label, proxy.timecode or "none", label == proxy.timecode))
    if facts.reel:
        checks.append(Check("reel", facts.reel, proxy.reel or "none", facts.reel == proxy.reel))
    checks.append(_shape(original, proxy))
    return checks


def _shape(original: Survey, proxy: Survey) -> Check:
    if original.picture is None or proxy.picture is None:
        return Check("shape", "a picture", "none", ok=False)
    wide, high = original.picture.shown_size
    found_wide, found_high = proxy.picture.shown_size
    # Sizes are even, so each side may be off by less than two pixels, which the other must explain.
    off = abs(found_wide - found_high * wide / high)
    slack = 1 + wide / high
    return Check(
        "shape",
        f"{float(wide / high):.4f}",
        f"{float(found_wide / found_high):.4f}",
        off <= slack and not proxy.picture.quarter_turned,
    )


def _duration(facts: MediaFacts, proxy: Survey) -> Check:
    expected = facts.duration or Fraction(0)
    found = (proxy.picture.duration if proxy.picture else proxy.duration) or Fraction(0)
    frame = 1 / facts.rate if facts.rate and facts.video else Fraction(1, 20)
    # ffprobe gives the duration of a whole file in microseconds.
    ok = abs(expected - found) <= frame + Fraction(1, 100000)
    return Check("duration", f"{float(expected):.4f}", f"{float(found):.4f}", ok)


def _list(numbers: tuple[int, ...]) -> str:
    return " ".join(map(str, numbers)) or "none"
