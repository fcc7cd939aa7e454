"""What becomes of work that fails: stored under its key, so that a poison subject stops, visibly, and the rest goes on."""

import logging
from collections.abc import Callable

from app.core.catalog import attempts
from app.core.catalog.database import Catalog
from app.core.model.errors import Away, Bug, Cancelled, Family, NoRoom, RushesError, as_json
from app.core.platform.heaps import let_go

log = logging.getLogger(__name__)


def attempt(
    catalog: Catalog,
    what: tuple[str, str, str],
    act: Callable[[], object],
    *,
    stubborn: bool = False,
) -> bool:
    """Does one thing; false where it failed or was called off. A failure is stored, a success forgets earlier ones.

    Args:
        catalog: where failures are kept.
        what: recipe, subject, and the subject's name for people.
        act: does it.
        stubborn: it is tried again for ever, whatever the failure.

    Raises:
        RushesError: what happened could not be stored.
    """
    recipe, subject, name = what
    with catalog.read() as reader:
        arrivals = attempts.arrivals(reader)
    try:
        act()
    except Cancelled as error:
        log.info("called off: %s:%s", recipe, subject)
        let_go(error)
        return False
    except RushesError as error:
        log.info("failed: %s:%s: %s", recipe, subject, error)
        failure = error
    except Exception as error:
        log.exception("a handler broke: %s:%s", recipe, subject)
        told = f"{type(error).__name__}: {error}"
        failure = Bug("Something in Rushes went wrong", told, subject=name)
        let_go(error)
    else:
        _succeeded(catalog, recipe, subject)
        return True
    # A disk gets room again, a volume comes back, without anybody thinking of the work that waits for it.
    passing = stubborn or failure.family is Family.PASSING or isinstance(failure, NoRoom | Away)
    away_since = arrivals if isinstance(failure, Away) else None
    catalog.write(
        lambda tx: attempts.failed(
            tx, recipe, subject, as_json(failure), passing=passing, away_since=away_since
        )
    )
    let_go(failure)
    return False


def _succeeded(catalog: Catalog, recipe: str, subject: str) -> None:
    with catalog.read() as reader:
        known = attempts.exists(reader, recipe, subject)
    if known:
        catalog.write(lambda tx: attempts.succeeded(tx, recipe, subject))
