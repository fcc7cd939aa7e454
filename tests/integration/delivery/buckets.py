"""Buckets that a test may also reach into as others do: in memory, and on a real S3 server."""

import contextlib
import dataclasses
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final, Protocol

from app.core.cloud.body import BytesBody
from app.core.cloud.memory import STRONG, MemoryStore
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.store import Capabilities, ChecksumAlgorithm, ObjectStore
from app.core.model.ids import new_id
from tests.support.s3_server import DIRECT, S3Server
from tests.support.upload_faults import LenientStore

_PLAIN: Final = dataclasses.replace(STRONG, checksum=ChecksumAlgorithm.MD5, full_object=False)
KINDS: Final[Mapping[str, tuple[type[MemoryStore], Capabilities]]] = {
    "strong": (MemoryStore, STRONG),
    "composite": (MemoryStore, dataclasses.replace(STRONG, full_object=False)),
    "overwrites": (MemoryStore, dataclasses.replace(STRONG, conditional_writes=False)),
    "lenient": (LenientStore, _PLAIN),
    "lenient, own etags": (LenientStore, dataclasses.replace(_PLAIN, md5_etags=False)),
}


class Bucket(Protocol):
    """A bucket, and what others may do in it."""

    store: ObjectStore
    refuses_overwriting: bool

    def read(self, key: str) -> bytes | None:
        """All bytes of an object."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Writes over whatever is there."""
        ...

    def delete(self, key: str) -> None:
        """Takes an object away."""
        ...

    def close(self) -> None:
        """Nobody needs it any more."""
        ...


class MemoryBucket:
    """In memory, of one of `KINDS`."""

    def __init__(self, kind: str) -> None:
        made, capabilities = KINDS[kind]
        self._memory = made(capabilities)
        self.store: ObjectStore = self._memory
        self.refuses_overwriting = capabilities.conditional_writes

    def read(self, key: str) -> bytes | None:
        """See `Bucket`."""
        found = self._memory._objects.get(key)
        return found[1] if found else None

    def put(self, key: str, data: bytes) -> None:
        """See `Bucket`."""
        self._memory.put(key, BytesBody(data), checksum=None, metadata={}, if_none_match=False)

    def delete(self, key: str) -> None:
        """See `Bucket`."""
        self._memory._objects.pop(key, None)

    def close(self) -> None:
        """See `Bucket`."""


class S3Bucket:
    """A new bucket of a real server."""

    refuses_overwriting = True

    def __init__(self, server: S3Server) -> None:
        name = f"b-{new_id()}"
        self._address = f"{server.url}/{name}"
        self._ask("PUT", "")
        self.store: ObjectStore = S3Store(Place(name, server.url), secret=lambda _: None)

    def _ask(self, method: str, key: str, data: bytes | None = None) -> bytes:
        address = f"{self._address}/{urllib.request.quote(key)}" if key else self._address
        with DIRECT.open(urllib.request.Request(address, data, method=method)) as answer:
            return answer.read()

    def read(self, key: str) -> bytes | None:
        """See `Bucket`."""
        with contextlib.suppress(urllib.error.HTTPError):
            return self._ask("GET", key)
        return None

    def put(self, key: str, data: bytes) -> None:
        """See `Bucket`."""
        self._ask("PUT", key, data)

    def delete(self, key: str) -> None:
        """See `Bucket`."""
        with contextlib.suppress(urllib.error.HTTPError):
            self._ask("DELETE", key)

    def close(self) -> None:
        """See `Bucket`."""
        self.store.close()
