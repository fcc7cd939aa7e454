"""Choosing a folder or a file name without stopping anything: the dialog stands beside the window's own life."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def choose_folder(
    parent: QWidget, title: str, take: Callable[[str], object], start: str = ""
) -> QFileDialog:
    """Asks for a folder; `take` gets its path."""
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
    return _open(dialog, take)


def choose_file_name(
    parent: QWidget, title: str, take: Callable[[str], object], start: str, kinds: str
) -> QFileDialog:
    """Asks where to write a file; `take` gets its path."""
    dialog = QFileDialog(parent, title, start, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(start)
    return _open(dialog, take)


def _open(dialog: QFileDialog, take: Callable[[str], object]) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setModal(False)
    dialog.fileSelected.connect(take)
    dialog.show()
    return dialog
