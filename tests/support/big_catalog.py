"""A catalog of very many clips, made in bulk: the size at which a wrong query shows.

    python -m tests.support.big_catalog HOME [CLIPS]

Files, clips, renditions, transcripts of ten words and their search texts have the columns that a scan,
a probe and the speech model would have left. Notes are real events; ratings and keywords of the bulk
are read tables alone, so `rushes check` would find them without their events.
"""

import itertools
import json
import os
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from app.core.catalog import clips, events, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.rows import Tx
from app.core.model import facts_json, names
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.model.media import ClipKind, Derive, MediaFacts
from app.core.platform import preferences
from app.core.post import transcribe
from tests.support.catalogs import ANN, PROJECT, settle_in
from tests.support.media_factory import ffmpeg

CLIPS: Final = 100_000
WORDS: Final = 20_000
"""Words of the made language; the first is the most common (Zipf)."""
CAMERAS: Final = ("A", "B", "C", "D")
CODECS: Final = ("prores", "h264", "hevc", "xavc")
KEYWORDS: Final = ("harbour", "night", "crane", "wide", "interview", "rain", "crowd", "drone")
POSTERS: Final = 50
"""Different pictures among the posters."""
FOLDER_OF: Final = 250
"""Clips a folder holds: one camera's reel."""
_BATCH: Final = 10_000
_MADE_MS: Final = 1_760_000_000_000


