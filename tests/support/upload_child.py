"""Uploads one file in a process of its own, for tests that kill it: URL BUCKET FILE KEY JOURNAL WORKERS.

The journal is a file of JSON lines, flushed to the disk, as the catalog would be. What an earlier process wrote into it is gone on with.
"""

import json
import os
import sys
from collections.abc import Collection
from pathlib import Path

from app.core.cloud import transfer
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.sending import Control, in_turn
from app.core.cloud.store import PartInfo
from tests.support.uploading import in_threads, plain_file, wanted


class FileJournal:
    """Stored for good when a call returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_upload_id(self, upload_id: str) -> None:
        self._write({"upload_id": upload_id})

    def on_part(self, part: PartInfo) -> None:
        self._write({"part": part.number})

    def on_parts_there(self, numbers: Collection[int]) -> None:
        self._write({"there": sorted(numbers)})

    def begun(self) -> str:
        """The upload id of an earlier run."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        found = [line["upload_id"] for line in map(json.loads, lines) if "upload_id" in line]
        return str(found[-1]) if found else ""

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a") as stream:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def main() -> None:
    url, bucket, file, key, journal, workers = sys.argv[1:]
    path = Path(file)
    store = S3Store(Place(bucket, url), secret=lambda _: None)
    kept = FileJournal(Path(journal))
    transfer.upload(
        store,
        plain_file(path),
        wanted(path.read_bytes(), key),
        kept,
        resume_id=kept.begun(),
        control=Control(),
        map_parts=in_threads(int(workers)) if int(workers) > 1 else in_turn,
    )


if __name__ == "__main__":
    main()
