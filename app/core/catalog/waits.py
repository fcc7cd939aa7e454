"""Hours until which something waits, as stored: they are of a clock that may be set back."""

from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect


def end(tx: Tx, after_ms: int, quiet_ms: int) -> int:
    """What waits for a later hour than this is due: failures that pass, uploads, growing files. Returns how much.

    Args:
        tx: the transaction.
        after_ms: hours up to this one stand; milliseconds since 1970.
        quiet_ms: when growing files are looked at instead.
    """
    count = tx.run(
        "UPDATE attempt SET not_before = 0 WHERE stopped = 0 AND not_before > ?", after_ms
    )
    count += tx.run("UPDATE upload SET not_before = 0 WHERE not_before > ?", after_ms)
    count += tx.run(
        "UPDATE file SET settled_at = ? WHERE state = 'growing' AND settled_at > ?",
        quiet_ms,
        after_ms,
    )
    if count:
        tx.touch(Aspect.ATTEMPT)
    return count
