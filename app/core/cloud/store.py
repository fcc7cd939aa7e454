"""The object store port: what Rushes asks of a bucket, whoever keeps it.

`S3Store`, `FolderStore` and `MemoryStore` pass one conformance suite. The port has no `delete`:
nothing that was delivered can be taken away through it. Every error that leaves an implementation
is one of `app.core.model.errors`, with the bucket as its subject and never a secret in its words.
"""

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from typing import Protocol

from app.core.model.errors import Missing, Passing, Refused

METADATA_LIMIT = 2048
"""Bytes of names and values together, as S3 counts them."""

KEY_LIMIT = 1024
"""Bytes of a key in UTF-8, as S3 counts them."""

HASH_FIELD = "rushes-hash"
"""Metadata field that carries the content hash (`xxh3-128:<hex>`) of what was sent."""

Metadata = Mapping[str, str]
"""Lower-case ASCII names and printable ASCII values kept beside an object."""


class Conflict(Refused):
    """The key already holds something: a write that must create found an object."""


class ChangedMeanwhile(Passing):
    """Another write of the same key was in flight; looking again tells who won (S3's 409)."""


class DamagedOnTheWay(Passing):
    """The bytes that arrived are not those that were sent: send them again."""


class NoSuchUpload(Missing):
    """The multipart upload is not open: it was completed, aborted, or never begun."""


class PartsRefused(Refused):
    """The parts named are not those the bucket has, or so it says; the upload stays open."""


class Absent(Missing):
    """What was named (object or bucket) does not exist."""


class AccessDenied(Missing):
    """The credentials are good but lack a right, which the message names."""


class CredentialsRefused(Missing):
    """The credentials are wrong or ran out; the next request looks for others."""


class ChecksumAlgorithm(enum.StrEnum):
    """Checksums a store may keep beside an object; the first three are the ones Rushes sends."""

    CRC64NVME = "CRC64NVME"
    CRC32 = "CRC32"
    MD5 = "MD5"
    """Sent as Content-MD5: the store checks the bytes and forgets it (the ETag may show it)."""
    CRC32C = "CRC32C"
    SHA1 = "SHA1"
    SHA256 = "SHA256"


class ChecksumKind(enum.StrEnum):
    """What a checksum of a multipart object covers."""

    FULL_OBJECT = "FULL_OBJECT"
    COMPOSITE = "COMPOSITE"
    """A checksum of the parts' checksums, with `-<number of parts>` at its end."""


@dataclasses.dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum as S3 writes it."""

    algorithm: ChecksumAlgorithm
    value: str
    """Base64 of the big-endian digest; a composite one ends in `-<parts>`."""
    kind: ChecksumKind = ChecksumKind.FULL_OBJECT


@dataclasses.dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store says about one object."""

    key: str
    size: int
    etag: str
    """Without quotes. The MD5 of the bytes on plain stores, anything at all on others."""
    checksum: Checksum | None = None
    """None where the store keeps or tells none."""
    metadata: Metadata = dataclasses.field(default_factory=dict[str, str])
    storage_class: str = "STANDARD"
    version: str = ""
    """The version id where the bucket keeps versions."""


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """One line of a listing."""

    key: str
    size: int
    etag: str
    storage_class: str = "STANDARD"


@dataclasses.dataclass(frozen=True, slots=True)
class PartInfo:
    """One part that a store has."""

    number: int
    """From 1."""
    size: int
    etag: str
    checksum: Checksum | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class OpenMultipart:
    """A multipart upload that was begun and not ended; the store keeps, and bills, its parts."""

    key: str
    upload_id: str
    initiated_ms: int


@dataclasses.dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store was seen to do. A weaker store gets a weaker promise, and it is shown."""

    checksum: ChecksumAlgorithm
    """The strongest one it both verifies on arrival and shows afterwards; MD5 where it does not."""
    full_object: bool
    """A multipart object gets a checksum of its whole content."""
    conditional_writes: bool
    """`If-None-Match: *` is honoured: two writers cannot overwrite each other."""
    md5_etags: bool
    """The ETag of an object sent at once is the MD5 of its bytes."""
    leaves: str = ""
    """The key of the small object of the look that stays there, where it may not be deleted."""

    @property
    def lacks(self) -> bool:
        """Whether there is anything that it was not seen to do."""
        strong = self.checksum is ChecksumAlgorithm.CRC64NVME
        return not (strong and self.full_object and self.conditional_writes and self.md5_etags)

    @property
    def weaker(self) -> tuple[str, ...]:
        """What this store does not promise, in words for a person."""
        lines: list[str] = []
        if self.checksum is ChecksumAlgorithm.MD5:
            lines.append("it keeps no checksums: content is compared by ETag or by reading it back")
        if not self.conditional_writes:
            lines.append("it cannot refuse to overwrite: Rushes looks first, which is weaker")
        if self.leaves:
            lines.append(
                f"it does not let Rushes delete the small object of this look: {self.leaves} stays there"
            )
        return tuple(lines)


class Body(Protocol):
    """Bytes to send that can be read again from the start when a connection drops."""

    def __len__(self) -> int:
        """All bytes, read or not."""
        ...

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As for files."""
        ...

    def tell(self) -> int:
        """As for files."""
        ...


