"""Projects, people, bins and targets: reading them, and which project and person are current at this desk."""

from fractions import Fraction
from typing import Any

from app.core.catalog import stored
from app.core.catalog.rows import Reader, Row, Tx
from app.core.model.changes import Aspect
from app.core.model.entities import Actor, Bin, Project, Target
from app.core.model.errors import Refused
from app.core.model.timecode import parse_rate


def every(reader: Reader) -> list[Project]:
    """All projects, in the order they were made."""
    return [_project(row) for row in reader.all("SELECT * FROM project ORDER BY id")]


def get(reader: Reader, project_id: str) -> Project | None:
    """One project."""
    row = reader.one("SELECT * FROM project WHERE id = ?", project_id)
    return _project(row) if row else None


def current(reader: Reader) -> str:
    """The id of the project this desk works on; "" before the first start."""
    return str(reader.value("SELECT value FROM meta WHERE key = 'project'") or "")


def current_actor(reader: Reader) -> str:
    """The id of the person at this desk; "" before the first start."""
    return str(reader.value("SELECT value FROM meta WHERE key = 'actor'") or "")


def set_current(tx: Tx, *, project_id: str | None = None, actor: str | None = None) -> None:
    """Switches project or person at this desk."""
    for key, value, aspect in (
        ("project", project_id, Aspect.PROJECT),
        ("actor", actor, Aspect.ACTOR),
    ):
        if value is not None:
            tx.touch(aspect, value)
            tx.run(
                "INSERT INTO meta VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                key,
                value,
            )


def set_introduced(tx: Tx) -> None:
    """A person has given a name at this desk."""
    tx.run("INSERT OR REPLACE INTO meta VALUES ('introduced', '1')")


def introduced(reader: Reader) -> bool:
    """Whether a person has given a name at this desk."""
    return bool(reader.value("SELECT 1 FROM meta WHERE key = 'introduced'"))


def actors(reader: Reader) -> list[Actor]:
    """The people known here."""
    return [
        Actor(row["id"], row["name"], row["initials"])
        for row in reader.all("SELECT * FROM actor ORDER BY id")
    ]


def bins(reader: Reader, project_id: str) -> list[Bin]:
    """The project's bins and smart bins; a smart bin's count is made by the search."""
    rows = reader.all(
        "SELECT b.*, (SELECT count(*) FROM bin_clip i JOIN clip c ON c.id = i.clip_id AND c.retired = 0 WHERE i.bin_id = b.id) AS clips"
        " FROM bin b WHERE b.project_id = ? AND b.deleted = 0 ORDER BY b.name, b.id",
        project_id,
    )
    return [Bin(row["id"], row["name"], row["query"], row["clips"]) for row in rows]


def bin_adds(reader: Reader, bin_id: str, clip_id: str) -> list[str]:
    """The adds that a removal from a bin must name."""
    adds: list[str] = stored.listed(
        reader.value("SELECT adds FROM bin_clip WHERE bin_id = ? AND clip_id = ?", bin_id, clip_id)
        or "[]"
    )
    return adds


def targets(reader: Reader) -> list[Target]:
    """Where approved clips are sent; those that were removed are not among them."""
    return [
        _target(row)
        for row in reader.all(
            "SELECT * FROM target WHERE coalesce(fields ->> '$.removed', 0) = 0 ORDER BY id"
        )
    ]


def target(reader: Reader, words: str) -> Target:
    """A target by id or name.

    Raises:
        Refused: there is none.
    """
    found = [t for t in targets(reader) if words in (t.id, t.name)]
    if not found:
        raise Refused(
            "Unknown target",
            f"No target is called {words!r}.",
            subject=words,
            todo="“rushes target list” shows them.",
            choices=tuple(t.name for t in targets(reader)),
        )
    return found[0]


@stored.reading
def _project(row: Row) -> Project:
    fields: dict[str, Any] = stored.table(row["fields"])
    return Project(
        id=row["id"],
        name=str(fields.get("name", "")),
        rate=parse_rate(str(fields["rate"])) if fields.get("rate") else Fraction(25),
        drop=bool(fields.get("drop", False)),
        glossary=tuple(fields.get("glossary") or ()),
        languages=tuple(fields.get("languages") or ()),
    )


@stored.reading
def _target(row: Row) -> Target:
    fields: dict[str, Any] = stored.table(row["fields"])
    return Target(
        id=row["id"],
        name=str(fields.get("name", "")),
        bucket=str(fields.get("bucket", "")),
        endpoint=str(fields.get("endpoint") or ""),
        region=str(fields.get("region") or ""),
        profile=str(fields.get("profile") or ""),
        send=str(fields.get("send") or "original"),
        template=str(fields.get("template") or ""),
        confirmed=bool(fields.get("confirmed", False)),
    )
