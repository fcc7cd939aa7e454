"""The lines of the left column: cards that are in, what needs somebody, and earlier cards."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from app.core.ingest.verdict import Light
from app.core.model.offloads import Offload, OffloadState
from app.ui.ingest import standing
from app.ui.ingest.card_list import Line
from app.ui.ingest.card_view import history_words, ready_words
from app.ui.ingest.seats import Seat
from app.ui.widgets import wording
from app.ui.widgets.core_words import core
from app.ui.widgets.wording import fill, translate

if TYPE_CHECKING:
    from app.ui.ingest.cards_model import CardsModel

_MOST_EARLIER: Final = 30


def lines(model: "CardsModel") -> list[Line]:
    """Everything, with a head for each group that holds something."""
    made: list[Line] = []
    for group, head, found in (
        ("cards", translate("CardLines", "Cards"), list(_cards(model))),
        ("needs", translate("CardLines", "Needs you"), list(_needs(model))),
        ("earlier", translate("CardLines", "Earlier, not in the reader"), list(_earlier(model))),
    ):
        if found:
            made.append(Line("", head, group=group))
            made += found
    return made


def _cards(model: "CardsModel") -> Iterator[Line]:
    for seat in model.seats.shown():
        one = model.of_seat(seat)
        sort = core(seat.contents.title) if seat.contents else ""
        name = one.name if one else seat.name
        title = " · ".join(part for part in (name, sort) if part)
        yield Line(seat.key, title, _below(model, seat, one), group="cards")


def _below(model: "CardsModel", seat: Seat, one: Offload | None) -> str:
    if seat.error is not None:
        return core(seat.error.title)
    if seat.contents is None:
        return translate("CardLines", "being looked through …")
    reading = model.seats.reading
    if reading is not None and reading.path == seat.place.path:
        part = 100 * reading.done // reading.total if reading.total else 0
        return fill(translate("CardLines", "being read in full {0} %"), part)
    if one is not None and standing.under_way(one):
        return _under_way(model, one)
    if seat.judged is not None:
        return _judged(seat.judged.verdict.light)
    if one is not None:
        return _state(one)
    clips = len(seat.contents.clips)
    count = wording.clips(clips) if clips else wording.files(len(seat.contents.files))
    return f"{count} · {wording.size(seat.contents.size)}"


def _under_way(model: "CardsModel", one: Offload) -> str:
    if one.state is OffloadState.PAUSED:
        return translate("CardLines", "paused")
    permille = model.permille(one.id)
    if permille is None:
        return translate("CardLines", "waits")
    words = fill(translate("CardLines", "{0} %"), permille // 10)
    seconds = model.pace(one.id).seconds()
    return words if seconds is None else f"{words} · {ready_words(seconds)}"


def _judged(light: Light) -> str:
    return {
        Light.SAFE: "✓ " + translate("CardLines", "safe to format"),
        Light.LOOK: "▲ " + translate("CardLines", "look before you format"),
        Light.NOT_SAFE: "◆ " + translate("CardLines", "not safe to format"),
        Light.UNKNOWN: translate("CardLines", "not known"),
    }[light]


def _state(one: Offload) -> str:
    if standing.parked(one):
        names = ", ".join(leg.name for leg in standing.parked(one))
        return fill(translate("CardLines", "parked: {0}"), names)
    if one.state is OffloadState.STOPPED:
        return translate("CardLines", "given up")
    return core(one.verify.words) if one.state is OffloadState.DONE else _wait()


def _wait() -> str:
    return translate("CardLines", "waits")


def _needs(model: "CardsModel") -> Iterator[Line]:
    for seat in model.seats.shown():
        missing = [] if seat.contents is None else list(seat.contents.all_missing())
        if missing or seat.error is not None:
            words = (
                translate("CardLines", "%Ln parts missing", "", len(missing))
                if missing
                else core(seat.error.title if seat.error else "")
            )
            below = translate("CardLines", "look before formatting")
            yield Line(seat.key, f"{seat.name}: {words}", below, mark="▲", group="needs")
    here = {model.of_seat(seat): seat for seat in model.seats.shown()}
    for one in model.known.offloads:
        legs = standing.parked(one)
        if not legs and not (one.id in model.known.failures and standing.under_way(one)):
            continue
        seat = here.get(one)
        key = seat.key if seat else f"offload:{one.id}"
        what = fill(translate("CardLines", "{0}: not finished"), one.name)
        below = ", ".join(leg.name for leg in legs)
        below = fill(translate("CardLines", "parked: {0}"), below) if legs else _failed(model, one)
        yield Line(key, what, below, mark="▲", group="needs")


def _failed(model: "CardsModel", one: Offload) -> str:
    return core(str(model.known.failures[one.id]["title"]))


def _earlier(model: "CardsModel") -> Iterator[Line]:
    seen: set[str] = set()
    for one in model.known.offloads:
        if one.lasting in seen or model.seats.holds(one.lasting):
            continue
        seen.add(one.lasting)
        if len(seen) > _MOST_EARLIER:
            return
        last = model.known.last_verdict(one.lasting)
        if standing.under_way(one):
            below = _under_way(model, one)
        else:
            below = history_words(last) if last else _state(one)
        serial = _serial(one.lasting)
        if serial:
            below += " · " + fill(translate("CardLines", "serial {0}"), serial)
        faint = not standing.under_way(one)
        yield Line(f"offload:{one.id}", one.name, below, faint=faint, group="earlier")


def _serial(lasting: str) -> str:
    """The number of the card's filesystem, which it has until it is formatted."""
    kind, _, rest = lasting.partition(" ")
    return rest.partition(" ")[0].upper()[:9] if kind == "uuid" else ""
