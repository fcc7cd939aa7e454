"""What the catalog of a running program says, read beside it."""

import contextlib
import dataclasses
import os
import sqlite3
from collections import Counter
from pathlib import Path


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """One look into the catalog."""

    clips: dict[str, str]
    """The clip of each content, by full hash, of files that are or were there."""
    files: dict[str, tuple[str, str, str]]
    """(state, full hash, clip) by absolute path."""
    aliases: dict[str, str]
    notes: dict[str, str]
    """The clip of each note that is not deleted, by its text."""
    sent: Counter[str]
    """Verified uploads by full hash."""
    uploads: list[tuple[str, str, str, str, str]]
    """(target, key, state, full hash, error) of every upload."""
    left: dict[str, tuple[str, str, str]]
    """(target, key, full hash) of what is neither sent nor given up, by the key of its work."""

    def resolved(self, clip: str) -> str:
        """The clip that an id means now."""
        while clip in self.aliases:
            clip = self.aliases[clip]
        return clip


def look(home: Path) -> Known:
    """Reads the catalog; the program may run meanwhile."""
    path = home / "catalog.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as plain:
        plain.execute("BEGIN")
        files = plain.execute(
            "SELECT m.path, f.path, f.state, coalesce(f.full_hash, ''), coalesce(f.clip_id, '')"
            " FROM file f JOIN mount m ON m.volume_id = f.volume_id"
        ).fetchall()
        uploads = plain.execute(
            "SELECT t.fields ->> '$.name', u.key, u.state, coalesce(u.hash, ''), coalesce(u.error, ''), u.id"
            " FROM upload u JOIN target t ON t.id = u.target_id"
        ).fetchall()
        return Known(
            clips={full: clip for *_, full, clip in files if full and clip},
            files={
                os.fsdecode(mount + b"/" + path): (state, full, clip)
                for mount, path, state, full, clip in files
            },
            aliases=dict(plain.execute("SELECT alias, clip_id FROM clip_alias")),
            notes=dict(plain.execute("SELECT text, clip_id FROM note WHERE deleted = 0")),
            sent=Counter(full for _, _, state, full, *_ in uploads if state == "verified"),
            uploads=[tuple(row[:5]) for row in uploads],
            left={
                f"upload:{row[5]}": (row[0], row[1], row[3])
                for row in uploads
                if row[2] not in ("verified", "stopped")
            },
        )
