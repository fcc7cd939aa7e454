"""The middle of the Ingest page: the chosen card, its light, its devices, its files, and what is wrong above all of it."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.ingest.offload_standing import CARD
from app.core.ingest.verdict import Light
from app.core.model.names import display
from app.core.model.offloads import (
    LegState,
    Offload,
    OffloadEntry,
    OffloadLeg,
    OffloadState,
    Verify,
)
from app.core.platform import clock
from app.ui.ingest import standing
from app.ui.ingest.device_panels import DevicePanels, DeviceState
from app.ui.ingest.file_table import FileTable
from app.ui.ingest.light import VerdictLight
from app.ui.ingest.pace import Pace
from app.ui.ingest.seats import Seat
from app.ui.ingest.standing import Known
from app.ui.ingest.troubles import troubles
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, panel, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, title

if TYPE_CHECKING:
    from app.ui.ingest.standing import FileRow

_MOST_REASONS: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """Everything the view is made of."""

    seat: Seat | None
    """None: the card is not in."""
    offload: Offload | None
    """Of this card in the state it is in; None where there is none."""
    changed_since: Offload | None
    """An offload of this card before it was changed."""
    entries: tuple[OffloadEntry, ...]
    rows: "tuple[FileRow, ...]"
    known: Known
    in_hand: Mapping[str, int] | None
    """None: it is not being carried out now."""
    pace: Pace
    free: Mapping[str, int | None]
    reading: tuple[int, int] | None
    """(bytes, of all) of a reading in full that goes on."""
    may_read: bool
    """No other card is being read in full."""


class CardView(QWidget):
    """Says what is; the page does what is wanted."""

    pause_wanted = Signal()
    go_on_wanted = Signal()
    stop_wanted = Signal()
    read_wanted = Signal()
    stop_reading_wanted = Signal()
    remove_wanted = Signal()
    own_device_wanted = Signal(str)
    """A person says that this leg is a device of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._title = title("")
        self._facts = label("", "secondary", wrap=True, selectable=True)
        self.pause = button(self.tr("Pause"), self.pause_wanted.emit, icon="pause")
        self.go_on = button(self.tr("Go on"), self.go_on_wanted.emit, icon="play")
        self.stop = button(self.tr("Stop"), self.stop_wanted.emit, icon="stop")
        self.stop.setToolTip(self.tr("Gives the offload up. What was copied stays where it is."))
        self.remove = button(self.tr("Take off the list"), self.remove_wanted.emit)
        self._troubles = label("", wrap=True, selectable=True)
        self._pinned = panel("banner", box(self._troubles, margin=tokens.SPACE_M))
        self.light = VerdictLight(self.read_wanted.emit, self.stop_reading_wanted.emit)
        self.devices = DevicePanels(self.own_device_wanted.emit)
        self.table = FileTable(())
        self._column = self._lay()

    def _lay(self) -> QVBoxLayout:
        words = box(self._title, self._facts, gap=tokens.SPACE_XS)
        head = box(across=True)
        head.addLayout(words, 1)
        head.addLayout(box(self.remove, self.pause, self.go_on, self.stop, across=True), 0)
        column = QVBoxLayout()
        column.setContentsMargins(*([tokens.SPACE_XL] * 4))
        column.setSpacing(tokens.SPACE_L)
        column.addLayout(head)
        for part in (self._pinned, self.light, self.devices):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        inner = QWidget()
        inner.setLayout(column)
        style.set_look(inner, "canvas")
        self.setLayout(box(scrolled(inner), gap=0))
        return column

    def show_card(self, shown: Shown) -> None:
        """Another card, or the same one further on."""
        one, seat = shown.offload, shown.seat
        name = one.name if one else seat.name if seat else ""
        sort = one.title if one else seat.contents.title if seat and seat.contents else ""
        self._title.setText(" · ".join(display(part) for part in (name, core(sort)) if part))
        self._facts.setText(" · ".join(self._facts_of(shown)))
        under_way = one is not None and standing.under_way(one)
        paused = one is not None and one.state is OffloadState.PAUSED
        parked = bool(one and standing.parked(one))
        stopped = one is not None and one.state is OffloadState.STOPPED
        self.pause.setVisible(under_way and not paused)
        self.go_on.setVisible(paused or stopped or (parked and not under_way))
        self.stop.setVisible(under_way or parked)
        self.remove.setVisible(seat is not None and seat.place.added and not under_way)
        said = troubles(seat, one, shown.changed_since, shown.known, shown.rows)
        self._troubles.setText("\n".join(said))
        self._pinned.setVisible(bool(said))
        self._show_light(shown, under_way=under_way)
        self.devices.show_states(self._devices(shown))
        self._show_files(shown)

    def _facts_of(self, shown: Shown) -> list[str]:
        seat, one = shown.seat, shown.offload
        facts: list[str] = []
        contents = seat.contents if seat else None
        if contents:
            clips, missing = len(contents.clips), sum(1 for _ in contents.all_missing())
            if clips:
                facts.append(wording.clips(clips))
            facts.append(wording.files(len(contents.files)))
            if contents.complete:
                facts.append(self.tr("nothing missing"))
            elif missing:
                facts.append(self.tr("%Ln parts missing", "", missing))
            facts.append(wording.size(contents.size))
        elif one:
            facts.append(wording.files(len(shown.entries)))
            facts.append(wording.size(sum(entry.size for entry in shown.entries)))
        elif seat and not seat.error:
            facts.append(self.tr("The card is being looked through …"))
        if seat and seat.place.serial:
            facts.append(fill(self.tr("serial {0}"), display(seat.place.serial)))
        if seat is None:
            facts.append(self.tr("not in the reader"))
        else:
            facts.append(display(seat.place.path))
        if one:
            facts.append(fill(self.tr("begun {0}"), wording.time_of_day(one.made_ms)))
        return facts

    # The light

    def _show_light(self, shown: Shown, *, under_way: bool) -> None:
        seat, one = shown.seat, shown.offload
        judged = seat.judged if seat else None
        if judged is not None:
            found = judged.verdict
            left = len(found.open) - _MOST_REASONS
            reasons = [core(words) for words in found.open[:_MOST_REASONS]]
            if left > 0:
                reasons.append(self.tr("and %Ln more reasons", "", left))
            when = fill(self.tr("read {0}"), wording.time_of_day(judged.at_ms))
            self.light.say(found.light, reasons, [core(words) for words in found.proven], when)
        elif one is not None and one.state is not OffloadState.DONE:
            self.light.say(*self._unfinished(shown, one), self._ready(shown))
        else:
            self.light.say(Light.UNKNOWN, self._not_read(shown), ())
        may = seat is not None and seat.contents is not None and shown.may_read and not under_way
        permille = None
        if shown.reading is not None:
            done, total = shown.reading
            permille = 1000 * done // total if total else 0
        self.light.show_reading(may=may, permille=permille)

    def _unfinished(self, shown: Shown, one: Offload) -> tuple[Light, list[str], list[str]]:
        """What an offload that is not done says by itself: no."""
        counts = [row.colour for row in shown.rows]
        done = counts.count("ok")
        total = len(counts)
        reasons = [
            fill(
                self.tr("{0} of {1} are on every destination and read back."),
                wording.number(done),
                wording.files(total),
            )
        ]
        if one.state is OffloadState.PAUSED:
            reasons.append(self.tr("The offload is paused."))
        elif one.state is OffloadState.STOPPED:
            reasons.append(self.tr("The offload was given up."))
        elif standing.under_way(one) and shown.in_hand is None:
            reasons.append(self.tr("The offload waits for its turn."))
        return Light.NOT_SAFE, reasons, []

    def _not_read(self, shown: Shown) -> list[str]:
        seat, one = shown.seat, shown.offload
        lasting = seat.place.lasting if seat else one.lasting if one else ""
        reasons: list[str] = []
        if seat is None:
            reasons.append(self.tr("The card is not in. What was said of it is history."))
        elif seat.withdrawn:
            reasons.append(self.tr("It was changed after it was read: nothing holds any more."))
        else:
            reasons.append(self.tr("It was not read since it was put in."))
        if one is not None and one.state is OffloadState.DONE:
            when = wording.time_of_day(one.ended_ms or one.made_ms)
            reasons.append(f"{core(one.verify.words)}, {when}")
        last = shown.known.last_verdict(lasting)
        if last is not None:
            reasons.append(history_words(last))
        return reasons

    def _ready(self, shown: Shown) -> str:
        seconds = shown.pace.seconds() if shown.in_hand is not None else None
        return "" if seconds is None else ready_words(seconds)

    # Devices

    def _devices(self, shown: Shown) -> list[DeviceState]:
        one = shown.offload
        if one is None or not shown.entries:
            return []
        left = standing.amounts(one, shown.entries, shown.in_hand or {})
        total = sum(entry.size for entry in shown.entries)
        return [self._card(shown, one, left, total), *self._legs(shown, one, left, total)]

    def _card(self, shown: Shown, one: Offload, left: standing.Amounts, total: int) -> DeviceState:
        again, copy = left.at(CARD), left.stages[0].copy if left.stages else 0
        reads = 2 if one.verify is Verify.TWICE else 1
        busy = shown.in_hand is not None
        open_legs = any(leg.state is LegState.OPEN for leg in one.legs)
        here = total - (copy or again) if open_legs else total
        said = self.tr("read once") if copy or reads == 1 else self.tr("read again")
        if not copy and not again and reads == 2:
            said = self.tr("read twice")
        return DeviceState(
            CARD,
            self.tr("Card") if shown.seat else self.tr("Card, not in"),
            said,
            _permille(reads * total - copy - again, reads * total),
            _speed(shown.pace.rate(CARD)) if busy and (copy or again) else "",
            fill(self.tr("{0} of {1}"), wording.size(here), wording.size(total)),
        )

    def _legs(
        self, shown: Shown, one: Offload, left: standing.Amounts, total: int
    ) -> list[DeviceState]:
        made: list[DeviceState] = []
        for leg in one.legs:
            copied = sum(e.size for e in shown.entries if leg.id in e.copies)
            back = sum(e.size for e in shown.entries if not standing.is_verified(e, leg.id))
            copy = left.copying(leg.id)
            if leg.state is LegState.OPEN:
                back = left.at(leg.id)
                copied = max(copied, total - copy) if shown.in_hand and copy else copied
            reads = 1 if one.verify is Verify.NOTHING else 2
            done = copied + (0 if reads == 1 else total - back)
            busy = shown.in_hand is not None and leg.state is LegState.OPEN
            going = busy and leg.id in left.now.legs and bool(copy or back)
            seconds = shown.pace.seconds(leg.id) if going else None
            free = shown.free.get(leg.root)
            made.append(
                DeviceState(
                    leg.id,
                    display(leg.name),
                    "" if free is None else fill(self.tr("free {0}"), wording.size(free)),
                    1000 if leg.state is LegState.DONE else _permille(done, reads * total),
                    _speed(shown.pace.rate(leg.id)) if going else self._state(leg, shown.entries),
                    ready_words(seconds) if seconds is not None else "",
                    core(leg.problem) if leg.state is LegState.PARKED else "",
                    *self._doubt(shown, one, leg),
                )
            )
        return made

    def _doubt(self, shown: Shown, one: Offload, leg: OffloadLeg) -> tuple[str, bool]:
        """Why it may not count as a device of its own, and whether a person's word would help."""
        key = leg.device.key
        if shown.seat is not None and shown.seat.place.device == key:
            return self.tr("On the same device as the card: it does not count."), False
        twin = next((o for o in one.legs if o is not leg and o.device.key == key), None)
        if twin is not None:
            words = self.tr("On the same device as {0}: the two count once.")
            return fill(words, display(twin.name)), False
        if leg.device.proven or leg.said_by:
            return "", False
        return self.tr("Not known to be a device of its own."), shown.seat is not None

    def _state(self, leg: OffloadLeg, entries: Sequence[OffloadEntry]) -> str:
        if leg.state is LegState.DONE:
            # What the files say, not what was ordered: a disk in memory is never read back for sure.
            sure = all(standing.is_verified(entry, leg.id) for entry in entries)
            return "✓ " + self.tr("read back") if sure else self.tr("copied")
        return "▲ " + self.tr("parked") if leg.state is LegState.PARKED else self.tr("waits")

    # Files

    def _show_files(self, shown: Shown) -> None:
        legs = tuple(leg.name for leg in shown.offload.legs) if shown.offload else ()
        if legs != self.table.legs:
            old, self.table = self.table, FileTable(legs)
            self._column.replaceWidget(old, self.table)
            self._column.setStretchFactor(self.table, 1)
            old.hide()
            old.deleteLater()
        self.table.show_items(shown.rows)


def history_words(judged: standing.Judged) -> str:
    """What was said of a card, and when: never that it is so now."""
    when = wording.time_of_day(judged[5])
    safe = wording.translate("CardWords", "was safe at {0}")
    not_safe = wording.translate("CardWords", "was not safe at {0}")
    return fill(safe if judged[3] else not_safe, when)


def ready_words(seconds: int) -> str:
    """When it will be ready."""
    moment = clock.now_ms() + 1000 * seconds
    return fill(wording.translate("CardWords", "ready {0}"), wording.time_of_day(moment))


def _speed(rate: int | None) -> str:
    return "" if rate is None else f"{wording.size(rate)}/s"


def _permille(done: int, total: int) -> int:
    return max(0, min(1000, 1000 * done // total)) if total else 1000
