"""The context menu of clips."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from app.ui.widgets import wording
from app.ui.widgets.controls import menu_item
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk
    from app.ui.library.page import LibraryPage


class ClipMenu(QObject):
    """What can be done with the chosen clips."""

    def __init__(self, desk: "Desk", page: "LibraryPage") -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page

    def open(self, where: QPoint) -> None:
        """Shows the menu at a point of the screen."""
        page, actions = self._page, self._page.acts
        if not len(page.clips.selection):
            return
        menu = QMenu(page)
        rating = menu.addMenu(self.tr("Rating"))
        for stars in range(5, -1, -1):
            title = wording.stars(stars) or self.tr("none")
            menu_item(rating, title, lambda stars=stars: actions.rate(stars), str(stars))
        menu_item(menu, self.tr("Circle, or take the circle away"), actions.circle, "C")
        menu_item(menu, self.tr("Reject, or want it again"), actions.reject, "Shift+X")
        menu.addSeparator()
        menu_item(menu, self.tr("Approve"), lambda: actions.decide("approved"), "Ctrl+Return")
        menu_item(
            menu,
            self.tr("Request changes"),
            lambda: actions.decide("rejected"),
            "Ctrl+Shift+Return",
        )
        menu_item(menu, self.tr("Take the decision back"), actions.withdraw)
        menu.addSeparator()
        self._add_bins(menu)
        menu.addSeparator()
        menu_item(
            menu,
            self.tr("Export as a timeline …"),
            lambda: page.export_wanted.emit(page.clips.chosen_rows()),
            "Ctrl+E",
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _add_bins(self, menu: QMenu) -> None:
        page = self._page
        into = menu.addMenu(self.tr("Put into a bin"))
        shelves = page.shelves
        for one in shelves.bins if shelves else ():
            if one.query is None:
                menu_item(
                    into,
                    one.name,
                    lambda bin_id=one.id, name=one.name: page.acts.put_into(bin_id, name),
                )
        into.addSeparator()
        menu_item(into, self.tr("New bin …"), page.new_bin, "Ctrl+B")
        node = page.sidebar.current_node()
        if (
            node is not None
            and node.place is not None
            and node.place.kind == "bin"
            and not node.query
        ):
            bin_id, name = node.place.id, node.title
            words = fill(self.tr("Take out of {0}"), name)
            menu_item(menu, words, lambda: page.acts.take_out(bin_id, name), "Delete")
