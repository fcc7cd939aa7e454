"""Small pictures of clips for a report: head, middle and tail, out of a copy that was read back; else the camera's own.

What takes longer than a person waits is left out, and the report says so.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from app.core.files.copying import RootGuard
from app.core.ingest.card_values import CardClip
from app.core.ingest.offload_report import OffloadReport
from app.core.media import raw_formats
from app.core.media.frame_client import FrameWorker
from app.core.model.errors import Cancelled, RushesError
from app.core.model.media import ClipKind
from app.core.model.offloads import CopyState
from app.core.platform import clock
from app.core.platform.pacing import IsCancelled, never

Seen = tuple[tuple[str, ...], str]
"""JPEGs in base64, and what is to be said of them, in words."""

LONGEST: Final = 192
"""Pixels of the longer side: 25 mm on paper at 190 dots an inch."""
THREE_UP_TO: Final = 150
"""With more clips each has one picture."""
BUDGET: Final = 90_000_000_000
"""Nanoseconds for all pictures of a report."""
_SECONDS: Final = 20
"""For one clip."""
_THREE: Final = ("0", "1/2", "19/20")
_ONE: Final = ("1/4",)
_NO_COPY: Final = "no copy that was read back is here to look into"
_CAMERAS: Final = "the camera's own picture"
_NONE: Final = "it cannot be decoded here"
_LATE: Final = "no picture: there was no time for all of them"
_SOUND: Final = "sound without picture"
_PICTURED: Final = (ClipKind.VIDEO, ClipKind.STILL, ClipKind.SEQUENCE)


def of_report(
    report: OffloadReport, *, cancel: IsCancelled = never, budget: int = BUDGET
) -> dict[str, Seen]:
    """By a clip's first file: its pictures.

    Args:
        report: the clips, and where their copies are.
        cancel: asked between clips, and while one is decoded.
        budget: nanoseconds for all of them.

    Raises:
        Cancelled: called off.
    """
    copies = _Copies(report)
    places = _THREE if len(report.clips) <= THREE_UP_TO else _ONE
    until = clock.monotonic_ns() + budget
    found: dict[str, Seen] = {}
    with FrameWorker(seconds=_SECONDS) as worker:
        for clip in report.clips:
            if not clip.parts:
                continue
            if clip.kind not in _PICTURED:
                seen: Seen = ((), _SOUND)
            elif clock.monotonic_ns() > until:
                seen = ((), _LATE)
            else:
                seen = _of_clip(clip, copies, worker, places, cancel)
            found[clip.parts[0].rel] = seen
    return found


class _Copies:
    """Where files can be looked at: destinations that are there and are what they were, and copies that were read back."""

    def __init__(self, report: OffloadReport) -> None:
        self._files = {one.path: one for one in report.files}
        self._places = [
            (place, Path(at.leg.root) / at.leg.folder)
            for place, at in enumerate(report.places)
            if _there(at.leg.root, at.leg.lasting)
        ]

    def of(self, rel: str) -> Iterator[Path]:
        """Copies of a file that were read back, and are there."""
        one = self._files.get(rel)
        for place, folder in self._places:
            if one and one.copies[place].state is CopyState.VERIFIED:
                path = folder / rel
                if path.is_file() and not path.is_symlink():
                    yield path


def _there(root: str, lasting: str) -> bool:
    try:
        RootGuard.of(Path(root), lasting)
    except RushesError:
        return False
    return True


def _of_clip(
    clip: CardClip,
    copies: _Copies,
    worker: FrameWorker,
    places: tuple[str, ...],
    cancel: IsCancelled,
) -> Seen:
    still = clip.kind is not ClipKind.VIDEO
    request: Mapping[str, object] = {
        "op": "strip", "longest": LONGEST, "places": places, "still": still,
    }  # fmt: skip
    essence = [path for rel in clip.essence[:1] for path in copies.of(rel)]
    for path in essence:
        if raw_formats.by_name(path):
            break
        if pictures := _asked(worker, path, request, cancel):
            return pictures, ""
    for rel in clip.thumbnails:
        for path in copies.of(rel):
            own: Mapping[str, object] = {
                "op": "strip",
                "longest": LONGEST,
                "places": _ONE,
                "still": True,
            }
            if pictures := _asked(worker, path, own, cancel):
                return pictures, _CAMERAS
    return (), _NONE if essence else _NO_COPY


def _asked(
    worker: FrameWorker, path: Path, request: Mapping[str, object], cancel: IsCancelled
) -> tuple[str, ...]:
    """The pictures of one file; none where it has none that decodes."""
    try:
        reply = worker.ask(path, request, cancel=cancel)
    except Cancelled:
        raise
    except RushesError:
        return ()
    return tuple(cast("list[str]", reply["pictures"]))
