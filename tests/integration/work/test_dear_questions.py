"""A recipe whose question is dear, as in a library of very many clips."""

import time
from collections.abc import Sequence

from app.core.catalog.rows import Reader
from app.core.work.looking import CHEAP_NS
from app.core.work.recipes import Recipe, Subject
from tests.integration.work.conftest import Start
from tests.support.shop import Shop


class DearShop(Shop):
    """Each question takes three times what is still cheap, and is counted."""

    def __init__(self) -> None:
        super().__init__("derive")
        self.asked = 0
        due = self.recipe.due

        def dear(reader: Reader, limit: int, focus: Sequence[str]) -> Sequence[Subject]:
            self.asked += 1
            end = time.thread_time_ns() + 3 * CHEAP_NS
            while time.thread_time_ns() < end:
                sum(range(1000))
            return due(reader, limit, focus)

        self.recipe = Recipe("derive", "Proxies", dear, self.recipe.run)


def test_everything_is_done_once_and_asked_for_seldom(engine_of: Start) -> None:
    shop = DearShop()
    wanted = [f"clip{n}" for n in range(200)]
    shop.want(*wanted)
    begun = time.monotonic_ns()
    engine = engine_of(shop)
    assert engine.wait_idle()
    took = time.monotonic_ns() - begun
    assert sorted(shop.done) == sorted(wanted)
    # At most one part in twenty of the time goes into the question, however slow the machine.
    assert shop.asked <= 2 + took // (20 * 3 * CHEAP_NS)


def test_what_becomes_due_meanwhile_is_found(engine_of: Start) -> None:
    shop = DearShop()
    shop.want("a")
    engine = engine_of(shop)
    assert engine.wait_idle()
    shop.want("b")
    assert engine.wait_idle()
    assert shop.done == ["a", "b"]
