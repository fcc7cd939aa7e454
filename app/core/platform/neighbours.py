"""What else this machine is busy with: an editing program at work, a battery that drains.

Heavy derived work gives way to both. Linux is read from /proc and /sys; elsewhere nothing is known yet,
so nothing gives way there (untried on macOS and Windows).
"""

import re
import threading
import time
from pathlib import Path
from typing import Final

EDITORS: Final = re.compile(
    r"^(resolve|davinci|kdenlive|shotcut|lightworks|ntcardvt|blender|flowblade|olive-editor|cinelerra|openshot|premiere|avidmediacomposer|nuke|flame)",
    re.IGNORECASE,
)
"""Names of the programs that cut picture, as the kernel shows them."""
_LOOK_NS: Final = 5_000_000_000
_BUSY_TICKS: Final = 25
"""Hundredths of processor time between two looks (five seconds): a program that merely sits open uses less."""


class Neighbours:
    """Looks around at most every few seconds; cheap to ask."""

    def __init__(
        self, proc: Path = Path("/proc"), power: Path = Path("/sys/class/power_supply")
    ) -> None:
        self._proc = proc
        self._power = power
        self._lock = threading.Lock()
        self._looked = 0
        self._words = ""
        self._spent: dict[int, int] = {}

    def busy(self) -> str:
        """Why heavy work should wait, in words; "" where nothing stands against it."""
        with self._lock:
            now = time.monotonic_ns()
            if now - self._looked >= _LOOK_NS:
                self._looked = now
                self._words = self._editor() or self._battery()
            return self._words

    def _editor(self) -> str:
        spent: dict[int, int] = {}
        words = ""
        for folder in self._proc.glob("[0-9]*"):
            name = _read(folder / "comm").strip()
            if not EDITORS.match(name):
                continue
            ticks = _ticks(_read(folder / "stat"))
            number = int(folder.name)
            spent[number] = ticks
            if ticks - self._spent.get(number, ticks) >= _BUSY_TICKS:
                words = f"{name} is at work"
        self._spent = spent
        return words

    def _battery(self) -> str:
        supplies = [
            (_read(s / "type").strip(), _read(s / "online").strip(), _read(s / "status").strip())
            for s in sorted(self._power.glob("*"))
        ]
        draining = any(
            kind == "Battery" and status == "Discharging" for kind, _, status in supplies
        )
        plugged = any(kind != "Battery" and online == "1" for kind, online, _ in supplies)
        return "running on battery" if draining and not plugged else ""


def _ticks(stat: str) -> int:
    """User and system time of a process, from /proc/PID/stat (proc(5), fields 14 and 15 behind the name)."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        # It ended between the listing and the look, or the system does not tell.
        return ""
