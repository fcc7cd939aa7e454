"""What the core says is understood again: its template, its values, and texts within texts."""

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from app.core.files import opening
from app.core.model.errors import RushesError
from app.core.platform import paths
from app.ui.widgets import core_words
from app.ui.widgets.core_words import Reading, Templates, core, template_of
from app.ui.widgets.wording import fill

LISTED: dict[str, list[int]] = json.loads(
    paths.resource("translations/core.json").read_text("utf-8")
)
DATA = ("A007_C012.mov", "/media/NAS: 2/Day 3", "12", "Errno 5", "x.y", "é", "7", "8", "9", "10")
"""What stands in texts: names with points, colons and blanks, numbers, what a system says."""


class German(QTranslator):
    """A few texts of the core, with their values in another order."""

    WORDS: ClassVar = {
        "{0} is not opened: {1}.": "Weil {1}, bleibt {0} zu.",
        "it is reached through a link": "ein Link dorthin führt",
        "it is {0}": "es {0} ist",
        "a pipe": "eine Pipe",
        "{0} fits {1} clips.": "Auf {0} passen {1} Clips.",
        "Check the network.": "Prüfen Sie das Netz.",
        "{0} Rushes goes on by itself.": "{0} Rushes macht von selbst weiter.",
        "offline": "getrennt",
    }

    def isEmpty(self) -> bool:  # noqa: N802 - the name Qt calls
        return False

    def translate(
        self, context: str, source: str, _comment: str | None = None, _n: int = -1
    ) -> str | None:
        return self.WORDS.get(source) if context == "core" else None


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    made = German(qapp)
    qapp.installTranslator(made)
    core_words.speak(foreign=True)
    yield
    qapp.removeTranslator(made)
    core_words.speak(foreign=False)


def _clear(source: str, values: Sequence[str]) -> bool:
    """Whether it can be told where one value ends: what stands behind it is not in it."""
    template = template_of(source, [])
    between = list(zip(template.numbers, template.literals[1:-1], strict=False))
    # Texts that go on where these end: behind a number with a reason, behind a host with a port.
    between += {"{0} answers {1}.": [(1, " ")], "{0} at {1}": [(1, ":")]}.get(source, [])
    return not any(literal in values[number] for number, literal in between)


def test_every_text_of_the_core_is_found_again() -> None:
    """Filled in with whatever may stand in it, each is read as itself, with its own values."""
    templates = Templates(LISTED)
    wrong: list[str] = []
    for shift in range(len(DATA)):
        values = DATA[shift:] + DATA[:shift]
        for source in LISTED:
            if not _clear(source, values):
                continue
            text = fill(source, *values)
            read = templates.read(text)
            one = read[0] if read and len(read) == 1 else None
            if not isinstance(one, Reading) or one.template.source != source:
                wrong.append(f"{text!r} of {source!r}: {read}")
            elif any(isinstance(v, str) and v != values[n] for n, v in one.values.items()):
                wrong.append(f"{text!r} of {source!r} has other values: {one.values}")
    assert "\n".join(wrong) == ""


def test_a_reason_is_read_within_every_text_that_gives_one() -> None:
    templates = Templates(LISTED)
    reason = "it is reached through a link"
    wrong: list[str] = []
    for source, worded in LISTED.items():
        for number in worded:
            values = list(DATA)
            values[number] = reason
            if not _clear(source, values):
                continue
            read = templates.read(fill(source, *values))
            one = read[0] if read else None
            if not isinstance(one, Reading) or one.template.source != source:
                wrong.append(f"{source!r}: {read}")
            elif isinstance(one.values[number], str):
                wrong.append(f"{source!r}: value {number} is not understood")
    assert "\n".join(wrong) == ""


def test_every_error_that_the_core_raises_is_listed() -> None:
    """A look at texts made by the core itself, not by the list."""
    templates = Templates(LISTED)
    for error in (opening._refused("clip.mov", "it is reached through a link"), _busy()):
        assert templates.read(error.title), error.title
        assert templates.read(error.message), error.message


def _busy() -> RushesError:
    from app.core.work import patience

    return patience._late("NAS Media")


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("a.mov is not opened: it is a pipe.", "Weil es eine Pipe ist, bleibt a.mov zu."),
        (
            "a.mov is not opened: it is reached through a link.",
            "Weil ein Link dorthin führt, bleibt a.mov zu.",
        ),
        ("'B002' fits 12 clips.", "Auf 'B002' passen 12 Clips."),
        # A clip called like a text of the core keeps its name.
        ("offline fits 12 clips.", "Auf offline passen 12 Clips."),
        ("{1} fits {0} clips.", "Auf {1} passen {0} Clips."),
        (
            "Check the network. Rushes goes on by itself.",
            "Prüfen Sie das Netz. Rushes macht von selbst weiter.",
        ),
        ("it is a pipe; offline", "es eine Pipe ist; getrennt"),
        ("Check the network. it is a pipe", "Prüfen Sie das Netz. es eine Pipe ist"),
        # What a system or a person says stays as it is.
        ("[Errno 5] Input/output error", "[Errno 5] Input/output error"),
        ("A link.", "A link."),
        ("", ""),
    ],
)
def test_a_text_of_the_core_is_said_in_the_language_of_the_window(said: str, wanted: str) -> None:
    assert core(said) == wanted
    assert core(said) == wanted  # remembered


@pytest.mark.usefixtures("german")
def test_what_is_not_translated_stays_english() -> None:
    assert core("Nothing to undo") == "Nothing to undo"
    assert core("Nothing was understood of this.") == "Nothing was understood of this."


def test_in_english_nothing_is_looked_up() -> None:
    assert core("a.mov is not opened: it is a pipe.") == "a.mov is not opened: it is a pipe."
    assert core_words._now._templates is None or not core_words._now.said
