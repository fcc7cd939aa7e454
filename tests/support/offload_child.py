"""Carries an offload out in a process of its own, to be killed: `python -m tests.support.offload_child HOME CARD ROOT…`.

The first start begins it; every later one goes on with it. Ends with 0 where it is done.
"""

import sys
from pathlib import Path

from app.core.ingest.offload_plan import Choices
from app.core.ingest.offloads import Offloads
from app.core.model.offloads import OffloadState
from tests.support import catalogs


def main(home: str, card: str, *roots: str) -> int:
    """Its exit code."""
    with catalogs.opened(Path(home)) as catalog:
        offloads = Offloads(catalog)
        known = offloads.every()
        if known:
            offload_id = offloads.go_on(known[0].id).id
        else:
            planned = offloads.plan(Path(card), [Path(one) for one in roots], Choices("A001"))
            offload_id = offloads.begin(planned)
        return 0 if offloads.run(offload_id).state is OffloadState.DONE else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
