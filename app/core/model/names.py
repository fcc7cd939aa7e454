"""File names: exact bytes, keys for comparing, and a form that is safe to show.

A name is a `str` with surrogateescape for bytes that are no UTF-8 (what `os.fsdecode` gives).
"""

import unicodedata

_INVISIBLE = {
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x200B,
    0x200C,
    0x200D,
    0x200E,
    0x200F,
    0x2028,
    0x2029,
    0xFEFF,
    0x061C,
}


def compare_key(name: str) -> str:
    """NFC form: the same name typed on a Mac and on Linux is one key."""
    return unicodedata.normalize("NFC", name).encode("utf-8", "replace").decode()


def fold_key(name: str) -> str:
    """Case-folded NFC form: equal where a case-insensitive filesystem would see one file."""
    if name.isascii():
        return name.casefold()
    return unicodedata.normalize("NFC", compare_key(name).casefold())


def sound_text(text: str) -> str:
    """A text that every store takes: lone surrogates (bytes that were no UTF-8) made visible, the rest as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_visible(c) if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    return text


def display(name: str) -> str:
    """A name as it may be shown: control, bidi and broken bytes made visible, one line."""
    return "".join(_visible(letter) for letter in name)


def _visible(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code in _INVISIBLE or unicodedata.category(letter) in ("Cc", "Cs", "Co"):
        return f"\\u{code:04x}"
    return letter
