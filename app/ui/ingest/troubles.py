"""What stands above everything else on a card's page: what went wrong, what is missing, what waits for somebody."""

from collections.abc import Iterator, Sequence
from typing import Final

from app.core.model.names import display
from app.core.model.offloads import Offload
from app.ui.ingest import standing
from app.ui.ingest.seats import Seat
from app.ui.ingest.standing import FileRow, Known
from app.ui.widgets import wording
from app.ui.widgets.core_words import core
from app.ui.widgets.wording import fill, translate

_MOST: Final = 6


def troubles(
    seat: Seat | None,
    one: Offload | None,
    changed_since: Offload | None,
    known: Known,
    rows: Sequence[FileRow],
) -> list[str]:
    """Lines with their shapes."""
    found = [*_all(seat, one, changed_since, known), *_wrong(rows)]
    # Diamonds before triangles; within each as they came.
    found.sort(key=lambda line: not line.startswith("◆"))
    left = len(found) - _MOST
    if left > 0:
        found[_MOST:] = [translate("CardTroubles", "and %Ln more", "", left)]
    return [display(line) for line in found]


def _all(
    seat: Seat | None, one: Offload | None, changed_since: Offload | None, known: Known
) -> Iterator[str]:
    if seat is not None and seat.error is not None:
        yield f"◆  {core(seat.error.title)}: {core(seat.error.message)} {core(seat.error.todo)}"
    if one is not None:
        yield from _of_offload(one, known)
    if changed_since is not None:
        words = translate(
            "CardTroubles",
            "The card is not as it was when it was offloaded ({0}). What is new on it was not copied.",
        )
        yield f"▲  {fill(words, wording.time_of_day(changed_since.made_ms))}"
    if seat is not None and seat.contents is not None:
        for clip, part in seat.contents.all_missing():
            where = " ".join(word for word in (core(part.what), part.where) if word)
            words = translate("CardTroubles", "{0} is missing")
            named = f"{clip}: " if clip else ""
            yield f"▲  {named}{fill(words, where)} ({core(part.why)})"
        for lost in seat.contents.unreadable:
            words = translate("CardTroubles", "{0} cannot be read")
            yield f"◆  {fill(words, lost.rel or '.')} ({core(lost.reason)})"


def _of_offload(one: Offload, known: Known) -> Iterator[str]:
    failure = known.failures.get(one.id)
    if failure is not None and standing.under_way(one):
        said = " ".join(core(str(failure[part])) for part in ("message", "todo") if failure[part])
        yield f"◆  {core(str(failure['title']))}: {said}"
    for leg in standing.parked(one):
        words = translate("CardTroubles", "{0} is parked")
        yield f"▲  {fill(words, leg.name)}: {core(leg.problem)}"
    for path, why in one.left_out:
        words = translate("CardTroubles", "{0} was not copied")
        yield f"◆  {fill(words, path)} ({core(why)})"


def _wrong(rows: Sequence[FileRow]) -> Iterator[str]:
    for row in rows:
        if row.colour == "bad":
            yield f"{row.state}  {row.path}" + (f": {core(row.why)}" if row.why else "")
