"""What a person calls a clip: its id, the start or end of it, or its name."""

from app.core.catalog.rows import Reader
from app.core.model import names
from app.core.model.errors import Ambiguous, Refused
from app.core.model.ids import may_be_part


def resolve(reader: Reader, words: str) -> str:
    """The id of the clip that is meant: by id, unique prefix or suffix of it, or unique name.

    Raises:
        Refused: none fits. Ambiguous: several do; the choices are listed.
    """
    asked, words = words, names.sound_text(words)
    found = [
        *reader.column("SELECT id FROM clip WHERE id = ? AND retired = 0", words),
        *reader.column("SELECT clip_id FROM clip_alias WHERE alias = ?", words),
    ]
    if not found:
        # A name such as 0042 may be the end of another clip's id as well: then it is ambiguous.
        found = list(dict.fromkeys([*_by_name(reader, asked), *_by_part_of_id(reader, words)]))
    if not found:
        raise Refused(
            "Unknown clip",
            f"No clip is called {names.display(asked)!r}.",
            subject=words,
            todo="“rushes clips” lists them; a clip is named by id, the start or end of its id, or its name.",
            choices=_like(reader, asked),
        )
    if len(found) > 1:
        raise Ambiguous(
            "More than one clip fits",
            f"{names.display(words)!r} fits {len(found)} clips.",
            subject=words,
            todo="Name it by its id.",
            choices=tuple(_choice(reader, clip_id) for clip_id in found),
        )
    return found[0]


def _like(reader: Reader, asked: str) -> tuple[str, ...]:
    """A few clips whose names begin so: what may have been meant."""
    key = names.fold_key(names.display(asked))
    if not key:
        return ()
    found = reader.column(
        "SELECT id FROM clip WHERE name_fold >= ?1 AND name_fold < ?1 || char(0x10FFFF) AND retired = 0 ORDER BY name_fold LIMIT 5",
        key,
    )
    return tuple(_choice(reader, str(clip)) for clip in found)


def _by_name(reader: Reader, words: str) -> list[str]:
    """Clips of this name, as the file has it or a person gave it; of several the one that is written alike."""
    shown = names.display(words)
    rows = reader.all(
        "SELECT id, name FROM clip WHERE name_fold = ? AND retired = 0 UNION SELECT c.id, f.value FROM clip_field f"
        " JOIN clip c ON c.id = f.clip_id AND c.retired = 0 WHERE f.field = 'name' AND f.value = ? LIMIT 20",
        names.fold_key(shown),
        shown,
    )
    exact = list(dict.fromkeys(str(row["id"]) for row in rows if row["name"] == shown))
    if not rows:
        return _by_file(reader, names.fold_key(shown))
    return exact if len(exact) == 1 else [str(row["id"]) for row in rows]


def _by_file(reader: Reader, key: str) -> list[str]:
    """Clips of which a copy is called so, without its extension: equal bytes may have several names."""
    found = reader.column(
        "SELECT DISTINCT f.clip_id FROM file f JOIN clip c ON c.id = f.clip_id AND c.retired = 0"
        " WHERE f.name_key >= ? || '.' AND f.name_key < ? || '/' AND f.role IN ('essence', 'span', 'audio')"
        " AND c.sequence IS NULL LIMIT 20",
        key,
        key,
    )
    return [str(clip) for clip in found]


def _by_part_of_id(reader: Reader, words: str) -> list[str]:
    if not may_be_part(words):
        return []
    return [
        str(i)
        for i in reader.column(
            "SELECT id FROM clip WHERE retired = 0 AND (id GLOB ? OR id GLOB ?) LIMIT 20",
            f"{words}*",
            f"*{words}",
        )
    ]


def _choice(reader: Reader, clip_id: str) -> str:
    row = reader.one("SELECT name, folder_text FROM clip WHERE id = ?", clip_id)
    return f"{clip_id} {row['folder_text']}/{row['name']}" if row else clip_id
