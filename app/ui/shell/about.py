"""About Rushes, and the sheet of all keys."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QWidget

from app import __version__
from app.ui.player.actions import player_actions
from app.ui.player.keymap import Keymap
from app.ui.shell.commands import Command
from app.ui.theme import tokens
from app.ui.widgets.panels import Drawer
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import label, section

_KEYS_WIDTH: Final = 172
"""Pixels for the keys of one act; several wrap."""


class AboutPanel(Drawer):
    """Version, licence, where things lie."""

    def __init__(self, host: QWidget, home: str) -> None:
        super().__init__(host, translate("AboutPanel", "About Rushes"))
        for words, look in (
            (fill(self.tr("Rushes {0}"), __version__), ""),
            (
                self.tr(
                    "The desktop companion of an editing suite: one catalog of every clip, local first."
                ),
                "secondary",
            ),
            (
                self.tr("Free software under the GNU General Public License, version 3 or later."),
                "secondary",
            ),
            (
                self.tr(
                    "It plays with mpv, reads and makes media with FFmpeg and MediaInfo, hears speech with Whisper, exchanges"
                    " timelines with OpenTimelineIO, and is drawn with Qt."
                ),
                "secondary",
            ),
            (fill(self.tr("Catalog, settings and logs: {0}"), home), "secondary"),
        ):
            self.body.addWidget(label(words, look, wrap=True, selectable=True))
        self.body.addStretch(1)


class KeySheet(Drawer):
    """Every key, by what it does."""

    def __init__(self, host: QWidget, keymap: Keymap, known: Sequence[Command]) -> None:
        super().__init__(host, translate("KeySheet", "All keys"), width=520)
        groups = {
            "playing": self.tr("Playing"),
            "marking": self.tr("In and out"),
            "logging": self.tr("Logging"),
            "viewing": self.tr("Viewing"),
        }
        for group, title in groups.items():
            self.body.addWidget(section(title))
            self.body.addLayout(
                _grid(
                    [
                        (a.text, ", ".join(keymap.keys(a.id)))
                        for a in player_actions()
                        if a.group == group
                    ]
                )
            )
        self.body.addWidget(section(self.tr("Window")))
        self.body.addLayout(
            _grid([(c.text, c.keys.replace(" | ", ", ")) for c in known if c.id and c.keys])
        )
        self.body.addWidget(section(self.tr("Clips")))
        self.body.addLayout(
            _grid(
                [
                    (self.tr("Choose all"), "Ctrl+A"),
                    (self.tr("Open in the player"), "Return"),
                    (self.tr("Go to the clip whose name begins so"), "'"),
                ]
            )
        )
        self.body.addStretch(1)


def _grid(rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setColumnStretch(0, 1)
    grid.setVerticalSpacing(tokens.SPACE_XS)
    for row, (what, keys) in enumerate(rows):
        grid.addWidget(label(what, wrap=True), row, 0, Qt.AlignmentFlag.AlignTop)
        shown = ", ".join(
            QKeySequence(one).toString(QKeySequence.SequenceFormat.NativeText) or one
            for one in keys.split(", ")
        )
        told = label(shown, "secondary", font=tokens.mono(), wrap=True)
        # The same for every group, so that the keys of all stand under one another.
        told.setFixedWidth(_KEYS_WIDTH)
        grid.addWidget(told, row, 1, Qt.AlignmentFlag.AlignTop)
    return grid
