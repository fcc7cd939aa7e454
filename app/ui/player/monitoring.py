"""Which sound channels are heard, as a filter graph for libmpv. Pure: numbers in, text out.

The graph is built from counts alone; no name from a file ever enters it.
"""

import dataclasses
from math import isqrt


@dataclasses.dataclass(frozen=True, slots=True)
class Monitor:
    """What the channel buttons say. Channels count from 0 over all streams."""

    muted: frozenset[int] = frozenset()
    soloed: frozenset[int] = frozenset()

    def audible(self, channels: int) -> frozenset[int]:
        """The channels that are heard: the soloed ones where there are any, less the muted ones."""
        chosen = self.soloed or frozenset(range(channels))
        return frozenset(c for c in chosen if c < channels) - self.muted

    def toggled_mute(self, channel: int) -> "Monitor":
        """With one channel's mute turned over."""
        return dataclasses.replace(self, muted=self.muted ^ {channel})

    def toggled_solo(self, channel: int) -> "Monitor":
        """With one channel's solo turned over."""
        return dataclasses.replace(self, soloed=self.soloed ^ {channel})


def graph(streams: tuple[int, ...], monitor: Monitor) -> str:
    """The `lavfi-complex` text that mixes the audible channels to two ears; "" for plain playing.

    A stream of two channels keeps left and right; every other channel goes to both ears, and so
    does one that is heard alone. Levels are lowered by the root of how many share an ear.
    """
    total = sum(streams)
    heard = monitor.audible(total)
    if total == 0 or (len(streams) == 1 and streams[0] <= 2 and len(heard) == total):
        return ""
    ears = _ears(streams, heard)
    parts: list[str] = []
    first = 0
    for number, count in enumerate(streams, start=1):
        sides = [_side(ear, first, count) for ear in ears]
        parts.append(f"[aid{number}]pan=stereo|c0={sides[0]}|c1={sides[1]}[m{number}]")
        first += count
    if len(streams) == 1:
        return parts[0].replace("[m1]", "[ao]")
    joined = "".join(f"[m{n}]" for n in range(1, len(streams) + 1))
    mix = f"{joined}amix=inputs={len(streams)}:duration=longest:normalize=0[ao]"
    return ";".join((*parts, mix))


def _ears(streams: tuple[int, ...], heard: frozenset[int]) -> tuple[list[int], list[int]]:
    left: list[int] = []
    right: list[int] = []
    first = 0
    for count in streams:
        for channel in range(first, first + count):
            if channel not in heard:
                continue
            paired = count == 2 and len(heard) > 1
            if not (paired and channel - first == 1):
                left.append(channel)
            if not (paired and channel - first == 0):
                right.append(channel)
        first += count
    return left, right


def _side(ear: list[int], first: int, count: int) -> str:
    """One output of `pan`: gains in thousandths, so that the text is the same everywhere."""
    if not ear:
        return "0*c0"
    gain = isqrt(1_000_000 // len(ear))
    terms = [
        f"{gain // 1000}.{gain % 1000:03d}*c{channel - first}"
        for channel in ear
        if first <= channel < first + count
    ]
    return "+".join(terms) or "0*c0"
