"""A small library for the window's tests: real catalog, real events, made-up clips without media."""

from fractions import Fraction
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from app.core.catalog import clips, files, renditions, volumes
from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.files import Seen
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.model.entities import Audio, Segment, Word
from app.core.model.media import ClipKind, ClipState, Derive, FileRole, FileState, RenditionKind
from app.core.services import Services

NAMES = (
    "B002C001",
    "B002C002",
    "B002C003",
    "<b>loud</b> & \u202egnp.vom",
    "短い名前" * 20,
    "x" * 250,
)
SPOKEN = "The tide comes in at six"


def fill(services: Services, folder: Path, count: int = 12) -> list[str]:
    """Adds two volumes (one offline) and so many clips; returns their ids."""
    services.projects.introduce("Ingrid Nilsen", "IN")
    services.projects.change("name", "Harbour film")
    store = services.store.root
    store.mkdir(parents=True, exist_ok=True)
    _poster(store / "poster.png")
    ids: list[str] = []

    def act(tx: Tx) -> None:
        here = _volume(tx, "NAS Media", str(folder))
        away = _volume(tx, "Archive 07", str(folder / "away"))
        for number in range(count):
            volume = away if number % 6 == 5 else here
            ids.append(_clip(tx, volume, number))
        volumes.set_online(tx, away, False)
        clips.refresh_volume(tx, away)

    services.catalog.write(act)
    return ids


def say(services: Services, clip_id: str, text: str = SPOKEN) -> None:
    """Gives a clip a transcript: a word a second."""
    from app.core.catalog import library, transcripts

    with services.catalog.read() as reader:
        clip = library.get(reader, clip_id)
    assert clip is not None
    words = tuple(
        Word(n * 16_000, (n + 1) * 16_000, 400 if n == 1 else 950, f" {word}")
        for n, word in enumerate(text.split())
    )
    segment = Segment(0, len(words) * 16_000, text, "Marit", "en", words)
    frames = services.transcripts.timing.clock(clip).frames

    def act(tx: Tx) -> None:
        transcripts.put(tx, clip.content_id, "base", 1, "en", [segment])
        transcripts.index(tx, clip.id, [segment], frames)

    services.catalog.write(act)


def _volume(tx: Tx, name: str, mount: str) -> str:
    return volumes.add(
        tx,
        name=name,
        kind="local",
        derive=Derive.ALL,
        fs_key="",
        fs_type="ext4",
        subpath="",
        mount=mount,
    )


def _clip(tx: Tx, volume: str, number: int) -> str:
    path = f"Day 3/B cam/clip{number}.mov".encode()
    files.insert(tx, volume, [Seen(path, 1_000_000, 1, number + 10, "media", FileState.PRESENT)])
    row = tx.value("SELECT n FROM file WHERE path = ? AND volume_id = ?", path, volume)
    clip_id = clips.put(
        tx,
        ClipRecord(
            volume,
            "Day 3/B cam",
            NAMES[number % len(NAMES)] if number < len(NAMES) else f"B002C{number:03d}",
            ClipKind.VIDEO,
            ClipState.READY,
            (Part(row, FileRole.ESSENCE, 0),),
            rate=Fraction(25),
            start_frame=25 * 3600 * 10 + number * 2500,
            label_rate=Fraction(25),
            frames=250,
            duration_ms=10_000,
            width=1920,
            height=1080,
            codec="prores",
            audio=(Audio("pcm_s24le", 2, 48_000, "Lav"),),
            reel="B002R2EC",
            camera="B",
            scene="12A",
            take=str(number + 1),
            size=1_000_000,
            origins={"reel": "tmcd"},
        ),
    )
    content = tx.value("SELECT content_id FROM clip WHERE id = ?", clip_id)
    renditions.put(tx, content, "poster", 1, "", [Made(RenditionKind.POSTER, "poster.png")])
    return clip_id


def _poster(path: Path) -> None:
    image = QImage(160, 90, QImage.Format.Format_RGB32)
    image.fill(QColor("#406080"))
    assert image.save(str(path))
