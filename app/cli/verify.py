"""`verify`: a folder against its media hash lists."""

import argparse
import sys
from typing import Final

from app.cli.output import Output, counted, shown
from app.cli.parsing import Commands, UsageError
from app.core.files.digests import HashName
from app.core.files.mhl_values import FORMATS, Creator
from app.core.files.mhl_verify import VerifyResult, verify
from app.core.model.errors import Damage, Refused
from app.core.platform import clock

_EVERY: Final = 200_000_000
"""Nanoseconds between two lines of progress."""
_CHOICES: Final = ", ".join(sorted(FORMATS))


def register(commands: Commands) -> None:
    """Adds the command. It needs no catalog."""
    parser = commands.add_parser(
        "verify",
        help="a folder against its media hash lists (ASC MHL), and a new generation of them",
        description="Reads every file of a folder from its disk and compares it with the history in its folder “ascmhl” and in those nested in it;"
        " without a history, with the legacy .mhl lists in the folder. The result is added to the history as a new generation: what agrees is verified,"
        " what differs is failed, what the history does not know is original. Nothing else is written, no file of the history is ever changed, nothing is"
        " added to a history that is damaged, and nothing is written on a card or inside a card's structure.\n\n"
        "A folder without history is refused, as there is nothing to compare it with; --first makes the first generation of what is there now."
        " Where only folders in it have histories, these go on, and --first begins one above them.\n\n"
        "Exit 5 where a file differs or is missing, or a manifest or the chain is damaged; each is named. Exit 1 where something could not be read or recorded."
        " New and renamed files alone end in 0.",
    )
    parser.add_argument("folder", metavar="DIR", help="the folder that holds “ascmhl”")
    parser.add_argument(
        "--first",
        action="store_true",
        help="make the first generation where there is no history at the folder itself",
    )
    parser.add_argument(
        "--read-only", action="store_true", help="compare only; record no generation"
    )
    parser.add_argument(
        "--hash",
        metavar="NAME,…",
        default="",
        help=f"the hashes to take, of {_CHOICES}; those of the history when left out",
    )
    parser.add_argument(
        "--ignore",
        metavar="PATTERN",
        action="append",
        default=[],
        help="leave out what fits, written as a line of a .gitignore; recorded, and so left out from then on (may be repeated)",
    )
    parser.add_argument(
        "--comment", metavar="TEXT", default="", help="recorded with the generation"
    )
    parser.set_defaults(plain=_verify)


def _verify(args: argparse.Namespace, out: Output) -> int:
    root = out.path(args.folder)
    if not root.is_dir():
        raise Refused(
            "Not a folder",
            f"{args.folder} is no folder.",
            subject=args.folder,
            todo="Name a folder.",
        )
    progress = _Progress()
    try:
        found = verify(
            root,
            formats=_formats(args.hash),
            ignore=args.ignore,
            first=args.first,
            write=not args.read_only,
            creator=Creator(comment=args.comment),
            cancel=out.gone,
            progress=progress,
        )
    finally:
        progress.end()
    out.answer(_plain(found), [*_lines(found), _closing(found)])
    return Damage.exit_code if found.damage else 1 if found.left else 0


def _formats(text: str) -> list[HashName]:
    wanted = [word.strip().lower() for word in text.split(",") if word.strip()]
    for word in wanted:
        if word not in FORMATS:
            raise UsageError(
                "The command line is not right",
                f"A media hash list holds no {word}.",
                subject=word,
                todo=f"One or more of: {_CHOICES}",
            )
    return [name for name in FORMATS if name in wanted]


def _plain(found: VerifyResult) -> dict[str, object]:
    return {
        "folder": str(found.root),
        "basis": found.basis,
        "files": found.files,
        "bytes": found.bytes,
        "verified": found.verified,
        "verified_by_size": found.by_size,
        "failed": [
            {"path": one.path, "hash": one.name, "expected": one.held, "found": one.found}
            for one in found.failed
        ],
        "missing": found.missing,
        "new": found.new,
        "renamed": [{"from": former, "to": now} for former, now in found.renamed],
        "unreadable": [{"path": path, "reason": why} for path, why in found.unreadable],
        "passed_over": [{"path": path, "reason": why} for path, why in found.passed_over],
        "left_out": found.left_out,
        "problems": [
            {
                "problem": one.state.value,
                "subject": one.subject,
                "message": one.said,
                "damage": one.damage,
            }
            for one in found.problems
        ],
        "generation": str(found.generation) if found.generation else None,
        "generations": [str(one) for one in found.generations],
        "not_recorded": found.not_recorded or None,
    }


def _lines(found: VerifyResult) -> list[str]:
    return [
        *(
            f"{'DAMAGED' if one.damage else 'LOOK'}: {one.state.value}: {shown(one.subject)}{f' ({one.said})' if one.said else ''}"
            for one in found.problems
        ),
        *(
            f"DIFFERS: {shown(one.path)}: {one.name} {one.found}, the history says {one.held}"
            for one in found.failed
        ),
        *(f"MISSING: {shown(path)}" for path in found.missing),
        *(f"NOT READ: {shown(path)}: {why}" for path, why in found.unreadable),
        *(f"renamed: {shown(former)} is now {shown(now)}" for former, now in found.renamed),
        *(f"new: {shown(path)}" for path in found.new),
        *(f"passed over: {shown(path)}: {why}" for path, why in found.passed_over),
    ]


def _closing(found: VerifyResult) -> str:
    size = f"{found.by_size} of them by size alone, " if found.by_size else ""
    counts = (
        f"{counted(found.files, 'file')} read, {found.verified} verified, {size}"
        f"{len(found.failed)} differ, {len(found.missing)} missing, {len(found.new)} new."
    )
    if found.basis == "nothing":
        counts = f"{counted(found.files, 'file')} read."
    if found.left_out:
        counts += f" {found.left_out} left out by pattern."
    if found.generation:
        return f"{counts} Recorded in {found.generation.name}."
    if found.generations:
        many = len(found.generations)
        nested = "1 nested history" if many == 1 else f"{many} nested histories"
        return f"{counts} Recorded in {nested}; DIR itself has none."
    why = f": {found.not_recorded}" if found.not_recorded else ""
    return f"{counts} Nothing was recorded{why}."


class _Progress:
    """A line on the terminal, where there is one."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._last = 0

    def __call__(self, done: int, total: int) -> None:
        """So many bytes of so many."""
        now = clock.monotonic_ns()
        if self._shows and now - self._last > _EVERY:
            self._last = now
            sys.stderr.write(
                f"\r\x1b[K{100 * done // max(1, total)} %, {done >> 20} of {total >> 20} MiB"
            )
            sys.stderr.flush()

    def end(self) -> None:
        """Takes the line away."""
        if self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
