"""The real footage beside the checkout, and what ffprobe says of it: column 5 of its manifest."""

import csv
import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

FOOTAGE = Path(__file__).resolve().parents[3] / "shared" / "footage"
FAULTS = FOOTAGE.parent / "faults"
PICTURE = re.compile(
    r"v:(?P<codec>[^/]+)/(?P<profile>.+?)/(?P<pix>[^/ ]+) (?P<width>\d+)x(?P<height>\d+)"
    r" (?P<real>\d+/\d+)(?:\(avg (?P<mean>\d+/\d+)\))?"
)
SOUND = re.compile(r"a:(?P<codec>\w+) (?P<rate>\d+)Hz (?P<channels>\d+)ch")


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the manifest."""

    name: str
    code: str
    picture: re.Match[str] | None
    sounds: tuple[re.Match[str], ...]
    duration: Fraction | None
    label: str | None

    @property
    def rates(self) -> set[Fraction]:
        """The real and the mean rate of the picture, where they are known."""
        both = [self.picture["real"], self.picture["mean"] or "0/0"] if self.picture else []
        return {Fraction(rate) for rate in both if not rate.endswith("/0")}


def rows() -> Iterator[Row]:
    """The lines of the manifest; none where there is no footage."""
    if not FOOTAGE.is_dir():
        return
    with (FOOTAGE / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            facts = line["codec_facts_ffprobe_5.1"]
            duration = re.search(r"dur=([\d.]+)", facts)
            label = re.search(r"tc=(\S+)", facts)
            yield Row(
                line["file"],
                line["ffprobe_rc"],
                PICTURE.search(facts),
                tuple(SOUND.finditer(facts)),
                Fraction(duration[1]) if duration else None,
                label[1] if label else None,
            )
