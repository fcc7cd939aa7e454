"""Whether what was delivered is still in its bucket, as the bucket tells without being read."""

from collections.abc import Iterator

from app.core.catalog import attempts, projects, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.cloud.store import HASH_FIELD
from app.core.delivery.stores import Stores
from app.core.model.entities import Upload
from app.core.model.errors import RushesError

GONE = "a delivered file is not in its bucket any more"
OTHER = "a delivered file is another in its bucket"
UNASKED = "a bucket does not tell whether delivered files are there"
_MOST = 1_000_000


def wrong(catalog: Catalog, stores: Stores) -> Iterator[tuple[str, Upload, str]]:
    """(what is wrong, the upload, why in the bucket's words) of everything that was verified there once."""
    with catalog.read() as reader:
        sent = uploads.every(reader, ("verified",), limit=_MOST)
        targets = {target.id: target for target in projects.targets(reader)}
    silent: set[str] = set()
    for upload in sent:
        target = targets.get(upload.target_id)
        if target is None or target.id in silent:
            continue
        try:
            info = stores.of(target).head(upload.key)
        except RushesError as error:
            silent.add(target.id)
            yield UNASKED, upload, error.message
            continue
        if info is None:
            yield GONE, upload, ""
        elif info.size != upload.size or info.metadata.get(HASH_FIELD, upload.hash) != upload.hash:
            yield OTHER, upload, ""


def again(tx: Tx, upload_id: str) -> None:
    """What is not there any more is sent once more, where its approval and its target's rule still stand."""
    uploads.set_state(tx, upload_id, "queued")
    attempts.succeeded(tx, "upload", upload_id)
