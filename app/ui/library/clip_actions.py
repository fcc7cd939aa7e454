"""What can be done to the chosen clips: each one act, each undone in one step, none touching a file."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QObject, Signal

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

    tagged = Signal(object)
    """The keywords that were added last."""

    def __init__(self, desk: "Desk", clips: ClipSet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._clips = clips
        self._last: list[str] = []
        self._last_row: ClipRow | None = None

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
        """Adds a keyword. Those added to one clip after another are kept, to be added again."""
        row = self._clips.current_row()
        self._last = [*self._last, word] if row == self._last_row else [word]
        self._last_row = row
        self.tagged.emit(self._last)
        self._add([word])

    def tag_again(self) -> None:
        """Adds the keywords that were added to the clip before."""
        if self._last:
            self._add(self._last)

    def _add(self, added: list[str]) -> None:
        words = fill(self.tr("keyword “{0}”"), ", ".join(added))
        self._do(words, lambda ids: self._desk.services.log.tag(ids, add=added))

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
        services = self._desk.services

        def act(ids: list[str]) -> list[str]:
            services.decisions.withdraw(ids)
            return services.sync.withdrawn(ids)

        self._do(self.tr("decision taken back"), act, done=self._say_sent)

    def _say_sent(self, keys: object) -> None:
        if isinstance(keys, list) and keys:
            sent = cast("list[str]", keys)
            shown = ", ".join(sent[:3]) + (" …" if len(sent) > 3 else "")
            words = self.tr(
                "Already in the bucket, where they stay: %Ln objects ({0})", "", len(sent)
            )
            self._desk.notice.emit(fill(words, shown))

    def put_into(self, bin_id: str, name: str, rows: Sequence[ClipRow] | None = None) -> None:
        """Puts them into a bin."""
        words = fill(self.tr("in the bin {0}"), name)
        self._do(words, lambda ids: self._desk.services.bins.add(bin_id, ids), rows)

    def take_out(self, bin_id: str, name: str) -> None:
        """Takes them out of a bin; no file is touched."""
        words = fill(self.tr("out of the bin {0}"), name)
        self._do(words, lambda ids: self._desk.services.bins.remove(bin_id, ids))

    def _current(self, ask: Callable[[ClipCard], bool]) -> bool:
        card = self._clips.current_card()
        return card is not None and ask(card)

    def _do(
        self,
        words: str,
        act: Callable[[list[str]], object],
        rows: Sequence[ClipRow] | None = None,
        done: Callable[[object], None] | None = None,
    ) -> None:
        taken = list(self._clips.chosen_rows() if rows is None else rows)
        if not taken:
            self._desk.notice.emit(self.tr("Choose a clip first."))
            return
        card = self._clips.current_card()
        whom = card.name if card and len(taken) == 1 else wording.clips(len(taken))
        catalog = self._desk.catalog

        def work() -> object:
            with catalog.read() as reader:
                ids = ids_of(reader, taken)
            return act(ids)

        self._desk.say(f"{whom}: {words}", work, done)


def ids_of(reader: library.Reader, rows: Sequence[ClipRow]) -> list[str]:
    """Clip ids of rows, in their order; clips that are gone are left out."""
    found: dict[int, str] = {}
    for first in range(0, len(rows), _CHUNK):
        found |= library.ids_of(reader, rows[first : first + _CHUNK])
    return [found[row] for row in rows if row in found]
