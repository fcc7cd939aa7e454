"""A volume taken away at any moment: its clips are offline, never bad, and go on by themselves when it is back."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts, library
from app.core.catalog.attempts import Attempt
from app.core.media.probe import Prober
from app.core.model.entities import Clip
from app.core.model.errors import Away
from app.core.model.media import Derive, RenditionKind
from app.core.platform import settings as settings_file
from app.core.post.material import material_of
from app.core.services import Services
from app.core.work import failures
from app.core.work.recipes import Context, Job, Subject
from tests.support.command import wait_for
from tests.support.media_factory import X264, MediaFactory

CAP = 50_000_000
"""Bytes a second: with a cap, what is to be read is measured before."""


class Desk:
    """A running Rushes with one clip on a volume that can be pulled out."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services, self.folder = services, folder
        self.away = folder.with_name("unplugged")
        self.volume = services.volumes.add(folder, derive=Derive.POSTERS)
        services.start(watch=False)
        services.engine.wait_idle()

    def pull(self) -> None:
        self.folder.rename(self.away)

    def plug(self) -> None:
        """Back again, seen to have been away in between."""
        assert not self.look()
        self.away.rename(self.folder)
        assert self.look()

    def look(self) -> bool:
        return self.services.volumes.look(self.services.volumes.get(self.volume.id)).online

    def clip(self) -> Clip:
        with self.services.catalog.read() as reader:
            (number,) = reader.column("SELECT n FROM clip WHERE retired = 0")
            return library.page(reader, [number])[0]

    def failures(self) -> list[Attempt]:
        with self.services.catalog.read() as reader:
            return attempts.every(reader)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", *X264, frames=250)
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "1")
    with contextlib.closing(Services(home)) as services:
        yield Desk(services, media.folder)


def has_proxy(clip: Clip) -> bool:
    return clip.rendition(RenditionKind.PROXY) is not None


def is_waiting(failure: Attempt) -> None:
    assert not failure.stopped
    assert failure.error["family"] == "you can fix it"
    assert "offline" in str(failure.error["title"])
    assert "when it is back" in str(failure.error["todo"])


@pytest.mark.parametrize("recipe", ["derive", "poster"])
def test_gone_before_the_first_byte(desk: Desk, recipe: str) -> None:
    desk.services.engine.pause(True)
    desk.services.derivatives.read_cap = CAP
    made = next(r for r in desk.services.derivatives.recipes() if r.name == recipe)
    clip = desk.clip()
    job = Job(made, Subject(clip.id, "encode", clip.name), threading.Event())
    context = Context(desk.services.catalog, job, lambda _: None)
    desk.pull()
    for _ in range(3):
        failures.attempt(
            desk.services.catalog,
            (recipe, clip.id, clip.name),
            lambda: made.run(context, job.subject),
        )
    (failure,) = desk.failures()
    is_waiting(failure)
    desk.plug()
    desk.services.volumes.change(desk.volume.id, derive=Derive.ALL)
    desk.services.engine.ensure_all()
    desk.services.engine.pause(False)
    wait_for(lambda: has_proxy(desk.clip()))
    assert desk.clip().state.value == "ready"


def test_gone_in_the_middle_of_a_decode(desk: Desk) -> None:
    pulled = threading.Event()

    def pull_once() -> bool:
        if not pulled.is_set():
            pulled.set()
            desk.pull()
        return False

    desk.services.derivatives.hold = pull_once
    desk.services.derivatives.read_cap = CAP
    desk.services.volumes.change(desk.volume.id, derive=Derive.ALL)
    wait_for(lambda: bool(desk.failures()))
    (failure,) = desk.failures()
    is_waiting(failure)
    assert desk.clip().state.value != "bad"
    desk.plug()
    # The proxy is stored first, and then the failure is forgotten.
    wait_for(lambda: has_proxy(desk.clip()) and not desk.failures())
    assert desk.clip().state.value == "ready"


def _plugged_again(desk: Desk) -> None:
    desk.pull()
    desk.plug()


def _moved(desk: Desk) -> None:
    (desk.folder / "sorted").mkdir()
    (desk.folder / "A001.mov").rename(desk.folder / "sorted" / "A001.mov")
    desk.services.scanner.scan(desk.volume.id)


@pytest.mark.parametrize("away", [_plugged_again, _moved])
def test_back_before_it_is_told_that_it_is_gone(desk: Desk, away: Callable[[Desk], None]) -> None:
    desk.services.engine.pause(True)
    clip = desk.clip()

    def look_at_the_old_place() -> None:
        away(desk)
        raise Away("The media is offline", "A001.mov cannot be reached.")

    assert not failures.attempt(
        desk.services.catalog, ("derive", clip.id, clip.name), look_at_the_old_place
    )
    with desk.services.catalog.read() as reader:
        assert attempts.exists(reader, "derive", clip.id)
        assert attempts.blocked(reader, "derive") == set(), "nothing would wake it any more"
    desk.services.volumes.change(desk.volume.id, derive=Derive.ALL)
    desk.services.engine.pause(False)
    wait_for(lambda: has_proxy(desk.clip()) and not desk.failures())


def test_the_size_of_what_is_gone_is_no_stray_error(desk: Desk) -> None:
    with desk.services.catalog.read() as reader:
        material = material_of(reader, desk.clip().id)
    desk.pull()
    with pytest.raises(Away):
        _ = material.size
    desk.plug()
    assert material.size > 0


def test_gone_before_ffprobe_looks_is_not_bad(tmp_path: Path) -> None:
    path = MediaFactory(tmp_path).video("A001.mkv", frames=5)
    with Prober() as prober:
        look = prober._look(path, None)
        assert look.demuxers
        path.unlink()
        with pytest.raises(Away):
            prober._asked(path, look)
