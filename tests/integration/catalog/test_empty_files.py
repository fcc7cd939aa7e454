"""Files without a byte: a copy that broke off leaves many, all equal, and each stands for a clip that is missing."""

from app.core.catalog.database import Catalog
from tests.support import catalogs

EMPTY = "xxh3-128:99aa06d3014798d86001c324468d497f"


def _alive(catalog: Catalog) -> list[str]:
    with catalog.read() as reader:
        return [str(n) for n in reader.column("SELECT name FROM clip WHERE retired = 0 ORDER BY n")]


def test_empty_files_stay_clips_of_their_own(catalog: Catalog) -> None:
    volume = catalogs.add_volume(catalog)
    lost = [catalogs.add_clip(catalog, volume, f"Z_CAM/Z001C00{n}.mov") for n in (1, 2, 3)]
    whole = [catalogs.add_clip(catalog, volume, f"{n}/B001.mov") for n in "ab"]
    catalog.write(lambda tx: tx.run("UPDATE file SET size = 0 WHERE clip_id IN (?,?,?)", *lost))
    for clip in lost:
        catalogs.read_whole(catalog, clip, EMPTY)
    for clip in whole:
        catalogs.read_whole(catalog, clip, "xxh3-128:11")
    assert _alive(catalog) == ["Z001C001", "Z001C002", "Z001C003", "B001"]
