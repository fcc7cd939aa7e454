"""What every part of the window is given: the services, the change feed, and who works on what.

Reads go through `query` (a snapshot on a worker thread), words of a person through `say`, which
offers to take them back. Nothing else of the window touches the catalog.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from app.core.catalog import acts, volumes
from app.core.catalog.acts import Act
from app.core.catalog.rows import Reader
from app.core.catalog.speaking import listening
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Actor, Project
from app.core.model.errors import Refused, RushesError
from app.core.model.events import Event
from app.core.model.media import Derive
from app.ui import tasks
from app.ui.bridge import Bridge
from app.ui.inspector import acts as act_words
from app.ui.widgets.core_words import core
from app.ui.widgets.pictures import PictureCache
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    # The services pull in the whole core; the window is painted before they are built.
    from app.core.services import Services

T = TypeVar("T")


class Desk(QObject):
    """The desk of one person, on one project."""

    changed = Signal(object)
    """A merged `ChangeSet` of the catalog."""
    jobs_changed = Signal()
    here_changed = Signal()
    """Another project or person, or another name of one."""
    writable_changed = Signal()
    """The disk of the data folder is full, or has room again."""
    said = Signal(str, object)
    """Something was done: in words, and the events by which `undo_said` takes it back (none where nothing was recorded)."""
    notice = Signal(str)
    """Something worth a line that goes away by itself."""

    def __init__(self, services: "Services", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.catalog = services.catalog
        self.pictures = PictureCache(self)
        self.project: Project | None = None
        self.actor = Actor("", "", "")
        self._bridge = Bridge(self)
        self._bridge.changed.connect(self._on_changed)
        self._bridge.jobs_changed.connect(self.jobs_changed)
        self._bridge.listen(services.catalog.subscribe)
        self._unsubscribe = services.engine.subscribe(self._bridge.take_job)

    @property
    def project_id(self) -> str:
        """The current project; "" before the first start."""
        return self.project.id if self.project else ""

    @property
    def open_minutes(self) -> int:
        """How long a file may stay unfinished before it is called damaged."""
        return self.services.settings.ingest.open_structure_minutes

    @property
    def writable(self) -> bool:
        """Whether what a person says can be kept; `services.health.full` says why not."""
        return self.services.health.full is None

    def open(self, then: Callable[[], None]) -> None:
        """Reads who works on what, for the first time."""
        self._read_here(then)

    def close(self) -> None:
        """Stops listening."""
        self._unsubscribe()
        self._bridge.close()

    def query(
        self,
        owner: QObject,
        read: Callable[[Reader], T],
        done: Callable[[T], None],
        failed: tasks.Failed | None = None,
        *,
        key: str = "",
    ) -> None:
        """Reads one snapshot in the background; arguments as in `tasks.run_query`."""

        def work() -> T:
            with self.catalog.read() as reader:
                return read(reader)

        tasks.run_query(owner, work, done, failed, key=key)

    def say(
        self,
        words: str,
        act: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: tasks.Failed | None = None,
    ) -> None:
        """Records what a person did. `words` are shown beside Undo; "" shows nothing."""

        def work() -> tuple[T, list[str]]:
            with listening() as heard:
                return act(), heard

        def finish(both: tuple[T, list[str]]) -> None:
            result, heard = both
            if words:
                self.said.emit(words, heard)
            if done:
                done(result)

        tasks.run_command(self, work, finish, failed)

    def undo(self) -> None:
        """Takes back this person's newest act."""
        self._take_back(self.services.projects.undo, self.tr("Undone: {0}"))

    def undo_said(self, said: Sequence[str]) -> None:
        """Takes back what these events said, and nothing that was said since."""
        projects = self.services.projects
        self._take_back(lambda: projects.undo_said(said), self.tr("Undone: {0}"))

    def redo(self) -> None:
        """Does again what was undone last."""
        self._take_back(self.services.projects.redo, self.tr("Done again: {0}"))

    def _take_back(self, act: Callable[[], list[Event]], form: str) -> None:
        """Undo or redo, with a line that names the act. That there is none is no failure."""

        def work() -> Act:
            events = act()
            with self.catalog.read() as reader:
                return acts.of_events(reader, events)

        def told(done: Act) -> None:
            self.notice.emit(fill(form, act_words.words(done)))

        def failed(error: RushesError) -> None:
            if isinstance(error, Refused):
                self.notice.emit(core(error.title))
            else:
                tasks.report(error)

        tasks.run_command(self, work, told, failed)

    def scan(self, volume_ids: Sequence[str]) -> None:
        """Looks through these volumes again."""
        for volume_id in volume_ids:
            self.services.scans.want(volume_id)
        self.services.engine.poke()

    def set_derive(self, volume_id: str, derive: Derive) -> None:
        """How much is made of a volume's clips."""
        engine = self.services.engine

        def act() -> None:
            self.catalog.write(lambda tx: volumes.set_option(tx, volume_id, derive=derive))
            engine.poke()

        tasks.run_command(self, act)

    def tend(self) -> None:
        """New volumes are watched, gone ones let go."""
        tasks.run_command(self, self.services.tend)

    def retry(self, key: str | None) -> None:
        """Lets one piece of failed work try again; all of it where None."""
        engine = self.services.engine
        tasks.run_command(
            self, lambda: engine.ensure_all() if key is None else int(engine.ensure(key))
        )

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.touches(Aspect.HEALTH):
            self.writable_changed.emit()
        if changes.touches(Aspect.PROJECT, Aspect.ACTOR):
            self._read_here(lambda: self.changed.emit(changes))
        else:
            self.changed.emit(changes)

    def _read_here(self, then: Callable[[], None]) -> None:
        def read() -> tuple[Project | None, Actor]:
            projects = self.services.projects
            return (projects.current(), projects.current_actor())

        def take(here: tuple[Project | None, Actor]) -> None:
            moved = here != (self.project, self.actor)
            self.project, self.actor = here
            if moved:
                self.here_changed.emit()
            then()

        tasks.run_query(self, read, take)
