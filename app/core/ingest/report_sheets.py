"""The sheets of the two reports: which words stand where. Every text goes through `say`, every name through `display`."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from app import __version__
from app.core.ingest.card_values import CardClip
from app.core.ingest.offload_naming import ShootDay
from app.core.ingest.offload_report import (
    COPY_WORDS,
    READ_WORDS,
    DayReport,
    FileLine,
    OffloadReport,
    moment,
    shot_day,
)
from app.core.ingest.report_csv import Say
from app.core.ingest.report_sheet import Block, Column, Line, Paper, Sheet, Tone
from app.core.model import names
from app.core.model.offloads import CopyState, EntryState

Pictures = Mapping[str, tuple[tuple[str, ...], str]]
"""By a clip's first file: JPEGs in base64, and what is to be said of them, in words."""

_MOST_OPEN: Final = 200
"""Reasons that are named one by one; the table of files names every file."""
_HASH_ORDER: Final = ("xxh64", "xxh128", "xxh3", "md5", "sha1", "c4")
_SHORT: Final = {name: place for place, name in enumerate(_HASH_ORDER)}
_STEPS: Final = ("B", "kB", "MB", "GB", "TB", "PB")

_WHAT: Final[Mapping[str, str]] = {
    "offload": "Offload report",
    "day": "Report of the day",
    "page": "Page {0} of {1}",
    "card": "Card",
    "cards": "Cards",
    "kind": "Kind",
    "source": "Source",
    "id": "Offload",
    "promise": "What was asked for",
    "begun": "Begun",
    "ended": "Ended",
    "shot": "Recorded",
    "content": "On the card",
    "made": "Report made",
    "state": "State",
    "open": "What is open",
    "nothing": "Nothing is open.",
    "places": "Destinations",
    "place": "Destination",
    "device": "Device",
    "list": "Hash list",
    "clips": "Clips",
    "clip": "Clip",
    "pictures": "Pictures",
    "files": "Files",
    "file": "File",
    "size": "Size",
    "time": "Time",
    "hash": "Hash",
    "copies": "Copies",
    "verdicts": "What was said of the card",
    "history": "This is history: each line was true when it was said. Whether the card may be erased now, only reading it now tells.",
    "none": "Nobody asked yet whether the card may be erased.",
    "signatures": "Signatures",
    "copied_by": "Copied by",
    "checked_by": "Checked by",
    "taken_by": "Received by",
    "where": "Name, place, date, signature",
    "unknown": "Letters that no font of this computer has are written as their numbers: {0} of them.",
    "no_offloads": "Nothing was offloaded on this day.",
    "totals": "Totals",
    "camera_clock": "By the camera's clock the pictures are of another day.",
}


def of_offload(report: OffloadReport, pictures: Pictures, say: Say, paper: Paper) -> Sheet:
    """The sheet of one offload."""
    name = display(report.offload.name)
    blocks = [
        Block("text", _sentence(say(report.standing.words)), _tone(report.standing.tone)),
        Block("facts", lines=tuple(_facts(report, say))),
        *_still_open(report.open, say),
        Block("heading", say(_WHAT["places"])),
        _places(report, say),
        Block("heading", say(_WHAT["verdicts"])),
        *_verdicts(report, say),
        Block("heading", say(_WHAT["signatures"])),
        Block("signatures", say(_WHAT["where"]), lines=tuple(_signers(say))),
        Block("heading", f"{say(_WHAT['clips'])} ({len(report.clips)})"),
        _clips(report, pictures, say),
        Block("heading", f"{say(_WHAT['files'])} ({len(report.files)})"),
        _files(report, say),
    ]
    title = f"{say(_WHAT['offload'])}: {name}"
    return _sheet(
        title, display(say(report.offload.title)), blocks, report.made_ms, report.day, say, paper
    )


