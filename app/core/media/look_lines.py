"""What is said between Rushes and the child that reads headers: one JSON object a line, nothing else."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from app.core.media.start_labels import Written
from app.core.model import errors, facts_json
from app.core.model.errors import RushesError
from app.core.model.media import MediaFacts


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One file to be looked at."""

    path: Path
    root: Path | None
    """The volume: no link below it is followed."""
    mediainfo: bool = True
    """False after libmediainfo has crashed on this file."""


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """What the headers say, and what ffprobe must still be asked."""

    facts: MediaFacts
    size: int = 0
    demuxers: tuple[str, ...] = ()
    """The only demuxers of ffmpeg that may open it."""
    doubts: tuple[str, ...] = ()
    """Why ffprobe is needed, in words; empty where everything is known."""
    label: Written | None = None
    """The start as written, where the rate is not known yet."""


_REFUSALS = ("Refused", "Missing", "Passing", "BadData")


def request_line(request: Request) -> str:
    """One line for the child; bytes of names that are no UTF-8 survive as escaped surrogates."""
    root = str(request.root) if request.root else None
    return json.dumps({"path": str(request.path), "root": root, "mediainfo": request.mediainfo})


def read_request(line: str) -> Request:
    """Reads what `request_line` wrote."""
    value: dict[str, Any] = json.loads(line)
    root: str | None = value["root"]
    return Request(Path(value["path"]), Path(root) if root else None, bool(value["mediainfo"]))


def answer_line(look: Look) -> str:
    """One line from the child."""
    value = {
        "facts": facts_json.dump(look.facts),
        "size": look.size,
        "demuxers": look.demuxers,
        "doubts": look.doubts,
        "label": dataclasses.asdict(look.label) if look.label else None,
    }
    return json.dumps(value)


def refusal_line(problem: RushesError) -> str:
    """An error as the child's answer."""
    sort = type(problem).__name__
    words = {"title": problem.title, "message": problem.message, "subject": problem.subject}
    return json.dumps({"error": words | {"sort": sort if sort in _REFUSALS else "BadData"}})


def read_answer(line: str) -> Look:
    """Reads the child's answer.

    Raises:
        Refused: not a regular file.
        Missing: the file is gone.
        Passing: the volume does not answer.
        BadData: it cannot be read.
    """
    value: dict[str, Any] = json.loads(line)
    problem: dict[str, str] | None = value.get("error")
    if problem is not None:
        sort: type[RushesError] = getattr(errors, problem["sort"])
        raise sort(problem["title"], problem["message"], subject=problem["subject"])
    return Look(
        facts=facts_json.load(value["facts"]),
        size=int(value["size"]),
        demuxers=tuple(value["demuxers"]),
        doubts=tuple(value["doubts"]),
        label=Written(**value["label"]) if value["label"] else None,
    )
