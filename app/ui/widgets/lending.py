"""The keyboard, lent to what lies over a page and given back to what had it before."""

import shiboken6
from PySide6.QtWidgets import QApplication, QWidget


class Lent:
    """Who had the keyboard before `borrower` took it. Without it Qt hands it to whatever comes next."""

    def __init__(self, borrower: QWidget) -> None:
        self._borrower = borrower
        self._before: QWidget | None = None

    def take(self) -> None:
        """Remembers who has it now; to be called before the borrower takes it."""
        before = QApplication.focusWidget()
        if before is None or not self._holds(before):
            self._before = before

    def give_back(self) -> None:
        """Gives it back, where the borrower has it still; to be called before the borrower goes."""
        before, self._before = self._before, None
        now = QApplication.focusWidget()
        if now is None or not self._holds(now):
            return
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus()
        else:
            now.clearFocus()

    def _holds(self, widget: QWidget) -> bool:
        return widget is self._borrower or self._borrower.isAncestorOf(widget)
