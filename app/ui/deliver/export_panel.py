"""Export: the chosen clips, or their marked ranges, as a timeline for the NLE."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QRadioButton, QWidget

from app.core.model.errors import RushesError
from app.core.model.ids import ClipRow
from app.core.model.names import display
from app.ui import tasks
from app.ui.library.clip_actions import ids_of
from app.ui.widgets import wording
from app.ui.widgets.choosing import choose_file_name
from app.ui.widgets.controls import button, field
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import Drawer, box
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import label

if TYPE_CHECKING:
    from app.core.post.timelines import Exported
    from app.ui.desk import Desk


class ExportPanel(Drawer):
    """Where to, which form, marked ranges or whole clips."""

    def __init__(self, desk: "Desk", host: QWidget) -> None:
        super().__init__(host, translate("ExportPanel", "Export as a timeline"))
        self._desk = desk
        self._rows: Sequence[ClipRow] = ()
        self._agreed = ""
        self._what = label("", wrap=True)
        self._otio = QRadioButton(self.tr("OpenTimelineIO (.otio): links to the media"))
        self._otioz = QRadioButton(self.tr("Package (.otioz): with the proxies inside"))
        group = QButtonGroup(self)
        for one in (self._otio, self._otioz):
            group.addButton(one)
            one.clicked.connect(self._rename)
        self._otio.setChecked(True)
        self._marked = QCheckBox(self.tr("From in to out, where they are set"))
        self._marked.setChecked(True)
        self._path = field(self.tr("File"), self.tr("File"), self._export)
        self._go = button(self.tr("Export"), self._export, look="primary")
        self._said = label("", wrap=True, selectable=True)
        self._said.hide()
        where = box(self._path, across=True)
        where.setStretch(0, 1)
        where.addWidget(button(self.tr("Choose …"), self._browse))
        for part in (
            self._what,
            label(
                self.tr(
                    "Each clip keeps its source timecode and reel; the original and the proxy are both linked, open and resolved"
                    " notes become markers."
                ),
                "secondary",
                wrap=True,
            ),
            self._otio,
            self._otioz,
            self._marked,
        ):
            self.body.addWidget(part)
        self.body.addLayout(where)
        self.body.addLayout(box(1, self._go, across=True))
        self.body.addWidget(self._said)
        self.body.addStretch(1)

    def offer(self, rows: Sequence[ClipRow]) -> None:
        """For these clips, in this order."""
        self._rows = rows
        self._said.hide()
        self._go.setEnabled(bool(rows))
        self._what.setText(
            fill(self.tr("{0}, in the order shown"), wording.clips(len(rows)))
            if rows
            else self.tr("Choose the clips in the library first.")
        )
        project = self._desk.project
        name = project.name if project else "Rushes"
        safe = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in name)
        self._path.setText(str(Path.home() / f"{safe.strip() or 'Rushes'}.otio"))
        self._agreed = ""
        self._rename()
        self.open()

    def _rename(self) -> None:
        ending = ".otioz" if self._otioz.isChecked() else ".otio"
        text = self._path.text()
        if text:
            self._path.setText(str(Path(text).with_suffix(ending)))

    def _browse(self) -> None:
        choose_file_name(
            self.window(),
            self.tr("Export as a timeline"),
            self._agree,
            self._path.text(),
            "OpenTimelineIO (*.otio *.otioz)",
        )

    def _agree(self, path: str) -> None:
        """The dialog has asked whether a file that is there may be replaced."""
        self._path.setText(path)
        self._agreed = path

    def _export(self) -> None:
        text = self._path.text().strip()
        if not text or not self._rows:
            return
        self._go.setEnabled(False)
        services, rows = self._desk.services, list(self._rows)
        form = "otioz" if self._otioz.isChecked() else "otio"
        marked, replace = self._marked.isChecked(), text == self._agreed

        def work() -> "Exported":
            from app.core.post.timelines import Choice

            with services.catalog.read() as reader:
                ids = ids_of(reader, rows)
            choices = [Choice(clip_id) for clip_id in ids]
            return services.timelines.export(
                choices, Path(text), form=form, marked=marked, replace=replace
            )

        tasks.run_query(self, work, self._done, self._failed)

    def _done(self, made: "Exported") -> None:
        self._go.setEnabled(True)
        words = fill(
            self.tr("✓  {0} with {1} markers written to {2}"),
            wording.clips(made.clips),
            made.markers,
            display(str(made.path)),
        )
        if made.left_out:
            names = ", ".join(display(name) for name in made.left_out[:20])
            words += "\n" + fill(self.tr("▲  Left out, because they have no length: {0}"), names)
        self._said.setText(words)
        self._said.show()

    def _failed(self, error: RushesError) -> None:
        self._go.setEnabled(True)
        self._said.setText(f"◆  {core(error.title)}. {core(error.message)} {core(error.todo)}")
        self._said.show()
