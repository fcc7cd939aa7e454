"""Values for the window's tests."""

from fractions import Fraction

from app.core.model.entities import Clip
from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import ClipKind, ClipState


def clip(**changes: object) -> Clip:
    """A clip of ten seconds at 25, starting at one hour."""
    fields: dict[str, object] = {
        "id": ClipId("clip"),
        "row": ClipRow(1),
        "content_id": "content",
        "name": "B002C011",
        "kind": ClipKind.VIDEO,
        "state": ClipState.READY,
        "rate": Fraction(25),
        "vfr": False,
        "drop": False,
        "start_frame": 90_000,
        "label_rate": Fraction(25),
        "frames": 250,
        "width": 1920,
        "height": 1080,
        "codec": "h264",
        "pix_fmt": "yuv420p",
        "rotation": 0,
        "audio": (),
        "reel": None,
        "camera": None,
        "scene": None,
        "take": None,
        "shot": None,
        "recorded_at": None,
        "gaps": (),
        "problem": None,
        "hash": None,
        "card": None,
        "tags": {},
        "origins": {},
    }
    return Clip(**{**fields, **changes})  # type: ignore[arg-type]
