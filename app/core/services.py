"""Builds and owns the services of one open catalog. The window and the command line both work through it."""

import functools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.catalog import backups, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.event_store import CatalogEvents, ReadTables, exchange
from app.core.catalog.null_hub import NullHub
from app.core.delivery.sync import Sync
from app.core.delivery.targets import Targets
from app.core.ingest import recipes as ingest_recipes
from app.core.ingest.offloads import Offloads
from app.core.ingest.own_folders import OwnFolders
from app.core.ingest.recipes import Hashing, Scans, Settling
from app.core.ingest.scanning import Scanner
from app.core.ingest.scrub import Scrub
from app.core.ingest.volumes import Volumes
from app.core.ingest.watching import Watcher
from app.core.model.changes import Aspect, ChangeSet
from app.core.planning.bins import Bins
from app.core.planning.projects import Projects
from app.core.platform import heaps, paths
from app.core.platform import settings as settings_file
from app.core.platform.neighbours import Neighbours
from app.core.platform.preferences import Settings
from app.core.post.assembling import Assembling
from app.core.post.derivatives import Derivatives
from app.core.post.frames import Frames
from app.core.post.models.registry import load_registry
from app.core.post.probing import Probing
from app.core.post.search import Search
from app.core.post.store import ProxyStore
from app.core.post.timelines import Timelines
from app.core.post.transcripts import Transcripts
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from app.core.work.courtesy import Courtesy
from app.core.work.engine import Engine
from app.core.work.read_caps import ReadCaps
from app.core.work.recipes import QUICK, Recipe, Subject

if TYPE_CHECKING:
    from app.core.ingest.reports import Reports

log = logging.getLogger(__name__)


