"""How everything grows from ten thousand clips to a million: made once each, measured in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.perf import bars, trees
from tests.perf.bars import Bar
from tests.support import big_catalog, figures
from tests.support.source import ROOT

SIZES = (10_000, 100_000, 1_000_000)
BOUNDED = ("search, ", "page by keyset", "grid, ", "putting ", "start to painted window")
"""What a person waits for does not depend on the library."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]


def _measured(kept: Path, size: int) -> dict[str, float]:
    home = big_catalog.ready(kept / f"{size}", size)
    tree = trees.ready(kept / f"tree{size}" / "media", size)
    asked = subprocess.run(
        (sys.executable, "-m", "tests.perf.growing", str(home), str(tree)),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(asked.stdout)


def _bar(what: str) -> Bar | None:
    unit = "×" if " by " in what else what.rpartition(", ")[2].removesuffix(" a clip").split(" ")[0]
    found = (bar for start, bar in bars.GROWTH.items() if what.startswith(start))
    return next((bar for bar in found if bar.unit == unit), None)


def _line(what: str, found: dict[int, dict[str, float]]) -> str:
    figures = (f"{found[size][what]:,.3g}" for size in SIZES)
    bar = _bar(what)
    words = (bar.text, bar.verdict(found[SIZES[-1]][what])) if bar else ("", "")
    return f"| {' | '.join((what, *figures, *words))} |"


def test_from_ten_thousand_to_a_million(tmp_path: Path) -> None:
    kept = Path(os.environ.get("RUSHES_BIG_CATALOGS", str(tmp_path)))
    found = {size: _measured(kept, size) for size in SIZES}
    largest, smallest = found[SIZES[-1]], found[SIZES[0]]
    lines = [
        f"| what | {' | '.join(f'{size:,}' for size in SIZES)} | bar for the largest | |",
        f"|---|{'---|' * len(SIZES)}---|---|",
        *(_line(what, found) for what in largest),
    ]
    sys.stdout.write("\n".join(["", *lines, ""]))
    if os.environ.get("RUSHES_FIGURES"):
        figures.put(ROOT, "growth", "\n".join((figures.machine(), "", *lines)))
    assert largest["problems found"] == smallest["problems found"]
    for what, value in largest.items():
        bar = _bar(what)
        if bar:
            bar.check(value)
        if what.startswith(BOUNDED):
            assert value < 12 * max(smallest[what], 2), what
