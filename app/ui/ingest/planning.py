"""What Start would do, asked of the core in the background each time something about it changes."""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.files.digests import HashName
from app.core.ingest import offload_naming
from app.core.ingest.offload_plan import Choices, OffloadPlan
from app.core.ingest.verdict import Policy
from app.core.model.errors import Cancelled, RushesError
from app.core.model.offloads import Verify
from app.core.platform import devices
from app.ui import tasks
from app.ui.tasks import Lane
from app.ui.widgets.timers import single_shot

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SETTLE_MS = 350


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What a person chose in the right column."""

    destinations: tuple[str, ...] = ()
    template: str = offload_naming.DEFAULT
    verify: Verify = Verify.TWICE
    hashes: tuple[HashName, ...] = ()
    copies: int = 2
    then: frozenset[str] = frozenset()
    """Destinations that are copied from the first of the others, once that is proven."""
    own: frozenset[str] = frozenset()
    """Destinations of which the person says that each is a device of its own."""

    @property
    def policy(self) -> Policy:
        """What safe means."""
        return Policy(copies=self.copies)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """An answer: a plan, or why there is none."""

    source: str
    order: Order
    plan: OffloadPlan | None = None
    error: RushesError | None = None
    card_device: str = ""


class Planner(QObject):
    """Asks for one plan at a time; a newer question calls the older one off."""

    changed = Signal()

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.answer: Asked | None = None
        """What holds for the question asked last; None while it is not answered."""
        self._wanted: tuple[str, Order] | None = None
        self._cancel = threading.Event()
        self._later = single_shot(self, _SETTLE_MS, self._ask)

    def want(self, source: str, order: Order) -> None:
        """Asks, unless that is what was asked last. No source or destination: there is nothing to ask."""
        wanted = (source, order) if source and order.destinations else None
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._cancel.set()
        self.answer = None
        if wanted:
            self._later.start()
        else:
            self._later.stop()
        self.changed.emit()

    def _ask(self) -> None:
        if self._wanted is None:
            return
        source, order = self._wanted
        cancel = self._cancel = threading.Event()
        desk = self._desk
        service, project, by = desk.services.offloads, desk.project, desk.actor.name

        def work() -> Asked:
            choices = Choices(
                template=order.template if order.template != offload_naming.DEFAULT else "",
                verify=order.verify,
                hashes=order.hashes,
                project_id=project.id if project else "",
                project=project.name if project else "",
                counter=service.next_number(project.id if project else ""),
                then=tuple(str(Path(one).resolve()) for one in order.then),
                own_device=tuple(str(Path(one).resolve()) for one in order.own),
                by=by,
            )
            plan = service.plan(
                Path(source),
                [Path(one) for one in order.destinations],
                choices,
                cancel=lambda: cancel.is_set() or tasks.closing(),
            )
            return Asked(source, order, plan, None, devices.device_of(Path(source)).key)

        def failed(error: RushesError) -> None:
            if not isinstance(error, Cancelled):
                self._take(Asked(source, order, error=error))

        tasks.run_query(self, work, self._take, failed, key="plan", lane=Lane.CARD)

    def _take(self, answer: Asked) -> None:
        if self._wanted == (answer.source, answer.order):
            self.answer = answer
            self.changed.emit()

    def begin(self, then: Callable[[str], None]) -> bool:
        """Begins what was planned; `then` gets the offload's id. False where there is nothing to begin."""
        answer = self.answer
        if answer is None or answer.plan is None or answer.plan.problems:
            return False
        planned, services = answer.plan, self._desk.services

        def act() -> str:
            offload_id = services.offloads.begin(planned)
            services.engine.poke()
            return offload_id

        self._wanted = self.answer = None
        tasks.run_command(self, act, then)
        self.changed.emit()
        return True
