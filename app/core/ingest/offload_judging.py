"""What a file that was read is, and what became of it on a destination: in the states that the journal keeps."""

from collections.abc import Mapping
from typing import Final

from app.core.files import copying
from app.core.files.copying import CopyResult
from app.core.files.digests import HashName
from app.core.files.mhl_values import FORMATS, MhlHash
from app.core.ingest.offload_source import Reference
from app.core.model.errors import RushesError
from app.core.model.offloads import CopyState, EntryState, OffloadEntry

HASH: Final[HashName] = "xxh128"
"""The one by which copies are compared and found again."""

_OTHER: Final = "the source gave other bytes than the first time"


def plain(hashes: Mapping[HashName, str]) -> dict[str, str]:
    """Hashes by their names as texts."""
    return {str(name): text for name, text in hashes.items()}


def other_bytes(entry: OffloadEntry, result: CopyResult) -> bool:
    """Whether a file was read before, and gave something else then."""
    known = entry.hashes.get(HASH)
    return bool(known and result.hashes and result.hashes[HASH] != known)


def source_state(
    entry: OffloadEntry, result: CopyResult, reference: Reference
) -> tuple[EntryState, str]:
    """What is known of a file of the card now, and what is wrong with it, in words."""
    if other_bytes(entry, result):
        return EntryState.DIFFERS, _OTHER
    if (result.size, result.mtime_ns) != (entry.size, entry.mtime_ns):
        return EntryState.DIFFERS, "it was changed on the card after the offload was begun"
    if said := reference.differs(result.rel, plain(result.hashes)):
        return EntryState.DIFFERS, said
    return (entry.state if entry.state is EntryState.TWICE else EntryState.READ), ""


def copy_state(
    entry: OffloadEntry, result: CopyResult, leg_id: str, error: RushesError | None
) -> tuple[CopyState, str] | None:
    """How a file stands on a leg, and why; None where the whole leg is lost with it."""
    if error is None:
        if other_bytes(entry, result):
            return CopyState.DIFFERS, "it has other bytes than were read first"
        return CopyState.COPIED, "it was there" if leg_id in result.already else ""
    return None if copying.stops(error) else (CopyState.FAILED, error.message)


def listed(entry: OffloadEntry, leg_id: str) -> MhlHash:
    """What the hash list of a copy says of a file; without hashes where nothing of it is there."""
    wrong = entry.state is EntryState.DIFFERS or entry.copies[leg_id][0] is CopyState.DIFFERS
    held: dict[HashName, str] = {
        name: entry.hashes[name] for name in FORMATS if name in entry.hashes
    }
    if entry.copies[leg_id][0] is CopyState.FAILED:
        held = {}
    return MhlHash(entry.path, entry.size, entry.mtime_ns, held, "failed" if wrong else "new")
