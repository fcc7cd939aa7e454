"""Sequences of which a frame went away after their bytes were known: absence is a state, the bytes stay what they were.

A decision stays bound to the whole of them; until the frame is back, what is there is not what was decided on.
"""

import itertools
from collections.abc import Sequence

from app.core.catalog.clip_states import IDENTITY
from app.core.catalog.decisions import STANDING
from app.core.catalog.rows import Reader
from app.core.files import hashing


def lacks_frames(reader: Reader, clip_id: str) -> bool:
    """Whether every copy of a sequence was read whole once, and none has all its frames now."""
    wanted = reader.value(
        "SELECT x.full_hash FROM clip c JOIN content x ON x.id = c.content_id WHERE c.id = ? AND c.kind = 'sequence'",
        clip_id,
    )
    rows = reader.all(
        f"SELECT place, full_hash FROM file WHERE clip_id = ? AND role IN {IDENTITY} ORDER BY place, role, part, path",
        clip_id,
    )
    copies = [
        [row["full_hash"] for row in files]
        for _, files in itertools.groupby(rows, lambda row: row["place"])
    ]
    return bool(wanted and copies) and not any(is_whole(copy, wanted) for copy in copies)


def is_whole(hashes: Sequence[str | None], wanted: str) -> bool:
    """Whether files of these hashes, in order, are the content; a file that was not read yet may still be."""
    known = [each for each in hashes if each]
    return len(known) < len(hashes) or hashing.combined(known) == wanted


def approved_in_part(reader: Reader) -> list[tuple[str, str]]:
    """(what is wrong, clip) of approved sequences of which a frame is missing."""
    rows = reader.all(
        f"SELECT DISTINCT c.id, c.folder_text, c.name, c.n FROM {STANDING} AND c.kind = 'sequence' ORDER BY c.n"
    )
    words = "a frame that was approved is missing: it is not sent until the frame is back"
    return [
        (words, f"{row['folder_text']}/{row['name']}")
        for row in rows
        if lacks_frames(reader, row["id"])
    ]
