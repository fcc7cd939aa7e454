"""The right column: where a card goes, under which name, what is guaranteed, and the one button that begins."""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QVBoxLayout, QWidget

from app.core.files.digests import HashName
from app.core.ingest import offload_naming
from app.core.model.names import display
from app.core.model.offloads import Verify
from app.ui.ingest.planning import Asked, Order
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.choosing import choose_folder
from app.ui.widgets.controls import bare, button, field, icon_button, safe
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import FlowLayout, box, clear, panel, scrolled
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill
from app.ui.widgets.words import NameLabel, label, tip

if TYPE_CHECKING:
    from app.core.ingest.offload_plan import OffloadPlan, PlannedLeg

WIDTH: Final = 288
_SHORT: Final = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_MORE: Final[tuple[HashName, ...]] = ("md5", "sha1", "c4")
_KEPT: Final = "ingest"
_TYPING_MS: Final = 500
_ANOTHER: Final = re.compile(r"__\d+$")


class OrderPanel(QWidget):
    """What a person chooses is kept from one day to the next."""

    changed = Signal()
    """Another choice."""
    started = Signal()

    def __init__(self, memory: QSettings) -> None:
        super().__init__()
        self._memory = memory
        self._order = _remembered(memory)
        self._free: Mapping[str, int | None] = {}
        self._answer: Asked | None = None
        self._rows = QVBoxLayout()
        self._rows.setSpacing(tokens.SPACE_S)
        self._add = button(self.tr("Add a destination …"), self._choose, icon="plus")
        self._template = field(offload_naming.DEFAULT, self.tr("Folder name"), self._retemplate)
        self._template.setText(self._order.template)
        self._template.setFont(tokens.mono())
        self._typing = single_shot(self, _TYPING_MS, self._retemplate)
        self._template.textEdited.connect(bare(self._typing.start))
        self._preview = label("", "secondary", wrap=True, selectable=True)
        self._verify = QComboBox()
        self._verify.setAccessibleName(self.tr("Verify"))
        for one, words in self._guarantees().items():
            self._verify.addItem(words, one)
        self._verify.setCurrentIndex(self._verify.findData(self._order.verify))
        self._verify.activated.connect(self._reverify)
        self._hashes = FlowLayout()
        self._copies = QComboBox()
        self._copies.setAccessibleName(self.tr("Safe means"))
        for count in (2, 3):
            self._copies.addItem(self.tr("on %Ln devices", "", count), count)
        self._copies.setCurrentIndex(self._copies.findData(self._order.copies))
        self._copies.activated.connect(self._recopies)
        self._trouble = label("", "bad", wrap=True, selectable=True)
        self._said = label("", "secondary", wrap=True)
        self._start = button(self.tr("Start"), self.started.emit, look="primary")
        self._chips: dict[HashName, QPushButton] = {}
        self._lay()
        self._show_chips()
        self._show_destinations()
        self.show_answer(None, "")

    def _guarantees(self) -> dict[Verify, str]:
        return {
            Verify.TWICE: self.tr("Source twice, copies read back"),
            Verify.COPIES: self.tr("Copies read back"),
            Verify.NOTHING: self.tr("Copied, not verified"),
        }

    def _lay(self) -> None:
        inner = QWidget()
        for choice in (self._verify, self._copies):
            # As wide as the column, whatever their words need.
            choice.setSizeAdjustPolicy(_SHORT)
            choice.setMinimumContentsLength(12)
        column = box(margin=tokens.SPACE_L, gap=tokens.SPACE_S)
        column.addWidget(
            label(self.tr("Destinations"), font=tokens.sans(weight=QFont.Weight.DemiBold))
        )
        column.addLayout(self._rows)
        column.addWidget(self._add)
        for words, part in (
            (self.tr("Folder name"), self._template),
            ("", self._preview),
            (self.tr("Verify"), self._verify),
            (self.tr("Hashes"), self._hashes),
            (self.tr("Safe means"), self._copies),
        ):
            if words:
                column.addSpacing(tokens.SPACE_XS)
                column.addWidget(label(words, "secondary"))
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        for part in (self._trouble, self._said, self._start):
            column.addWidget(part)
        column.addStretch(1)
        inner.setLayout(column)
        right = panel("panel-right", box(scrolled(inner), gap=0))
        self.setLayout(box(right, gap=0))
        self.setFixedWidth(WIDTH)

    @property
    def order(self) -> Order:
        """What is chosen now."""
        return self._order

    def add_destination(self, folder: str) -> None:
        """One more place for copies."""
        if folder and folder not in self._order.destinations:
            self._change(destinations=(*self._order.destinations, folder))
            self._show_destinations()

    def show_free(self, free: Mapping[str, int | None]) -> None:
        """How much room there is."""
        if dict(free) != self._free:
            self._free = dict(free)
            self._show_destinations()

    def show_answer(self, answer: Asked | None, card: str, *, again: bool = False) -> None:
        """What the core says to this order, and for which card.

        Args:
            answer: None while it is not known.
            card: what people call it; nothing: there is none to begin.
            again: it was offloaded as it is.
        """
        if answer is not self._answer:
            self._answer = answer
            self._show_destinations()
        plan = answer.plan if answer else None
        trouble: list[str] = []
        if answer and answer.error:
            error = answer.error
            trouble.append(f"{core(error.message)} {core(error.todo)}".strip())
            if error.choices:
                trouble.append(" ".join(f"{{{one}}}" for one in error.choices))
        trouble += [
            f"{core(one.error.message)} {core(one.error.todo)}".strip()
            for one in (plan.problems if plan else ())
        ]
        self._trouble.setText("\n\n".join(f"◆  {display(one)}" for one in dict.fromkeys(trouble)))
        self._trouble.setVisible(bool(trouble))
        self._preview.setText(display(plan.legs[0].leg.folder) if plan else "")
        self._preview.setVisible(plan is not None)
        words = self._words(plan, answer, card)
        self._said.setText("\n".join(words))
        self._said.setVisible(bool(words))
        start = self.tr("Offload {0} again") if again else self.tr("Start {0}")
        self._start.setText(fill(start, safe(card)) if card else self.tr("Start"))
        self._start.setEnabled(plan is not None and not plan.problems)

    def _words(self, plan: "OffloadPlan | None", answer: Asked | None, card: str) -> list[str]:
        if not card:
            return []
        if not self._order.destinations:
            return [self.tr("Add at least one destination; two on different devices are the rule.")]
        if answer is None:
            return [self.tr("Looking at the card and its destinations …")]
        if plan is None:
            return []
        words: list[str] = []
        if _ANOTHER.search(plan.wanted.name):
            words.append(
                fill(
                    self.tr("Another card lies under this name there: this one goes to {0}."),
                    display(plan.wanted.name),
                )
            )
        already = max(one.already for one in plan.legs)
        if already:
            words.append(self.tr("%Ln files are there already: compared, not copied.", "", already))
        if plan.wanted.left_out:
            count = len(plan.wanted.left_out)
            words.append(self.tr("▲ %Ln entries cannot be copied.", "", count))
        return words

    # Destinations

    def _show_destinations(self) -> None:
        clear(self._rows)
        plan = self._answer.plan if self._answer else None
        legs = dict(zip(self._order.destinations, plan.legs, strict=False)) if plan else {}
        for folder in self._order.destinations:
            self._rows.addWidget(self._row(folder, legs.get(folder)))

    def _row(self, folder: str, leg: "PlannedLeg | None") -> QWidget:
        name = _name(folder)
        heading = NameLabel(name, tokens.sans(weight=QFont.Weight.DemiBold))
        free = label("", "secondary", font=tokens.sans(tokens.SMALL_PX))
        if folder in self._free:
            room = self._free[folder]
            free.setText(
                self.tr("away") if room is None else fill(self.tr("free {0}"), wording.size(room))
            )
        remove = icon_button(
            "close", fill(self.tr("Take {0} away"), display(name)), lambda: self._remove(folder)
        )
        head = box(heading, free, remove, across=True)
        head.setStretch(0, 1)
        column = box(head, margin=tokens.SPACE_S, gap=2)
        path = NameLabel(folder, tokens.sans(tokens.SMALL_PX), tokens.current().text2)
        column.addWidget(path)
        if first := self._first(folder):
            later = QCheckBox(self.tr("after the first one"))
            copied = fill(self.tr("Copied from {0}, once that is proven."), display(first))
            tip(later, f"{copied} {self.tr('A slow disk does not hold up the fast one then.')}")
            later.setAccessibleName(f"{display(name)}: {copied}")
            later.setChecked(folder in self._order.then)
            later.toggled.connect(bare(lambda: self._say_then(folder, on=later.isChecked())))
            column.addWidget(later)
        if leg is not None and not leg.other_device:
            column.addWidget(self._doubt(folder, name, leg))
        return panel("card", column)

    def _doubt(self, folder: str, name: str, leg: "PlannedLeg") -> QWidget:
        """Why a copy there may not count as one on a device of its own."""
        answer = self._answer
        key = leg.leg.device.key
        others = [
            one.leg.name
            for one in (answer.plan.legs if answer and answer.plan else ())
            if one is not leg and one.leg.device.key == key
        ]
        words = ""
        if answer and key == answer.card_device:
            words = self.tr("▲ The same device as the card: it does not count as a copy.")
        elif others:
            words = fill(
                self.tr("▲ The same device as {0}: the two count once."), display(others[0])
            )
        if words:
            return label(words, "warn", font=tokens.sans(tokens.SMALL_PX), wrap=True)
        own = QCheckBox(self.tr("a device of its own"))
        own.setAccessibleName(fill(self.tr("{0} is a device of its own"), display(name)))
        own.setToolTip(
            self.tr("The system cannot tell. Say it once; reports show that you said it.")
        )
        own.setChecked(folder in self._order.own)
        own.toggled.connect(bare(lambda: self._say_own(folder, on=own.isChecked())))
        return own

    def _say_own(self, folder: str, *, on: bool) -> None:
        own = self._order.own | {folder} if on else self._order.own - {folder}
        self._change(own=own)

    def _first(self, folder: str) -> str:
        """The name of the destination that this one can be copied from; nothing for that one itself."""
        source = next((o for o in self._order.destinations if o not in self._order.then), folder)
        return "" if source == folder else _name(source)

    def _say_then(self, folder: str, *, on: bool) -> None:
        then = self._order.then | {folder} if on else self._order.then - {folder}
        self._change(then=then)

    def _choose(self) -> None:
        choose_folder(self.window(), self.tr("A folder for copies of cards"), self.add_destination)

    def _remove(self, folder: str) -> None:
        left = tuple(one for one in self._order.destinations if one != folder)
        order = self._order
        self._change(destinations=left, then=order.then - {folder}, own=order.own - {folder})
        self._show_destinations()
        self._add.setFocus()

    # The other choices

    def _retemplate(self) -> None:
        self._typing.stop()
        self._change(template=self._template.text().strip() or offload_naming.DEFAULT)

    def _reverify(self) -> None:
        self._change(verify=Verify(self._verify.currentData()))

    def _recopies(self) -> None:
        self._change(copies=int(self._copies.currentData()))

    def _show_chips(self) -> None:
        fixed = button("✓ xxh64 · MHL", look="chip-on", name=self.tr("xxh64, always taken"))
        fixed.setEnabled(False)
        self._hashes.addWidget(fixed)
        for name in _MORE:
            chip = button(name, lambda name=name: self._turn(name))
            chip.setCheckable(True)
            self._chips[name] = chip
            self._hashes.addWidget(chip)
        self._mark_chips()

    def _turn(self, name: HashName) -> None:
        chosen = {*self._order.hashes} ^ {name}
        self._change(hashes=tuple(one for one in _MORE if one in chosen))
        self._mark_chips()

    def _mark_chips(self) -> None:
        for name, chip in self._chips.items():
            on = name in self._order.hashes
            style.set_look(chip, "chip-on" if on else "chip")
            chip.setText(f"✓ {name}" if on else name)
            chip.setChecked(on)

    def _change(self, **changes: Any) -> None:
        made = dataclasses.replace(self._order, **changes)
        if made != self._order:
            self._order = made
            _remember(self._memory, made)
            self.changed.emit()


