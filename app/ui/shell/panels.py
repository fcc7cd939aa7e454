"""The panels that lie over the pages, one at a time: each made once, opened when it is wanted."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.model.entities import Target
from app.ui.deliver.export_panel import ExportPanel
from app.ui.deliver.target_panel import TargetPanel
from app.ui.player.keymap import Keymap
from app.ui.shell import commands
from app.ui.shell.about import AboutPanel, KeySheet
from app.ui.shell.activity import ActivityPanel
from app.ui.shell.add_volume import AddVolumePanel
from app.ui.widgets.panels import Drawer

if TYPE_CHECKING:
    from app.ui.desk import Desk


class Panels(QObject):
    """All drawers of the window."""

    def __init__(self, host: QWidget, desk: "Desk", keymap: Keymap) -> None:
        super().__init__(host)
        self.activity = ActivityPanel(host)
        self.add_volume = AddVolumePanel(desk, host)
        self.export = ExportPanel(desk, host)
        self.target = TargetPanel(desk, host)
        self.about = AboutPanel(host, str(desk.services.home))
        self.keys = KeySheet(host, keymap, commands.commands())
        for drawer in self.all:
            drawer.opened.connect(self._close_others)

    @property
    def all(self) -> tuple[Drawer, ...]:
        """Every drawer."""
        return (self.activity, self.add_volume, self.export, self.target, self.about, self.keys)

    def show_target(self, target: Target | None) -> None:
        """A target there is, or a new one."""
        if target is None:
            self.target.begin()
        else:
            self.target.show_target(target)

    def shut(self) -> None:
        """Closes the one that is open: it lies over the page it was opened on, and over no other."""
        for drawer in self.all:
            drawer.shut()

    def _close_others(self, opened: Drawer) -> None:
        for drawer in self.all:
            if drawer is not opened:
                drawer.shut()
