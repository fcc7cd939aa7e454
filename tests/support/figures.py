"""The table of measured figures: each test of tests/perf adds its rows; printed, and written on request."""

import dataclasses
import os
import platform
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

PAGE = "docs/performance.md"


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    order: int
    what: str
    ours: str
    peer: str
    figure: str
    spread: str
    bar: str = ""
    verdict: str = ""
    reason: str = ""
    """Why it is no better."""


def table(rows: list[Row]) -> str:
    """The rows as Markdown, in their order."""
    lines = [
        "| what | Rushes | peer, in the same run | figure | spread | bar | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: (r.order, r.what)):
        cells = (row.what, row.ours, row.peer, row.figure, row.spread, row.bar, row.verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on."""
    import PySide6

    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    asked = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True)
    ffmpeg = asked.stdout.split()[2]
    load = os.getloadavg()[2]
    return (
        f"{os.cpu_count()} cores ({cpu}), {platform.system()} {platform.release()}; Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, PySide6 {PySide6.__version__}, ffmpeg {ffmpeg}."
        f" Load average of the last 15 minutes when it ended: {load:.1f}."
    )


def write(rows: list[Row], root: Path) -> None:
    """Puts machine, table and the reasons of what is not met between the marks of the page."""
    ordered = sorted(rows, key=lambda r: (r.order, r.what))
    reasons = dict.fromkeys(row.reason for row in ordered if row.reason)
    bounds = "".join(f"\n- {reason}" for reason in reasons)
    words = f"\n\nBounds, and their reasons:\n{bounds}" if bounds else ""
    put(root, "figures", f"{machine()}\n\n{table(rows)}{words}")


def put(root: Path, name: str, fresh: str) -> None:
    """Puts a text between the marks of this name on the page."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    path = root / PAGE
    path.write_text(
        re.sub(
            f"{re.escape(begin)}.*{re.escape(end)}",
            lambda _: f"{begin}\n{fresh}\n{end}",
            path.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        ),
        encoding="utf-8",
    )


def show(rows: list[Row]) -> None:
    """Prints the table."""
    sys.stdout.write(f"\n{table(rows)}\n")