def _name(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[2] or folder


def _remembered(memory: QSettings) -> Order:
    def texts(key: str) -> tuple[str, ...]:
        try:
            kept = json.loads(str(memory.value(f"{_KEPT}/{key}", "") or "[]"))
        except ValueError:
            return ()  # somebody wrote into the file
        return tuple(map(str, cast("list[object]", kept))) if isinstance(kept, list) else ()

    verify = str(memory.value(f"{_KEPT}/verify", "") or "")
    copies = str(memory.value(f"{_KEPT}/copies", "") or "")
    hashes = texts("hashes")
    return Order(
        destinations=texts("destinations"),
        template=str(memory.value(f"{_KEPT}/template", "") or "") or offload_naming.DEFAULT,
        verify=Verify(verify) if verify in list(Verify) else Verify.TWICE,
        hashes=tuple(one for one in _MORE if one in hashes),
        copies=3 if copies == "3" else 2,
        then=frozenset(texts("then")),
        own=frozenset(texts("own")),
    )


def _remember(memory: QSettings, order: Order) -> None:
    for key, value in (
        ("destinations", json.dumps(order.destinations)),
        ("template", order.template),
        ("verify", order.verify.value),
        ("hashes", json.dumps(order.hashes)),
        ("copies", str(order.copies)),
        ("then", json.dumps(sorted(order.then))),
        ("own", json.dumps(sorted(order.own))),
    ):
        memory.setValue(f"{_KEPT}/{key}", value)
