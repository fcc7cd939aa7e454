"""What is said of a clip of which only a part decodes."""

from types import SimpleNamespace
from typing import Any

from app.core.media import complaints
from app.core.model.media import ClipKind, ClipState, MediaFacts
from app.core.post.derivatives import _measured


def told(frames: int | None, *lines: str, kind: ClipKind = ClipKind.VIDEO) -> str:
    material: Any = SimpleNamespace(
        clip=SimpleNamespace(kind=kind, frames=3000),
        facts=MediaFacts(kind=kind, frames=3000, frames_exact=True),
    )
    derived: Any = SimpleNamespace(
        frames=frames,
        complete=False,
        first_errors=lines,
        essence=None,
        errors=len(lines),
        other_sizes=(),
    )
    found = _measured(material, derived, None)
    assert found.state is ClipState.DAMAGED
    return found.problem or ""


def test_how_much_and_why_and_at_the_end_what_ffmpeg_said() -> None:
    words = told(1212, "error while decoding MB 1 2", "partial file")
    assert words.startswith(
        "Part of it does not decode: 1\u202f212 of 3\u202f000 frames decode. Parts of the picture"
    )
    assert words.endswith("(ffmpeg: error while decoding MB 1 2; partial file)")
    assert told(None) == "Part of it does not decode: less than its header promises."
    assert "of 3\u202f000 samples decode" in told(7, kind=ClipKind.AUDIO)
    assert complaints.meaning(["nobody knows"]) == ""
    assert told(7, "nobody knows").endswith("frames decode. (ffmpeg: nobody knows)")
