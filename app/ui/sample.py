"""`--sample`: opens on a made shooting day, in a data folder of its own, so that a newcomer sees it work.

With a display the window opens and fills while one looks; without one the same command works on its
own, prints what it found, and writes pictures of the window.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.core.model.errors import RushesError
from app.core.sample import furnish

if TYPE_CHECKING:
    from app.core.model.entities import Clip, Hit
    from app.core.services import Services

PHRASE: Final = "tide comes in"
_TAKE: Final = "A001C002_260514_R1AB"
_WIDE: Final = "A001C004_260514_R1AB"
_NOTES: Final = (
    "Hold this look; it is the whole film.",
    "Trim the breath before the line.",
)
_TOLD_EVERY: Final = 5
"""Seconds between two words about how far it is."""


def headless(home: Path) -> int:
    """The whole of it without a display; returns the exit code."""
    from app.core import owner
    from app.core.platform import logs

    ownership = owner.acquire(home)
    if ownership is None:
        _tell("Another Rushes has the sample open: use that one, or close it and try again.")
        return 4
    handler = logs.setup(home)
    try:
        report, row = _work(home)
    except RushesError as error:
        _tell(f"{error.title}: {error.message}", error.todo)
        return error.exit_code
    finally:
        logs.close(handler)
        ownership.release()
    _print(report)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.ui.sample_tour import tour

    _tell("taking pictures of the window …")
    pictures = tour(home, home / "pictures", PHRASE, row)
    _print(["", "Pictures of the window:", *(f"  {path}" for path in pictures)])
    _print(["", *_next(home)])
    return 0 if pictures else 1


def _work(home: Path) -> tuple[list[str], int | None]:
    """Everything but the pictures: the report, and the row of the clip worth looking at."""
    from app.core.services import Services

    services = Services(home)
    begun = time.monotonic()
    try:
        furnish(services, _tell, lambda: False)
        services.start(watch=False)
        services.engine.wait_idle(_telling(services))
        seconds = round(time.monotonic() - begun)
        _log(services)
        spoken = [clip.row for clip in _clips(services) if clip.name == _TAKE]
        return list(_found(services, seconds)), spoken[0] if spoken else None
    finally:
        services.close()


def _telling(services: "Services") -> Callable[[], bool]:
    """Says now and then how far the work is; never asks for its end."""
    told = [time.monotonic()]

    def look() -> bool:
        if time.monotonic() - told[0] > _TOLD_EVERY:
            told[0] = time.monotonic()
            running = ", ".join(
                f"{job.recipe.title} {job.subject.name}" for job in services.engine.jobs()[:2]
            )
            _tell(f"{services.engine.finished()} things done; now: {running or 'looking'}")
        return False

    return look


def _log(services: "Services") -> None:
    """What a person would do: two notes, a rating, an approval. Once."""
    clips = {clip.name: clip for clip in _clips(services)}
    take, wide = clips.get(_TAKE), clips.get(_WIDE)
    if take is None or wide is None or services.notes.of_clip(take.id):
        return
    hits = [hit for hit in services.search.hits(PHRASE) if hit.clip_id == take.id]
    at = (hits[0].start_frame if hits else 0) or 0
    services.notes.add(take.id, at, None, _NOTES[0])
    services.notes.add(take.id, max(0, at - 10), max(1, at), _NOTES[1])
    services.log.rate([take.id], 5)
    services.decisions.decide([wide.id], "approved", "The one we open with.")


def _clips(services: "Services") -> "list[Clip]":
    from app.core.catalog import library, projects

    with services.catalog.read() as reader:
        rows = library.after(reader, 0, 1000)
        found = library.page(reader, rows, projects.current(reader))
    return sorted(found, key=lambda clip: clip.name)


def _found(services: "Services", seconds: int) -> Iterator[str]:
    clips = _clips(services)
    files = sum(len(clip.files) for clip in clips)
    made = sum(len(clip.renditions) for clip in clips)
    yield f"Rushes made a shooting day and went through it: {len(clips)} clips in {files} files, {made} things derived, {seconds} s."
    yield ""
    yield f"{'clip':22} {'kind':8} {'start':11} {'rate':10} {'reel':9} scene/take"
    for clip in clips:
        start = clip.label(0) if clip.start_frame is not None else ""
        rate = str(clip.rate) if clip.rate else ""
        shot = f"{clip.scene or ''}/{clip.take}" if clip.take else clip.scene or ""
        line = f"{clip.name:22} {clip.kind.value:8} {start:11} {rate:10} {clip.reel or '':9} {shot}"
        yield line.rstrip()
    yield from _heard(services.search.hits(PHRASE), clips)
    yield from _flagged(clips)
    yield from _said(services, clips)


def _heard(hits: "Sequence[Hit]", clips: "Sequence[Clip]") -> Iterator[str]:
    by_id = {str(clip.id): clip for clip in clips}
    yield ""
    yield f"Searching for “{PHRASE}”:"
    for hit in hits:
        clip = by_id.get(hit.clip_id)
        at = clip.label(hit.start_frame) if clip and hit.start_frame is not None else ""
        yield f"  {at}  {hit.name}: {hit.text}"
    if not hits:
        yield "  nothing: nobody speaks here, or no speech model is installed (rushes doctor)"


def _flagged(clips: "Sequence[Clip]") -> Iterator[str]:
    yield ""
    yield "Flagged:"
    for clip in clips:
        words = [clip.problem] if clip.problem else []
        if clip.state.value not in ("ready", "working"):
            words.insert(0, clip.state.value)
        if words:
            yield f"  {clip.name}: {'; '.join(words)}"


def _said(services: "Services", clips: "Sequence[Clip]") -> Iterator[str]:
    yield ""
    yield "Said about them:"
    for clip in clips:
        for note in services.notes.of_clip(clip.id):
            yield f"  {clip.label(note.start_frame)}  {clip.name}  note by {note.author_name}: {note.text}"
        logged = services.log.of_clip(clip.id)
        if logged.rating:
            yield f"  {clip.name}  {'★' * logged.rating}"
        for decision in services.decisions.of_clip(clip.id):
            yield f"  {clip.name}  {decision.verdict} by {decision.by_name}, bound to {decision.hash or 'its bytes, once read'}"


def _next(home: Path) -> list[str]:
    return [
        "Where to go next: ./run --sample with a display opens the window on this day;",
        f"on the command line, for example: ./run --home '{home}' search {PHRASE}",
    ]


def _tell(*lines: str) -> None:
    """Words for people, while it works."""
    sys.stderr.write("".join(f"{line}\n" for line in lines if line))
    sys.stderr.flush()


def _print(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
