"""Reads Avid Log Exchange files, as cameras (ARRI) and labs leave them beside the clips.

Tab-separated text in three parts: `Heading`, `Column`, `Data`. Column names are kept as written; rows
shorter than the columns leave the rest out.
"""

import dataclasses

from app.core.model.errors import BadData, Refused

LARGEST = 16 << 20
MOST_ROWS = 50_000
MOST_COLUMNS = 256


@dataclasses.dataclass(frozen=True, slots=True)
class AleLog:
    """One log."""

    heading: dict[str, str]
    """`FPS`, `VIDEO_FORMAT`, `TAPE` … as written."""
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    """By column name; empty values are left out."""

    @property
    def drop(self) -> bool:
        """True where start labels are written with a semicolon: ALE has no other flag."""
        return any(";" in row.get("Start", "") for row in self.rows)

    def row(self, clip: str) -> dict[str, str] | None:
        """The row of a clip, by `Name` without its extension; None where it is not listed."""
        wanted = clip.casefold()
        for row in self.rows:
            name = row.get("Name", "").casefold()
            if wanted in (name, name.rpartition(".")[0]):
                return row
        return None


def read(data: bytes, subject: str = "") -> AleLog:
    """Reads one log, UTF-8 or Latin-1, with any line ends.

    Raises:
        Refused: larger than any real log.
        BadData: no `Column` or `Data` part.
    """
    if len(data) > LARGEST:
        raise Refused("The log is not accepted", "It is larger than any real log.", subject=subject)
    lines = _decoded(data).splitlines()
    heads = {line.strip().casefold(): at for at, line in reversed(list(enumerate(lines)))}
    if "column" not in heads or "data" not in heads or heads["data"] < heads["column"] + 2:
        raise BadData("Not an Avid log", "It has no Column and Data parts.", subject=subject)
    columns = tuple(name.strip() for name in lines[heads["column"] + 1].split("\t"))[:MOST_COLUMNS]
    rows = [line for line in lines[heads["data"] + 1 :] if line.strip()]
    if len(rows) > MOST_ROWS:
        raise Refused(
            "The log is not accepted", "It has more rows than any real log.", subject=subject
        )
    return AleLog(
        heading=_heading(lines[: heads["column"]]),
        columns=columns,
        rows=tuple(_row(columns, line) for line in rows),
    )


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _heading(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition("\t") for line in lines if "\t" in line)
    return {name.strip().upper(): value.strip() for name, _, value in pairs}


def _row(columns: tuple[str, ...], line: str) -> dict[str, str]:
    values = (value.strip() for value in line.split("\t"))
    return {name: value for name, value in zip(columns, values, strict=False) if name and value}
