"""Finds out what an S3 server really does, with a few requests of a few bytes.

Some servers take a checksum, store damaged bytes and hand the checksum back. So a checksum counts
only when a wrong one was refused and the right one is shown afterwards.
"""

from typing import Final, Protocol

from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import checksum_of, has_crc64, md5_hex
from app.core.cloud.store import (
    Capabilities,
    Checksum,
    ChecksumAlgorithm,
    ChecksumKind,
    Conflict,
    DamagedOnTheWay,
    Metadata,
    ObjectStore,
)
from app.core.model.errors import Refused

PROBE_KEY: Final = ".rushes/probe"
PROBE_BODY: Final = b"Rushes looks what this bucket can do.\n"
_WRONG_BODY: Final = b"Anything else.\n"


class ProbedStore(ObjectStore, Protocol):
    """What the probe needs beyond the port."""

    def begin_multipart(
        self, key: str, metadata: Metadata, algorithm: ChecksumAlgorithm
    ) -> tuple[str, ChecksumKind | None]:
        """Begins a multipart upload; what the object's checksum will cover."""
        ...


def probe(store: ProbedStore) -> Capabilities:
    """What the bucket can do. Leaves one small object there.

    Raises:
        Missing: no bucket, no right to write, no credentials.
        Passing: it does not answer.
    """
    algorithm = next((one for one in _candidates() if _guards(store, one)), ChecksumAlgorithm.MD5)
    # Also puts the right content back where a wrong one was taken.
    _put(store, checksum_of(algorithm, PROBE_BODY), if_none_match=False)
    there = store.head(PROBE_KEY)
    return Capabilities(
        checksum=algorithm,
        full_object=algorithm is not ChecksumAlgorithm.MD5 and _covers_all(store, algorithm),
        conditional_writes=_refuses_overwrite(store),
        md5_etags=there is not None and there.etag == md5_hex(PROBE_BODY),
    )


def _candidates() -> list[ChecksumAlgorithm]:
    weaker = [ChecksumAlgorithm.CRC32]
    return [ChecksumAlgorithm.CRC64NVME, *weaker] if has_crc64() else weaker


def _guards(store: ProbedStore, algorithm: ChecksumAlgorithm) -> bool:
    """Whether a wrong checksum is refused, and the right one kept and shown."""
    try:
        _put(store, checksum_of(algorithm, _WRONG_BODY), if_none_match=False)
    except DamagedOnTheWay:
        right = checksum_of(algorithm, PROBE_BODY)
        _put(store, right, if_none_match=False)
        info = store.head(PROBE_KEY)
        return info is not None and info.checksum == right
    except Refused:
        return False
    return False


def _covers_all(store: ProbedStore, algorithm: ChecksumAlgorithm) -> bool:
    upload_id, kind = store.begin_multipart(PROBE_KEY, {}, algorithm)
    store.abort(PROBE_KEY, upload_id)
    return kind is ChecksumKind.FULL_OBJECT


def _refuses_overwrite(store: ProbedStore) -> bool:
    try:
        _put(store, None, if_none_match=True)
    except Conflict:
        return True
    except Refused:
        return False  # it does not know the condition and says so
    return False


def _put(store: ProbedStore, checksum: Checksum | None, *, if_none_match: bool) -> None:
    store.put(
        PROBE_KEY,
        BytesBody(PROBE_BODY),
        checksum=checksum,
        metadata={},
        if_none_match=if_none_match,
    )
