"""Whether a card may be erased, and why: the reasons that are still open, and the proof behind each that is closed.

A verdict is about this moment: the card is in, every byte of it was read now, and so was every copy it counts on. What was
proven earlier is history. Nothing here erases anything.
"""

import collections
import dataclasses
import enum
from collections.abc import Sequence
from typing import Final

from app.core.model.offloads import Device


class Light(enum.StrEnum):
    """What is to be read from three metres."""

    SAFE = "safe to format"
    LOOK = "look before you format"
    """Copied exactly, but what was copied is not whole: a clip does not play, a span is missing."""
    NOT_SAFE = "not safe to format"
    UNKNOWN = "not known"
    """Nothing was read yet since the card was put in."""


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What safe means in a project."""

    copies: int = 2
    """On so many devices."""
    off_site: bool = False
    """Whether one of them has to be elsewhere."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """One copy of one file, as far as it is proven."""

    place: str
    """For people: the destination's name."""
    device: Device
    said_by: str
    """Who said that it is a device of its own, where the system does not tell."""
    read_now: bool
    """Read back now, past the page cache or from the server, and equal."""
    proven_ms: int
    """When it was last read back; 0: never."""
    manifest: bool
    """Whether the hash list beside it is written and durable."""
    off_site: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class CardFile:
    """One file of the card."""

    path: str
    read_now: bool
    """Read in full since the card was put in, and equal to what was copied."""
    problem: str
    """Why it could not be read, or in what it differs; empty otherwise."""
    proofs: tuple[Proof, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a verdict is made of."""

    files: tuple[CardFile, ...]
    left_out: tuple[tuple[str, str], ...]
    """(path, why) of entries that were not copied."""
    changed: bool
    """Whether something on the card is new or another since it was copied."""
    card_device: str
    """The key of the device that the card lies on: no copy on it counts."""
    missing: tuple[str, ...] = ()
    """What the card itself lacks, in words."""
    unplayable: tuple[str, ...] = ()
    """Clips whose copy does not decode at head, middle or tail, in words."""
    not_tried: bool = False
    """Nobody looked whether the clips play."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What holds, and what does not."""

    light: Light
    open: tuple[str, ...]
    """The reasons against it, in words."""
    proven: tuple[str, ...]
    """What speaks for it, in words."""
    files: int
    safe_files: int

    @property
    def words(self) -> str:
        """One line."""
        return f"{self.safe_files} of {self.files} files are proven as they must be" + (
            f". Open: {self.open[0]}" if self.open else "."
        )


_NAMED: Final = 3


def unknown(files: int = 0) -> Verdict:
    """The verdict on a card that was just put in."""
    return Verdict(Light.UNKNOWN, ("the card was not read since it was put in",), (), files, 0)


def judge(facts: Facts, policy: Policy) -> Verdict:
    """The verdict on a card that was read now.

    Args:
        facts: what was found.
        policy: how many copies a project asks for, and where.
    """
    against: list[str] = []
    proven: list[str] = []
    total = len(facts.files)
    if not total and not facts.left_out:
        against.append("nothing is on it that could be compared")
    if facts.changed:
        against.append("something on the card is new or changed since it was copied")
    against += _each([f"{path} was not copied: {why}" for path, why in facts.left_out])
    against += _each([f"{one.path}: {one.problem}" for one in facts.files if one.problem])
    troubled = any(one.problem for one in facts.files)
    unread = [one.path for one in facts.files if not one.read_now and not one.problem]
    if unread:
        count, named = _named(unread)
        against.append(f"not read again on the card, {count} of the files: {named}")
    if total and not unread and not troubled:
        proven.append(f"all {total} files were read on the card now")
    safe = _copies(facts, policy, against, proven)
    look = [*facts.missing, *facts.unplayable]
    if against:
        light = Light.NOT_SAFE
    elif look or facts.not_tried:
        light = Light.LOOK
    else:
        light = Light.SAFE
    against += look
    if facts.not_tried:
        against.append("nobody looked yet whether the clips play")
    elif not facts.unplayable:
        proven.append(
            "head, middle and tail of each clip that can be decoded here play from a copy"
        )
    return Verdict(light, tuple(against), tuple(proven), total, safe)


def _copies(facts: Facts, policy: Policy, against: list[str], proven: list[str]) -> int:
    """Looks at the copies of each file; returns how many files have what they need."""
    short: list[str] = []
    near: list[str] = []
    places: dict[str, int] = {}
    safe = 0
    for one in facts.files:
        good = [
            proof
            for proof in _distinct(one.proofs, facts.card_device)
            if proof.read_now and proof.manifest
        ]
        for proof in good:
            places[proof.place] = places.get(proof.place, 0) + 1
        if len(good) < policy.copies:
            short.append(f"{one.path} ({len(good)}/{policy.copies})")
        elif policy.off_site and not any(proof.off_site for proof in good):
            near.append(one.path)
        elif one.read_now and not one.problem:
            safe += 1
    if short:
        count, named = _named(short)
        against.append(
            f"not on {policy.copies} devices and read back now, {count} of the files: {named}"
        )
    if near:
        count, named = _named(near)
        against.append(f"not off-site, {count} of the files: {named}")
    every = [proof for one in facts.files for proof in one.proofs]
    if short:
        against += _doubts(every, facts.card_device)
    total = len(facts.files)
    proven += [
        f"{place}: {count} of {total} files read back now" for place, count in places.items()
    ]
    said = {proof.said_by for proof in every if proof.said_by and not proof.device.proven}
    proven += [f"{who} said that the destinations are devices of their own" for who in sorted(said)]
    return safe


def _doubts(proofs: Sequence[Proof], card_device: str) -> list[str]:
    """Why copies that are there do not count."""
    stale = collections.Counter(proof.place for proof in proofs if not proof.read_now)
    bare = dict.fromkeys(proof.place for proof in proofs if proof.read_now and not proof.manifest)
    doubtful = dict.fromkeys(p.place for p in proofs if not (p.device.proven or p.said_by))
    on_card = dict.fromkeys(proof.place for proof in proofs if proof.device.key == card_device)
    places: dict[str, dict[str, None]] = {}
    for proof in proofs:
        places.setdefault(proof.device.key, {})[proof.place] = None
    return [
        *(f"{place}: {count} not read back now" for place, count in stale.items()),
        *(f"{place}: its hash list is not written yet" for place in bare),
        *(f"{place}: it is on the same device as the card" for place in on_card),
        *(
            f"{', '.join(together)}: they are on one device ({device})"
            for device, together in places.items()
            if len(together) > 1 and device != card_device
        ),
        *(
            f"{place}: that it is a device of its own is not proven; a person can say so"
            for place in doubtful
            if place not in on_card
        ),
    ]


def _distinct(proofs: Sequence[Proof], card_device: str) -> list[Proof]:
    """One copy a device, those first that are proven now. A person's word lifts a doubt; it never makes one disk two."""
    found: dict[str, Proof] = {}
    doubtful: list[Proof] = []
    for proof in sorted(proofs, key=lambda p: (not p.read_now, not p.manifest)):
        if proof.device.key == card_device:
            continue
        if proof.device.proven or proof.said_by:
            found.setdefault(proof.device.key, proof)
        else:
            doubtful.append(proof)
    # However many places of which nothing is known: they may all be one, and one of those that are.
    return list(found.values()) or doubtful[:1]


def _each(those: Sequence[str]) -> list[str]:
    """The first of these, a reason each: what is wrong with one is another text than what is wrong with the next."""
    more = len(those) - _NAMED
    return [*those[:_NAMED], *([f"{more} more like these"] if more > 0 else [])]


def _named(those: Sequence[str]) -> tuple[int, str]:
    """How many, and the first of them by name."""
    return len(those), ", ".join(those[:_NAMED]) + (" …" if len(those) > _NAMED else "")
