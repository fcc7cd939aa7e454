"""What failed is told by the names people know, and only while somebody could do something about it."""

from app.core.catalog import attempts, uploads, volumes
from app.core.catalog.database import Catalog
from app.core.model.errors import Passing, as_json
from tests.support import catalogs

ERROR = as_json(Passing("The original is offline", "Its volume is away."))


def _told(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        return sorted(one.name for one in attempts.every(reader))


def _failed(catalog: Catalog, recipe: str, subject: str) -> None:
    catalog.write(lambda tx: attempts.failed(tx, recipe, subject, ERROR, passing=True))


def test_failures_go_with_their_volume(catalog: Catalog) -> None:
    kept, gone = (catalogs.add_volume(catalog, name) for name in ("Kept", "Gone"))
    here = catalogs.add_clip(catalog, kept, "A001.mov")
    there = catalogs.add_clip(catalog, gone, "B001.mov")
    with catalog.read() as reader:
        file = str(reader.value("SELECT id FROM file WHERE volume_id = ?", gone))
    for recipe, subject in (("poster", here), ("poster", there), ("probe", file), ("scan", gone)):
        _failed(catalog, recipe, subject)
    assert len(_told(catalog)) == 4
    catalog.write(lambda tx: volumes.forget(tx, gone))
    assert _told(catalog) == ["A001"]


def test_an_upload_is_told_by_its_clip(catalog: Catalog) -> None:
    clip = catalogs.add_clip(catalog, catalogs.add_volume(catalog), "A001.mov")
    catalog.write(
        lambda tx: uploads.want(
            tx,
            target_id="t",
            clip_id=clip,
            key="k",
            source="original:x",
            size=1,
            content_hash="h",
            wanted_for="h",
        )
    )
    with catalog.read() as reader:
        upload = str(reader.value("SELECT id FROM upload"))
    _failed(catalog, "upload", upload)
    assert _told(catalog) == ["A001"]
