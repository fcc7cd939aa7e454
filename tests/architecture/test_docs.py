"""The documents point at things that are there: links, pictures, tests by name."""

import re
from pathlib import Path

import pytest

from tests.support.source import ROOT, tracked, where

PAGES = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`([\w/*.-]+?\.py)(?:::(\w+))?`")
PICTURE = re.compile(r"`([\w-]+\.jpg)`")
HOLDS = ROOT / "docs" / "what-holds.md"
SHOWN = [HOLDS, ROOT / "docs" / "reliability.md"]


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    dead = [
        link
        for link in links
        if not link.startswith(("http://", "https://", "mailto:"))
        and not (page.parent / link).exists()
    ]
    assert not dead


@pytest.mark.parametrize("page", SHOWN, ids=where)
def test_tests_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = NAMED.findall(text)
    assert len(named) > 60
    lost = [
        f"{name}::{test}"
        for name, test in named
        if not any((not test or f"def {test}(" in file.read_text()) for file in _files(name))
    ]
    assert not lost


def test_pictures_that_are_named_exist() -> None:
    text = HOLDS.read_text(encoding="utf-8")
    pictures = PICTURE.findall(text)
    assert pictures
    assert not [name for name in pictures if not (ROOT / "docs" / "pictures" / name).is_file()]


def _files(name: str) -> list[Path]:
    """The tests of that name: with its folder, or told by the file alone."""
    tests = ROOT / "tests"
    return [*tests.glob(name)] or [*tests.rglob(Path(name).name)]
