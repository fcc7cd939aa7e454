"""What became of one file."""

import dataclasses
from collections.abc import Mapping

from app.core.files.digests import HashName
from app.core.model.errors import RushesError


@dataclasses.dataclass(frozen=True, slots=True)
class CopyResult:
    """What became of one file: what was read, and on which legs it is."""

    rel: str
    size: int
    """Bytes."""
    mtime_ns: int
    hashes: Mapping[HashName, str]
    """Of what was read; empty where it was not read to its end."""
    legs: Mapping[str, RushesError | None]
    """By the leg's id: None where the file is durable under its name, else why it is not there."""
    already: frozenset[str] = frozenset()
    """Legs where it was there with the same content: nothing was written."""
    problem: RushesError | None = None
    """Why the source could not be read whole; then it is on no leg."""
    spent_ns: Mapping[str, int] = dataclasses.field(default_factory=dict[str, int])
    """By the leg's id: what writing to its disk took."""

    @property
    def done(self) -> frozenset[str]:
        """The legs that have it."""
        return frozenset(leg for leg, error in self.legs.items() if error is None)
