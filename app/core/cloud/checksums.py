"""Checksums as S3 writes them: base64 of the big-endian digest, whole or composite.

CRC64NVME comes from awscrt (0.1 CPU s a GB); without it CRC32 of zlib takes its place.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable

from app.core.cloud.store import Checksum, ChecksumAlgorithm, ChecksumKind, PartInfo
from app.core.model.errors import Bug
from app.core.platform.crc64 import Crc64, crc64nvme


class RunningChecksum:
    """A checksum over bytes that come one after another."""

    def __init__(self, algorithm: ChecksumAlgorithm) -> None:
        self.algorithm = algorithm
        self._crc: Crc64 | None = None
        self._state = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        if algorithm is not ChecksumAlgorithm.MD5:
            self._crc = _crc_function(algorithm)

    def update(self, data: bytes | memoryview) -> None:
        """Takes the next bytes."""
        if self._crc:
            self._state = self._crc(data, self._state)
        else:
            self._md5.update(data)

    def result(self) -> Checksum:
        """The checksum of everything taken so far."""
        if self._crc:
            width = 8 if self.algorithm is ChecksumAlgorithm.CRC64NVME else 4
            digest = self._state.to_bytes(width, "big")
        else:
            digest = self._md5.digest()
        return Checksum(self.algorithm, base64.b64encode(digest).decode())


def checksum_of(algorithm: ChecksumAlgorithm, data: bytes | memoryview) -> Checksum:
    """The checksum of some bytes."""
    running = RunningChecksum(algorithm)
    running.update(data)
    return running.result()


def composite(algorithm: ChecksumAlgorithm, parts: Iterable[Checksum]) -> Checksum:
    """The checksum S3 gives a multipart object from those of its parts, in their order."""
    digests = [base64.b64decode(part.value) for part in parts]
    whole = checksum_of(algorithm, b"".join(digests))
    return Checksum(algorithm, f"{whole.value}-{len(digests)}", ChecksumKind.COMPOSITE)


def md5_hex(data: bytes | memoryview) -> str:
    """The ETag a plain store gives these bytes."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def composite_etag(parts: Iterable[PartInfo]) -> str:
    """The ETag a plain store gives an object of these parts; empty when theirs are no MD5."""
    etags = [part.etag for part in parts]
    try:
        digests = [bytes.fromhex(etag) for etag in etags]
    except ValueError:
        return ""
    return f"{md5_hex(b''.join(digests))}-{len(etags)}"


def has_crc64() -> bool:
    """Whether CRC64NVME can be computed here."""
    return crc64nvme() is not None


def is_ours(algorithm: ChecksumAlgorithm) -> bool:
    """Whether Rushes sends checksums of this algorithm and can compute it here."""
    if algorithm is ChecksumAlgorithm.CRC64NVME:
        return has_crc64()
    return algorithm in (ChecksumAlgorithm.CRC32, ChecksumAlgorithm.MD5)


def _crc_function(algorithm: ChecksumAlgorithm) -> Crc64:
    if algorithm is ChecksumAlgorithm.CRC32:
        return zlib.crc32
    found = crc64nvme() if algorithm is ChecksumAlgorithm.CRC64NVME else None
    if found is None:
        raise Bug("No such checksum", f"{algorithm} cannot be computed here.")
    return found
