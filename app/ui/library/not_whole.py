"""What is said of files that are not whole yet: since when nothing came, and when that is called damage."""

from app.core.model.entities import Arriving
from app.ui.widgets import wording
from app.ui.widgets.wording import fill, translate


def words(one: Arriving) -> str:
    """Since when it is unchanged, and what becomes of it."""
    since = wording.time_of_day(one.unchanged_ms)
    if one.verdict_ms is None:
        return fill(
            translate(
                "NotWhole", "Still arriving, changed at {0}. It is looked into when it is quiet."
            ),
            since,
        )
    return fill(
        translate(
            "NotWhole",
            "Unchanged since {0}. If it is still incomplete at {1} it is called damaged.",
        ),
        since,
        wording.time_of_day(one.verdict_ms),
    )


def since(one: Arriving) -> str:
    """The same in a few words, for a card."""
    form = (
        translate("NotWhole", "unchanged since {0}")
        if one.verdict_ms is not None
        else translate("NotWhole", "changed at {0}")
    )
    return fill(form, wording.time_of_day(one.unchanged_ms))
