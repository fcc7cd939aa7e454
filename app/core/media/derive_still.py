"""A still: poster and a viewing copy, from one decoding in the worker."""

import base64
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import cast

from app.core.media.derived import Derived, DeriveJob, Made
from app.core.media.frame_client import FrameWorker
from app.core.model.errors import BadData
from app.core.model.media import RenditionKind
from app.core.platform.pacing import Limiter

POSTER_LONGEST = 640
PROXY_LONGEST = 2160


def derive(
    job: DeriveJob, folder: Path, cancel: Callable[[], bool] | None, cap: Limiter | None
) -> Derived:
    """Makes `proxy.jpg` and `poster.jpg` of a picture, upright, never enlarged.

    Raises:
        BadData: it does not decode.
        Cancelled: `cancel` said so.
    """
    if not job.sources or not job.sources[0].parts:
        raise BadData("No media", "There is no file to derive from.")
    path = job.sources[0].parts[0]
    wanted = {
        kind: longest
        for kind, longest in (
            (RenditionKind.PROXY, PROXY_LONGEST),
            (RenditionKind.POSTER, POSTER_LONGEST),
        )
        if kind in job.wanted
    }
    with FrameWorker(nice=job.nice, threads=job.threads) as worker:
        request = {"op": "still", "longest": list(wanted.values()), "still": True}
        reply = worker.ask(path, request, cancel=cancel, cap=cap)
    pictures = cast("list[str]", reply["pictures"])
    width, height = cast("list[int]", reply["size"])
    made: list[Made] = []
    for kind, packed in zip(wanted, pictures, strict=True):
        out = folder / f"{kind.value}.jpg"
        made.append(Made(kind, out.name, out.write_bytes(base64.b64decode(packed))))
    return Derived(
        made=tuple(made),
        frames=1,
        duration=None,
        complete=True,
        errors=0,
        first_errors=(),
        parity=None,
        frame_map=None,
        filmstrip=None,
        poster_frame=0,
        loudness=(),
        channels=(),
        likeness=(),
        essence=str(reply["essence"]),
        size=(width, height),
        deinterlaced=False,
        other_sizes=(),
        encoder=None,
        cpu_seconds=Fraction(0),
    )
