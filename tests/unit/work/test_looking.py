from app.core.work.looking import CHEAP_NS, FEW, MANY, Look
from app.core.work.recipes import QUICK, Subject

SECOND = 1_000_000_000


def test_what_costs_nothing_is_asked_at_every_change() -> None:
    look = Look()
    assert look.wait_ns(1) == 0, "never asked"
    look.answered([], 0, 1, CHEAP_NS)
    assert look.wait_ns(1) == look.wait_ns(2) == 0
    assert look.limit() == FEW


def test_what_is_dear_waits_in_proportion_and_longer_where_nothing_changed() -> None:
    look = Look()
    look.answered([Subject("a", QUICK, "a")], 0, 1, SECOND // 10)
    changed, quiet = look.wait_ns(2), look.wait_ns(1)
    assert SECOND < changed <= 2 * SECOND
    assert 30 * SECOND < quiet <= 40 * SECOND
    assert look.limit() == MANY
    assert [subject.id for subject in look.kept] == ["a"]


def test_other_clips_on_screen_are_asked_for_at_once() -> None:
    look = Look()
    look.answered([], 0, 1, SECOND)
    look.forget()
    assert look.wait_ns(1) == 0
