"""Work beside one's own: in order, bounded, and what goes wrong there is told here."""

import threading

import pytest

from app.core.platform.beside import AHEAD, HELD, Beside


def test_every_piece_is_done_in_order() -> None:
    done: list[int] = []
    with Beside(done.append) as beside:
        for piece in range(100):
            beside.put(piece)
        beside.finish()
        assert done == list(range(100))


def test_the_giver_waits_while_too_many_wait() -> None:
    may, begun, given = threading.Event(), threading.Event(), []

    def act(_: int) -> None:
        begun.set()
        may.wait()

    def give(beside: Beside[int]) -> None:
        for piece in range(HELD + 3):
            beside.put(piece)
            given.append(piece)

    with Beside(act) as beside:
        giver = threading.Thread(target=give, args=(beside,))
        giver.start()
        begun.wait()
        while len(given) < AHEAD:
            threading.Event().wait(0.001)
        assert len(given) == AHEAD
        may.set()
        giver.join()
    assert len(given) == HELD + 3


@pytest.mark.parametrize("where", ["put", "finish"])
def test_what_goes_wrong_is_raised_by_the_next_call(where: str) -> None:
    def act(piece: int) -> None:
        raise ValueError(piece)

    with Beside(act) as beside:
        beside.put(7)
        ask = (lambda: [beside.put(8) for _ in range(HELD)]) if where == "put" else beside.finish
        with pytest.raises(ValueError, match="7"):
            ask()


def test_what_waits_is_not_done_when_the_block_ends_badly() -> None:
    may, done = threading.Event(), []

    def act(piece: int) -> None:
        may.wait()
        done.append(piece)

    def leave() -> None:
        with Beside(act) as beside:
            for piece in range(AHEAD):
                beside.put(piece)
            threading.Timer(0.01, may.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        leave()
    assert done in ([], [0])
