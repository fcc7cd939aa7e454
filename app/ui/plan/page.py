"""The Plan page: the project in hand, its rate, its words, and who works on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QWidget,
)

from app.core.catalog import library, notes, projects
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Actor, Project
from app.core.model.names import display
from app.core.model.timecode import DROP_RATES, parse_rate, rate_text
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button, field
from app.ui.widgets.panels import box, foot, panel, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, section, tip, title

if TYPE_CHECKING:
    from app.ui.desk import Desk

RATES: Final = (
    "24000/1001",
    "24/1",
    "25/1",
    "30000/1001",
    "30/1",
    "48/1",
    "50/1",
    "60000/1001",
    "60/1",
)
_ID: Final = int(Qt.ItemDataRole.UserRole)


class PlanPage(QWidget):
    """Projects on the left, the one in hand in the middle."""

    project_chosen = Signal(str)
    new_project_wanted = Signal()
    person_wanted = Signal()

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._projects = QListWidget()
        self._projects.setAccessibleName(self.tr("Projects"))
        self._projects.itemActivated.connect(self._chosen)
        self._projects.itemClicked.connect(self._chosen)
        new = button(
            self.tr("Project"),
            self.new_project_wanted.emit,
            look="flat",
            icon="plus",
            hint=self.tr("Begin another project; clips belong to all, words to one"),
        )
        head = section(self.tr("Projects"))
        head.setContentsMargins(tokens.SPACE_L, tokens.SPACE_M, 0, tokens.SPACE_XS)
        left = panel("panel-left", box(head, self._projects, foot(new), gap=0))
        left.setFixedWidth(tokens.SIDEBAR)
        self._title = title("")
        self._counts = label("", "secondary", wrap=True)
        self._name = field("", self.tr("Name of the project"))
        self._rate = QComboBox()
        self._drop = QCheckBox(self.tr("drop-frame"))
        self._glossary = QPlainTextEdit()
        self._languages = field(
            self.tr("en, de … or nothing: heard clip by clip"), self.tr("Languages")
        )
        self._people = label("", wrap=True)
        self.setLayout(box(left, scrolled(self._form()), across=True, gap=0))
        style.set_look(self, "canvas")
        self._wire()
        self.refresh()

    def _form(self) -> QWidget:
        for value in RATES:
            self._rate.addItem(wording.rate(parse_rate(value)), value)
        self._rate.setAccessibleName(self.tr("Frame rate"))
        tip(self._rate, self.tr("The rate timelines and new labels are made at"))
        tip(self._drop, self.tr("Labels skip numbers, so that they follow the clock"))
        self._glossary.setAccessibleName(self.tr("Glossary"))
        self._glossary.setPlaceholderText(
            self.tr("Names and terms, one a line: the transcripts spell them so")
        )
        self._glossary.setFixedHeight(120)
        keep = button(self.tr("Keep the glossary"), self._keep_glossary)
        rate = box(self._rate, self._drop, 1, across=True, gap=tokens.SPACE_M)
        who = button(self.tr("Change …"), self.person_wanted.emit, look="flat")
        inner = QWidget()
        inner.setMaximumWidth(640)
        inner.setLayout(
            box(
                self._title,
                self._counts,
                section(self.tr("Name")),
                self._name,
                section(self.tr("Frame rate")),
                rate,
                section(self.tr("Languages that are spoken")),
                self._languages,
                section(self.tr("Glossary")),
                self._glossary,
                box(1, keep, across=True),
                section(self.tr("Who is at this desk")),
                box(self._people, 1, who, across=True),
                1,
                margin=tokens.SPACE_XL,
                gap=tokens.SPACE_M,
            )
        )
        outer = QWidget()
        outer.setLayout(box(inner, across=True))
        return outer

    def _wire(self) -> None:
        self._desk.changed.connect(self._on_changed)
        self._desk.here_changed.connect(self.refresh)
        self._name.editingFinished.connect(lambda: self._change("name", self._name.text().strip()))
        self._languages.editingFinished.connect(self._keep_languages)
        self._rate.activated.connect(lambda: self._change("rate", self._rate.currentData()))
        self._drop.clicked.connect(lambda: self._change("drop", self._drop.isChecked()))

    def refresh(self) -> None:
        """Reads projects, people and counts."""
        project_id = self._desk.project_id

        def read(reader: Reader) -> tuple[list[Project], list[Actor], tuple[int, int], int]:
            return (
                projects.every(reader),
                projects.actors(reader),
                library.counts(reader),
                notes.open_count(reader, project_id),
            )

        self._desk.query(self, read, self._take, key="plan")

    def _take(self, found: tuple[list[Project], list[Actor], tuple[int, int], int]) -> None:
        known, people, (clips, duration_ms), open_notes = found
        self._show_projects(known)
        project = self._desk.project
        if project is None:
            return
        self._title.setText(display(project.name))
        self._counts.setText(
            " · ".join(
                (
                    wording.clips(clips),
                    wording.total(duration_ms),
                    self.tr("%Ln notes open", "", open_notes),
                )
            )
        )
        if not self._name.hasFocus():
            self._name.setText(project.name)
        place = self._rate.findData(rate_text(project.rate))
        if place < 0:
            self._rate.addItem(wording.rate(project.rate), rate_text(project.rate))
            place = self._rate.count() - 1
        self._rate.setCurrentIndex(place)
        self._drop.setChecked(project.drop)
        self._drop.setEnabled(project.rate in DROP_RATES)
        if not self._languages.hasFocus():
            self._languages.setText(", ".join(project.languages))
        if not self._glossary.hasFocus():
            self._glossary.setPlainText("\n".join(project.glossary))
        self._show_people(people)

    def _show_projects(self, known: Sequence[Project]) -> None:
        self._projects.clear()
        for project in known:
            item = QListWidgetItem(display(project.name))
            font = tokens.sans()
            if project.id == self._desk.project_id:
                font.setWeight(QFont.Weight.DemiBold)
            item.setFont(font)
            item.setData(_ID, project.id)
            self._projects.addItem(item)
            if project.id == self._desk.project_id:
                self._projects.setCurrentItem(item)

    def _show_people(self, people: Sequence[Actor]) -> None:
        here = self._desk.actor
        others = [p for p in people if p.id != here.id]
        words = fill(self.tr("{0} ({1})"), display(here.name), display(here.initials))
        if others:
            names = ", ".join(display(p.name) for p in others[:20])
            words = f"{words} · {fill(self.tr('also known here: {0}'), names)}"
        self._people.setText(words)

    def _chosen(self, item: QListWidgetItem) -> None:
        self.project_chosen.emit(str(item.data(_ID)))

    def _on_changed(self, changes: ChangeSet) -> None:
        if self.isVisible() and changes.touches(
            Aspect.PROJECT, Aspect.ACTOR, Aspect.CLIP, Aspect.NOTE
        ):
            self.refresh()

    def _keep_glossary(self) -> None:
        lines = [line.strip() for line in self._glossary.toPlainText().splitlines()]
        self._change("glossary", [line for line in lines if line])

    def _keep_languages(self) -> None:
        words = self._languages.text().replace(",", " ").split()
        self._change("languages", [word.lower() for word in words])

    def _change(self, name: str, value: object) -> None:
        project, service = self._desk.project, self._desk.services.projects
        if project is None or value == "" or value == _said(project, name):
            return
        self._desk.say(self.tr("Project changed"), lambda: service.change(name, value))


def _said(project: Project, name: str) -> object:
    return {
        "name": project.name,
        "rate": rate_text(project.rate),
        "drop": project.drop,
        "glossary": list(project.glossary),
        "languages": list(project.languages),
    }[name]
