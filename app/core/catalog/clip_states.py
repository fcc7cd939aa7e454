"""How clips stand: their own state where a whole copy is online, else offline, else missing."""

from collections.abc import Iterable
from typing import Final

from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect

IDENTITY: Final = "('essence', 'span', 'audio')"
_COPY: Final = f"SELECT 1 FROM file f JOIN volume v ON v.id = f.volume_id WHERE f.clip_id = clip.id AND f.role IN {IDENTITY} GROUP BY f.place"
_EFFECTIVE: Final = f"""(CASE
    WHEN EXISTS ({_COPY} HAVING min(f.state <> 'missing' AND v.online AND NOT v.forgotten)) THEN own_state
    WHEN EXISTS ({_COPY} HAVING min(f.state <> 'missing' AND NOT v.forgotten)) THEN 'offline'
    ELSE 'missing' END)"""


def refresh_states(tx: Tx, clip_ids: Iterable[str]) -> None:
    """Effective states from the clips' own and from where their files are now."""
    for clip_id in clip_ids:
        if tx.run(
            f"UPDATE clip SET state = {_EFFECTIVE} WHERE id = ? AND state <> {_EFFECTIVE}", clip_id
        ):
            tx.touch(Aspect.CLIP, clip_id)


def refresh_volume(tx: Tx, volume_id: str) -> int:
    """The same for every clip with a file on this volume; returns how many changed."""
    changed = tx.run(
        f"UPDATE clip SET state = {_EFFECTIVE} WHERE id IN (SELECT clip_id FROM file WHERE volume_id = ? AND clip_id IS NOT NULL)"
        f" AND state <> {_EFFECTIVE}",
        volume_id,
    )
    if changed:
        tx.touch(Aspect.CLIP)
    return changed
