"""Changing and removing a target: nothing leaves by a rule that nobody confirmed, and nothing is lost."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.delivery.targets import Targets
from app.core.model.entities import Target
from app.core.model.errors import Refused
from tests.integration.delivery.test_sync import Desk
from tests.support import catalogs


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        desk = Desk(catalog, tmp_path)
        with contextlib.closing(desk.sync):
            yield desk


def target(desk: Desk) -> tuple[Targets, Target]:
    desk.target()
    targets = Targets(desk.catalog)
    return targets, targets.get("t1")


def test_a_changed_rule_sends_nothing_until_it_is_confirmed_anew(desk: Desk) -> None:
    targets, made = target(desk)
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    changed = targets.change(made.id, send="both", name=" Cloud  archive ")
    assert (changed.send, changed.name, changed.confirmed) == ("both", "Cloud archive", False)
    assert "upload" not in desk.run()
    assert (desk.sent(), desk.states()) == ([], ["stopped"])
    targets.confirm(made.id)
    desk.run()
    assert desk.sent() == ["Film/A001.mov"]
    targets.undo()
    targets.undo()
    assert targets.get(made.id) == made


def test_a_new_name_alone_keeps_the_rule(desk: Desk) -> None:
    targets, made = target(desk)
    assert targets.change(made.id, name="Archive", bucket=made.bucket).confirmed


def test_a_target_with_objects_stays_where_it_is(desk: Desk) -> None:
    targets, made = target(desk)
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.run()
    with pytest.raises(Refused, match="verified objects"):
        targets.change(made.id, bucket="other")
    assert targets.get(made.id) == made


def test_a_removed_target_gets_nothing_and_comes_back(desk: Desk) -> None:
    targets, made = target(desk)
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.sync.queue_now()
    targets.remove(made.id)
    assert targets.every() == []
    with pytest.raises(Refused, match="No target"):
        targets.get("t1")
    desk.run()
    assert (desk.sent(), desk.states()) == ([], ["stopped"])
    targets.undo()
    desk.run()
    assert desk.sent() == ["Film/A001.mov"]


@pytest.mark.parametrize(
    "wrong",
    [{"send": "all"}, {"endpoint": "http://far.example"}, {"template": "{reel}"}, {"bucket": " "}],
)
def test_what_cannot_be_is_refused_whole(desk: Desk, wrong: dict[str, str]) -> None:
    targets, made = target(desk)
    with pytest.raises(Refused):
        targets.change(made.id, name="New", **wrong)
    assert targets.get(made.id) == made


def test_a_name_is_free_again_after_its_target_was_removed(desk: Desk) -> None:
    targets, made = target(desk)
    with pytest.raises(Refused, match="already"):
        targets.add("t1", "bucket")
    targets.remove(made.id)
    assert not targets.add("t1", "bucket").confirmed
