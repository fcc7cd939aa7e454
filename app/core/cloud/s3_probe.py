"""Finds out what an S3 server really does, with a few requests of a few bytes.

Some servers take a checksum, store damaged bytes and hand the checksum back. So a checksum counts
only when a wrong one was refused and the right one is shown afterwards.
"""

import dataclasses
import logging
import re
import uuid
from collections.abc import Callable
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
from app.core.model.errors import Passing, Refused, RushesError

log = logging.getLogger(__name__)

PROBE_PREFIX: Final = ".rushes/probe-"
PROBE_BODY: Final = b"Rushes looks what this bucket can do.\n"
_WRONG_BODY: Final = b"Anything else.\n"
ASKED: Final = 3
"""How often a bucket must fall short before it counts as a bucket that cannot do it: a no may be a fault that passes, a yes never is."""
_NAME: Final = re.compile(re.escape(PROBE_PREFIX) + "[0-9a-f]{32}")


def is_probe(key: str) -> bool:
    """Whether this is the name of a probe object: random enough that nobody else has it."""
    return _NAME.fullmatch(key) is not None


class ProbedStore(ObjectStore, Protocol):
    """What the probe needs beyond the port."""

    def begin_multipart(
        self, key: str, metadata: Metadata, algorithm: ChecksumAlgorithm
    ) -> tuple[str, ChecksumKind | None]:
        """Begins a multipart upload; what the object's checksum will cover."""
        ...

    def forget_probe(self, key: str, version: str) -> None:
        """Deletes a probe object, or this version of it; never anything else."""
        ...


def probe(store: ProbedStore) -> Capabilities:
    """What the bucket can do, by one small object, which is deleted again where that is allowed.

    Raises:
        Missing: no bucket, no right to write, no credentials.
        Passing: it does not answer.
    """
    kept = _kept(store)
    look = _Look(store, kept or f"{PROBE_PREFIX}{uuid.uuid4().hex}")
    try:
        found = look.capabilities()
    finally:
        stays = bool(kept) or not look.forget()
    return dataclasses.replace(found, leaves=look.key if stays else "")


def _kept(store: ProbedStore) -> str:
    """An earlier probe's object that could not be deleted: it is written anew, so that they do not pile up."""
    try:
        listed = list(store.list(PROBE_PREFIX))
    except RushesError as error:
        # The right to list is not needed; what else is wrong is said by the first write.
        log.info("earlier probes in %s were not looked for: %s", store.place, error.title)
        return ""
    ours = (one for one in listed if is_probe(one.key) and one.size == len(PROBE_BODY))
    return next((one.key for one in ours), "")


def _candidates() -> list[ChecksumAlgorithm]:
    weaker = [ChecksumAlgorithm.CRC32]
    return [ChecksumAlgorithm.CRC64NVME, *weaker] if has_crc64() else weaker


class _Look:
    """One object, and what a store does with it."""

    def __init__(self, store: ProbedStore, key: str) -> None:
        self._store = store
        self.key = key
        self._versions: dict[str, None] = {}
        """What was written and is still to be deleted; "" where the bucket keeps no versions."""

    def capabilities(self) -> Capabilities:
        """What was seen. The object is there afterwards."""
        algorithm = next((one for one in _candidates() if self._guards(one)), ChecksumAlgorithm.MD5)
        if algorithm is ChecksumAlgorithm.MD5:
            # With the others it was written already.
            self._put(checksum_of(algorithm, PROBE_BODY), if_none_match=False)
        md5 = md5_hex(PROBE_BODY)
        return Capabilities(
            checksum=algorithm,
            full_object=algorithm is not ChecksumAlgorithm.MD5
            and _seen(lambda: self._covers_all(algorithm)),
            conditional_writes=_seen(self._refuses_overwrite),
            md5_etags=_seen(
                lambda: (there := self._store.head(self.key)) is not None and there.etag == md5
            ),
        )

    def forget(self) -> bool:
        """Deletes what was written, version by version; False where something stays."""
        try:
            for version in list(self._versions):
                self._store.forget_probe(self.key, version)
                del self._versions[version]
        except RushesError as error:
            log.info("%s stays in %s: %s", self.key, self._store.place, error.title)
        return not self._versions

    def _guards(self, algorithm: ChecksumAlgorithm) -> bool:
        """Whether a wrong checksum is refused, and the right one kept and shown."""
        return _seen(lambda: self._refuses_wrong(algorithm)) and _seen(
            lambda: self._keeps_right(algorithm)
        )

    def _refuses_wrong(self, algorithm: ChecksumAlgorithm) -> bool:
        try:
            self._put(checksum_of(algorithm, _WRONG_BODY), if_none_match=False)
        except DamagedOnTheWay:
            return True
        return False

    def _keeps_right(self, algorithm: ChecksumAlgorithm) -> bool:
        right = checksum_of(algorithm, PROBE_BODY)
        self._put(right, if_none_match=False)
        info = self._store.head(self.key)
        return info is not None and info.checksum == right

    def _covers_all(self, algorithm: ChecksumAlgorithm) -> bool:
        upload_id, kind = self._store.begin_multipart(self.key, {}, algorithm)
        self._store.abort(self.key, upload_id)
        return kind is ChecksumKind.FULL_OBJECT

    def _refuses_overwrite(self) -> bool:
        # Where another desk deleted the object meanwhile, which this one found and took up, it is written anew here.
        try:
            self._put(None, if_none_match=True)
        except Conflict:
            return True
        return False

    def _put(self, checksum: Checksum | None, *, if_none_match: bool) -> None:
        info = self._store.put(
            self.key,
            BytesBody(PROBE_BODY),
            checksum=checksum,
            metadata={},
            if_none_match=if_none_match,
        )
        self._versions[info.version] = None


def _seen(look: Callable[[], bool]) -> bool:
    """Whether a bucket does something: it is asked again where it does not, does not know what is asked, or does not answer.

    Raises:
        Passing: it did not do it, and not every one of its answers came.
    """
    unanswered: Passing | None = None
    for _ in range(ASKED):
        try:
            if look():
                return True
        except Passing as fault:
            unanswered = fault
        except Refused as refusal:
            log.info("asked what a bucket can do: %s", refusal.detail or refusal.title)
    if unanswered:
        raise unanswered
    return False