def of_day(report: DayReport, say: Say, paper: Paper) -> Sheet:
    """The sheet of a shooting day."""
    title = f"{say(_WHAT['day'])}: {report.date.isoformat()}"
    if not report.reports:
        blocks = [Block("text", say(_WHAT["no_offloads"]), "warn")]
        return _sheet(title, "", blocks, report.made_ms, report.day, say, paper)
    still = [
        (one.offload.name, *subject_and_words)
        for one in report.reports
        for subject_and_words in one.open
    ]
    blocks = [
        Block("heading", say(_WHAT["totals"])),
        Block("facts", lines=tuple(_totals(report, say))),
        *_still_open(still, say),
        Block("heading", say(_WHAT["cards"])),
        _cards(report, say),
        Block("heading", say(_WHAT["signatures"])),
        Block("signatures", say(_WHAT["where"]), lines=tuple(_signers(say))),
    ]
    return _sheet(title, "", blocks, report.made_ms, report.day, say, paper)


def size_words(count: int) -> str:
    """Bytes as disks are sold: `8.1 GB`, `12 kB`."""
    step = 0
    while count >= 1000 ** (step + 1) and step < len(_STEPS) - 1:
        step += 1
    if not step:
        return f"{count} B"
    tenths = count * 10 // 1000**step
    return f"{tenths // 10}.{tenths % 10} {_STEPS[step]}"


def time_words(at_ms: int, day: ShootDay) -> str:
    """An instant in the report's time zone, with its distance from UTC."""
    return moment(at_ms, day).isoformat(" ", timespec="seconds")


def _sheet(
    title: str,
    under: str,
    blocks: Sequence[Block],
    made_ms: int,
    day: ShootDay,
    say: Say,
    paper: Paper,
) -> Sheet:
    made = time_words(made_ms, day)
    return Sheet(
        title=title,
        under=under,
        running=title,
        footer=f"Rushes {__version__}  ·  {say(_WHAT['made'])} {made}",
        page=say(_WHAT["page"]),
        unknown=say(_WHAT["unknown"]),
        blocks=tuple(blocks),
        paper=paper,
    )