class Services:
    """Everything the core does, for one data folder. Made by the process that owns it; `close` it.

    Args:
        home: the data folder.
        pictures: there is a window that shows pictures.
    """

    def __init__(self, home: Path, *, pictures: bool = False) -> None:
        heaps.keep_few(pictures=pictures)
        self.home = home
        self._pictures = pictures
        self.settings: Settings = settings_file.load(home)
        self.catalog = Catalog.open(home)
        self.health = self.catalog.health
        """Whether the data folder can be written: `full` has the words of a banner, `Aspect.HEALTH` tells of changes."""
        try:
            self._make(home)
        except BaseException:
            # A catalog that was found damaged on the way is let go: its writer must not stay behind.
            self.catalog.close()
            raise

    def _make(self, home: Path) -> None:
        choices = self.settings
        quiet = choices.ingest.quiet_seconds * 1000
        self.events = CatalogEvents(self.catalog)
        self.hub = NullHub(self.catalog)
        self.read_tables = ReadTables(self.catalog)
        self.projects = Projects(self.catalog)
        self.projects.ensure()
        exchange(self.events, self.hub)
        self.bins = Bins(self.catalog)
        self.notes = Notes(self.catalog)
        self.marks = Marks(self.catalog)
        self.log = Log(self.catalog)
        self.decisions = Decisions(self.catalog)
        self.store = ProxyStore(self.catalog, home, choices.derivatives)
        self.store.rests = self._pictures
        own = OwnFolders(home, self.store.root, paths.models_dir())
        self.volumes = Volumes(self.catalog, choices.ingest, own=own)
        self.scanner = Scanner(self.catalog, self.volumes, quiet_ms=lambda: quiet)
        self.watcher = Watcher(self.catalog, own)
        self.offloads = Offloads(self.catalog)
        self.scans = Scans(self.catalog, self.volumes, self.scanner, self.watcher, choices.ingest)
        self.probing = Probing(choices.ingest, choices.tools)
        self.assembling = Assembling(self.catalog)
        self.derivatives = Derivatives(self.store, choices.derivatives, choices.tools)
        self.transcripts = Transcripts(
            self.catalog, self.store, choices.transcripts, programs=choices.tools
        )
        self.frames = Frames(self.catalog, self.store)
        self.search = Search(self.catalog, self.transcripts.timing)
        self.timelines = Timelines(self.catalog, self.store)
        self.targets = Targets(self.catalog)
        self.sync = Sync(self.catalog, self.store, choices.sync)
        self.read_caps = ReadCaps()
        self.courtesy = Courtesy(foreign_busy=Neighbours().busy)
        self.scrub = Scrub(self.catalog, lambda: self.settings.ingest, self.courtesy)
        self.engine = Engine(
            self.catalog,
            self._recipes(quiet),
            widths=self.derivatives.widths(),
            courtesy=self.courtesy,
            behind=self._pictures,
        )
        self.derivatives.caps = self.transcripts.first.caps = self.read_caps
        self.derivatives.hold = self._holds
        self.store.room.in_hand = self.engine.in_focus
        self._watching = False
        self._keep_choices()
        self._unsubscribe = self.catalog.subscribe(self._on_change)

    def _recipes(self, quiet_ms: int) -> Sequence[Recipe]:
        return [
            *ingest_recipes.recipes(
                self.scans,
                Settling(self.scanner, quiet_ms),
                Hashing(self.read_caps),
            ),
            *self.probing.recipes(),
            *self.assembling.recipes(),
            *self.derivatives.recipes(),
            *self.transcripts.recipes(),
            *self.sync.recipes(),
            *self.store.recipes(),
            *self.offloads.recipes(),
            *self.scrub.recipes(),
            Recipe(
                "backup",
                "Daily backup",
                self._backup_due,
                lambda _context, _subject: self._backup(),
                priority=90,
                stubborn=True,
            ),
        ]

    @functools.cached_property
    def reports(self) -> "Reports":
        """Reports of offloads; what makes them is loaded when one is asked for."""
        from app.core.ingest.reports import Reports

        return Reports(self.catalog, self.offloads)

    def start(self, *, watch: bool = True) -> None:
        """Begins the background work; with `watch`, volumes are watched as well as scanned."""
        self._watching = watch
        self._keep_volumes()
        self.engine.start()
        self.engine.poke()

    def close(self) -> None:
        """Stops the work, then the children, then the catalog."""
        self._unsubscribe()
        self.watcher.close()
        self.engine.close()
        self.sync.close()
        self.transcripts.close()
        self.derivatives.close()
        self.probing.close()
        self.frames.close()
        self.catalog.close()

    def change_setting(self, name: str, text: str) -> Settings:
        """Writes one setting; what is running takes it up at the next start where it cannot sooner.

        Raises:
            Refused: no such setting, or a value that may not stand there; the choices are named.
        """
        if name == "transcripts.model":
            load_registry(paths.resource("models/registry.toml")).spec(text.strip())
        self.settings = settings_file.set_value(self.home, name, text)
        self.derivatives.settings = self.store.room.settings = self.settings.derivatives
        self.catalog.write(lambda tx: tx.touch(Aspect.SETTINGS, name))
        return self.settings

    def _on_change(self, changes: ChangeSet) -> None:
        if changes.touches(Aspect.VOLUME, Aspect.SETTINGS):
            self._keep_choices()
            self.engine.poke()

    def _holds(self) -> bool:
        """Whether decode passes stand still."""
        return self.engine.paused or bool(self.courtesy.reason()) or self.transcripts.hurries()

    def _keep_choices(self) -> None:
        """What a person chose for each volume reaches what runs: its hours, and how fast it may be read."""
        usual = self.settings.ingest
        with self.catalog.read() as reader:
            known = volumes.plain(reader)
        self.courtesy.set_hours({v.id: v.hours or usual.work_hours for v in known})
        self.read_caps.keep({v.id: v.read_cap or usual.read_cap_mb * 1_000_000 for v in known})

    def _keep_volumes(self) -> None:
        if self._watching:
            self.watcher.keep(self.volumes.every())

    def tend(self) -> None:
        """What is to be looked after now and then: new volumes are watched, gone ones let go."""
        self._keep_volumes()

    def _backup_due(self, _reader: object, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        wanted = self._watching and backups.daily_due(self.catalog.path)
        return [Subject("catalog", QUICK, "catalog")] if wanted else []

    def _backup(self) -> None:
        backups.make(self.catalog.path, "daily")
