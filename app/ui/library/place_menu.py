"""The context menu of the sidebar: volumes, folders and bins."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app.core.model.entities import Volume
from app.core.model.media import Derive
from app.ui import tasks
from app.ui.library.sidebar_rows import Node
from app.ui.widgets.asking import ask_line, confirm
from app.ui.widgets.choosing import choose_folder
from app.ui.widgets.controls import menu_item
from app.ui.widgets.wording import fill, translate

if TYPE_CHECKING:
    from app.ui.desk import Desk
    from app.ui.library.page import LibraryPage


class PlaceMenu(QObject):
    """What can be done with a place."""

    def __init__(self, desk: "Desk", page: "LibraryPage") -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page

    def open(self, node: Node | None, where: QPoint) -> None:
        """Shows the menu at a point of the screen."""
        page = self._page
        menu = QMenu(page)
        kind = node.place.kind if node is not None and node.place is not None else ""
        volume = self._volume(node)
        if volume is not None and kind == "volume":
            self._add_volume_items(menu, volume)
        if node is not None and kind == "bin":
            self._add_bin_items(menu, node)
        menu.addSeparator()
        menu_item(menu, self.tr("Add a folder of footage …"), page.add_volume_wanted.emit, "Ctrl+O")
        menu_item(menu, self.tr("New bin …"), page.new_bin, "Ctrl+B")
        search = page.browser.wanted.words
        if search:
            menu_item(
                menu, self.tr("Keep this search as a smart bin …"), lambda: self._keep(search)
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _volume(self, node: Node | None) -> Volume | None:
        shelves = self._page.shelves
        if node is None or node.place is None or shelves is None:
            return None
        wanted = node.place.id
        return next((v for v in shelves.volumes if v.id == wanted), None)

    def _add_volume_items(self, menu: QMenu, volume: Volume) -> None:
        scan = menu_item(menu, self.tr("Scan now"), lambda: self._scan(volume), "F5")
        scan.setEnabled(volume.online)
        amount = menu.addMenu(self.tr("How much is made"))
        group = QActionGroup(amount)
        for derive, title in derive_titles():
            entry = menu_item(
                amount, title, lambda derive=derive: self._desk.set_derive(volume.id, derive)
            )
            entry.setCheckable(True)
            entry.setChecked(volume.derive is derive)
            group.addAction(entry)
        menu_item(menu, self.tr("It is mounted here …"), lambda: self._map(volume))
        menu_item(menu, self.tr("Forget this volume …"), lambda: self._forget(volume))

    def _add_bin_items(self, menu: QMenu, node: Node) -> None:
        bins = self._desk.services.bins
        bin_id = node.place.id if node.place else ""

        def rename(name: str) -> None:
            self._desk.say(
                fill(self.tr("Bin renamed to {0}"), name), lambda: bins.rename(bin_id, name)
            )

        menu_item(
            menu,
            self.tr("Rename …"),
            lambda: ask_line(
                self._page.window(),
                self.tr("Rename the bin"),
                self.tr("Name"),
                self.tr("Rename"),
                rename,
                node.title,
            ),
        )
        words = fill(self.tr("Bin {0} deleted; its clips stay"), node.title)
        menu_item(
            menu,
            self.tr("Delete the bin (its clips stay)"),
            lambda: self._desk.say(words, lambda: bins.delete(bin_id)),
        )

    def _keep(self, search: str) -> None:
        bins = self._desk.services.bins

        def make(name: str) -> None:
            self._desk.say(
                fill(self.tr("Smart bin {0} made"), name), lambda: bins.create(name, search)
            )

        ask_line(
            self._page.window(),
            fill(self.tr("A smart bin for: {0}"), search),
            self.tr("Name"),
            self.tr("Keep"),
            make,
        )

    def _scan(self, volume: Volume) -> None:
        self._desk.scan([volume.id])

    def _map(self, volume: Volume) -> None:
        service = self._desk.services.volumes

        def take(folder: str) -> None:
            tasks.run_command(self, lambda: service.map(volume.id, Path(folder)))

        choose_folder(self._page.window(), fill(self.tr("Where is {0} now?"), volume.name), take)

    def _forget(self, volume: Volume) -> None:
        service = self._desk.services.volumes
        confirm(
            self._page.window(),
            fill(self.tr("Forget {0}?"), volume.name),
            self.tr(
                "Rushes stops watching it and its clips leave the library. No file is touched, and notes, ratings and"
                " decisions stay in the log: add the folder again and they are back."
            ),
            self.tr("Forget"),
            lambda: tasks.run_command(self, lambda: service.forget(volume.id)),
        )


def derive_titles() -> list[tuple[Derive, str]]:
    """How much can be made of a volume's clips, in words."""
    return [
        (Derive.POSTERS, translate("Derive", "Names, facts and posters")),
        (Derive.TOUCHED, translate("Derive", "The rest for clips I open, log or note")),
        (Derive.ALL, translate("Derive", "Everything: proxies and transcripts of all clips")),
    ]
