"""Opens the material of a job as ffmpeg inputs.

Files that follow one another, and pictures of a sequence, are given to ffmpeg under names of ours
(links in the working folder), so that no name of a person's is ever read as list or pattern.
"""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from app.core.media.command import Stream, decoding, file_url, named_input, reading
from app.core.media.derived import DeriveJob, Source
from app.core.media.survey import Survey, survey
from app.core.model.errors import BadData, Passing
from app.core.model.media import ClipKind

_LINKS = "parts"
_DEFAULT_RATE = Fraction(25)


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """One source, ready to be used in a graph."""

    stream: Stream
    survey: Survey
    duration: Fraction | None
    """Seconds over all its parts."""
    visible: tuple[Path, ...]
    """What a sandbox must show."""


def open_sources(
    job: DeriveJob, folder: Path, cancel: Callable[[], bool] | None
) -> tuple[Opened, ...]:
    """Looks into every file of a job and names the inputs.

    Raises:
        BadData: nothing is readable.
        Cancelled: `cancel` said so.
    """
    if not job.sources or not all(source.parts for source in job.sources):
        raise BadData("No media", "There is no file to derive from.")
    opened: list[Opened] = []
    for number, source in enumerate(job.sources):
        place = folder / f"{_LINKS}{number}"
        if job.facts.kind is ClipKind.SEQUENCE:
            opened.append(_sequence(job, source, place, cancel))
        else:
            path, *rest = source.parts
            chained = _chain(job, source, place, cancel) if rest else _single(job, path, cancel)
            opened.append(chained)
    return tuple(opened)


def _decoding(job: DeriveJob) -> dict[str, str]:
    options = decoding(job.threads)
    if job.pace is not None:
        # Thousandths are fine enough for a limit; ffmpeg takes no fraction here.
        options["readrate"] = f"{max(1, job.pace * 1000 // 1) / 1000:.3f}"
    return options


def _single(job: DeriveJob, path: Path, cancel: Callable[[], bool] | None) -> Opened:
    seen = survey(path, job.programs.ffprobe, cancel=cancel)
    options = {**reading(), **_decoding(job)}
    return Opened(named_input(file_url(path), **options), seen, seen.duration, (path.absolute(),))


def _chain(
    job: DeriveJob, source: Source, place: Path, cancel: Callable[[], bool] | None
) -> Opened:
    """Files that follow one another, each starting exactly where the picture of the last one ended."""
    seen = [survey(part, job.programs.ffprobe, cancel=cancel) for part in source.parts]
    links = _link(source.parts, place, "")
    lines = ["ffconcat version 1.0"]
    total: Fraction | None = Fraction(0)
    for link, part in zip(links, seen, strict=True):
        lines.append(f"file '{link.name}'")
        length = (part.picture.duration if part.picture else None) or part.duration
        if length is not None:
            lines.append(f"duration {float(length):.6f}")
        total = None if total is None or length is None else total + length
    script = place / "list"
    script.write_text("\n".join(lines) + "\n")
    options = {**reading(("concat",)), **_decoding(job), "f": "concat"}
    visible = tuple(part.absolute() for part in source.parts)
    return Opened(named_input(file_url(script), **options), seen[0], total, visible)


def _sequence(
    job: DeriveJob, source: Source, place: Path, cancel: Callable[[], bool] | None
) -> Opened:
    """Pictures as frames, one after the other: frame n is the n-th part."""
    seen = survey(source.parts[0], job.programs.ffprobe, still=True, cancel=cancel)
    suffix = source.parts[0].suffix
    _link(source.parts, place, suffix if suffix[1:].isalnum() else "")
    rate = job.facts.rate or _DEFAULT_RATE
    options = {
        **reading(),
        **_decoding(job),
        "f": "image2",
        "pattern_type": "sequence",
        "start_number": 0,
        "framerate": f"{rate.numerator}/{rate.denominator}",
        # Frames of another size are scaled like the rest; a new graph for each would begin to count anew.
        "reinit_filter": 0,
    }
    # The working folder is named by the caller; a percent sign in it must stay one.
    pattern = f"{file_url(place)}/".replace("%", "%%") + f"%07d{suffix}"
    folders = dict.fromkeys(part.absolute().parent for part in source.parts)
    return Opened(named_input(pattern, **options), seen, len(source.parts) / rate, tuple(folders))


def _link(parts: tuple[Path, ...], place: Path, suffix: str) -> list[Path]:
    links = [place / f"{number:07d}{suffix}" for number in range(len(parts))]
    try:
        place.mkdir()
        for link, part in zip(links, parts, strict=True):
            link.symlink_to(part.absolute())
    except OSError as error:
        raise Passing(
            "Cannot prepare the work",
            f"Links to the parts of a clip could not be made: {error.strerror}.",
            subject=str(place),
        ) from error
    return links
