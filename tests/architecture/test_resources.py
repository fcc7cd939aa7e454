"""Every resource is told of in resources/README.md, and everything told of is there."""

import re
import tomllib
from xml.dom import expatbuilder

import pytest

from tests.support.source import ROOT, tracked

RESOURCES = ROOT / "resources"
PAGE = RESOURCES / "README.md"


def _told() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def _there() -> set[str]:
    found = set()
    for path in tracked():
        if path.is_relative_to(RESOURCES) and path != PAGE:
            rel = path.relative_to(RESOURCES)
            found.add(f"{rel.parts[0]}/" if len(rel.parts) > 1 else rel.name)
    return found


def test_the_page_and_the_folder_agree() -> None:
    assert _told() == _there()


@pytest.mark.parametrize(
    "path", [p for p in tracked() if p.is_relative_to(RESOURCES)], ids=lambda p: p.name
)
def test_a_resource_reads(path) -> None:
    if path.suffix == ".toml":
        tomllib.loads(path.read_text(encoding="utf-8"))
    elif path.suffix == ".svg":
        assert expatbuilder.parse(str(path)).documentElement.tagName == "svg"
    else:
        assert path.stat().st_size
