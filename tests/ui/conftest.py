"""The window's tests run with the program's own look and its own background tasks."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import tasks
from app.ui.main import translate
from app.ui.theme import style, tokens


@pytest.fixture(scope="session", autouse=True)
def speaking(qapp: QApplication) -> None:
    """Words and their singulars as the program has them."""
    translate(qapp)


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """The dark look; no background task outlives its test."""
    if tokens.current() is not tokens.DARK or not qapp.styleSheet():
        style.apply(qapp, tokens.DARK)
    yield
    tasks.shut()
