"""Copies a folder in a process of its own, for tests that kill it: SOURCE LEG...; says each file that is on a leg, at once."""

import json
import sys
from pathlib import Path

from app.core.files.copying import copy_files, make_folders
from app.core.model.errors import RushesError
from tests.support.copy_truth import leg, listed


def say(*words: object) -> None:
    """A line that is out before anything else happens."""
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


def main(source: str, *roots: str) -> None:
    """Copies everything; ends with 3 where a leg lacks something."""
    whole = True
    legs = [leg(Path(root)) for root in roots]
    rels = listed(Path(source))
    for one in legs:
        try:
            make_folders(one, {rel.rpartition("/")[0] for rel in rels} - {""})
        except RushesError as problem:
            say("failed", one.id, "", problem.title)
    for result in copy_files(Path(source), rels, legs):
        for leg_id, error in result.legs.items():
            if error is None:
                say("already" if leg_id in result.already else "done", leg_id, result.rel)
            else:
                whole = False
                say("failed", leg_id, result.rel, error.title)
    if not whole:
        raise SystemExit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
