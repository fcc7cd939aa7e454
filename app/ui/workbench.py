"""What happens in the window once a library is open: pages, commands, messages, counts.

Pages know their subject; the workbench shows the one that is wanted and passes on what concerns
the whole window.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.core.catalog import library, notes, projects, undo, uploads
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Actor, Project
from app.ui import tasks
from app.ui.deliver.page import DeliverPage
from app.ui.ingest.ending import OffloadEnds
from app.ui.ingest.page import IngestPage
from app.ui.inspector.panel import TABS
from app.ui.library.log_bar import KEYS
from app.ui.library.page import LibraryPage
from app.ui.library.sidebar_rows import Shelves
from app.ui.main_window import MainWindow
from app.ui.plan.page import PlanPage
from app.ui.player import actions as player_actions
from app.ui.player.surfaces import SurfaceKind
from app.ui.review.page import ReviewPage
from app.ui.shell import commands
from app.ui.shell.activity import room_words
from app.ui.shell.first_start import FirstStart
from app.ui.shell.panels import Panels
from app.ui.shell.settings_page import SettingsPage
from app.ui.shell.statusbar import Totals
from app.ui.shell.workload import Workload, WorkState
from app.ui.theme.style import dress
from app.ui.widgets import wording
from app.ui.widgets.asking import ask_line
from app.ui.widgets.core_words import core
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_TOTALS_MS: Final = 300
_BEFORE: Final = frozenset({"keys", "about", "quit"})
"""Commands that answer already at the very first start."""
_COUNTED: Final = (Aspect.CLIP, Aspect.NOTE, Aspect.UPLOAD, Aspect.PROJECT, Aspect.VOLUME)


class Workbench(QObject):
    """Pages and panels of one open library in one window."""

    def __init__(
        self, window: MainWindow, desk: "Desk", kind: SurfaceKind = SurfaceKind.AUTO
    ) -> None:
        super().__init__(window)
        self.window = window
        self.desk = desk
        self.library = LibraryPage(desk, kind)
        self.work = Workload(desk, self)
        OffloadEnds(desk, window)
        self.panels = Panels(window.body, desk, self.library.stage.player.keymap)
        self._pages: dict[str, QWidget] = {}
        self._makers = self._page_makers()
        self._keys = commands.KeysForFocus(self)
        self._people: list[Actor] = []
        self._store_full = ""
        self._totals_later = single_shot(self, _TOTALS_MS, self._read_totals)
        self._commands = self._made_commands()
        known = commands.commands()
        commands.bind(window, known, self.do)
        window.menu.addActions(commands.build_menu(window, known, self.do).actions())
        player_actions.bind(window, self.library.stage.player.keymap, self._on_key)
        self._add_page("library", self.library)
        self._wire()
        self._on_here()
        self._read_totals()
        self._show_health()

    def _wire(self) -> None:
        window, desk, page, panels = self.window, self.desk, self.library, self.panels
        tasks.set_reporter(window.toasts.fail)
        header = window.header
        header.page_chosen.connect(self.show_page)
        header.search.searched.connect(self._search)
        header.search.left_downwards.connect(self._leave_search)
        header.project_chosen.connect(self.switch_project)
        header.new_project_wanted.connect(self.ask_project)
        header.person_wanted.connect(self.ask_person)
        header.activity_wanted.connect(self.panels.activity.toggle)
        window.status.notes_wanted.connect(lambda: self.show_page("review"))
        window.status.sync_wanted.connect(lambda: self.show_page("deliver"))
        window.status.work_wanted.connect(self.panels.activity.toggle)
        page.search_wanted.connect(header.search.take_over)
        page.volumes_changed.connect(self._on_shelves)
        page.add_volume_wanted.connect(panels.add_volume.open)
        page.export_wanted.connect(panels.export.offer)
        page.full_screen_wanted.connect(self._turn_full)
        window.folders_dropped.connect(self._dropped)
        window.escaped.connect(self._escape)
        window.toasts.stand_beside(page.widths.places)
        window.toasts.left.connect(self._here(page.browser.focus_view))
        desk.said.connect(self._on_said)
        desk.notice.connect(self._on_notice)
        desk.changed.connect(self._on_changed)
        desk.writable_changed.connect(self._show_health)
        desk.here_changed.connect(self._on_here)
        self.work.changed.connect(self._on_work)
        self.work.progressed.connect(page.browser.grid.set_progress)
        panels.activity.pause_wanted.connect(self.work.pause)
        panels.activity.cancel_wanted.connect(self.work.cancel)
        panels.activity.retry_wanted.connect(desk.retry)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self._keys)

    def begin(self, *, introduced: bool) -> None:
        """Shows the library, or at the very first start the questions before it."""
        self.window.set_ready(ready=introduced)
        if introduced:
            self.show_page("library")
            return
        first = FirstStart(self.desk)
        first.finished.connect(self._after_first_start)
        self.window.stack.addWidget(first)
        self.window.stack.setCurrentWidget(first)
        first.begin()

    def close(self) -> None:
        """Players and listeners end; the services are the starter's to close."""
        self.library.close_player()
        self.desk.close()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self._keys)

    @property
    def in_library(self) -> bool:
        """Whether the library is the page on show."""
        return self.window.stack.currentWidget() is self.library

    def do(self, name: str) -> None:
        """A command of the window; before there is a person and a project, only those that need neither."""
        if not self.window.header.isEnabled() and name not in _BEFORE:
            return
        command = self._commands.get(name)
        if command is not None:
            command()
        elif name.startswith("page-"):
            self.show_page(name.removeprefix("page-"))
        elif name.startswith("tab-"):
            self.library.stage.inspector.show_tab(TABS[int(name.removeprefix("tab-")) - 1])

    def _made_commands(self) -> dict[str, Callable[[], object]]:
        page, window, panels = self.library, self.window, self.panels
        return {
            "undo": self.desk.undo,
            "redo": self.desk.redo,
            "search": self._begin_search,
            "menu": window.header.open_menu,
            "activity": panels.activity.toggle,
            "settings": lambda: self.show_page("settings"),
            "keys": panels.keys.toggle,
            "about": panels.about.open,
            "quit": window.close,
            "add-folder": panels.add_volume.open,
            "scan": self._scan_all,
            "new-bin": page.new_bin,
            "export": lambda: panels.export.offer(page.clips.chosen_rows()),
            "remove": self._here(page.remove_chosen),
            "approve": self._here(lambda: page.acts.decide("approved")),
            "request-changes": self._here(lambda: page.acts.decide("rejected")),
            "grid": self._here(lambda: page.browser.show_view("grid")),
            "list": self._here(lambda: page.browser.show_view("list")),
            "places": self._here(page.widths.toggle_places),
            "stage": self._here(page.widths.toggle_stage),
            "larger": self._here(lambda: page.browser.bar.step_size(1)),
            "smaller": self._here(lambda: page.browser.bar.step_size(-1)),
            "next-clip": self._here(lambda: page.step(1)),
            "previous-clip": self._here(lambda: page.step(-1)),
            "tag": self._here(page.begin_tag),
            "tag-again": self._here(page.acts.tag_again),
            "log-layout": self._here(page.turn_logging),
            **{
                f"keyword-{n}": self._here(lambda n=n: page.stage.log_bar.press(n))
                for n in range(1, KEYS + 1)
            },
        }

    def _here(self, act: Callable[[], object]) -> Callable[[], object]:
        """Only where the library is on show."""
        return lambda: act() if self.in_library else None

    def _on_key(self, action: str) -> None:
        """A key of the player: its own, or the library's to do."""
        if action == "full-screen":
            self._turn_full()
        elif self.in_library:
            self.library.stage.player.trigger(action)

    def show_page(self, name: str) -> None:
        """Brings a page to the front; it is made when it is first wanted."""
        if name not in self._pages:
            self._add_page(name, self._makers[name]())
        page = self._pages[name]
        if self.window.stack.currentWidget() is not page:
            self.panels.shut()
        self.window.stack.setCurrentWidget(page)
        self.window.header.show_page(name)
        if isinstance(page, PlanPage | IngestPage):
            page.refresh()
        if name == "library":
            self.library.browser.focus_view()

    def _add_page(self, name: str, page: QWidget) -> None:
        self._pages[name] = page
        self.window.stack.addWidget(page)

    def _page_makers(self) -> dict[str, Callable[[], QWidget]]:
        return {
            "plan": self._make_plan,
            "ingest": self._make_ingest,
            "review": self._make_review,
            "deliver": self._make_deliver,
            "settings": self._make_settings,
        }

    def _make_plan(self) -> QWidget:
        page = PlanPage(self.desk)
        page.project_chosen.connect(self.switch_project)
        page.new_project_wanted.connect(self.ask_project)
        page.person_wanted.connect(self.ask_person)
        return page

    def _make_ingest(self) -> QWidget:
        page = IngestPage(self.desk)
        page.add_volume_wanted.connect(self.panels.add_volume.open)
        page.library_wanted.connect(self._show_volume)
        self.work.changed.connect(page.show_work)
        return page

    def _make_review(self) -> QWidget:
        page = ReviewPage(self.desk)
        page.clip_wanted.connect(self.show_clip)
        page.library_wanted.connect(lambda: self.show_page("library"))
        return page

    def _make_deliver(self) -> QWidget:
        page = DeliverPage(self.desk)
        page.target_wanted.connect(self.panels.show_target)
        page.export_wanted.connect(lambda: self.do("export"))
        return page

    def _make_settings(self) -> QWidget:
        page = SettingsPage(self.desk)
        page.left.connect(lambda: self.show_page("library"))
        page.changed.connect(self._on_setting)
        return page

    def show_clip(self, row: int, frame: int | None) -> None:
        """A clip at a frame, in the library."""
        self.show_page("library")
        self.library.show_clip(row, frame)

    def _show_volume(self, volume_id: str) -> None:
        self.show_page("library")
        self.library.show_place(f"volume:{volume_id}:")

    def _dropped(self, paths: list[str]) -> None:
        if not self.window.header.isEnabled():
            return
        self.panels.add_volume.offer(paths[0])
        if len(paths) > 1:
            words = self.tr(
                "One folder at a time: the first of the %Ln is offered.", "", len(paths)
            )
            self.desk.notice.emit(words)

    def _after_first_start(self, volume_id: str) -> None:
        self.window.set_ready(ready=True)
        self.show_page("library")
        if volume_id:
            self.panels.add_volume.follow(volume_id)

    def _search(self, text: str) -> None:
        if text and not self.in_library:
            self.show_page("library")
            self.window.header.search.setFocus()
        self.library.search(text)

    def _begin_search(self) -> None:
        if self.window.is_full:
            self._turn_full()
        field = self.window.header.search
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def _leave_search(self) -> None:
        if self.in_library:
            self.library.browser.focus_clips()

    def _scan_all(self) -> None:
        shelves = self.library.shelves
        online = [v.id for v in (shelves.volumes if shelves else ()) if v.online]
        self.desk.scan(online)
        self.desk.notice.emit(self.tr("Scanning %Ln volumes", "", len(online)))

    def _escape(self) -> None:
        """One step back: out of a panel, out of full screen, out of the settings."""
        opened = next((drawer for drawer in self.panels.all if drawer.isVisible()), None)
        if opened is not None:
            opened.shut()
        elif self.window.is_full:
            self._turn_full()
        elif not self.window.header.isEnabled():
            return
        elif not self.in_library:
            self.show_page("library")
        else:
            self.library.browser.focus_view()

    def _turn_full(self) -> None:
        full = not self.window.is_full
        if full and self.in_library:
            # Else Qt hands the keyboard on when the clips go, as if by Tab, and a ring is drawn.
            self.library.stage.player.viewer.setFocus()
        self.window.set_full_screen(full)
        if self.in_library:
            self.library.set_alone(alone=full)

    def switch_project(self, project_id: str) -> None:
        """Notes, ratings and bins of another project."""
        service = self.desk.services.projects
        if project_id != self.desk.project_id:
            tasks.run_command(self, lambda: service.switch(project_id=project_id))

    def ask_project(self) -> None:
        """A new project."""
        service = self.desk.services.projects

        def make(name: str) -> None:
            # Not `say`: a project stays, so no Undo is offered.
            words = fill(self.tr("Project {0} begun"), name)
            tasks.run_command(
                self, lambda: service.create(name), lambda _: self.desk.notice.emit(words)
            )

        ask_line(
            self.window.body,
            self.tr("A new project"),
            self.tr("such as Harbour film"),
            self.tr("Begin"),
            make,
        )

    def ask_person(self) -> None:
        """Who is at this desk: the same person by another name, or another person."""
        service, here = self.desk.services.projects, self.desk.actor

        def name(words: str) -> None:
            def act() -> object:
                known = next((a for a in self._people if a.name == words), None)
                return service.switch(actor=known.id) if known else service.add_actor(words)

            if words != here.name:
                tasks.run_command(self, act)

        ask_line(
            self.window.body,
            fill(self.tr("{0} is at this desk. Who is it now?"), here.name),
            self.tr("Name"),
            self.tr("Change"),
            name,
            here.name,
        )

    def _on_setting(self, name: str) -> None:
        window = self.desk.services.settings.window
        if name == "window.theme":
            dress(window.theme)
            self.library.restyle()
        if name.startswith("player."):
            self.library.stage.take_settings()
        if name == "window.density":
            self.library.set_density(window.density)

    def _on_said(self, words: str, events: list[str]) -> None:
        if not self._picture_fills:
            undo = partial(self.desk.undo_said, events) if events else None
            self.window.toasts.tell(words, self.tr("Undo"), undo, events)

    def _drop_undone(self) -> None:
        """A line whose act was taken back in another way offers nothing any more."""
        toasts = self.window.toasts
        told = toasts.about

        def take(gone: list[tuple[str, ...]]) -> None:
            for events in gone:
                toasts.drop_about(events)

        if told:
            self.desk.query(
                self,
                lambda reader: [events for events in told if not undo.standing(reader, events)],
                take,
                key="told",
            )

    def _on_notice(self, words: str) -> None:
        if not self._picture_fills:
            self.window.toasts.tell(words)

    @property
    def _picture_fills(self) -> bool:
        """Whether the player has all of the screen, and says on the picture what was done."""
        return self.window.is_full and self.in_library

    def _on_work(self, state: WorkState) -> None:
        ready = wording.time_of_day(state.ready_ms) if state.ready_ms is not None else ""
        self.window.header.work.show_work(
            state.count, ready, state.permille, paused=state.paused, failed=len(state.failed)
        )
        self._store_full = _no_room(state)
        self.window.status.show_room(room_words(state.room))
        self._show_health()
        self.panels.activity.show_state(state)

    def _show_health(self) -> None:
        """Nothing can be kept, words are lost, or nothing more be made: that stays over the pages until it has passed."""
        services = self.desk.services
        told = services.health.full or services.catalog.lost
        words = (
            " ".join((core(told.title) + ".", core(told.message), core(told.todo))) if told else ""
        )
        self.window.show_banner(words or self._store_full)

    def _on_shelves(self, shelves: Shelves) -> None:
        self.window.status.show_volumes(shelves.volumes)

    def _on_changed(self, changes: ChangeSet) -> None:
        self._drop_undone()
        if changes.touches(*_COUNTED) and not self._totals_later.isActive():
            self._totals_later.start()

    def _on_here(self) -> None:
        def read(reader: Reader) -> tuple[list[Project], list[Actor]]:
            return projects.every(reader), projects.actors(reader)

        def take(found: tuple[list[Project], list[Actor]]) -> None:
            known, self._people = found
            self.window.header.show_projects(known, self.desk.project_id)

        self.desk.query(self, read, take, key="here")
        self._totals_later.start()

    def _read_totals(self) -> None:
        project = self.desk.project_id

        def read(reader: Reader) -> Totals:
            clips, duration_ms = library.counts(reader)
            done, wanted = uploads.tally(reader)
            return Totals(clips, duration_ms, notes.open_count(reader, project), done, wanted)

        self.desk.query(self, read, self.window.status.show_totals, key="totals")


def _no_room(state: WorkState) -> str:
    """A full disk stops everything that is made: that is said over the pages, not in a list of failures."""
    if state.room is not None:
        return f"{room_words(state.room)}. {core(state.room.todo)}"
    full = next((a for a in state.failed if "full" in str(a.error.get("title", ""))), None)
    if full is None:
        return ""
    parts = (full.error.get("title"), full.error.get("message"), full.error.get("todo"))
    return " ".join(core(str(part)) for part in parts if part)
