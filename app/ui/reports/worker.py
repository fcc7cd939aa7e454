"""The process that paints a report: a sheet on stdin, a PDF at the path it is given, pages and replaced letters on stdout.

It has no window and no screen, and ends when it is done. Exit code 3: Qt is not there; 4: no font is.
"""

import sys

from app.core.ingest.report_sheet import unpacked

_NO_QT = 3
_NO_FONT = 4


def main(words: list[str]) -> int:
    """Paints one sheet; returns the exit code."""
    try:
        from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication
    except ImportError as problem:
        sys.stderr.write(f"{problem}\n")
        return _NO_QT
    from app.ui.reports.painter import paint

    application = QGuiApplication(sys.argv[:1])
    application.setApplicationName("Rushes")
    if not QFontMetrics(QFont()).inFontUcs4(ord("a")):
        return _NO_FONT
    pages, replaced = paint(unpacked(sys.stdin.buffer.read()), words[0])
    sys.stdout.write(f"{pages} {replaced}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
