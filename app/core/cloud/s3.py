"""The object store over S3 and everything that speaks it.

Requests are made once; trying again is the business of `transfer`, which knows what is safe to
repeat. What a server can do is probed, not believed: a checksum counts only where a wrong one
was seen to be refused.
"""

import contextlib
import datetime
import logging
import threading
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from app.core.cloud.pacing import SECOND
from app.core.cloud.places import Place, check_endpoint
from app.core.cloud.s3_client import Patience, SecretLookup, make_client
from app.core.cloud.s3_errors import no_bucket, translate
from app.core.cloud.s3_probe import is_probe, probe
from app.core.cloud.store import (
    Absent,
    AccessDenied,
    Body,
    Capabilities,
    Checksum,
    ChecksumAlgorithm,
    ChecksumKind,
    CredentialsRefused,
    Listed,
    Metadata,
    NoSuchUpload,
    ObjectInfo,
    OpenMultipart,
    PartInfo,
    check_key,
    check_metadata,
)
from app.core.cloud.wire import Stopped, WireSession
from app.core.model.errors import Bug, Cancelled, Passing, RushesError
from app.core.platform import clock

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

CONNECTIONS = 10
"""Kept for reuse; as many as a lane has workers, and some."""
BELIEVED = 60 * 60 * SECOND
"""How long a bucket counts as one that cannot do what it was not seen to do."""

log = logging.getLogger(__name__)


