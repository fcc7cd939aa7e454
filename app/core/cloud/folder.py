"""An object store in a folder: a second disk or a NAS as the bucket.

```
<root>/<key>                     the objects, readable by anyone who opens the folder
<root>/.rushes/info/<id>.json    what S3 would keep beside an object: ETag and metadata
<root>/.rushes/multipart/<id>/   parts of uploads that are not complete
<root>/.rushes/incoming/         files that have no name yet
```

The root must exist: a disk that is not mounted is not an empty bucket.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from app.core.cloud.checksums import (
    RunningChecksum,
    checksum_of,
    composite_etag,
    has_crc64,
    md5_hex,
)
from app.core.cloud.folder_files import (
    can_link,
    inside,
    open_plain,
    publish,
    read_pieces,
    sweep,
    taken,
    translated,
    write_new,
)
from app.core.cloud.store import (
    Absent,
    Body,
    Capabilities,
    Checksum,
    ChecksumAlgorithm,
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

OWN = ".rushes"
"""The folder in the root that holds what is not an object."""


class FolderStore:
    """One folder as a bucket.

    Args:
        root: the folder; not made here.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._capabilities: Capabilities | None = None

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._root)

    def close(self) -> None:
        """See the port."""

    def capabilities(self) -> Capabilities:
        """See the port; a file system without links cannot create exclusively. The first time clears what a killed run left."""
        if self._capabilities is None:
            with translated(self.place):
                incoming = self._own("incoming")
                sweep(incoming)
                exclusive = can_link(incoming)
            algorithm = ChecksumAlgorithm.CRC64NVME if has_crc64() else ChecksumAlgorithm.CRC32
            self._capabilities = Capabilities(
                algorithm, full_object=True, conditional_writes=exclusive, md5_etags=True
            )
        return self._capabilities

    def head(self, key: str) -> ObjectInfo | None:
        """See the port. Reads the object: its checksum is that of the bytes on the disk now."""
        self._check_root()
        with translated(self.place):
            path = inside(self._root, check_key(key))
            if not path.is_file() or path.is_symlink():
                return None
            kept = _read_json(self._info(key))
            running = RunningChecksum(self.capabilities().checksum)
            size = 0
            for piece in read_pieces(path):
                running.update(piece)
                size += len(piece)
        return ObjectInfo(
            key=key,
            size=size,
            etag=str(kept.get("etag", "")),
            checksum=running.result(),
            metadata=cast("dict[str, str]", kept.get("metadata", {})),
        )

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
        path = self._for_writing(key)
        data = self._received(body, checksum)
        kept = checksum_of(self.capabilities().checksum, data)
        info = ObjectInfo(key, len(data), md5_hex(data), kept, fields)
        self._write(path, info, [data], replace=not if_none_match)
        return info

    def create_multipart(
        self, key: str, *, metadata: Metadata, checksum_algorithm: ChecksumAlgorithm
    ) -> str:
        """See the port."""
        fields = check_metadata(metadata)
        self._for_writing(key)
        upload_id = new_id()
        upload = {
            "key": key,
            "metadata": fields,
            "algorithm": checksum_algorithm.value,
            "initiated_ms": clock.now_ms(),
        }
        with translated(self.place):
            folder = self._own("multipart") / upload_id
            folder.mkdir()
            self._write_json(folder / "upload.json", upload)
        return upload_id

    def put_part(
        self, key: str, upload_id: str, number: int, body: Body, *, checksum: Checksum | None
    ) -> PartInfo:
        """See the port."""
        folder, upload = self._opened(key, upload_id)
        data = self._received(body, checksum)
        kept = checksum_of(_algorithm(upload), data)
        part = PartInfo(number, len(data), md5_hex(data), kept)
        with translated(self.place):
            temporary = write_new(self._own("incoming"), [data])
            publish(temporary, folder / f"{number:05d}", replace=True)
            said = {"size": part.size, "etag": part.etag, "checksum": _told(kept)}
            self._write_json(folder / f"{number:05d}.json", said)
        return part

    def list_parts(self, key: str, upload_id: str) -> list[PartInfo]:
        """See the port."""
        folder, _upload = self._opened(key, upload_id)
        with translated(self.place):
            said = [(path, _read_json(path)) for path in sorted(folder.glob("[0-9]*.json"))]
            # What is said of a part whose bytes are gone is no part.
            there = [
                (int(path.stem), one)
                for path, one in said
                if _size(path.with_suffix("")) == one["size"]
            ]
        return [
            PartInfo(number, int(one["size"]), str(one["etag"]), _checksum(one["checksum"]))
            for number, one in there
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
        """See the port."""
        folder, upload = self._opened(key, upload_id)
        path = self._for_writing(key)
        if if_none_match and path.exists():
            raise taken(self.place)
        have = {part.number: part.etag for part in self.list_parts(key, upload_id)}
        if any(have.get(part.number) != part.etag for part in parts):
            raise PartsRefused("The parts do not fit", "Some are not there.", subject=self.place)
        running = RunningChecksum(_algorithm(upload))
        with translated(self.place):
            temporary = write_new(self._own("incoming"), _joined(folder, parts, running))
        found = running.result()
        try:
            if full_checksum and full_checksum != found:
                raise DamagedOnTheWay("Bytes were damaged on the way", subject=self.place)
            info = ObjectInfo(
                key,
                temporary.stat().st_size,
                composite_etag(parts),
                found,
                cast("dict[str, str]", upload["metadata"]),
            )
            self._publish(temporary, path, info, replace=not if_none_match)
        finally:
            temporary.unlink(missing_ok=True)
        self.abort(key, upload_id)
        return info.etag

    def abort(self, key: str, upload_id: str) -> None:
        """See the port."""
        try:
            folder, _upload = self._opened(key, upload_id)
        except NoSuchUpload:
            return
        with translated(self.place):
            shutil.rmtree(folder)

    def list_multipart(self, prefix: str) -> Iterator[OpenMultipart]:
        """See the port."""
        with translated(self.place):
            said = [
                (path.parent.name, _read_json(path))
                for path in sorted(self._own("multipart").glob("*/upload.json"))
            ]
        for upload_id, upload in said:
            key = str(upload["key"])
            if key.startswith(prefix):
                yield OpenMultipart(key, upload_id, int(upload["initiated_ms"]))

    def get(self, key: str, offset: int, length: int) -> bytes:
        """See the port."""
        self._check_root()
        with translated(self.place), open_plain(inside(self._root, check_key(key))) as stream:
            stream.seek(offset)
            data = stream.read(length)
        if len(data) != length:
            raise Refused("The range is outside the object", subject=self.place)
        return data

    def list(self, prefix: str) -> Iterator[Listed]:
        """See the port."""
        self._check_root()
        with translated(self.place):
            keys = sorted(key for key in self._keys() if key.startswith(prefix))
        for key in keys:
            with translated(self.place):
                size = inside(self._root, key).stat().st_size
                etag = str(_read_json(self._info(key)).get("etag", ""))
            yield Listed(key, size, etag)

    def _keys(self) -> Generator[str]:
        for folder, folders, files in os.walk(self._root):
            here = Path(folder).relative_to(self._root)
            if here == Path():
                folders[:] = [name for name in folders if name != OWN]
            for name in files:
                yield (here / name).as_posix()

    def _check_root(self) -> None:
        if not self._root.is_dir():
            raise Absent(
                "The folder is not there",
                "Its disk may not be mounted.",
                subject=self.place,
                todo="Connect the disk, or correct the target's folder.",
            )

    def _own(self, name: str) -> Path:
        self._check_root()
        folder = self._root / OWN / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _for_writing(self, key: str) -> Path:
        self._check_root()
        if check_key(key).split("/")[0] == OWN:
            raise Refused("The object key is reserved", f"{OWN} belongs to Rushes.")
        with translated(self.place):
            return inside(self._root, key)

    def _info(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._root / OWN / "info" / name[:2] / f"{name}.json"

    def _received(self, body: Body, checksum: Checksum | None) -> bytes:
        body.seek(0)
        data = body.read()
        if checksum and checksum_of(checksum.algorithm, data) != checksum:
            raise DamagedOnTheWay("Bytes were damaged on the way", subject=self.place)
        return data

    def _write(
        self, path: Path, info: ObjectInfo, pieces: Sequence[bytes], *, replace: bool
    ) -> None:
        with translated(self.place):
            temporary = write_new(self._own("incoming"), pieces)
        self._publish(temporary, path, info, replace=replace)

    def _publish(self, temporary: Path, path: Path, info: ObjectInfo, *, replace: bool) -> None:
        """Claims the key by its info file, then shows the object."""
        kept = {
            "key": info.key,
            "etag": info.etag,
            "metadata": dict(info.metadata),
        }
        with translated(self.place):
            if not replace and path.exists():
                temporary.unlink()
                raise taken(self.place)
            self._write_json(self._info(info.key), kept)
            publish(temporary, path, replace=replace)

    def _write_json(self, path: Path, value: dict[str, Any]) -> None:
        temporary = write_new(self._own("incoming"), [json.dumps(value).encode()])
        publish(temporary, path, replace=True)

    def _opened(self, key: str, upload_id: str) -> tuple[Path, dict[str, Any]]:
        """The folder of an open upload and what it says."""
        self._check_root()
        folder = self._root / OWN / "multipart" / upload_id
        plain = upload_id.replace("-", "").isalnum()
        with translated(self.place):
            upload = _read_json(folder / "upload.json") if plain else {}
        if upload.get("key") != key:
            raise NoSuchUpload("The upload is not open", "Ended, or given up.", subject=self.place)
        return folder, upload


def _joined(folder: Path, parts: Sequence[PartInfo], running: RunningChecksum) -> Generator[bytes]:
    for part in parts:
        for piece in read_pieces(folder / f"{part.number:05d}"):
            running.update(piece)
            yield piece


def _algorithm(upload: dict[str, Any]) -> ChecksumAlgorithm:
    return ChecksumAlgorithm(upload["algorithm"])


def _size(path: Path) -> int | None:
    """Bytes of a file; None where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _read_json(path: Path) -> dict[str, Any]:
    """What a file of ours says; empty where there is none."""
    try:
        return cast("dict[str, Any]", json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}


def _told(checksum: Checksum | None) -> list[str] | None:
    return [checksum.algorithm.value, checksum.value] if checksum else None


def _checksum(told: list[str] | None) -> Checksum | None:
    return Checksum(ChecksumAlgorithm(told[0]), told[1]) if told else None
