"""`run`: the service without a window."""

import argparse
import signal
import threading
import time
from types import FrameType

from app.cli.output import Output, counted, reason, shown
from app.cli.parsing import Commands
from app.cli.waiting import short_of_room, waiting
from app.core.catalog import attempts, copies, library, renditions
from app.core.catalog.health import Health
from app.core.model.errors import Family
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "run",
        help="the service without a window: watch, derive, hash, sync",
        description="Watches the volumes, derives, hashes and syncs; until idle, or until it is ended.",
    )
    parser.add_argument(
        "--until-idle",
        action="store_true",
        help="end when nothing is left to do now; 1 and “waiting” where a volume's hours keep some for later",
    )
    parser.set_defaults(run=_run)


def _run(services: Services, args: argparse.Namespace, out: Output) -> int:
    begun = time.monotonic()
    ended = threading.Event()
    in_main = threading.current_thread() is threading.main_thread()
    if in_main:

        def end(_number: int, _frame: FrameType | None) -> None:
            ended.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
    with services.catalog.read() as reader:
        before = renditions.count(reader)
    for volume in services.volumes.every():
        services.scans.want(volume.id)
    services.start(watch=True)

    def stop() -> bool:
        return ended.is_set() or out.gone()

    if args.until_idle:
        services.engine.wait_idle(stop)
    else:
        out.say("Rushes is at work. Ctrl+C ends it.")
        room = Room(services.health, out)
        while not stop():
            ended.wait(1)
            room.tell()
            if not services.health.full:
                services.tend()
    if services.health.full:
        raise services.health.full
    return _answer(
        services, out, before, time.monotonic() - begun, whole=not stop() or not args.until_idle
    )


class Room:
    """Says when the disk became full and when it has room again, also where both happened since it was asked last."""

    def __init__(self, health: Health, out: Output) -> None:
        self._health, self._out = health, out
        self._last = None if health.full else health.last
        self._over = True

    def tell(self) -> None:
        """Says what is new."""
        last, full = self._health.last, self._health.full
        if last and last is not self._last:
            self._out.say(shown(f"{last.title}. {last.message} {last.todo}"))
            self._last, self._over = last, False
        if not full and not self._over:
            self._out.say("There is room again: Rushes goes on.")
            self._over = True


def _answer(services: Services, out: Output, before: int, seconds: float, *, whole: bool) -> int:
    with services.catalog.read() as reader:
        clips, _ = library.counts(reader)
        further = copies.total(reader)
        derived = max(0, renditions.count(reader) - before)
        failures = attempts.every(reader)
    failed = [
        {
            "key": a.key,
            "name": a.name,
            "tries": a.tries,
            "stopped": a.stopped,
            "error": dict(a.error),
        }
        for a in failures
    ]
    later, words = waiting(services)
    short, no_room = short_of_room(services)
    # A poison file alone is nobody's work left; a tool, a model or room that is missing is.
    left = [a for a in failures if not a.stopped or a.error.get("family") == Family.FIXABLE.value]
    # What is tried again by itself, such as an upload of an offline volume, has not failed.
    again = sum(not a.stopped for a in failures)
    tried = f"{len(failed) - again} failed{f', {again} waiting' if again else ''}"
    lines = [
        f"{counted(clips, 'clip')}{f' and {further} copies of them' if further else ''}, {derived} made, {tried}, {round(seconds)} s",
        *words,
        *no_room,
        *(line for a in failures for line in reason(a, "failed: " if a.stopped else "waiting: ")),
    ]
    out.answer(
        {
            "clips": clips,
            "copies": further,
            "derived": derived,
            "failed": failed,
            "waiting": later,
            "room": short,
            "seconds": round(seconds, 1),
        },
        lines,
    )
    return 1 if left or later or not whole else 0
