"""A recipe says what makes an output, for which subjects it is missing, and on which lane it runs."""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Final

from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.model.errors import Cancelled
from app.core.platform import clock
from app.core.platform.pacing import SECOND

QUICK: Final = "quick"
ENCODE: Final = "encode"
MODEL: Final = "model"
NET: Final = "net"
HOUSE: Final = "house"
"""Housekeeping that rests between its steps, and so takes its time."""
_IO: Final = "io:"
_REST: Final = 9
_LONGEST_REST_NS: Final = SECOND


def io_lane(volume_id: str) -> str:
    """The lane of whole reads on one volume: one at a time, so that a spinning disk is not torn."""
    return f"{_IO}{volume_id}"


def is_io_lane(name: str) -> bool:
    """Whether a lane is one of a volume's own."""
    return name.startswith(_IO)


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """One thing a recipe is due on."""

    id: str
    """Clip, file, volume or upload id: what an attempt is stored under."""
    lane: str
    name: str
    """For people: a clip's or file's name."""
    volume_id: str = ""
    """The volume that is read, for read caps and hours."""
    clip_id: str = ""
    """The clip it belongs to, where it is not the clip itself."""
    soon: bool = False
    """Somebody waits for it: it goes before the others of its recipe, those that wait in the lane already too."""

    @property
    def clip(self) -> str:
        """What a person would name: the clip where there is one."""
        return self.clip_id or self.id


@dataclasses.dataclass(slots=True)
class Job:
    """A subject in hand."""

    recipe: "Recipe"
    subject: Subject
    cancelled: threading.Event
    done: int = 0
    total: int = 0
    started_ns: int = 0

    @property
    def key(self) -> str:
        """`recipe:subject`."""
        return f"{self.recipe.name}:{self.subject.id}"


class Context:
    """What a handler is given. Handlers are idempotent and stop within two seconds of a cancel."""

    def __init__(self, catalog: Catalog, job: Job, progressed: Callable[[Job], None]) -> None:
        self.catalog = catalog
        self.job = job
        self._progressed = progressed
        self._rested_ns = clock.monotonic_ns()

    def cancelled(self) -> bool:
        """Whether the work was called off."""
        return self.job.cancelled.is_set()

    def check(self) -> None:
        """Raises `Cancelled` where the work was called off."""
        if self.cancelled():
            raise Cancelled("Called off", subject=self.job.subject.name)

    def rest(self) -> None:
        """Between two steps of housekeeping: nine times as long as the step took, so that it takes a tenth of a core at most.

        Python runs one thread at a time: what is always ready to run keeps the window waiting at each of its turns.

        Raises:
            Cancelled: the work was called off.
        """
        now = clock.monotonic_ns()
        spent, self._rested_ns = now - self._rested_ns, now
        if self.job.cancelled.wait(min(_REST * spent, _LONGEST_REST_NS) / SECOND):
            self.check()
        self._rested_ns = clock.monotonic_ns()

    def progress(self, done: int, total: int) -> None:
        """How far it is; in memory only."""
        self.job.done, self.job.total = done, total
        self._progressed(self.job)


DueQuery = Callable[[Reader, int, Sequence[str]], Sequence[Subject]]
"""(snapshot, at most so many, clips on screen: those first) -> what is due, best first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Recipe:
    """One kind of derived work."""

    name: str
    title: str
    """For people: “Proxies”, “Transcripts”."""
    due: DueQuery
    run: Callable[[Context, Subject], object]
    """What it returns is of no interest."""
    version: int = 1
    priority: int = 50
    """Lower goes first within a lane."""
    soon: Callable[[Reader], int] | None = None
    """How many subjects will become due within moments: a service that runs until idle waits for them."""
    polite: bool = False
    """True: it gives way to playback and to an NLE in front, and keeps a volume's hours."""
    stubborn: bool = False
    """True: it goes on for ever, ever more rarely: housekeeping that nobody would think of retrying."""
    again: Callable[[Tx, str], None] | None = None
    """Makes a subject due again that a person wants retried, where forgetting the failure is not enough."""
