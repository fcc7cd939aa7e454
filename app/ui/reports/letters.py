"""Letters that no font of this computer has: shown by their numbers, never as an empty box."""

from PySide6.QtGui import QFont, QTextLayout


class Letters:
    """Knows which letters can be painted; each is asked for once."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._known: dict[str, bool] = {}

    @property
    def replaced(self) -> int:
        """How many different letters were replaced so far."""
        return sum(not there for there in self._known.values())

    def shown(self, text: str) -> str:
        """The text, with the numbers of letters that cannot be painted in their place."""
        if text.isascii():
            return text
        return "".join(one if self._there(one) else _numbered(one) for one in text)

    def _there(self, letter: str) -> bool:
        if letter.isascii():
            return True
        known = self._known.get(letter)
        if known is None:
            known = self._known[letter] = self._has(letter)
        return known

    def _has(self, letter: str) -> bool:
        layout = QTextLayout(letter, self._font)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        runs = layout.glyphRuns()
        return not runs or all(all(run.glyphIndexes()) for run in runs)


def _numbered(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
