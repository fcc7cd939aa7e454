"""Letters that no font of this computer has: shown by their numbers, never as an empty box."""

from typing import Final

from PySide6.QtGui import QFont, QFontMetrics

_ISOLATES: Final = frozenset("\u2066\u2069")
"""They hold a name together that is read from right to left, and are not seen."""


class Letters:
    """Knows which letters can be painted; each is asked for once."""

    def __init__(self, font: QFont) -> None:
        self._measures = QFontMetrics(font)
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
        if letter.isascii() or letter in _ISOLATES:
            return True
        known = self._known.get(letter)
        if known is None:
            # Asks all fonts that would be taken, not only this one.
            known = self._known[letter] = self._measures.inFontUcs4(ord(letter))
        return known


def _numbered(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
