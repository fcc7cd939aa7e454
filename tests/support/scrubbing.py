"""A scrub of an offload station, with a clock and settings of its own."""

import datetime
import json
import sys
from pathlib import Path

from app.core.catalog.database import Catalog
from app.core.ingest.scrub import Scrub
from app.core.model.scrubs import ScrubCopy
from app.core.platform.preferences import Ingest
from tests.support import catalogs
from tests.support.source import ROOT

NIGHT = datetime.datetime(2027, 5, 14, 23, 30).astimezone()
LATER_MS = 13 * 3_600_000
"""More than what counts as read in the same night."""


class Scrubbing:
    """`scrub`, and what it is told."""

    def __init__(self, catalog: Catalog, *, nights: int = 30, hours: str = "22:00-06:00") -> None:
        self.catalog = catalog
        self.now = NIGHT
        self.chosen = Ingest(scrub_nights=nights, scrub_hours=hours)
        self.scrub = Scrub(catalog, lambda: self.chosen, now=lambda: self.now)

    def named(self) -> set[str]:
        """Every file that is said to be damaged, by its place."""
        return {one.copy.absolute for one in self.scrub.damaged()}

    def only(self) -> ScrubCopy:
        """The one that is."""
        (found,) = self.scrub.damaged()
        return found.copy

    def age(self, ms: int = LATER_MS) -> None:
        """Everything was proven and read so much earlier."""

        def act(tx: object) -> None:
            tx.run("UPDATE offload_copy SET at_ms = at_ms - ?, tried_ms = tried_ms - ?", ms, ms)  # type: ignore[attr-defined]

        self.catalog.write(act)


def child(home: Path, act: str, words: str) -> list[str]:
    """The command line of a process that repairs or undoes."""
    return [sys.executable, "-B", "-m", "tests.support.scrubbing", str(home), act, words]


def main(home: str, act: str, words: str) -> None:
    """Repairs or undoes one file; says when it is done."""
    assert ROOT.is_dir()
    with catalogs.opened(Path(home)) as catalog:
        scrub = Scrubbing(catalog).scrub
        done = scrub.repair(scrub.plan_repair(words)) if act == "repair" else scrub.undo(words)
    sys.stdout.write(json.dumps([act, done.id, done.path]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
