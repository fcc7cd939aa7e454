"""Reads the PDFs that Qt writes back: the letters of each page, in the order in which they were painted, and where they stand."""

import re
import unicodedata
import zlib
from dataclasses import dataclass
from pathlib import Path

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)endstream", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> (?:\[([^\]]*)\]|<([0-9A-Fa-f]+)>)")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|(-?[\d.]+) (-?[\d.]+) Td <([0-9A-Fa-f]+)> Tj|(BT)")


@dataclass(frozen=True)
class Page:
    """One page, lengths in points."""

    text: str
    """All letters, without blanks: where a line was broken cannot be told."""
    right: float
    """Where the last letter of the longest line begins."""
    lowest: float
    """From the top: the lowest line."""
    size: tuple[float, float]
    pictures: int


def pages(path: Path) -> list[Page]:
    """The pages in order."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(path.read_bytes())}
    kids = next(one for one in objects.values() if b"/Kids" in one)
    order = re.findall(rb"(\d+) 0 R", kids[kids.index(b"/Kids") : kids.index(b"]")])
    return [_page(objects, objects[int(number)]) for number in order]


def text(path: Path) -> str:
    """The letters of all pages, without blanks."""
    return "".join(page.text for page in pages(path))


def _page(objects: dict[int, bytes], page: bytes) -> Page:
    resources = objects[_reference(page, b"/Resources")]
    fonts = {
        name: _letters(objects, objects[int(number)])
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", resources)
    }
    letters: list[str] = []
    right = lowest = x = y = 0.0
    font: dict[int, str] = {}
    content = _stream(objects[_reference(page, b"/Contents")])
    for found in _SHOWN.finditer(content):
        if found[5]:
            x = y = 0.0
        elif found[1]:
            font = fonts[found[1]]
        else:
            x, y = x + float(found[2]), y + float(found[3])
            right, lowest = max(right, x / 10), max(lowest, -y / 10)
            code = found[4].decode()
            letters += [
                font.get(int(code[n : n + 4], 16), "\ufffd") for n in range(0, len(code), 4)
            ]
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page)
    assert box is not None
    # Fonts share glyphs: of some letters the PDF names a sister of the same look.
    shown = "".join(unicodedata.normalize("NFKC", "".join(letters)).split())
    pictures = len(re.findall(rb"/Im\d+\s+Do", content))
    return Page(shown, right, lowest, (float(box[1]), float(box[2])), pictures)


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """What each glyph of a font stands for."""
    found: dict[int, str] = {}
    for first, last, several, start in _RANGE.findall(
        _stream(objects[_reference(font, b"/ToUnicode")])
    ):
        codes = re.findall(rb"<([0-9A-Fa-f]+)>", several)
        for place, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
            hexed = codes[place] if codes else b"%04x" % (int(start, 16) + place)
            found[code] = bytes.fromhex(hexed.decode()).decode("utf-16-be", "replace")
    return found


def _reference(text: bytes, key: bytes) -> int:
    found = re.search(key + rb" (\d+) 0 R", text)
    assert found is not None, key
    return int(found[1])


def _stream(text: bytes) -> bytes:
    found = _STREAM.search(text)
    assert found is not None
    return zlib.decompress(found[1]) if b"/FlateDecode" in text[: found.start()] else found[1]
