"""Puts a start timecode into a proxy that was made before it was known: its packets are copied, nothing is made anew.

LTC is read from the sound that the decode pass leaves, when its proxy is already written. It is given
the label before it gets its final name, so nothing plays it meanwhile.
"""

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.core.media.command import command_line, file_url, named_input, reading, to_output
from app.core.media.derived import Derived, Made
from app.core.media.parity import Check, Parity, timecode_label
from app.core.media.survey import Survey, survey
from app.core.media.tools import Programs
from app.core.model.media import MediaFacts, RenditionKind
from app.core.platform.processes import Limits, Sandbox, run

_log = logging.getLogger(__name__)
_LABELLED: Final = "labelled.mov"
_SECONDS: Final = 3600
"""Copying is as quick as the disk; nothing whole takes so long."""
_NAMED: Final = frozenset({"start", "reel"})
"""The rules of parity that hang on the timecode track."""


def put_start(
    derived: Derived,
    facts: MediaFacts,
    folder: Path,
    programs: Programs,
    *,
    cancel: Callable[[], bool] | None = None,
) -> Derived:
    """Labels the proxy in a working folder with the start of `facts`, and compares the two again.

    Where the copy does not hold just what the proxy holds, the proxy stays, and its parity says so.
    Sound alone has no timecode track and stays as it is.

    Raises:
        Cancelled: `cancel` said so; the working folder is the caller's to empty.
    """
    label, name = timecode_label(facts), derived.path(RenditionKind.PROXY)
    if label is None or name is None:
        return derived
    proxy = folder / name
    before = survey(proxy, programs.ffprobe, cancel=cancel)
    if before.picture is None:
        return derived
    after, labelled = before, folder / _LABELLED
    if before.timecode != label and _copy(proxy, labelled, before, facts, label, programs, cancel):
        copied = survey(labelled, programs.ffprobe, cancel=cancel)
        if _holds_the_same(before, copied):
            labelled.replace(proxy)
            after = copied
    labelled.unlink(missing_ok=True)
    if after.timecode != label:
        _log.warning("proxy not labelled with its start: %s", name)
    return dataclasses.replace(
        derived,
        made=tuple(_weighed(made, proxy) for made in derived.made),
        parity=_compared(derived.parity, facts, label, after),
    )


def _copy(
    proxy: Path,
    labelled: Path,
    seen: Survey,
    facts: MediaFacts,
    label: str,
    programs: Programs,
    cancel: Callable[[], bool] | None,
) -> bool:
    if seen.picture is None:
        return False
    opened = named_input(file_url(proxy), **reading())
    numbers = [seen.picture.index, *(sound.index for sound in seen.sounds)]
    options: dict[str, object] = {
        "c": "copy",
        "map_metadata": -1,
        "map_chapters": -1,
        "movflags": "+faststart",
        "f": "mov",
        "timecode": label,
    }
    if facts.reel:
        options["metadata:s:v:0"] = f"reel_name={facts.reel.encode('utf-8', 'replace').decode()}"
    made = to_output([opened[str(number)] for number in numbers], f"file:{labelled.name}", options)
    done = run(
        command_line(programs.ffmpeg, [made], threads=1),
        limits=Limits(seconds=_SECONDS, memory_mb=4096, nice=10),
        sandbox=Sandbox(read=(proxy,), write=(proxy.parent,)),
        cancel=cancel,
        folder=proxy.parent,
    )
    return done.returncode == 0


def _holds_the_same(before: Survey, after: Survey) -> bool:
    """Whether the copy has the same pictures at the same times, and the same sound."""
    return (before.picture, before.sounds, before.start) == (
        after.picture,
        after.sounds,
        after.start,
    )


def _weighed(made: Made, proxy: Path) -> Made:
    """What was made, with the proxy's size of now."""
    if made.kind is not RenditionKind.PROXY:
        return made
    return dataclasses.replace(made, size=proxy.stat().st_size)


def _compared(parity: Parity | None, facts: MediaFacts, label: str, proxy: Survey) -> Parity | None:
    if parity is None:
        return None
    checks = [check for check in parity.checks if check.name not in _NAMED]
    checks.append(Check("start", label, proxy.timecode or "none", label == proxy.timecode))
    if facts.reel:
        checks.append(Check("reel", facts.reel, proxy.reel or "none", facts.reel == proxy.reel))
    return Parity(tuple(checks))
