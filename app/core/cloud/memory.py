"""An object store in memory: the port in its plainest form, and a stand-in for weak servers."""

import dataclasses
import threading
from collections.abc import Iterator, Sequence

from app.core.cloud.checksums import checksum_of, composite, composite_etag, md5_hex
from app.core.cloud.store import (
    Absent,
    Body,
    Capabilities,
    Checksum,
    ChecksumAlgorithm,
    Conflict,
    DamagedOnTheWay,
    Listed,
    Metadata,
    NoSuchUpload,
    ObjectInfo,
    OpenMultipart,
    PartInfo,
    PartsRefused,
    check_key,
    check_metadata,
)
from app.core.model.errors import Refused
from app.core.model.ids import new_id
from app.core.platform import clock

STRONG = Capabilities(
    ChecksumAlgorithm.CRC64NVME, full_object=True, conditional_writes=True, md5_etags=True
)


@dataclasses.dataclass(slots=True)
class _Open:
    key: str
    metadata: dict[str, str]
    algorithm: ChecksumAlgorithm
    initiated_ms: int
    parts: dict[int, tuple[PartInfo, bytes]] = dataclasses.field(
        default_factory=dict[int, tuple[PartInfo, bytes]]
    )


class MemoryStore:
    """A bucket that lives and dies with the process.

    Args:
        capabilities: what it can do; a weaker set makes it behave like a weaker server.
    """

    def __init__(self, capabilities: Capabilities = STRONG) -> None:
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self._open: dict[str, _Open] = {}

    @property
    def place(self) -> str:
        """Says that it is in memory."""
        return "a bucket in memory"

    def close(self) -> None:
        """See the port."""

    def capabilities(self) -> Capabilities:
        """See the port; nothing is probed and nothing is left behind."""
        return self._capabilities

    def head(self, key: str) -> ObjectInfo | None:
        """See the port."""
        with self._lock:
            found = self._objects.get(key)
        return found[0] if found else None

    def put(
        self,
        key: str,
        body: Body,
        *,
        checksum: Checksum | None,
        metadata: Metadata,
        if_none_match: bool,
    ) -> ObjectInfo:
        """See the port."""
        data = self._received(body, checksum)
        kept = self._kept(self._capabilities.checksum, data)
        info = ObjectInfo(check_key(key), len(data), md5_hex(data), kept, check_metadata(metadata))
        with self._lock:
            self._check_free(key, if_none_match)
            self._objects[key] = (info, data)
        return info

    def create_multipart(
        self, key: str, *, metadata: Metadata, checksum_algorithm: ChecksumAlgorithm
    ) -> str:
        """See the port."""
        upload = _Open(check_key(key), check_metadata(metadata), checksum_algorithm, clock.now_ms())
        upload_id = new_id()
        with self._lock:
            self._open[upload_id] = upload
        return upload_id

    def put_part(
        self, key: str, upload_id: str, number: int, body: Body, *, checksum: Checksum | None
    ) -> PartInfo:
        """See the port."""
        data = self._received(body, checksum)
        with self._lock:
            upload = self._opened(key, upload_id)
            part = PartInfo(number, len(data), md5_hex(data), self._kept(upload.algorithm, data))
            upload.parts[number] = (part, data)
        return part

    def list_parts(self, key: str, upload_id: str) -> list[PartInfo]:
        """See the port."""
        with self._lock:
            parts = self._opened(key, upload_id).parts
            return [parts[number][0] for number in sorted(parts)]

    def complete(
        self,
        key: str,
        upload_id: str,
        parts: list[PartInfo],
        *,
        if_none_match: bool,
        full_checksum: Checksum | None,
    ) -> str:
        """See the port."""
        with self._lock:
            upload = self._opened(key, upload_id)
            self._check_free(key, if_none_match)
            have = [upload.parts.get(part.number) for part in parts]
            pieces = [entry for entry in have if entry]
            if [entry[0].etag for entry in pieces] != [part.etag for part in parts]:
                raise PartsRefused(
                    "The parts do not fit", "Some are not there.", subject=self.place
                )
            data = b"".join(entry[1] for entry in pieces)
            info = self._assembled(upload, [entry[0] for entry in pieces], data)
            if full_checksum and info.checksum and full_checksum.kind is info.checksum.kind:
                self._compare(full_checksum, info.checksum)
            self._objects[key] = (info, data)
            del self._open[upload_id]
        return info.etag

    def abort(self, key: str, upload_id: str) -> None:
        """See the port."""
        with self._lock:
            if upload_id in self._open and self._open[upload_id].key == key:
                del self._open[upload_id]

    def list_multipart(self, prefix: str) -> Iterator[OpenMultipart]:
        """See the port."""
        with self._lock:
            found = list(self._open.items())
        for upload_id, upload in found:
            if upload.key.startswith(prefix):
                yield OpenMultipart(upload.key, upload_id, upload.initiated_ms)

    def get(self, key: str, offset: int, length: int) -> bytes:
        """See the port."""
        with self._lock:
            found = self._objects.get(key)
        if found is None:
            raise Absent("There is no such object", "The key holds nothing.", subject=self.place)
        data = found[1][offset : offset + length]
        if len(data) != length:
            raise Refused("The range is outside the object", subject=self.place)
        return data

    def list(self, prefix: str) -> Iterator[Listed]:
        """See the port."""
        with self._lock:
            found = [info for _, (info, _) in sorted(self._objects.items())]
        for info in found:
            if info.key.startswith(prefix):
                yield Listed(info.key, info.size, info.etag, info.storage_class)

    def _received(self, body: Body, checksum: Checksum | None) -> bytes:
        body.seek(0)
        data = body.read()
        if checksum:
            self._compare(checksum, checksum_of(checksum.algorithm, data))
        return data

    def _compare(self, told: Checksum, found: Checksum) -> None:
        if told.value != found.value:
            raise DamagedOnTheWay("Bytes were damaged on the way", subject=self.place)

    def _kept(self, algorithm: ChecksumAlgorithm, data: bytes) -> Checksum | None:
        if ChecksumAlgorithm.MD5 in (algorithm, self._capabilities.checksum):
            return None
        return checksum_of(algorithm, data)

    def _assembled(self, upload: _Open, parts: Sequence[PartInfo], data: bytes) -> ObjectInfo:
        checksum = self._kept(upload.algorithm, data)
        if checksum and not self._capabilities.full_object:
            checksum = composite(
                upload.algorithm, [part.checksum for part in parts if part.checksum]
            )
        return ObjectInfo(upload.key, len(data), composite_etag(parts), checksum, upload.metadata)

    def _opened(self, key: str, upload_id: str) -> _Open:
        upload = self._open.get(upload_id)
        if upload is None or upload.key != key:
            raise NoSuchUpload("The upload is not open", "Ended, or given up.", subject=self.place)
        return upload

    def _check_free(self, key: str, if_none_match: bool) -> None:
        if if_none_match and self._capabilities.conditional_writes and key in self._objects:
            raise Conflict(
                "The key is taken", "The bucket already holds an object there.", subject=self.place
            )
