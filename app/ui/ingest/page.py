"""The Ingest page: cards and volumes on the left, the chosen one in the middle, where cards go on the right."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget
from typing_extensions import override

from app.core.model.offloads import OffloadState
from app.ui import tasks
from app.ui.ingest import card_lines, standing
from app.ui.ingest.card_list import CardList
from app.ui.ingest.card_view import CardView
from app.ui.ingest.cards_model import CardsModel
from app.ui.ingest.order_panel import OrderPanel
from app.ui.ingest.planning import Planner
from app.ui.ingest.seats import Seat
from app.ui.ingest.volumes_view import VolumesView
from app.ui.shell.layout import layout_of
from app.ui.shell.workload import WorkState
from app.ui.theme import style, tokens
from app.ui.widgets.choosing import choose_folder
from app.ui.widgets.controls import button
from app.ui.widgets.panels import box, foot, panel
from app.ui.widgets.words import label

if TYPE_CHECKING:
    from app.ui.desk import Desk

_BEAT_MS: Final = 1_000
_LOOK_BEATS: Final = 3
"""Beats between two looks for cards: they come seldom, and a look costs a question to each disk."""


class IngestPage(QWidget):
    """What is chosen on the left decides what the middle shows."""

    add_volume_wanted = Signal()
    library_wanted = Signal(str)
    """Show this volume's clips."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._chosen = ""
        self._awaited = ""
        """A folder that was named just now: it is chosen before it is found."""
        self._by_hand = False
        """A person chose; until then the first card is shown as soon as there is one."""
        self._beats = 0
        self.model = CardsModel(desk, self)
        self.planner = Planner(desk, self)
        self.volumes = VolumesView(desk)
        self.cards = CardList()
        self.cards.hide()
        self.card = CardView()
        self.order = OrderPanel(layout_of(desk.services.home))
        self._none = label(
            self.tr("No card is in. Put one in, or drop a folder here."), "secondary", wrap=True
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.volumes)
        middle = QWidget()
        middle.setLayout(box(self.card, self.order, across=True, gap=0))
        self._stack.addWidget(middle)
        self.setLayout(box(self._left(), self._stack, across=True, gap=0))
        style.set_look(self, "canvas")
        self.setAcceptDrops(True)
        self._clock = QTimer(self)
        self._clock.setInterval(_BEAT_MS)
        self._clock.timeout.connect(self._beat)
        self._wire()
        self.refresh()

    def _left(self) -> QWidget:
        folder = button(
            self.tr("Offload a folder …"),
            self._choose_folder,
            look="flat",
            icon="card",
            hint=self.tr("A card, or any folder that is to be copied like one"),
        )
        add = button(
            self.tr("Folder"),
            self.add_volume_wanted.emit,
            look="flat",
            icon="plus",
            hint=self.tr("Add a folder of footage"),
            key="Ctrl+O",
        )
        self._none.setContentsMargins(tokens.SPACE_L, tokens.SPACE_M, tokens.SPACE_S, 0)
        column = box(gap=0)
        column.addWidget(self._none)
        column.addWidget(self.cards, 3)
        column.addLayout(foot(folder))
        column.addWidget(self.volumes.places, 2)
        column.addLayout(foot(add))
        left = panel("panel-left", column)
        left.setFixedWidth(tokens.SIDEBAR)
        return left

    def _wire(self) -> None:
        card, volumes = self.card, self.volumes
        volumes.add_volume_wanted.connect(self.add_volume_wanted)
        volumes.library_wanted.connect(self.library_wanted)
        volumes.chosen.connect(self._choose_volumes)
        self.cards.picked.connect(self._pick)
        self.model.changed.connect(self._show)
        self.planner.changed.connect(self._show_order)
        self.order.changed.connect(self._show)
        self.order.started.connect(self._start)
        card.pause_wanted.connect(lambda: self._do(self._desk.services.offloads.pause))
        card.stop_wanted.connect(lambda: self._do(self._desk.services.offloads.stop))
        card.go_on_wanted.connect(lambda: self._do(self._go_on))
        card.own_device_wanted.connect(self._say_own)
        card.read_wanted.connect(self._read)
        card.stop_reading_wanted.connect(self.model.seats.stop_reading)
        card.remove_wanted.connect(self._take_off)

    def refresh(self) -> None:
        """Reads everything again."""
        self.volumes.refresh()
        self.model.ask()
        self.model.seats.look(self._destinations())

    def show_work(self, state: WorkState) -> None:
        """Which scans run now."""
        self.volumes.show_work(state)

    def offer(self, folder: str) -> None:
        """A folder to be offloaded like a card: it is the one on show then."""
        self._awaited = f"seat:{folder}"
        self.model.seats.add(folder)
        self._pick(self._awaited)

    # What is on show

    def _pick(self, key: str) -> None:
        self._by_hand = True
        self._choose(key)

    def _choose(self, key: str) -> None:
        self._chosen = key
        self.volumes.let_go()
        self.model.choose(key)
        self._show()

    def _choose_volumes(self) -> None:
        self._by_hand = True
        self._chosen = ""
        self.model.choose("")
        self.volumes.take_up()
        self._show()

    def _show(self) -> None:
        lines = card_lines.lines(self.model)
        keys = {line.key for line in lines if line.key}
        if self._chosen == self._awaited and self._chosen in keys:
            self._awaited = ""
        if self._chosen not in ("", self._awaited) and self._chosen not in keys:
            self._follow()
        if not self._chosen and not self._by_hand and keys:
            self._choose(next(line.key for line in lines if line.key))
            return
        self.cards.show_lines(lines, self._chosen)
        if not lines and self.cards.hasFocus():
            self.volumes.places.setFocus()
        self.cards.setVisible(bool(lines))
        self._none.setVisible(not self.model.seats.shown())
        shown = self.model.shown() if self._chosen else None
        self._stack.setCurrentIndex(1 if shown else 0)
        if shown:
            self.card.show_card(shown)
        self._show_order()

    def _follow(self) -> None:
        """What was on show is gone from the list: a card that was pulled goes on as an offload, or as history."""
        seat, one = self.model.chosen()
        gone = self._chosen
        self._chosen = ""
        self._by_hand = False
        if seat is None and one is None and gone.startswith("seat:"):
            path = gone[5:]
            last = next((o for o in self.model.known.offloads if o.source == path), None)
            self._chosen = f"offload:{last.id}" if last else ""
        self.model.choose(self._chosen)

    # The order

    def _target(self) -> Seat | None:
        """The card that Start begins: the one on show, or the next that waits."""
        seat, one = self.model.chosen()
        if seat is not None and (one is None or not standing.under_way(one)):
            return seat
        waiting = (s for s in self.model.seats.shown() if self.model.of_seat(s) is None)
        return next(waiting, None)

    def _show_order(self) -> None:
        seat = self._target()
        ready = seat is not None and seat.contents is not None and bool(self._chosen)
        order = self.order.order
        self.order.show_free(
            {k: v for k, v in self.model.seats.free.items() if k in order.destinations}
        )
        source = seat.place.path if seat and ready else ""
        self.planner.want(source, order)
        one = self.model.of_seat(seat) if seat else None
        again = one is not None and one.state is OffloadState.DONE
        name = (one.name if one else seat.name) if seat and ready else ""
        self.order.show_answer(self.planner.answer, name, again=again)

    def _destinations(self) -> tuple[str, ...]:
        _, one = self.model.chosen()
        legs = tuple(leg.root for leg in one.legs) if one else ()
        return tuple(dict.fromkeys((*self.order.order.destinations, *legs)))

    def _start(self) -> None:
        seat = self._target()

        def begun(_offload_id: str) -> None:
            self.model.ask()

        # The button goes dark: the keyboard goes to the card, not to whatever comes next.
        self.cards.setFocus()
        if seat is not None and self.planner.begin(begun):
            self.model.seats.forget(seat.place.path)
            self._pick(seat.key)

    # Acts

    def _do(self, act: Callable[[str], object]) -> None:
        _, one = self.model.chosen()
        if one is not None:
            tasks.run_command(self, lambda: act(one.id), lambda _: self.model.ask())

    def _go_on(self, offload_id: str) -> None:
        services = self._desk.services
        services.offloads.go_on(offload_id)
        services.engine.ensure(f"{standing.RECIPE}:{offload_id}")
        services.engine.poke()

    def _say_own(self, leg_id: str) -> None:
        seat, one = self.model.chosen()
        if one is None:
            return
        by, service = self._desk.actor.name, self._desk.services.offloads
        if seat is not None:
            self.model.seats.forget(seat.place.path)
        self._do(lambda offload_id: service.own_device(offload_id, leg_id, by))

    def _read(self) -> None:
        seat, _ = self.model.chosen()
        if seat is not None:
            self.model.seats.judge(seat.place.path, self.order.order.policy)

    def _take_off(self) -> None:
        seat, _ = self.model.chosen()
        if seat is not None:
            self.model.seats.remove(seat.place.path)

    def _choose_folder(self) -> None:
        choose_folder(self.window(), self.tr("A card or folder to offload"), self.offer)

    # Time

    def _beat(self) -> None:
        self._beats += 1
        if self._beats % _LOOK_BEATS == 0:
            self.model.seats.look(self._destinations())
            seat, one = self.model.chosen()
            if seat is not None and not (one is not None and standing.under_way(one)):
                self.model.seats.refresh(seat.place.path)
        going = any(standing.under_way(o) for o in self.model.known.offloads)
        if going:
            self.model.ask()
        elif self.model.seats.reading is not None:
            self._show()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        # Else Qt gives the keyboard to the first button there is.
        first = self.cards if self.cards.isVisibleTo(self) else self.volumes.places
        first.setFocus()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        """A folder dropped beside the volumes is a card; one dropped on them is a volume, as anywhere in the window."""
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        where = self.childAt(event.position().toPoint())
        if not local or (where and self.volumes.isAncestorOf(where)) or where is self.volumes:
            event.ignore()
            return
        event.acceptProposedAction()
        self.offer(local[0])
