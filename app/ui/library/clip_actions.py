"""What can be done to the chosen clips: each one act, each undone in one step, none touching a file."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.core.catalog import library
from app.core.model.entities import ClipCard
from app.core.model.ids import ClipRow
from app.ui.library.clips import ClipSet
from app.ui.widgets import wording
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_CHUNK: Final = 500


class ClipActions(QObject):
    """Acts on the chosen clips, through the desk's services."""

    def __init__(self, desk: "Desk", clips: ClipSet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._clips = clips

    def rate(self, rating: int) -> None:
        """0 (none) to 5 stars."""
        words = wording.stars(rating) or self.tr("no rating")
        self._do(words, lambda ids: self._desk.services.log.rate(ids, rating))

    def circle(self, circled: bool | None = None) -> None:
        """Circles them, or (None) turns it round by the current clip."""
        on = not self._current(lambda c: c.circled) if circled is None else circled
        words = self.tr("circled") if on else self.tr("circle taken away")
        self._do(words, lambda ids: self._desk.services.log.circle(ids, on))

    def reject(self, rejected: bool | None = None) -> None:
        """Not wanted in the cut, or (None) turned round by the current clip."""
        on = not self._current(lambda c: c.rejected) if rejected is None else rejected
        words = self.tr("rejected") if on else self.tr("wanted again")
        self._do(words, lambda ids: self._desk.services.log.reject(ids, on))

    def tag(self, word: str) -> None:
        """Adds a keyword."""
        words = fill(self.tr("keyword “{0}”"), word)
        self._do(words, lambda ids: self._desk.services.log.tag(ids, add=[word]))

    def untag(self, word: str) -> None:
        """Takes a keyword away."""
        words = fill(self.tr("keyword “{0}” taken away"), word)
        self._do(words, lambda ids: self._desk.services.log.tag(ids, remove=[word]))

    def set_field(self, field: str, value: str | None) -> None:
        """A person's word over a derived fact."""
        words = fill(self.tr("{0} set to {1}"), field, value or "–")
        self._do(words, lambda ids: self._desk.services.log.set_field(ids, field, value))

    def decide(self, verdict: str) -> None:
        """Approves this version, or asks for changes. Nothing is sent before the grace is over."""
        words = self.tr("approved") if verdict == "approved" else self.tr("changes asked for")
        self._do(words, lambda ids: self._desk.services.decisions.decide(ids, verdict))

    def withdraw(self) -> None:
        """Takes this person's decision back; what waits to be sent is stopped."""
        self._do(self.tr("decision taken back"), self._desk.services.decisions.withdraw)

    def put_into(self, bin_id: str, name: str, rows: Sequence[ClipRow] | None = None) -> None:
        """Puts them into a bin."""
        words = fill(self.tr("in the bin {0}"), name)
        self._do(words, lambda ids: self._desk.services.bins.add(bin_id, ids), rows)

    def take_out(self, bin_id: str, name: str) -> None:
        """Takes them out of a bin; no file is touched."""
        words = fill(self.tr("out of the bin {0}"), name)
        self._do(words, lambda ids: self._desk.services.bins.remove(bin_id, ids))

    def with_ids(
        self, then: Callable[[list[str]], None], rows: Sequence[ClipRow] | None = None
    ) -> None:
        """Reads the ids of the chosen clips."""
        taken = list(self._clips.chosen_rows() if rows is None else rows)
        self._desk.query(self, lambda reader: ids_of(reader, taken), then)

    def _current(self, ask: Callable[[ClipCard], bool]) -> bool:
        card = self._clips.current_card()
        return card is not None and ask(card)

    def _do(
        self,
        words: str,
        act: Callable[[list[str]], object],
        rows: Sequence[ClipRow] | None = None,
    ) -> None:
        taken = list(self._clips.chosen_rows() if rows is None else rows)
        if not taken:
            self._desk.notice.emit(self.tr("Choose a clip first."))
            return
        card = self._clips.current_card()
        whom = card.name if card and len(taken) == 1 else wording.clips(len(taken))
        catalog = self._desk.catalog

        def work() -> None:
            with catalog.read() as reader:
                ids = ids_of(reader, taken)
            act(ids)

        self._desk.say(f"{whom}: {words}", work)


def ids_of(reader: library.Reader, rows: Sequence[ClipRow]) -> list[str]:
    """Clip ids of rows, in their order; clips that are gone are left out."""
    found: dict[int, str] = {}
    for first in range(0, len(rows), _CHUNK):
        found |= library.ids_of(reader, rows[first : first + _CHUNK])
    return [found[row] for row in rows if row in found]
