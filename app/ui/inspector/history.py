"""The History tab: everything people said of a clip, newest first, as sentences."""

import json
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.model.entities import Clip, HistoryEntry
from app.core.model.events import Kind
from app.core.model.names import display
from app.ui.inspector.detail import ClipDetail, span
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.panels import box, clear, panel, scrolled
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import label

_MOST: Final = 200
_LONGEST: Final = 240


class HistoryPanel(QWidget):
    """The events of one clip."""

    def __init__(self) -> None:
        super().__init__()
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setLayout(box(scrolled(inner)))
        self._shown: tuple[HistoryEntry, ...] = ()

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Lists a clip's history."""
        entries = detail.history if detail else ()
        if entries == self._shown and entries:
            return
        self._shown = entries
        clear(self._column)
        if detail is not None:
            if not entries:
                words = self.tr("Nobody has said anything of this clip yet.")
                self._column.addLayout(
                    box(label(words, "secondary", wrap=True), margin=tokens.SPACE_L)
                )
            for entry in entries[:_MOST]:
                self._column.addWidget(_line(entry, detail.clip))
        self._column.addStretch(1)


def _line(entry: HistoryEntry, clip: Clip) -> QWidget:
    said = sentence(entry, clip)
    if entry.undone:
        said = fill(translate("History", "{0} (taken back)"), said)
    when = " · ".join(
        part for part in (wording.time_of_day(entry.at_ms), display(entry.actor_name)) if part
    )
    head = label(when, "secondary", font=tokens.sans(tokens.SMALL_PX))
    text = label(said, "secondary" if entry.undone else "", wrap=True, selectable=True)
    inside = box(head, text, gap=2)
    inside.setContentsMargins(tokens.SPACE_L, tokens.SPACE_S, tokens.SPACE_L, tokens.SPACE_S)
    return panel("row", inside)


def sentence(entry: HistoryEntry, clip: Clip) -> str:
    """What was done, in words; an unknown kind from a newer Rushes is shown as it is."""
    said = words(entry.kind, entry.body, clip)
    if said:
        return said
    return display(f"{entry.kind} {json.dumps(dict(entry.body), ensure_ascii=False)}"[:_LONGEST])


def words(kind: str, body: Mapping[str, Any], clip: Clip | None) -> str:
    """What one event says of a clip (or of many: None); "" for what is not about clips."""
    said = _notes(kind, body, clip) or _log(kind, body) or _rest(kind, body)
    return display(said[:_LONGEST])


def _notes(kind: str, body: Mapping[str, Any], clip: Clip | None) -> str:
    where = ""
    if clip and isinstance(body.get("start"), int) and isinstance(body.get("end"), int):
        where = span(clip, body["start"], body["end"])
    text = str(body.get("text", ""))
    said: dict[str, str] = {
        Kind.NOTE_ADDED: fill(translate("History", "Note at {0}: {1}"), where, text),
        Kind.NOTE_EDITED: fill(translate("History", "Note changed to: {0}"), text),
        Kind.NOTE_DELETED: translate("History", "Note deleted"),
        Kind.NOTE_RESTORED: translate("History", "Note brought back"),
        Kind.NOTE_RESOLVED: translate("History", "Note resolved"),
        Kind.NOTE_REOPENED: translate("History", "Note opened again"),
        Kind.MARK_ADDED: fill(
            translate("History", "Mark at {0}: {1}"), where, body.get("name") or text
        ),
        Kind.MARK_EDITED: translate("History", "Mark changed"),
        Kind.MARK_DELETED: translate("History", "Mark deleted"),
        Kind.MARK_RESTORED: translate("History", "Mark brought back"),
    }
    return said.get(kind, "")


def _log(kind: str, body: Mapping[str, Any]) -> str:
    if kind == Kind.CLIP_RATED:
        rating = int(body.get("rating", 0))
        stars = wording.stars(rating) or translate("History", "none")
        return fill(translate("History", "Rating: {0}"), stars)
    if kind == Kind.CLIP_CIRCLED:
        circled = body.get("circled")
        return (
            translate("History", "Circled")
            if circled
            else translate("History", "Circle taken away")
        )
    if kind == Kind.CLIP_REJECTED:
        rejected = body.get("rejected")
        return (
            translate("History", "Rejected") if rejected else translate("History", "Wanted again")
        )
    if kind == Kind.CLIP_FIELD_SET:
        field, value = body.get("field", ""), body.get("value")
        return fill(
            translate("History", "{0} set to {1}"),
            _fields().get(field, field),
            value if value is not None else "–",
        )
    if kind == Kind.CLIP_MARKED:
        return translate("History", "In and out set")
    return ""


def _rest(kind: str, body: Mapping[str, Any]) -> str:
    if kind == Kind.TAG_ADDED:
        return fill(translate("History", "Keyword added: {0}"), body.get("word", ""))
    if kind == Kind.TAG_REMOVED:
        return fill(translate("History", "Keyword removed: {0}"), body.get("word", ""))
    if kind == Kind.DECISION_MADE:
        verdict = body.get("verdict", "")
        said = (
            translate("History", "Approved")
            if verdict == "approved"
            else translate("History", "Changes asked for")
        )
        return f"{said}: {body['comment']}" if body.get("comment") else said
    if kind == Kind.BIN_CLIP_ADDED:
        return translate("History", "Put into a bin")
    if kind == Kind.BIN_CLIP_REMOVED:
        return translate("History", "Taken out of a bin")
    if kind == Kind.DECISION_BOUND:
        return translate("History", "The decision is bound to the bytes read now")
    if kind == Kind.DECISION_WITHDRAWN:
        return translate("History", "Decision taken back")
    if kind == Kind.SEGMENT_CORRECTED:
        return fill(translate("History", "Transcript corrected: {0}"), body.get("text") or "")
    if kind == Kind.TIMECODE_CORRECTED:
        return fill(translate("History", "Timecode shifted by {0} frames"), body.get("offset", 0))
    return ""


def _fields() -> dict[str, str]:
    """What a person can correct of a clip, as it is called within a sentence."""
    return {
        "reel": translate("History", "reel"),
        "camera": translate("History", "camera"),
        "scene": translate("History", "scene"),
        "take": translate("History", "take"),
        "shot": translate("History", "shot"),
        "name": translate("History", "name"),
        "title": translate("History", "title"),
    }
