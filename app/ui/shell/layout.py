"""Where the window and its dividers were last time."""

from pathlib import Path

from PySide6.QtCore import QSettings

LAYOUT_FILE = "window.ini"


def layout_of(home: Path) -> QSettings:
    """Kept beside the catalog, and read before anything else is."""
    return QSettings(str(home / LAYOUT_FILE), QSettings.Format.IniFormat)
