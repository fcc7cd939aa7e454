"""How everything grows from ten thousand clips to a million: made once each, measured in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import big_catalog, figures
from tests.support.source import ROOT

SIZES = (10_000, 100_000, 1_000_000)
BOUNDED = ("search, ", "page by keyset", "grid, ")
"""What a person waits for does not depend on the library."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]


def _measured(home: Path) -> dict[str, float]:
    asked = subprocess.run(
        (sys.executable, "-m", "tests.perf.growing", str(home)),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(asked.stdout)


def test_from_ten_thousand_to_a_million(tmp_path: Path) -> None:
    kept = Path(os.environ.get("RUSHES_BIG_CATALOGS", str(tmp_path)))
    found = {size: _measured(big_catalog.ready(kept / f"{size}", size)) for size in SIZES}
    lines = [
        f"| what | {' | '.join(f'{size:,}' for size in SIZES)} |",
        f"|---|{'---|' * len(SIZES)}",
        *(
            f"| {what} | {' | '.join(f'{found[size][what]:,.3g}' for size in SIZES)} |"
            for what in found[SIZES[0]]
        ),
    ]
    sys.stdout.write("\n".join(["", *lines, ""]))
    if os.environ.get("RUSHES_FIGURES"):
        figures.put(ROOT, "growth", "\n".join(lines))
    largest, smallest = found[SIZES[-1]], found[SIZES[0]]
    assert largest["problems found"] == smallest["problems found"]
    for what in largest:
        if what.startswith(BOUNDED):
            assert largest[what] < 12 * max(smallest[what], 2), what
    assert largest["memory of the window after it, MB"] < 400
