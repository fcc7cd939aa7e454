"""First words of a clip that was just chosen, long before the decode pass has read its sound."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import clips, library
from app.core.catalog.rows import Tx
from app.core.media.derived import DeriveJob, Source
from app.core.media.first_sound import first_sound
from app.core.media.tools import programs
from app.core.model.errors import Missing
from app.core.model.media import ClipKind, MediaFacts
from app.core.platform import clock
from app.core.platform.pacing import SECOND
from app.core.post.models.store import Located
from app.core.post.speech_audio import open_speech
from app.core.services import Services
from app.core.work.recipes import Context, Job
from tests.support import speech_factory as make
from tests.support.command import Desk
from tests.support.media_factory import ffmpeg

pytestmark = [pytest.mark.speech, pytest.mark.timeout(240)]
SAID = "The tide comes in at six, and the harbour closes early tonight."


@pytest.fixture
def interview(tmp_path: Path) -> Path:
    """Picture and two channels of sound, a minute and a half; the second is silent."""
    words = make.in_a_row(make.silence(1), make.say(SAID), make.silence(90))[: 90 * make.RATE]
    sound = make.write_wav(tmp_path / "words.wav", words, make.silence(90))
    (tmp_path / "day").mkdir()
    path = tmp_path / "day" / "interview.mov"
    picture = ("-f", "lavfi", "-i", "color=s=64x36:r=25:d=90")
    ffmpeg(*picture, "-i", sound, "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-ar", "48000", path)
    return path


def test_only_the_beginning_of_every_channel_is_read(interview: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    facts = MediaFacts(kind=ClipKind.VIDEO)
    job = DeriveJob((Source((interview,)),), facts, programs(""))
    names = first_sound(job, folder, 20, lambda: False)
    heard = open_speech([folder / name for name in names])
    assert heard.channels == 2
    assert abs(heard.samples - 20 * make.RATE) < make.RATE // 10
    assert float(abs(heard.block(0, 0, heard.samples)).max()) > 0.1
    assert float(abs(heard.block(1, 0, heard.samples)).max()) == 0


@pytest.fixture
def services(interview: Path, tmp_path: Path, base_model: Located) -> Iterator[Services]:
    """The clip is known, and nothing but its poster was made."""
    assert base_model.folder
    desk = Desk(tmp_path / "home")
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("settings", "transcripts.languages", "en")
    desk.ask("volume", "add", interview.parent, "--derive", "posters")
    desk.ask("run", "--until-idle")
    opened = Services(desk.home)
    yield opened
    opened.close()


def test_the_clip_in_hand_is_heard_before_its_sound_was_read(services: Services) -> None:
    first, rest = services.transcripts.recipes()
    with services.catalog.read() as reader:
        (clip,) = (str(i) for i in reader.column("SELECT id FROM clip"))
        assert not first.due(reader, 64, (clip,)), "this volume has posters alone made of it"

    def act(tx: Tx) -> None:
        clips.touch_by_person(tx, clip)

    services.catalog.write(act)
    with services.catalog.read() as reader:
        assert not first.due(reader, 64, ()), "nobody waits"
        assert not first.due(reader, 64, ("another", clip))
        (subject,) = first.due(reader, 64, (clip,))
    context = Context(services.catalog, Job(first, subject, threading.Event()), lambda _: None)
    first.run(context, subject)
    said = services.transcripts.of_clip(clip)
    assert said is not None
    assert said.segments[0].text.startswith("The tide comes in at six")
    assert said.reached is not None
    assert said.reached < 15 * make.RATE
    (hit,) = services.search.hits("tide")
    assert hit.clip_id == clip
    with services.catalog.read() as reader:
        assert not first.due(reader, 64, (clip,)), "once"
        assert not rest.due(reader, 64, (clip,)), "the whole waits for the decode pass"
        found = library.get(reader, clip)
    assert found is not None
    assert [r for r in found.renditions if r.kind.value == "speech"] == []
    assert list(services.store.root.glob("*.tmp")) == []


def test_decode_passes_stand_still_while_first_words_are_listened_for(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _rest = services.transcripts.recipes()
    with services.catalog.read() as reader:
        (clip,) = (str(i) for i in reader.column("SELECT id FROM clip"))
    services.catalog.write(lambda tx: clips.touch_by_person(tx, clip))
    with services.catalog.read() as reader:
        (subject,) = first.due(reader, 64, (clip,))
    context = Context(services.catalog, Job(first, subject, threading.Event()), lambda _: None)
    held: list[bool] = []

    def hear(*_what: object) -> None:
        held.append(services.derivatives.hold())
        monkeypatch.setattr(clock, "monotonic_ns", lambda: later)
        held.append(services.derivatives.hold())
        raise Missing("No ffmpeg")

    later = clock.monotonic_ns() + 3600 * SECOND
    monkeypatch.setattr(services.transcripts.first, "hear", hear)
    assert not services.derivatives.hold()
    with pytest.raises(Missing):
        first.run(context, subject)
    assert held == [True, False], "not for as long as something may hang"
    monkeypatch.undo()
    assert not services.derivatives.hold()
