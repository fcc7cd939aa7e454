"""A store that goes wrong as it is told, request by request, before an honest one."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from app.core.cloud.body import BytesBody
from app.core.cloud.memory import MemoryStore
from app.core.cloud.store import (
    Body,
    Capabilities,
    Checksum,
    ChecksumAlgorithm,
    CredentialsRefused,
    Listed,
    Metadata,
    ObjectInfo,
    ObjectStore,
    OpenMultipart,
    PartInfo,
)
from app.core.model.errors import Passing

T = TypeVar("T")
FAULTS = ("cut", "lost", "flip", "keys", "down", "crash", "crash after")
"""What `MoodyStore` does by itself: `cut` before the request, `lost` after it, one bit damaged either way, keys that ran out,
nothing answers any more, and the end of the process before the request or after it."""


class Crash(BaseException):
    """The process is gone: nothing of it tidies up."""


class LenientStore(MemoryStore):
    """A bucket that takes damaged bytes, and whose ETags may say nothing."""

    def _received(self, body: Body, checksum: Checksum | None) -> bytes:
        del checksum
        return super()._received(body, None)

    def head(self, key: str) -> ObjectInfo | None:
        """See the port."""
        import dataclasses

        info = super().head(key)
        opaque = info and not self.capabilities().md5_etags
        return dataclasses.replace(info, etag="of-its-own") if info and opaque else info


class MoodyStore:
    """The port, with a mood for each request.

    Args:
        inner: keeps the objects.
        acts: moods that are somebody else's doing, by name: called with the key just before the request.
    """

    def __init__(self, inner: ObjectStore, acts: Mapping[str, Callable[[str], object]]) -> None:
        self.inner, self.acts = inner, acts
        self.moods: deque[str] = deque()
        self.asked = 0

    @property
    def place(self) -> str:
        """See the port."""
        return self.inner.place

    def close(self) -> None:
        """See the port."""
        self.inner.close()

    def capabilities(self) -> Capabilities:
        """See the port."""
        return self.inner.capabilities()

    def head(self, key: str) -> ObjectInfo | None:
        """See the port."""
        return self._do(key, lambda _: self.inner.head(key))

    def put(self, key: str, body: Body, **how: Any) -> ObjectInfo:
        """See the port."""
        return self._do(key, lambda flip: self.inner.put(key, _sent(body, flip), **how))

    def create_multipart(
        self, key: str, *, metadata: Metadata, checksum_algorithm: ChecksumAlgorithm
    ) -> str:
        """See the port."""
        how: Any = {"metadata": metadata, "checksum_algorithm": checksum_algorithm}
        return self._do(key, lambda _: self.inner.create_multipart(key, **how))

    def put_part(
        self, key: str, upload_id: str, number: int, body: Body, *, checksum: Checksum | None
    ) -> PartInfo:
        """See the port."""

        def put(flip: bool) -> PartInfo:
            return self.inner.put_part(key, upload_id, number, _sent(body, flip), checksum=checksum)

        return self._do(key, put)

    def list_parts(self, key: str, upload_id: str) -> list[PartInfo]:
        """See the port."""
        return self._do(key, lambda _: self.inner.list_parts(key, upload_id))

    def complete(self, key: str, upload_id: str, parts: list[PartInfo], **how: Any) -> str:
        """See the port."""
        return self._do(key, lambda _: self.inner.complete(key, upload_id, parts, **how))

    def abort(self, key: str, upload_id: str) -> None:
        """See the port."""
        self._do(key, lambda _: self.inner.abort(key, upload_id))

    def list_multipart(self, prefix: str) -> Iterator[OpenMultipart]:
        """See the port."""
        return iter(self._do(prefix, lambda _: list(self.inner.list_multipart(prefix))))

    def get(self, key: str, offset: int, length: int) -> bytes:
        """See the port."""
        # Another bit than on the way up: the same one twice would be no damage.
        return self._do(key, lambda flip: _flipped(self.inner.get(key, offset, length), flip, 2))

    def list(self, prefix: str) -> Iterator[Listed]:
        """See the port."""
        return self.inner.list(prefix)

    def _do(self, key: str, request: Callable[[bool], T]) -> T:
        self.asked += 1
        mood = self.moods.popleft() if self.moods else ""
        if mood == "down":
            self.moods.appendleft("down")
        if mood in self.acts:
            self.acts[mood](key)
        if mood == "crash":
            raise Crash
        if mood == "keys":
            raise CredentialsRefused("The keys ran out", subject=self.place)
        if mood in ("cut", "down"):
            raise Passing("The bucket does not answer", subject=self.place)
        answer = request(mood == "flip")
        if mood == "crash after":
            raise Crash
        if mood == "lost":
            raise Passing("The answer was lost", subject=self.place)
        return answer


def _sent(body: Body, flip: bool) -> Body:
    if not flip:
        return body
    body.seek(0)
    return BytesBody(_flipped(body.read(), flip))


def _flipped(data: bytes, flip: bool, bit: int = 1) -> bytes:
    if not flip or not data:
        return data
    changed = bytearray(data)
    changed[len(changed) // 2] ^= bit
    return bytes(changed)
