"""Reports as tables: RFC 4180, UTF-8 with a mark at its beginning, so that Excel reads every name as it is.

A spreadsheet carries out what begins with `=`, `+`, `-` or `@`. Such a text gets an apostrophe in front, and so does one
that has apostrophes before such a sign: whoever takes one apostrophe away has the text as it was.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from app.core.ingest.offload_naming import ShootDay
from app.core.ingest.offload_report import (
    COPY_WORDS,
    READ_WORDS,
    CopyLine,
    DayReport,
    FileLine,
    OffloadReport,
    PlaceLine,
    moment,
    shot_day,
)
from app.core.model.names import display

Say = Callable[[str], str]
"""Turns a text of the core into the person's language."""

BOM: Final = "\ufeff"
_RUN: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""Signs that a spreadsheet takes for the beginning of a formula, the wide ones too."""
_HASHES: Final = ("xxh64", "xxh128", "xxh3", "md5", "sha1", "c4")
_NOT_COPIED: Final = "it was not copied"

_WHAT: Final[Mapping[str, str]] = {
    "card": "Card",
    "offload": "Offload",
    "kind": "Kind",
    "source": "Source",
    "clip": "Clip",
    "role": "Part",
    "path": "Path on the card",
    "size": "Bytes",
    "mtime": "Time of the file",
    "read": "Source",
    "read_at": "Source read at",
    "problem": "What is wrong with it",
    "place": "Destination",
    "there": "Folder there",
    "device": "Device",
    "own": "Who told that it is a device of its own",
    "state": "State",
    "how": "How that was found, or what is wrong",
    "at": "Found at",
    "list": "Hash list",
    "made": "Report made at",
    "begun": "Begun at",
    "ended": "Ended at",
    "shot": "Shooting day by the camera's clock",
    "files": "Files",
    "verified": "Files copied and verified",
    "copied": "Files copied, not verified",
    "wrong": "Files that differ, could not be copied, or are gone",
    "absent": "Files not there",
    "open": "What is open",
    "standing": "How it stands",
}
_OFFLOAD: Final = (
    "card", "offload", "kind", "clip", "role", "path", "size", "mtime", "read", "read_at", "problem",
)  # fmt: skip
_PLACE: Final = ("place", "there", "device", "own", "state", "how", "at", "list", "made")
_DAY: Final = (
    "card", "offload", "kind", "source", "begun", "ended", "shot", "standing", "files", "size", "place", "there", "device",
    "own", "verified", "copied", "wrong", "absent", "list", "open", "made",
)  # fmt: skip


def of_offload(report: OffloadReport, say: Say) -> bytes:
    """A line for each file on each destination, and for each entry that was not copied."""
    known = dict.fromkeys([*_HASHES[:2], *(name for one in report.files for name in one.hashes)])
    hashes = [name for name in _HASHES if name in known]
    hashes += [name for name in known if name not in _HASHES]
    head = [*(say(_WHAT[key]) for key in _OFFLOAD), *hashes, *(say(_WHAT[key]) for key in _PLACE)]

    def lines() -> Iterable[Sequence[str]]:
        made = stamp(report.made_ms, report.day)
        for one in report.files:
            source = [*_card(report, say), *_file(one, report.day, say)]
            source += [one.hashes.get(name, "") for name in hashes]
            for place, copy in zip(report.places, one.copies, strict=True):
                yield [
                    *source,
                    *_there(place, say),
                    *_copy(copy, report.day, say),
                    _list(place),
                    made,
                ]
        for path, why in report.offload.left_out:
            gone = [
                *_card(report, say),
                "",
                "",
                display(path),
                "",
                "",
                say(_NOT_COPIED),
                "",
                say(why),
            ]
            yield [*gone, *("" for _ in hashes), *("" for _ in _PLACE[1:]), made]

    return _table(head, lines())


def of_day(report: DayReport, say: Say) -> bytes:
    """A line for each destination of each offload."""
    head = [say(_WHAT[key]) for key in _DAY]

    def lines() -> Iterable[Sequence[str]]:
        made = stamp(report.made_ms, report.day)
        for one in report.reports:
            shot, ended = shot_day(one), one.offload.ended_ms
            card = [*_card(one, say), display(one.offload.source)]
            card += [stamp(one.offload.made_ms, one.day), stamp(ended, one.day) if ended else ""]
            card += [shot.isoformat() if shot else "", say(one.standing.words)]
            card += [str(len(one.files)), str(one.size)]
            still = "; ".join(
                display(f"{name}: {say(words)}" if name else say(words)) for name, words in one.open
            )
            for place in one.places:
                tally = place.tally
                counts = [tally.verified, tally.copied, tally.wrong, tally.absent]
                yield [*card, *_there(place, say), *map(str, counts), _list(place), still, made]

    return _table(head, lines())


def guarded(text: str) -> str:
    """A text that no spreadsheet carries out."""
    return f"'{text}" if text.lstrip("' \t\r\n")[:1] in _RUN and text.strip() else text


def stamp(at_ms: int, day: ShootDay) -> str:
    """An instant as ISO 8601 with its distance from UTC, to the second."""
    return moment(at_ms, day).isoformat(timespec="seconds")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in head])
    writer.writerows([guarded(cell) for cell in line] for line in lines)
    return (BOM + out.getvalue()).encode()


def _card(report: OffloadReport, say: Say) -> list[str]:
    offload = report.offload
    return [display(offload.name), offload.id, display(say(offload.title))]


def _file(one: FileLine, day: ShootDay, say: Say) -> list[str]:
    return [
        display(one.clip),
        say(one.role.value) if one.role else "",
        display(one.path),
        str(one.size),
        stamp(one.mtime_ns // 1_000_000, day),
        say(READ_WORDS[one.state]),
        stamp(one.read_ms, day) if one.read_ms else "",
        display(say(one.problem)),
    ]


def _there(place: PlaceLine, say: Say) -> list[str]:
    own = display(say(place.own_device))
    return [display(place.leg.name), display(place.path), display(say(place.device)), own]


def _copy(copy: CopyLine, day: ShootDay, say: Say) -> list[str]:
    at = stamp(copy.at_ms, day) if copy.at_ms else ""
    return [say(COPY_WORDS[copy.state]), display(say(copy.said)), at]


def _list(place: PlaceLine) -> str:
    return display(place.leg.manifest)
