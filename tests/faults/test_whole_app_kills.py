"""kill -9 of the whole program at any time: no orphan, nothing temporary, nothing half, nothing promised is lost."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.whole_app import Kill, WholeApp

pytestmark = pytest.mark.speech
SEED = 2
ROUNDS = 3
SOON = 5
"""Seconds by which every child has ended after its program."""


def killed(app: WholeApp, chance: random.Random, rounds: int) -> Iterator[tuple[Kill, list[str]]]:
    """Kills over one growing state, each followed by one undisturbed run, with what did not hold after it."""
    for _ in range(rounds):
        app.come()
        kill = app.killed_after(chance.uniform(0.5, 7))
        orphans = [f"an orphan: {line}" for line in kill.orphans]
        traced = [kill.errors] if "Traceback" in kill.errors else []
        yield kill, [*orphans, *traced, *app.goes_on()]


@pytest.mark.timeout(900)
def test_the_whole_program_is_killed(tmp_path: Path) -> None:
    app = WholeApp(tmp_path, speech_each=3)
    for kill, bad in killed(app, random.Random(SEED), ROUNDS):
        assert bad == []
        assert kill.seconds < SOON, kill
    assert app.desk.ask("check", "--read")["problems"] == []
    assert app.told
    assert list(app.bucket.glob("*.mov")), "what was approved arrives"


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
def test_the_whole_program_is_killed_two_hundred_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = WholeApp(tmp_path)
    kills: list[Kill] = []
    wrong: list[str] = []
    with capsys.disabled():
        for kill, bad in killed(app, random.Random(SEED), 200):
            kills.append(kill)
            wrong += [f"round {len(kills)}: {what}" for what in bad]
            print("".join(f"\n{line}" for line in wrong[len(wrong) - len(bad) :]), end="")  # noqa: T201 - figures
        children = sum((kill.running for kill in kills), Counter[str]())
        print(  # noqa: T201 - figures
            f"\n{len(kills)} kills, {len(wrong)} things that did not hold, {len(app.told)} notes promised,"
            f" {sum(bool(kill.running) for kill in kills)} with children at work ({dict(children)});"
            f" the last child was gone after {max(kill.seconds for kill in kills):.2f} s at most"
        )
    assert wrong == []
    assert app.desk.ask("check", "--read")["problems"] == []
    assert all(kill.seconds < SOON for kill in kills), [k for k in kills if k.seconds >= SOON]
