"""The Info tab: what is known of a clip, where each fact came from, where its files are, what was made of it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.core.model.entities import Clip, FilePlace, Rendition, Upload
from app.core.model.media import ClipKind
from app.core.model.names import display
from app.ui.inspector import kept, sent
from app.ui.inspector.detail import ClipDetail
from app.ui.library import cells, not_whole
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, clear, panel, scrolled
from app.ui.widgets.words import NameLabel, label, section, tip

_LONGEST = 400
_MOST_ARRIVING = 8
_LONGEST_WORD = 24
"""Letters of a word that still fits into the narrowest column."""


class InfoPanel(QWidget):
    """Facts of one clip. Reel, camera, scene, take and shot can be corrected here."""

    field_set = Signal(str, object)
    """Field, and the new word or None to take the correction back."""
    retry_wanted = Signal(str)
    """A rendition's kind that failed."""
    folder_wanted = Signal(str)
    """Show this file in the system's file manager."""

    def __init__(self) -> None:
        super().__init__()
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(
            tokens.SPACE_L, tokens.SPACE_M, tokens.SPACE_L, tokens.SPACE_L
        )
        self._column.setSpacing(tokens.SPACE_M)
        self._scroll: QScrollArea = scrolled(inner)
        self.setLayout(box(self._scroll))
        self._shown: ClipDetail | None = None

    def show_detail(self, detail: ClipDetail | None) -> None:
        """Shows a clip; a field that is being typed in keeps its words."""
        if detail is None or self._typing():
            self._shown = detail
            if detail is not None:
                return
        clear(self._column)
        self._shown = detail
        if detail is not None:
            self._fill(detail)

    def _typing(self) -> bool:
        focused = self.focusWidget()
        return isinstance(focused, QLineEdit) and focused.isModified()

    def _fill(self, detail: ClipDetail) -> None:
        clip = detail.clip
        if clip.problem or detail.arriving:
            self._column.addWidget(self._problem(detail))
        self._column.addLayout(self._facts(clip, self._state(detail)))
        if clip.audio:
            self._column.addWidget(section(self.tr("Sound")))
            self._column.addLayout(self._sound(clip))
        self._column.addWidget(section(self.tr("Files")))
        if any(place.copy for place in clip.files):
            self._column.addWidget(self._copies(clip))
        for place in clip.files:
            self._column.addWidget(self._file(place))
        if clip.renditions:
            self._column.addWidget(section(self.tr("Made from it")))
            self._column.addLayout(self._made(clip.renditions))
        if detail.uploads:
            self._column.addWidget(section(self.tr("Sent")))
            self._column.addLayout(self._sent(detail.uploads))
        if clip.tags:
            self._column.addWidget(section(self.tr("More the camera says")))
            self._column.addLayout(_pairs([(key, value, "") for key, value in clip.tags.items()]))
        self._column.addStretch(1)

    def _state(self, detail: ClipDetail) -> str:
        arriving = next(iter(detail.arriving), None)
        return cells.state_words(detail.clip.state, arriving)[2]

    def _problem(self, detail: ClipDetail) -> QWidget:
        clip = detail.clip
        mark, tint, word = self._state_words(detail)
        head = label(f"{mark or '▲'}  {word}", tint or "warn")
        column = box(head, margin=tokens.SPACE_M, gap=tokens.SPACE_XS)
        words = label(display(core(clip.problem or "")[:_LONGEST]), wrap=True, selectable=True)
        if clip.problem:
            column.addWidget(words)
        for one in detail.arriving[:_MOST_ARRIVING]:
            name = f"{display(one.path.rpartition('/')[2])}: " if len(detail.arriving) > 1 else ""
            told = label(f"{name}{not_whole.words(one)}", wrap=True, selectable=True)
            column.addWidget(told)
        return panel("banner", column)

    def _state_words(self, detail: ClipDetail) -> tuple[str, str, str]:
        """(mark, tint, word) of the head over what is wrong: what is ready and lacks a part is not called ready there."""
        clip = detail.clip
        if clip.state in cells.STATE_MARKS:
            return cells.state_words(clip.state, next(iter(detail.arriving), None))
        return "▲", "warn", self.tr("not complete") if clip.gaps else self.tr("worth knowing")

    def _facts(self, clip: Clip, state: str) -> QGridLayout:
        still = clip.kind in (ClipKind.STILL, ClipKind.DOCUMENT)
        size = f"{clip.width} × {clip.height}" if clip.width else ""
        turned = f" · {clip.rotation}°" if clip.rotation else ""
        rate = wording.rate(clip.rate) + (self.tr(" variable") if clip.vfr else "")
        codec = " ".join(part for part in (clip.codec, clip.pix_fmt) if part)
        start = clip.label(0) if clip.start_frame is not None else ""
        rows: list[tuple[str, str, str]] = [
            (self.tr("State"), state, ""),
            (self.tr("Start"), "" if still else start, "start"),
            (self.tr("Length"), "" if still else self._length(clip), "frames"),
            (self.tr("Rate"), "" if still else rate, "rate"),
            (self.tr("Picture"), size + turned, "width"),
            (self.tr("Codec"), codec, "codec"),
            (self.tr("Recorded"), (clip.recorded_at or "").replace("T", " "), "recorded_at"),
            (self.tr("Card"), clip.card or "", "card"),
            (self.tr("Hash"), clip.hash or self.tr("not read whole yet"), ""),
        ]
        if clip.gaps:
            runs = ", ".join(f"{a}–{b}" if a != b else str(a) for a, b in clip.gaps[:20])
            rows.append((self.tr("Missing"), runs, ""))
        grid = _pairs(
            [(name, value, clip.origins.get(key, "")) for name, value, key in rows if value]
        )
        for name, title in self._fields():
            self._editable(grid, clip, name, title)
        return grid

    def _fields(self) -> list[tuple[str, str]]:
        return [
            ("reel", self.tr("Reel")),
            ("camera", self.tr("Camera")),
            ("scene", self.tr("Scene")),
            ("take", self.tr("Take")),
            ("shot", self.tr("Shot")),
        ]

    def _editable(self, grid: QGridLayout, clip: Clip, field: str, title: str) -> None:
        said = str(getattr(clip, field) or "")
        edit = QLineEdit(display(said))
        edit.setMaxLength(200)
        edit.setAccessibleName(title)
        origin = clip.origins.get(field, "")
        tip(edit, _from(self.tr("Type to correct it, Enter to keep it."), origin))

        def keep() -> None:
            words = " ".join(edit.text().split())
            edit.setModified(False)
            if words != display(said):
                self.field_set.emit(field, words or None)

        edit.editingFinished.connect(keep)
        row = grid.rowCount()
        grid.addWidget(label(title, "secondary"), row, 0)
        grid.addWidget(edit, row, 1)

    def _length(self, clip: Clip) -> str:
        if clip.frames is None:
            return ""
        frames = clip.frames
        sound = clip.kind is ClipKind.AUDIO
        count = self.tr("%Ln samples", "", frames) if sound else self.tr("%Ln frames", "", frames)
        return f"{wording.duration(clip.duration_ms)} · {count}"

    def _sound(self, clip: Clip) -> QGridLayout:
        rows: list[tuple[str, str, str]] = []
        for number, one in enumerate(clip.audio, 1):
            facts = f"{one.codec} · {one.channels} ch · {one.sample_rate / 1000:g} kHz"
            rows.append((f"A{number}", f"{facts} · {one.name}" if one.name else facts, ""))
        return _pairs(rows)

    def _copies(self, clip: Clip) -> QWidget:
        """Equal bytes lie in several places: where the one is that names the clip."""
        first = next((place for place in clip.files if not place.copy), clip.files[0])
        where = f"{first.volume}/{first.path}"
        words = wording.fill(
            self.tr("Copies of equal bytes are one clip. It is named by {0}"), where
        )
        return label(words, "secondary", wrap=True, selectable=True)

    def _file(self, place: FilePlace) -> QWidget:
        name = NameLabel(place.path.rpartition("/")[2])
        tip(name, f"{place.volume}/{place.path}")
        state = "" if place.state.value == "present" else core(place.state.value)
        copy = self.tr("copy") if place.copy else ""
        facts = (place.volume, core(place.role.value), copy, wording.size(place.size), state)
        words = label(" · ".join(part for part in facts if part), "secondary")
        words.setFont(tokens.sans(tokens.SMALL_PX))
        show = button(
            self.tr("Show"),
            lambda: self.folder_wanted.emit(place.absolute or ""),
            look="flat",
            hint=self.tr("Show it in the file manager"),
        )
        show.setEnabled(place.absolute is not None)
        column = box(name, words, gap=0)
        row = box(column, across=True)
        row.setStretchFactor(column, 1)
        row.addWidget(show)
        return panel("row", row)

    def _made(self, renditions: Sequence[Rendition]) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, one in enumerate(renditions):
            grid.addWidget(label(core(one.kind.value), "secondary"), row, 0)
            size = wording.size(one.size) if one.size else ""
            parity = kept.words(one.facts) if one.kind.value == "proxy" else ""
            words = " · ".join(
                part
                for part in (core(one.state.value), size, parity, core(one.error or ""))
                if part
            )
            grid.addWidget(label(display(words[:_LONGEST]), wrap=True, selectable=True), row, 1)
            if one.state.value == "failed":
                again = button(
                    self.tr("Retry"),
                    lambda kind=one.kind.value: self.retry_wanted.emit(kind),
                    look="flat",
                )
                grid.addWidget(again, row, 2)
        return grid

    def _sent(self, uploads: Sequence[Upload]) -> QGridLayout:
        rows = [
            (
                one.target,
                f"{sent.state_words(one.state)} · {wording.size(one.size)} · {one.key}",
                core(one.error or ""),
            )
            for one in uploads
        ]
        return _pairs(rows)