class S3Store:
    """One bucket of an S3 server.

    Args:
        place: bucket, endpoint, region, profile.
        secret: looks up keyring entries; the machine's keyring unless a test gives another.
        patience: time limits of connections.

    Raises:
        Refused: the endpoint may not be used.
    """

    def __init__(
        self,
        place: Place,
        secret: SecretLookup | None = None,
        patience: Patience | None = None,
    ) -> None:
        check_endpoint(place.endpoint)
        self._place = place
        self._secret = secret or _keyring
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._wire: WireSession | None = None
        self._capabilities: Capabilities | None = None
        self._looked_at = 0

    @property
    def place(self) -> str:
        """Bucket and endpoint."""
        return self._place.shown

    def close(self) -> None:
        """See the port; the credentials are looked up anew as well."""
        with self._lock:
            wire, self._client, self._wire = self._wire, None, None
        if wire:
            wire.close()

    def capabilities(self) -> Capabilities:
        """See the port."""
        known = self._capabilities
        now = clock.monotonic_ns()
        if known and not (known.lacks and now - self._looked_at >= BELIEVED):
            return known
        self._looked_at = now
        try:
            self._capabilities = found = probe(self)
        except RushesError as error:
            if known is None:
                raise
            log.info("%s was not looked at again: %s", self.place, error.title)
            return known
        return found

    def head(self, key: str) -> ObjectInfo | None:
        """See the port. Tells an absent object from an absent bucket, which a plain HEAD does not."""
        try:
            with self._asking("HeadObject") as client:
                answer = cast(
                    "dict[str, Any]",
                    client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED"),
                )
        except Absent:
            self.check_bucket()
            return None
        return ObjectInfo(
            key=key,
            size=int(answer["ContentLength"]),
            etag=_etag(answer),
            checksum=_checksum(answer),
            metadata=cast("dict[str, str]", answer.get("Metadata", {})),
            storage_class=str(answer.get("StorageClass", "STANDARD")),
            version=_version(answer),
        )

    def check_bucket(self) -> None:
        """Raises `Absent` when the bucket is not there; one that may not be asked about passes."""
        try:
            with self._asking("HeadBucket") as client:
                client.head_bucket(Bucket=self._bucket)
        except Absent as error:
            raise no_bucket(self.place) from error
        except AccessDenied:
            return

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
        fields = check_metadata(metadata)
        request = self._request(check_key(key), checksum, Body=body, Metadata=fields)
        _name_algorithm(request, checksum)
        if if_none_match:
            request["IfNoneMatch"] = "*"
        with self._asking("PutObject") as client:
            answer = cast("dict[str, Any]", client.put_object(**request))
        return ObjectInfo(
            key, len(body), _etag(answer), _checksum(answer), fields, version=_version(answer)
        )

    def create_multipart(
        self, key: str, *, metadata: Metadata, checksum_algorithm: ChecksumAlgorithm
    ) -> str:
        """See the port."""
        return self.begin_multipart(key, metadata, checksum_algorithm)[0]

    def begin_multipart(
        self, key: str, metadata: Metadata, algorithm: ChecksumAlgorithm
    ) -> tuple[str, ChecksumKind | None]:
        """As `create_multipart`, and what the server says the object's checksum will cover."""
        request = self._request(check_key(key), None, Metadata=check_metadata(metadata))
        if algorithm is not ChecksumAlgorithm.MD5:
            request["ChecksumAlgorithm"] = algorithm.value
            request["ChecksumType"] = ChecksumKind.FULL_OBJECT.value
        with self._asking("CreateMultipartUpload") as client:
            answer = cast("dict[str, Any]", client.create_multipart_upload(**request))
        kind = answer.get("ChecksumType")
        return str(answer["UploadId"]), ChecksumKind(kind) if kind else None

    def put_part(
        self, key: str, upload_id: str, number: int, body: Body, *, checksum: Checksum | None
    ) -> PartInfo:
        """See the port."""
        request = self._request(key, checksum, Body=body, UploadId=upload_id, PartNumber=number)
        _name_algorithm(request, checksum)
        with self._asking("UploadPart") as client:
            answer = cast("dict[str, Any]", client.upload_part(**request))
        return PartInfo(number, len(body), _etag(answer), _checksum(answer))

    def list_parts(self, key: str, upload_id: str) -> list[PartInfo]:
        """See the port."""
        with self._asking("ListParts") as client:
            pages = client.get_paginator("list_parts").paginate(
                Bucket=self._bucket, Key=key, UploadId=upload_id
            )
            found = [
                cast("dict[str, Any]", part) for page in pages for part in page.get("Parts", [])
            ]
        return [
            PartInfo(int(part["PartNumber"]), int(part["Size"]), _etag(part), _checksum(part))
            for part in found
        ]

    def complete(
        self,
        key: str,
        upload_id: str,
        parts: list[PartInfo],
        *,
        if_none_match: bool,
        full_checksum: Checksum | None,
    ) -> str:
        """See the port. A 200 that carries an error is an error, and passes."""
        can = self.capabilities()
        # Seen of this algorithm alone: an upload that another run began may have another.
        covers = can.full_object and full_checksum and full_checksum.algorithm is can.checksum
        full = full_checksum if covers else None
        request = self._request(key, full, UploadId=upload_id)
        request["MultipartUpload"] = {"Parts": [_named_part(part) for part in parts]}
        if full:
            request["ChecksumType"] = ChecksumKind.FULL_OBJECT.value
        if if_none_match:
            request["IfNoneMatch"] = "*"
        with self._asking("CompleteMultipartUpload") as client:
            answer = cast("dict[str, Any]", client.complete_multipart_upload(**request))
        if not answer.get("ETag"):
            raise Passing(
                "The bucket gave half an answer",
                "It said the upload is complete, but not what it became.",
                subject=self.place,
            )
        return _etag(answer)

    def abort(self, key: str, upload_id: str) -> None:
        """See the port."""
        with contextlib.suppress(NoSuchUpload), self._asking("AbortMultipartUpload") as client:
            client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)

    def forget_probe(self, key: str, version: str) -> None:
        """See `ProbedStore`: the one thing that is ever deleted in a bucket.

        Raises:
            Bug: the key is none of a probe.
        """
        if not is_probe(key):
            raise Bug("Not a probe", f"{key!r} is not deleted.", subject=key)
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": key}
        if version:
            request["VersionId"] = version
        with self._asking("DeleteObject") as client:
            client.delete_object(**request)

    def list_multipart(self, prefix: str) -> Iterator[OpenMultipart]:
        """See the port."""
        with self._asking("ListMultipartUploads") as client:
            pages = client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            found = [upload for page in pages for upload in page.get("Uploads", [])]
        for upload in found:
            key, upload_id = upload.get("Key", ""), upload.get("UploadId", "")
            # Some servers take no notice of the prefix.
            if key.startswith(prefix):
                yield OpenMultipart(key, upload_id, _milliseconds(upload.get("Initiated")))

    def get(self, key: str, offset: int, length: int) -> bytes:
        """See the port."""
        if not length:
            return b""
        with self._asking("GetObject") as client:
            answer = client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={offset}-{offset + length - 1}"
            )
            with contextlib.closing(answer["Body"]) as body:
                data = body.read(length)
        if len(data) != length:
            raise Passing("The answer was cut short", "Bytes are missing.", subject=self.place)
        return data

    def list(self, prefix: str) -> Iterator[Listed]:
        """See the port."""
        with self._asking("ListObjectsV2") as client:
            pages = iter(
                client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            )
        while True:
            with self._asking("ListObjectsV2"):
                page = cast("dict[str, Any] | None", next(pages, None))
            if page is None:
                return
            for line in cast("list[dict[str, Any]]", page.get("Contents", [])):
                yield Listed(
                    str(line["Key"]),
                    int(line["Size"]),
                    _etag(line),
                    str(line.get("StorageClass", "STANDARD")),
                )

    @property
    def _bucket(self) -> str:
        return self._place.bucket

    def _request(self, key: str, checksum: Checksum | None, **fields: object) -> dict[str, Any]:
        """The fields of a request, with the checksum under the name S3 gives its algorithm."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": key, **fields}
        if checksum and checksum.algorithm is ChecksumAlgorithm.MD5:
            request["ContentMD5"] = checksum.value
        elif checksum:
            request[f"Checksum{checksum.algorithm}"] = checksum.value
        return request

    @contextlib.contextmanager
    def _asking(self, operation: str) -> "Generator[S3Client]":
        """The client, with everything it raises translated."""
        try:
            yield self._connected()
        except Stopped:
            raise Cancelled("Called off", "The transfer was stopped.", subject=self.place) from None
        except Exception as error:
            now = datetime.datetime.fromtimestamp(clock.now_ms() / 1000, datetime.UTC)
            ours = translate(error, self.place, operation, now)
            if isinstance(ours, CredentialsRefused):
                self.close()
            if ours is error:
                raise
            raise ours from error

    def _connected(self) -> "S3Client":
        with self._lock:
            if self._client is None:
                self._client, self._wire = make_client(
                    self._place, self._secret, self._patience, CONNECTIONS
                )
            return self._client


def _name_algorithm(request: dict[str, Any], checksum: Checksum | None) -> None:
    """Names the algorithm beside its value: some servers verify only what is named."""
    if checksum and checksum.algorithm is not ChecksumAlgorithm.MD5:
        request["ChecksumAlgorithm"] = checksum.algorithm.value


def _keyring(name: str) -> str | None:
    from app.core.platform import secrets

    return secrets.get(name)


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer.get("ETag", "")).strip('"')


def _version(answer: Mapping[str, Any]) -> str:
    version = str(answer.get("VersionId", ""))
    return "" if version == "null" else version


def _checksum(answer: Mapping[str, Any]) -> Checksum | None:
    """The checksum in an answer, the strongest first; part answers name no kind."""
    for algorithm in ChecksumAlgorithm:
        value = answer.get(f"Checksum{algorithm}")
        if value:
            whole = "-" not in str(value) and answer.get("ChecksumType") != "COMPOSITE"
            kind = ChecksumKind.FULL_OBJECT if whole else ChecksumKind.COMPOSITE
            return Checksum(algorithm, str(value), kind)
    return None


def _named_part(part: PartInfo) -> dict[str, Any]:
    named: dict[str, Any] = {"PartNumber": part.number, "ETag": part.etag}
    if part.checksum and part.checksum.algorithm is not ChecksumAlgorithm.MD5:
        named[f"Checksum{part.checksum.algorithm}"] = part.checksum.value
    return named


def _milliseconds(moment: datetime.datetime | None) -> int:
    return int(moment.timestamp()) * 1000 if moment else 0