def word(rank: int) -> str:
    """The word of this rank: every pair of first letters occurs."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    first, second = letters[rank % 26], "aeiou"[rank // 26 % 5]
    return f"{first}{second}{letters[rank // 130 % 26]}{'aeiou'[rank // 3380 % 5]}{rank:x}"


def fill(catalog: Catalog, count: int = CLIPS, *, mount: str = "/", online: bool = True) -> None:
    """Adds so many clips on two volumes, with a person and a project."""
    settle_in(catalog)
    places = [catalog.write(lambda tx, n=n: _volume(tx, n, mount)) for n in ("NAS", "Shuttle")]
    maker = _Maker(places)
    for start in range(0, count, _BATCH):
        batch = maker.rows(range(start, min(start + _BATCH, count)))
        catalog.write(lambda tx, batch=batch: batch.write(tx))
    catalog.write(lambda tx: _notes(tx, count))
    catalog.write(lambda tx: _settle(tx, places, online=online))


def ready(home: Path, count: int = CLIPS, **more: Any) -> Path:
    """A data folder with such a catalog and a poster on disk for each clip; made where it is not there yet."""
    home.mkdir(parents=True, exist_ok=True)
    done = home / "filled"
    if not done.exists():
        catalog = Catalog.open(home)
        try:
            fill(catalog, count, **more)
            _posters(catalog, home / "renditions")
        finally:
            catalog.close()
        done.touch()
    return home


def copied(home: Path, to: Path) -> Path:
    """The same data folder once more, for a test that adds to it; nobody may have it open."""
    to.mkdir(parents=True)
    for file in home.iterdir():
        if file.is_file():
            shutil.copy2(file, to / file.name)
    shutil.copytree(home / "renditions", to / "renditions", copy_function=os.link)
    return to


def _posters(catalog: Catalog, store: Path) -> None:
    """A few dozen pictures under the names of all posters."""
    store.mkdir(exist_ok=True)
    picture = f"testsrc2=s=640x360:r={POSTERS}:d=1,noise=alls=20:allf=t"
    ffmpeg("-f", "lavfi", "-i", picture, "-q:v", "4", store / "%03d.jpg")
    pictures = itertools.cycle(sorted(store.glob("*.jpg")))
    with catalog.read() as reader:
        paths = reader.column("SELECT DISTINCT path FROM rendition WHERE kind = 'poster'")
    for path, drawn in zip(paths, pictures, strict=False):
        poster = store / str(path)
        poster.parent.mkdir(parents=True, exist_ok=True)
        os.link(drawn, poster)


class _Batch:
    """Rows of several tables that belong together."""

    def __init__(self) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {}

    def add(self, sql: str, row: tuple[Any, ...]) -> None:
        self.tables.setdefault(sql, []).append(row)

    def write(self, tx: Tx) -> None:
        for sql, rows in self.tables.items():
            tx.many(sql, rows)


class _Maker:
    """Makes clips by number; the same number is always the same clip but for its ids."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = places
        self._dice = random.Random(7)
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))
        self._words = [word(rank) for rank in range(WORDS)]
        self._docs = itertools.count(1)

    def rows(self, numbers: range) -> _Batch:
        batch = _Batch()
        for number in numbers:
            self._clip(batch, number)
        return batch

    def sentence(self) -> str:
        return " ".join(self._dice.choices(self._words, cum_weights=self._weights, k=10))

    def _clip(self, batch: _Batch, number: int) -> None:
        clip, content, n = new_id(), new_id(), number + 1
        reel = number // FOLDER_OF
        camera = CAMERAS[reel % len(CAMERAS)]
        day = reel // 8 % 360
        facts = {
            "volume": self._places[reel % 10 == 9],
            "folder": f"Day {day + 1:03d}/{camera} cam/{camera}{reel:04d}",
            "name": f"{camera}{reel:04d}C{number % FOLDER_OF + 1:03d}",
            "reel": f"{camera}{reel:04d}R2EC",
            "camera": camera,
            "codec": CODECS[reel % 4],
            "date": f"2026-{day // 30 + 1:02d}-{day % 30 + 1:02d}T{number % 10 + 8:02d}:{number % 60:02d}:00",
            "frames": 100 + number * 7 % 3000,
            "size": 1_000_000 + number * 7919 % 900_000_000,
        }
        batch.add(
            "INSERT INTO content (id, full_hash, quick_id, made_at) VALUES (?,?,?,?)",
            (content, f"xxh3-128:{number:032x}", f"q1:{number:032x}", _MADE_MS + number),
        )
        self._row(batch, n, clip, content, facts)
        self._file(batch, n, clip, facts)
        self._derived(batch, content, number)
        self._texts(batch, n, clip, content, facts)
        if number % 3 == 0:
            batch.add(_LOG, (clip, PROJECT, number % 6, number % 15 == 0, number % 50 == 3))
        if number % 5 == 0:
            batch.add(_TAG, (clip, PROJECT, KEYWORDS[number // 5 % len(KEYWORDS)]))

    def _row(self, batch: _Batch, n: int, clip: str, content: str, facts: dict[str, Any]) -> None:
        state = "damaged" if n % 997 == 0 else "ready"
        start = 25 * 3600 * (8 + n % 10) + n * 31 % 90_000
        values: dict[str, Any] = {
            "n": n,
            "id": clip,
            "content_id": content,
            "name": facts["name"],
            "name_fold": names.fold_key(facts["name"]),
            "kind": "video",
            "state": state,
            "own_state": state,
            "rate_num": 25,
            "rate_den": 1,
            "start_frame": start,
            "label_num": 25,
            "label_den": 1,
            "frames": facts["frames"],
            "duration_ms": facts["frames"] * 40,
            "width": 1920,
            "height": 1080,
            "codec": facts["codec"],
            "pix_fmt": "yuv422p10le",
            "audio": _AUDIO,
            "reel": facts["reel"],
            "camera": facts["camera"],
            "scene": str(n % 120),
            "take": str(n % 9 + 1),
            "recorded_at": facts["date"],
            "origins": '{"reel": "tmcd"}',
            "volume_id": facts["volume"],
            "folder": os.fsencode(facts["folder"]),
            "folder_text": facts["folder"],
            "start_key": int(Fraction(start, 25) * 1000),
            "size": facts["size"],
            "place": n,
            "made_at": _MADE_MS + n,
        }
        columns = ", ".join(values)
        batch.add(
            f"INSERT INTO clip ({columns}) VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )

    def _file(self, batch: _Batch, n: int, clip: str, facts: dict[str, Any]) -> None:
        path = f"{facts['folder']}/{facts['name']}.mov"
        size, mtime = facts["size"], 1_760_000_000_000_000_000 + n * 1_000_000_007
        signature = f"{size}:{mtime}"
        batch.add(
            _FILE,
            (
                *(n, new_id(), facts["volume"], os.fsencode(path), os.fsencode(facts["folder"])),
                *(names.fold_key(f"{facts['name']}.mov"), size, mtime, 10_000 + n, _MADE_MS + n),
                *(f"q1:{n - 1:032x}", f"xxh3-128:{n - 1:032x}", signature, _FACTS, signature),
                *(clip, n),
            ),
        )

    def _derived(self, batch: _Batch, content: str, number: int) -> None:
        folder = f"{number % 256:02x}/{content}"
        made = preferences.Derivatives()
        derive = ("derive", f"{made.proxy_height}p {made.preset}")
        for kind, path, (recipe, params) in (
            ("poster", "poster.jpg", ("poster", "")),
            ("poster", "poster.jpg", derive),
            ("proxy", "proxy.mov", derive),
            ("filmstrip", "filmstrip.jpg", derive),
            ("waveform", "peaks", derive),
            ("speech", "speech", derive),
        ):
            batch.add(
                "INSERT INTO rendition (id, content_id, kind, recipe, version, params, state, path, size, facts, made_at, used_at)"
                " VALUES (?,?,?,?,1,?,'ready',?,?,?,?,?)",
                (
                    *(new_id(), content, kind, recipe, params, f"{folder}/{path}", 50_000),
                    *(_FILMSTRIP if kind == "filmstrip" else "{}", _MADE_MS, _MADE_MS),
                ),
            )

    def _texts(self, batch: _Batch, n: int, clip: str, content: str, facts: dict[str, Any]) -> None:
        said = self.sentence()
        spoken = [[i * 8000, (i + 1) * 8000, 900, f" {w}"] for i, w in enumerate(said.split())]
        batch.add(
            "INSERT INTO transcript (content_id, model, version, language, made_at) VALUES (?,?,?,'en',?)",
            (content, preferences.Transcripts().model, transcribe.VERSION, _MADE_MS),
        )
        batch.add(
            "INSERT INTO segment (content_id, start, stop, text, language, words) VALUES (?,0,80000,?,'en',?)",
            (content, said, json.dumps(spoken, separators=(",", ":"))),
        )
        self._doc(batch, clip, "name", "", None, facts["name"])
        words = f"{facts['reel']} {facts['camera']} {facts['codec']}"
        self._doc(batch, clip, "fact", "", None, words)
        self._doc(batch, clip, "transcript", "0", (0, 125), said)
        batch.add(
            "INSERT INTO name_fts (rowid, name) VALUES (?,?)",
            (n, names.fold_key(f"{facts['name']} {facts['folder']}")),
        )

    def _doc(
        self,
        batch: _Batch,
        clip: str,
        field: str,
        ref: str,
        frames: tuple[int, int] | None,
        text: str,
    ) -> None:
        n = next(self._docs)
        start, end = frames or (None, None)
        batch.add(
            "INSERT INTO doc (n, clip_id, project_id, field, ref, start_frame, end_frame, text) VALUES (?,?,'',?,?,?,?,?)",
            (n, clip, field, ref, start, end, text),
        )
        batch.add("INSERT INTO doc_fts (rowid, text) VALUES (?,?)", (n, text))


_AUDIO: Final = '[{"codec": "pcm_s24le", "channels": 2, "sample_rate": 48000, "name": "Lav"}]'
_FILMSTRIP: Final = (
    '{"frames": [0, 25, 50, 75], "columns": 4, "tile_width": 160, "tile_height": 90}'
)
_FACTS: Final = facts_json.dump(MediaFacts(kind=ClipKind.VIDEO))
_LOG: Final = (
    "INSERT INTO clip_log (clip_id, project_id, rating, circled, rejected) VALUES (?,?,?,?,?)"
)
_TAG: Final = "INSERT INTO tag (clip_id, project_id, word, adds) VALUES (?,?,?,'[]')"
_FILE: Final = (
    "INSERT INTO file (n, id, volume_id, path, folder, name_key, sort, size, mtime_ns, inode, state, seen, first_seen,"
    " quick_id, full_hash, hashed_sig, facts, facts_sig, role, clip_id, place)"
    " VALUES (?,?,?,?,?,?,'media_video',?,?,?,'present',0,?,?,?,?,?,?,'essence',?,?)"
)


def _volume(tx: Tx, name: str, mount: str) -> str:
    return volumes.add(
        tx,
        name=name,
        kind="local",
        derive=Derive.ALL,
        fs_key="",
        fs_type="ext4",
        subpath="",
        mount=f"{mount.rstrip('/')}/{name}",
    )


def _notes(tx: Tx, count: int) -> None:
    for clip in _every_hundredth(tx, count):
        body = {
            "clip": clip,
            "start": 10,
            "end": 20,
            "text": "Boom in frame, see the next take",
            "parent": None,
        }
        events.record(tx, ANN, Draft(PROJECT, Entity.NOTE, new_id(), Kind.NOTE_ADDED, body))


def _every_hundredth(tx: Tx, count: int) -> Iterator[str]:
    for n in range(1, count + 1, 100):
        yield str(tx.value("SELECT id FROM clip WHERE n = ?", n))


def _settle(tx: Tx, places: Sequence[str], *, online: bool) -> None:
    # The second volume is away, as an archive is.
    volumes.set_online(tx, places[0], online)
    volumes.set_online(tx, places[1], False)
    for place in places:
        clips.refresh_volume(tx, place)
        volumes.scanned(tx, place, 1_700_000_000_000)


def main() -> int:
    """Fills a data folder from the command line."""
    home = Path(sys.argv[1])
    ready(home, int(sys.argv[2]) if len(sys.argv) > 2 else CLIPS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