class ObjectStore(Protocol):
    """One bucket. Safe to use from several threads at a time."""

    @property
    def place(self) -> str:
        """Where it is, for errors and reports: bucket and endpoint."""
        ...

    def close(self) -> None:
        """Lets go of connections; the next request takes new ones. Quiet when there are none."""
        ...

    def capabilities(self) -> Capabilities:
        """Probed by an object of a few bytes that is deleted again where that is allowed; what it lacks is not believed for ever."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """What is at the key; None when nothing is."""
        ...

    def put(
        self,
        key: str,
        body: Body,
        *,
        checksum: Checksum | None,
        metadata: Metadata,
        if_none_match: bool,
    ) -> ObjectInfo:
        """Writes an object at once.

        Raises:
            Conflict: the key exists and `if_none_match` was asked for.
            DamagedOnTheWay: the bytes that arrived do not fit the checksum; nothing was written.
        """
        ...

    def create_multipart(
        self, key: str, *, metadata: Metadata, checksum_algorithm: ChecksumAlgorithm
    ) -> str:
        """Begins a multipart upload and returns its id."""
        ...

    def put_part(
        self, key: str, upload_id: str, number: int, body: Body, *, checksum: Checksum | None
    ) -> PartInfo:
        """Sends one part; the same number again replaces it.

        Raises:
            NoSuchUpload: the upload is not open.
            DamagedOnTheWay: the bytes that arrived do not fit the checksum; nothing was written.
        """
        ...

    def list_parts(self, key: str, upload_id: str) -> list[PartInfo]:
        """The parts that arrived, by number.

        Raises:
            NoSuchUpload: the upload is not open.
        """
        ...

    def complete(
        self,
        key: str,
        upload_id: str,
        parts: list[PartInfo],
        *,
        if_none_match: bool,
        full_checksum: Checksum | None,
    ) -> str:
        """Makes one object of the parts and returns its ETag.

        Raises:
            Conflict: the key exists and `if_none_match` was asked for; the upload stays open.
            PartsRefused: a part named is not there, or not with that ETag; the upload stays open.
            NoSuchUpload: the upload is not open.
        """
        ...

    def abort(self, key: str, upload_id: str) -> None:
        """Gives the parts up. Quiet when the upload is not open."""
        ...

    def list_multipart(self, prefix: str) -> Iterator[OpenMultipart]:
        """Every open multipart upload whose key starts with `prefix`."""
        ...

    def get(self, key: str, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. The caller hashes: no store checks a range."""
        ...

    def list(self, prefix: str) -> Iterator[Listed]:
        """Every object whose key starts with `prefix`, in the order of their keys."""
        ...


def check_key(key: str) -> str:
    """The key when any store can hold it, else `Refused`."""
    problem = ""
    if not key:
        problem = "is empty"
    elif len(key.encode("utf-8", "surrogatepass")) > KEY_LIMIT:
        problem = f"is longer than {KEY_LIMIT} bytes"
    elif any("\ud800" <= letter <= "\udfff" or letter < " " or letter == "\x7f" for letter in key):
        problem = "holds control characters or broken text"
    elif any(element in ("", ".", "..") for element in key.split("/")):
        problem = "has an empty element, `.` or `..`"
    if problem:
        raise Refused("The object key cannot be used", f"The key {key[:80]!r} {problem}.")
    return key


def check_metadata(metadata: Metadata) -> dict[str, str]:
    """The metadata when any store can hold it, else `Refused`."""
    for name, value in metadata.items():
        fine = name.isascii() and name == name.lower() and name.replace("-", "").isalnum()
        if not fine or not (value.isascii() and value.isprintable() and value == value.strip()):
            raise Refused("The object metadata cannot be stored", f"{name!r} is not plain ASCII.")
    if sum(len(name) + len(value) for name, value in metadata.items()) > METADATA_LIMIT:
        raise Refused(
            "The object metadata cannot be stored", f"It is over {METADATA_LIMIT} bytes in all."
        )
    return dict(metadata)
