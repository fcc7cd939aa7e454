"""When the parts of an offload were found as they stand: what reports tell beside the states."""

from app.core.catalog.rows import Reader


def copy_times(reader: Reader, offload_id: str) -> dict[tuple[str, int], int]:
    """By (leg, number of the file): when its copy was last found as it stands, in ms since 1970, UTC."""
    rows = reader.tuples(
        "SELECT c.leg_id, c.n, c.at_ms FROM offload_copy c JOIN offload_leg l ON l.id = c.leg_id WHERE l.offload_id = ?",
        offload_id,
    )
    return {(str(leg), int(n)): int(at_ms) for leg, n, at_ms in rows}


def read_times(reader: Reader, offload_id: str) -> dict[int, int]:
    """By number of the file: when it was last read on the source, in ms since 1970, UTC. What was not read is left out."""
    rows = reader.tuples(
        "SELECT n, read_ms FROM offload_entry WHERE offload_id = ? AND read_ms IS NOT NULL",
        offload_id,
    )
    return {int(n): int(read_ms) for n, read_ms in rows}


def manifest_times(reader: Reader, offload_id: str) -> dict[str, int]:
    """By leg: when its hash list was written, in ms since 1970, UTC. Legs without one are left out."""
    rows = reader.tuples(
        "SELECT id, manifest_ms FROM offload_leg WHERE offload_id = ? AND manifest_ms IS NOT NULL",
        offload_id,
    )
    return {str(leg): int(at_ms) for leg, at_ms in rows}


def newest(reader: Reader) -> dict[str, int]:
    """By offload: the time of its newest file, as the source told it, in ns since 1970, UTC."""
    rows = reader.tuples("SELECT offload_id, max(mtime_ns) FROM offload_entry GROUP BY offload_id")
    return {str(offload): int(mtime_ns) for offload, mtime_ns in rows}
