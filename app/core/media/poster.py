"""A picture of a clip within a moment, before its proxy is made."""

import base64
from collections.abc import Callable
from pathlib import Path

from app.core.media.frame_client import FrameWorker
from app.core.model.media import ClipKind, MediaFacts
from app.core.platform.durable import write_file
from app.core.platform.pacing import Limiter

LONGEST = 640
"""Pixels of the longer side."""


def poster(
    path: Path,
    facts: MediaFacts,
    out: Path,
    *,
    worker: FrameWorker | None = None,
    cancel: Callable[[], bool] | None = None,
    cap: Limiter | None = None,
) -> bool:
    """Writes a JPEG of a telling key frame, upright, square-pixelled, at most 640 pixels long.

    Sound has no poster here: its waveform is drawn when it is derived.

    Args:
        path: the clip's first file with a picture; for an image sequence one of its pictures.
        facts: of that file.
        out: where to write it; whole or not at all.
        worker: a decoder to use again; for many posters, keep one.
        cancel: asked now and then.
        cap: the limit of the volume. What this poster read, which nobody knows before, is waited for by the next.

    Returns:
        True when a poster was written; False for sound and documents.

    Raises:
        BadData: no picture decodes.
        Cancelled: `cancel` said so.
    """
    if facts.kind in (ClipKind.AUDIO, ClipKind.DOCUMENT):
        return False
    still = facts.kind in (ClipKind.STILL, ClipKind.SEQUENCE)
    request = {"op": "poster", "longest": LONGEST, "still": still}
    if worker is not None:
        reply = worker.ask(path, request, cancel=cancel, cap=cap)
    else:
        with FrameWorker() as own:
            reply = own.ask(path, request, cancel=cancel, cap=cap)
    write_file(out, base64.b64decode(str(reply["picture"])), mode=0o644)
    return True
