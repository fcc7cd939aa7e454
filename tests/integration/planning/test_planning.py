"""Projects, people and bins."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.errors import Refused
from app.core.planning.bins import Bins
from app.core.planning.projects import LONGEST_NAME, Projects
from tests.support import catalogs


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


def test_a_new_catalog_gets_a_person_and_a_project_once(catalog: Catalog) -> None:
    projects = Projects(catalog)
    assert projects.ensure()
    actor, project = projects.current_actor(), projects.current()
    assert (actor.name, bool(actor.initials), project.name, project.rate) != ("", False, "", 0)
    assert not projects.ensure()
    assert (projects.current_actor(), projects.current()) == (actor, project)
    assert not projects.introduced()
    assert projects.introduce("Ann  Lee Hall").initials == "ALH"
    assert projects.introduced()
    assert projects.current_actor().id == actor.id


def test_another_person_speaks_and_a_nameless_one_never_does(catalog: Catalog) -> None:
    projects = Projects(catalog)
    projects.ensure()
    first = projects.current_actor()
    with pytest.raises(Refused):
        projects.add_actor("  ")
    assert projects.current_actor() == first
    second = projects.add_actor("Bob Stone", "bst")
    assert (second.name, second.initials) == ("Bob Stone", "BST")
    projects.switch(actor=first.id)
    assert projects.current_actor() == first


def test_a_project_and_what_holds_in_it(catalog: Catalog) -> None:
    projects = Projects(catalog)
    projects.ensure()
    made = projects.create("Harbour  film", "23.976")
    assert (made.name, made.rate) == ("Harbour film", Fraction(24000, 1001))
    assert projects.change("glossary", ["Gannet", "Skerry"]).glossary == ("Gannet", "Skerry")
    assert projects.change("name", "Sea film").name == "Sea film"
    assert [p.name for p in projects.every()] == ["My project", "Sea film"]
    for field, value in (("name", " "), ("rate", "0"), ("rate", "fast"), ("smell", "fish")):
        with pytest.raises(Refused):
            projects.change(field, value)
    for name, rate in (("", "25"), ("x", "-1"), ("x", "1/0")):
        with pytest.raises(Refused):
            projects.create(name, rate)
    assert len(projects.create("x" * 5000).name) == LONGEST_NAME


def test_the_window_hears_of_a_switch(catalog: Catalog) -> None:
    projects = Projects(catalog)
    projects.ensure()
    heard: list[ChangeSet] = []
    catalog.subscribe(heard.append)
    projects.switch(project_id=projects.current().id)
    assert heard[0].touches(Aspect.PROJECT)
    projects.switch(actor=projects.current_actor().id)
    assert heard[1].touches(Aspect.ACTOR)


def test_bins_hold_clips_and_lose_them_without_touching_a_file(catalog: Catalog) -> None:
    catalogs.settle_in(catalog)
    volume = catalogs.add_volume(catalog)
    clips = [catalogs.add_clip(catalog, volume, f"A00{n}.mov") for n in range(3)]
    bins = Bins(catalog)
    picks, smart = bins.create(" Picks "), bins.create("Best", "rating>=4")
    bins.add(picks, clips)
    bins.add(picks, clips[:1])
    bins.remove(picks, clips[1:2])
    assert [(b.name, b.query, b.clips) for b in bins.every()] == [
        ("Best", "rating>=4", 0),
        ("Picks", None, 2),
    ]
    bins.remove(picks, clips[:1])
    assert bins.every()[1].clips == 1, "one removal takes both adds it has seen"
    bins.rename(picks, "Day 1")
    bins.delete(smart)
    assert [b.name for b in bins.every()] == ["Day 1"]
    bins.undo()
    assert len(bins.every()) == 2
    for act in (lambda: bins.create(" "), lambda: bins.rename(picks, "")):
        with pytest.raises(Refused):
            act()
    with catalog.read() as reader:
        assert reader.value("SELECT count(*) FROM file WHERE state = 'present'") == 3