def _value(text: str, name: str) -> QWidget:
    """A text that wraps; where a word is too long for that, a line that can be moved along and copied."""
    if max(map(len, text.split()), default=0) <= _LONGEST_WORD:
        return label(text, wrap=True, selectable=True, name=name)
    line = QLineEdit(text)
    line.setReadOnly(True)
    line.setCursorPosition(0)
    # Qt keeps two pixels of its own before the text.
    line.setTextMargins(-2, 0, 0, 0)
    line.setAccessibleName(name)
    style.set_look(line, "fact")
    tip(line, text)
    return line


def _pairs(rows: Sequence[tuple[str, str, str]]) -> QGridLayout:
    """Name and value, with where it came from as the value's tool tip."""
    grid = QGridLayout()
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, 84)
    grid.setHorizontalSpacing(tokens.SPACE_M)
    grid.setVerticalSpacing(tokens.SPACE_XS)
    for row, (name, value, origin) in enumerate(rows):
        title = label(display(name[:60]), "secondary")
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = _value(display(value[:_LONGEST]), f"{name}: {value}")
        if origin:
            tip(words, _from("", origin))
        grid.addWidget(title, row, 0)
        grid.addWidget(words, row, 1)
    return grid


def _from(words: str, origin: str) -> str:
    source = wording.fill(wording.translate("Info", "From: {0}"), core(origin)) if origin else ""
    return " ".join(part for part in (words, source) if part)
