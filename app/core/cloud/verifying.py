"""What an object in the bucket is worth: held against what was read from the file.

Recorded as sent is only what was seen to be there. How it was seen is part of the answer: a checksum
the store keeps and checks, the MD5 in its ETag, or every byte read back.
"""

import base64
import dataclasses
import enum
from collections.abc import Sequence
from typing import Final

import xxhash

from app.core.cloud.checksums import composite, composite_etag
from app.core.cloud.pacing import IsCancelled, never
from app.core.cloud.source import HASH_PREFIX
from app.core.cloud.store import (
    HASH_FIELD,
    Checksum,
    ChecksumAlgorithm,
    ChecksumKind,
    Conflict,
    ObjectInfo,
    ObjectStore,
    PartInfo,
)
from app.core.model.errors import Cancelled, Damage

_WINDOW: Final = 8 << 20
"""Bytes of one request when an object is read back."""
_READINGS: Final = 2
"""Bytes are damaged on the way down as well: what does not fit is read once more before the bucket is blamed."""


class Evidence(enum.StrEnum):
    """How an object was seen to be whole."""

    CHECKSUM = "checksum"
    """The store's own checksum of what it holds."""
    ETAG = "etag"
    """The ETag is the MD5 of what was sent."""
    READ_BACK = "read back"
    """Every byte was fetched and hashed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """What the object must be."""

    size: int
    content_hash: str
    checksum: Checksum | None
    """Of the whole content."""
    parts: Sequence[PartInfo]
    """With the checksums computed here. One for an object sent whole."""


def verify(
    store: ObjectStore,
    info: ObjectInfo,
    expected: Expected,
    cancelled: IsCancelled = never,
) -> Evidence:
    """How the object is known to be the expected content.

    Raises:
        Conflict: it is something else altogether.
        Damage: it says that it is our content, and is not.
        Passing: it could not be read back now.
    """
    check_same(store, info, expected.content_hash, expected.size)
    if _same_checksum(store, info, expected):
        return Evidence.CHECKSUM
    if info.etag and info.etag == _md5_etag(info, expected):
        return Evidence.ETAG
    readings = (read_back(store, info, cancelled) for _ in range(_READINGS))
    if expected.content_hash not in readings:
        raise _damaged(store, info)
    return Evidence.READ_BACK


def check_same(store: ObjectStore, info: ObjectInfo, content_hash: str, size: int) -> None:
    """What the object says of itself.

    Raises:
        Conflict: it is something else altogether.
        Damage: it says that it is our content, but has another size.
    """
    if info.metadata.get(HASH_FIELD) != content_hash:
        raise Conflict(
            "The key holds something else",
            f"There is already another object at {info.key}. It is left alone.",
            subject=store.place,
            todo="Change the target's key template, or take the other object away.",
        )
    if info.size != size:
        raise _damaged(store, info)


def read_back(store: ObjectStore, info: ObjectInfo, cancelled: IsCancelled = never) -> str:
    """The content hash of what the bucket gives out, as `xxh3-128:<hex>`."""
    running = xxhash.xxh3_128()
    at = 0
    while at < info.size:
        if cancelled():
            raise Cancelled("Called off", "Reading back was stopped.", subject=store.place)
        piece = store.get(info.key, at, min(_WINDOW, info.size - at))
        running.update(piece)
        at += len(piece)
    return HASH_PREFIX + running.hexdigest()


def _same_checksum(store: ObjectStore, info: ObjectInfo, expected: Expected) -> bool:
    """Whether the store's checksum says that the content is ours; False where it cannot tell.

    Raises:
        Damage: it says that the content is not ours.
    """
    found = info.checksum
    if found is None or found.algorithm is not store.capabilities().checksum:
        return False
    own = [part.checksum for part in expected.parts if part.checksum]
    if any(one.algorithm is not found.algorithm for one in own):
        return False
    if found.kind is ChecksumKind.COMPOSITE:
        # Another desk may have sent the same file in parts of another size: no proof of damage.
        return found == composite(found.algorithm, own)
    if expected.checksum is None:
        return False
    if found != expected.checksum:
        raise _damaged(store, info)
    return True


def _md5_etag(info: ObjectInfo, expected: Expected) -> str:
    """The ETag a plain store would show; empty where the MD5 of the parts is not known."""
    own = [part.checksum for part in expected.parts if part.checksum]
    if any(one.algorithm is not ChecksumAlgorithm.MD5 for one in own):
        return ""
    digests = [base64.b64decode(one.value).hex() for one in own]
    if "-" not in info.etag:
        return digests[0] if len(digests) == 1 else ""
    parts = zip(expected.parts, digests, strict=True)
    return composite_etag(dataclasses.replace(part, etag=etag) for part, etag in parts)


def _damaged(store: ObjectStore, info: ObjectInfo) -> Damage:
    return Damage(
        "The copy in the bucket is damaged",
        f"{info.key} is not what was sent, though the bucket took it.",
        subject=store.place,
        todo="Delete that object in the bucket, then retry. The file here is untouched.",
    )
