"""Which positions of the grid or list are chosen: runs of positions, so that "all" of a million is one run."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Selection:
    """Chosen positions with a current one and the anchor a Shift-click extends from."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []
        self.current: int | None = None
        self.anchor: int | None = None

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self._runs)

    def __contains__(self, position: int) -> bool:
        place = bisect_right(self._runs, (position, 1 << 62)) - 1
        return place >= 0 and self._runs[place][0] <= position < self._runs[place][1]

    def __iter__(self) -> Iterator[int]:
        for start, stop in self._runs:
            yield from range(start, stop)

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """First and end of each run, in order."""
        return tuple(self._runs)

    def clear(self) -> None:
        """Nothing chosen, nothing current."""
        self._runs = []
        self.current = self.anchor = None

    def only(self, position: int) -> None:
        """Chooses this one alone."""
        self._runs = [(position, position + 1)]
        self.current = self.anchor = position

    def toggle(self, position: int) -> None:
        """Ctrl-click: in or out; it becomes current."""
        if position in self:
            self._remove(position, position + 1)
        else:
            self.add(((position, position + 1),))
        self.current = self.anchor = position

    def extend(self, position: int, *, keep: bool = False) -> None:
        """Shift-click: everything from the anchor to here; with `keep` on top of what was chosen."""
        anchor = position if self.anchor is None else self.anchor
        run = (min(anchor, position), max(anchor, position) + 1)
        if not keep:
            self._runs = []
        self.add((run,))
        self.current, self.anchor = position, anchor

    def everything(self, count: int) -> None:
        """Chooses all; the current one stays."""
        self._runs = [(0, count)] if count else []

    def replace(self, runs: Iterable[tuple[int, int]]) -> None:
        """Chooses exactly these runs."""
        self._runs = []
        self.add(runs)

    def add(self, runs: Iterable[tuple[int, int]]) -> None:
        """Chooses these runs as well."""
        merged: list[tuple[int, int]] = []
        for start, stop in sorted([*self._runs, *runs]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
            elif start < stop:
                merged.append((start, stop))
        self._runs = merged

    def _remove(self, start: int, stop: int) -> None:
        left = [(a, min(b, start)) for a, b in self._runs if a < start]
        right = [(max(a, stop), b) for a, b in self._runs if b > stop]
        self._runs = [*left, *right]


def runs_of(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Sorted positions as runs."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position:
            runs[-1] = (runs[-1][0], position + 1)
        else:
            runs.append((position, position + 1))
    return runs