def _facts(report: OffloadReport, say: Say) -> list[Line]:
    offload, day = report.offload, report.day
    files = say(
        f"clips: {len(report.clips)}, files: {len(report.files)}, {size_words(report.size)}, bytes: {report.size:,}"
    )
    rows = [
        ("card", display(offload.name)),
        ("kind", display(say(offload.title))),
        ("source", display(offload.source)),
        ("id", offload.id),
        ("content", files),
        ("promise", say(offload.verify.words)),
        ("begun", time_words(offload.made_ms, day)),
        ("ended", time_words(offload.ended_ms, day) if offload.ended_ms else "–"),
    ]
    if report.shot:
        oldest, newest = (time_words(ns // 1_000_000, day) for ns in report.shot)
        rows.append(("shot", oldest if oldest == newest else f"{oldest} – {newest}"))
    return [Line((say(_WHAT[key]), value)) for key, value in rows]


def _still_open(those: Sequence[tuple[str, ...]], say: Say) -> list[Block]:
    """Each with the names it is of, and the words at the end."""
    heading = Block("heading", say(_WHAT["open"]))
    if not those:
        return [heading, Block("text", say(_WHAT["nothing"]), "good")]
    lines = [
        ": ".join([*map(display, filter(None, subjects)), display(say(words))])
        for *subjects, words in those[:_MOST_OPEN]
    ]
    if len(those) > _MOST_OPEN:
        lines.append(f"… + {len(those) - _MOST_OPEN}")
    return [heading, *(Block("text", f"✕ {line}", "bad") for line in lines)]


def _places(report: OffloadReport, say: Say) -> Block:
    columns = (
        Column(say(_WHAT["place"]), 30),
        Column(say(_WHAT["device"]), 28),
        Column(say(_WHAT["state"]), 26),
        Column(say(_WHAT["list"]), 22),
    )
    lines: list[Line] = []
    for one in report.places:
        tally, leg = one.tally, one.leg
        counts = [
            (tally.verified, COPY_WORDS[CopyState.VERIFIED], ""),
            (tally.copied, COPY_WORDS[CopyState.COPIED], "warn"),
            (tally.wrong, "differ, could not be copied, or are gone", "bad"),
            (tally.absent, COPY_WORDS[None], "warn"),
        ]
        state = [f"{n} / {tally.files}: {say(words)}" for n, words, _ in counts if n]
        tones = [tone for n, _, tone in counts if n]
        tone: Tone = "bad" if "bad" in tones else "warn" if "warn" in tones else ""
        if tally.proven_ms:
            since = time_words(tally.proven_ms, report.day)
            state.append(say(f"each was read back at {since} or later"))
        if leg.problem:
            state.append(display(say(leg.problem)))
        made = f"\n{time_words(one.manifest_ms, report.day)}" if one.manifest_ms else ""
        listed = f"{display(leg.manifest)}{made}" if leg.manifest else "–"
        device = f"{display(say(one.device))}\n{display(say(one.own_device))}"
        where = f"{display(leg.name)}\n{display(one.path)}"
        lines.append(Line((where, device, "\n".join(state) or "–", listed), tone))
    return Block("table", columns=columns, lines=tuple(lines))


def _verdicts(report: OffloadReport, say: Say) -> list[Block]:
    if not report.verdicts:
        return [Block("text", say(_WHAT["none"]), "quiet")]
    columns = (Column(say(_WHAT["time"]), 24), Column(say(_WHAT["state"]), 76))
    lines: list[Line] = []
    for one in report.verdicts:
        light = "it was safe to format then" if one.safe else "it was not safe to format then"
        other = "" if one.same else f"\n{say('the card held something else then')}"
        words = f"{say(light)}: {display(say(one.words))}{other}"
        lines.append(Line((time_words(one.at_ms, report.day), words), "" if one.safe else "warn"))
    return [
        Block("text", say(_WHAT["history"]), "quiet"),
        Block("table", columns=columns, lines=tuple(lines)),
    ]


def _signers(say: Say) -> list[Line]:
    return [Line((say(_WHAT[key]),)) for key in ("copied_by", "checked_by", "taken_by")]


def _clips(report: OffloadReport, pictures: Pictures, say: Say) -> Block:
    three = any(len(seen) > 1 for seen, _ in pictures.values())
    columns = (
        Column(say(_WHAT["pictures"]), 40 if three else 13, "pictures"),
        Column(say(_WHAT["clip"]), 30),
        Column(say(_WHAT["size"]), 10, "number"),
        Column(say(_WHAT["copies"]), 28),
    )
    files = {one.path: one for one in report.files}
    lines: list[Line] = []
    for clip in report.clips:
        parts = [files[part.rel] for part in clip.parts if part.rel in files]
        seen, said = pictures.get(_key(clip), ((), ""))
        first = parts[0] if parts else None
        hashed = _hash(first) if first else ""
        shot = time_words(first.mtime_ns // 1_000_000, report.day) if first else ""
        name = "\n".join(filter(None, (display(clip.name), shot, hashed)))
        states, tone = _states(report, parts, say)
        cells = (display(say(said)), name, size_words(clip.size), states)
        lines.append(Line(cells, tone, seen))
    return Block("table", columns=columns, lines=tuple(lines))


def _key(clip: CardClip) -> str:
    return clip.parts[0].rel if clip.parts else ""


def _states(report: OffloadReport, parts: Sequence[FileLine], say: Say) -> tuple[str, Tone]:
    """How these files stand on each destination: the worst state of them, with how many have it."""
    words: list[str] = []
    tone: Tone = ""
    for place, at in enumerate(report.places):
        states = [one.copies[place].state for one in parts]
        worst = max(states, key=_badness, default=None)
        count = states.count(worst)
        words.append(f"{display(at.leg.name)}: {say(COPY_WORDS[worst])} ({count}/{len(states)})")
        tone = _worse(tone, worst)
    wrong = [one for one in parts if one.state in (EntryState.DIFFERS, EntryState.UNREADABLE)]
    words += [
        f"{display(one.path)}: {display(say(one.problem or READ_WORDS[one.state]))}"
        for one in wrong
    ]
    words += [
        f"{display(at.leg.name)}: {display(one.path)}: {display(say(one.copies[place].said))}"
        for place, at in enumerate(report.places)
        for one in parts
        if one.copies[place].state in (CopyState.DIFFERS, CopyState.FAILED)
    ]
    return "\n".join(words), "bad" if wrong else tone


def _badness(state: CopyState | None) -> int:
    return (CopyState.VERIFIED, CopyState.COPIED, None, CopyState.FAILED, CopyState.DIFFERS).index(
        state
    )


def _worse(tone: Tone, state: CopyState | None) -> Tone:
    if tone == "bad" or state in (CopyState.DIFFERS, CopyState.FAILED):
        return "bad"
    return "warn" if tone == "warn" or state is not CopyState.VERIFIED else ""


def _files(report: OffloadReport, say: Say) -> Block:
    columns = (
        Column(say(_WHAT["file"]), 40),
        Column(say(_WHAT["size"]), 15, "number"),
        Column(say(_WHAT["hash"]), 30, "code"),
        Column(say(_WHAT["copies"]), 25),
    )
    lines: list[Line] = []
    for one in report.files:
        states, tone = _states(report, [one], say)
        same = len({copy.state for copy in one.copies}) == 1 and tone != "bad"
        words = say(COPY_WORDS[one.copies[0].state]) if same else states
        lines.append(Line((display(one.path), f"{one.size:,}", _hash(one), words), tone))
    for path, why in report.offload.left_out:
        lines.append(
            Line((display(path), "", "", f"{say('it was not copied')}: {display(say(why))}"), "bad")
        )
    return Block("table", columns=columns, lines=tuple(lines))


def _hash(one: FileLine) -> str:
    known = sorted(one.hashes.items(), key=lambda pair: _SHORT.get(pair[0], len(_SHORT)))
    return "\n".join(
        f"{name} {value}" for name, value in known if name != "xxh128" or len(known) == 1
    )


def _totals(report: DayReport, say: Say) -> list[Line]:
    every = report.reports
    # What was offloaded twice was shot once.
    once = {(one.offload.lasting, one.offload.digest): one for one in every}.values()
    clips = sum(len(one.clips) for one in once)
    files = sum(len(one.files) for one in once)
    size = sum(one.size for one in once)
    tallies = [place.tally for one in every for place in one.places]
    rows = [
        (say(_WHAT["cards"]), str(report.cards)),
        (say(_WHAT["clips"]), f"{clips:,}"),
        (say(_WHAT["files"]), f"{files:,}"),
        (say(_WHAT["size"]), f"{size_words(size)} ({size:,} B)"),
        (say("Copies of files, verified"), f"{sum(one.verified for one in tallies):,}"),
        (say("Copies of files, not verified"), f"{sum(one.copied for one in tallies):,}"),
        (
            say("Files that differ, could not be copied, or are gone"),
            f"{sum(one.wrong for one in tallies):,}",
        ),
    ]
    return [Line(row) for row in rows]


def _cards(report: DayReport, say: Say) -> Block:
    columns = (
        Column(say(_WHAT["card"]), 26),
        Column(say(_WHAT["begun"]), 17),
        Column(say(_WHAT["content"]), 15),
        Column(say(_WHAT["places"]), 28),
        Column(say(_WHAT["state"]), 18),
    )
    lines: list[Line] = []
    for one in report.reports:
        other = shot_day(one)
        odd = say(_WHAT["camera_clock"]) if other and other != report.date else ""
        name = [display(one.offload.name), display(say(one.offload.title)), one.offload.id[-8:]]
        name += [f"{odd} ({other})"] if odd else []
        counts = (say(f"clips: {len(one.clips)}"), say(f"files: {len(one.files)}"))
        held = "\n".join((*counts, size_words(one.size)))
        places = "\n".join(
            f"{display(place.leg.name)}: {place.tally.verified}/{place.tally.files} {say(COPY_WORDS[CopyState.VERIFIED])}"
            for place in one.places
        )
        begun = time_words(one.offload.made_ms, one.day)
        tone = _tone(one.standing.tone)
        cells = ("\n".join(name), begun, held, places, say(one.standing.words))
        lines.append(Line(cells, "" if tone == "good" else tone))
    return Block("table", columns=columns, lines=tuple(lines))


def _tone(word: str) -> Tone:
    return "good" if word == "good" else "bad" if word == "bad" else "warn"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def display(text: str) -> str:
    """A text as it may be printed, held together where it is read from right to left: nothing beside it changes its place."""
    shown = names.display(text)
    if shown.isascii() or not any(unicodedata.bidirectional(one) in ("R", "AL") for one in shown):
        return shown
    return f"\u2066{shown}\u2069"
