"""A transcript comes bite by bite: shown and searched at once, kept when work is cut off, the same in the end."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import integrity, renditions
from app.core.catalog import transcripts as rows
from app.core.catalog.database import Catalog, connect
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Transcript
from app.core.model.errors import Cancelled, Passing
from app.core.model.media import RenditionKind
from app.core.platform import preferences
from app.core.post import speech_plan, transcribe
from app.core.post.models.store import Located
from app.core.post.search import Search
from app.core.post.speech_client import SpeechWorker
from app.core.post.store import ProxyStore
from app.core.post.transcripts import Transcripts
from app.core.work.recipes import Context, Job
from tests.support import catalogs
from tests.support import speech_factory as make
from tests.support.command import wait_for

pytestmark = [pytest.mark.speech, pytest.mark.timeout(240)]
BITE = 6 * make.RATE
TALK = (
    "The tide comes in at six, and the harbour closes early tonight.",
    "Nobody told me that the ferry was cancelled.",
    "All right everybody, quiet on the set please, and roll camera.",
    "My grandfather built this house with his own hands.",
    "The market opens at seven and the fish are sold by nine.",
)
ENGLISH = preferences.Transcripts(languages=("en",))


class Desk:
    """A catalog with clips whose speech audio lies in the store."""

    def __init__(self, catalog: Catalog, home: Path) -> None:
        self.catalog = catalog
        self.store = ProxyStore(catalog, home, preferences.Derivatives())
        self.volume = catalogs.add_volume(catalog)

    def clip(self, name: str, *parts: str, pause: float = 1.4) -> str:
        clip = catalogs.add_clip(self.catalog, self.volume, name, frames=25 * 60)
        self.speak(clip, *parts, pause=pause)
        return clip

    def speak(self, clip: str, *parts: str, pause: float = 1.4) -> None:
        """The clip's speech audio, as the decode pass leaves it."""
        content = self.content(clip)
        sounds = [each for part in parts for each in (make.silence(pause), make.say(part))]
        with self.store.workshop() as folder:
            path = make.write_wav(folder / "speech.wav", make.in_a_row(*sounds, make.silence(1)))
            size = path.stat().st_size
            key = ArtifactKey(content, "derive", 1, "")
            self.store.put(key, folder)
        place = self.store.relative(self.store.folder(key) / "speech.wav")
        made = [Made(RenditionKind.SPEECH, place, size)]
        self.catalog.write(lambda tx: renditions.put(tx, content, "derive", 1, "", made))

    def content(self, clip: str) -> str:
        with self.catalog.read() as reader:
            found = renditions.content_of(reader, clip)
        assert found
        return found

    def stored(self, clip: str) -> list[tuple[Any, ...]]:
        """What is written of the clip's words, machine rows and search index."""
        with self.catalog.read() as reader:
            segments = reader.all(
                "SELECT start, stop, text, speaker, language, words FROM segment WHERE content_id = ? ORDER BY start, n",
                self.content(clip),
            )
            found = reader.all(
                "SELECT ref, start_frame, end_frame, text FROM doc WHERE clip_id = ? AND field = 'transcript' ORDER BY n",
                clip,
            )
            whole = reader.all(
                "SELECT model, version, language, facts FROM transcript WHERE content_id = ?",
                self.content(clip),
            )
        return [tuple(row) for row in (*whole, *segments, *found)]

    def problems(self) -> list[integrity.Problem]:
        with self.catalog.read() as reader:
            return [each for check in integrity.CHECKS for each in check(reader)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(speech_plan, "_LONGEST_BITE", BITE)
    monkeypatch.setattr(speech_plan, "_FIRST_BITE", BITE)
    monkeypatch.setattr(speech_plan, "_REST", 0)
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        yield Desk(catalog, tmp_path / "home")


class Service:
    """The recipe, run by hand, with its questions to the worker counted."""

    def __init__(self, desk: Desk, settings: preferences.Transcripts = ENGLISH) -> None:
        self.desk = desk
        self.transcripts = Transcripts(desk.catalog, desk.store, settings)
        self.first, self.recipe = self.transcripts.recipes()
        self.stop = threading.Event()
        self.context: Context | None = None

    def due(self, *focus: str) -> list[str]:
        with self.desk.catalog.read() as reader:
            return [each.id for each in self.recipe.due(reader, 64, focus)]

    def run(self, clip: str) -> None:
        with self.desk.catalog.read() as reader:
            (subject,) = [s for s in self.recipe.due(reader, 64, ()) if s.id == clip]
        job = Job(self.recipe, subject, self.stop)
        self.recipe.run(Context(self.desk.catalog, job, lambda _: None), subject)

    def said(self, clip: str) -> Transcript:
        found = self.transcripts.of_clip(clip)
        assert found is not None
        return found


@pytest.fixture
def service(desk: Desk, base_model: Located) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []
    assert base_model.folder

    def begin(settings: preferences.Transcripts = ENGLISH) -> Service:
        made.append(Service(desk, settings))
        return made[-1]

    yield begin
    for each in made:
        each.transcripts.close()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """First and last sample of each chunk that was really decoded."""
    seen: list[tuple[int, int]] = []
    plain = SpeechWorker.decode

    def counted(self: SpeechWorker, paths: Any, chunk: Any, cancelled: Any) -> Any:
        found = plain(self, paths, chunk, cancelled)
        seen.append((chunk.pieces[0][0], chunk.pieces[-1][1]))
        return found

    monkeypatch.setattr(SpeechWorker, "decode", counted)
    return seen


def at_part(desk: Desk, act: Callable[[int], object]) -> Callable[[], None]:
    """Calls `act` with its number whenever words of a clip were stored."""
    count = 0

    def told(changes: ChangeSet) -> None:
        nonlocal count
        if changes.touches(Aspect.TRANSCRIPT):
            count += 1
            act(count)

    return desk.catalog.subscribe(told)


def test_words_are_shown_and_found_while_the_rest_is_worked_on(
    desk: Desk, service: Callable[..., Service]
) -> None:
    clip, work = desk.clip("talk.mov", *TALK), service()
    seen: list[Transcript] = []
    hits: list[int] = []

    def look(_number: int) -> None:
        seen.append(work.said(clip))
        found = Search(desk.catalog, work.transcripts.timing).hits("tide")
        hits.append(len([h for h in found if h.clip_id == clip and h.field == "transcript"]))

    stop = at_part(desk, look)
    work.run(clip)
    stop()
    reached = [each.reached for each in seen]
    assert len(seen) >= 4
    assert reached[-1] is None
    parts = [n for n in reached if n is not None]
    assert parts == sorted(parts)
    assert parts[0] > 0
    lengths = [len(each.segments) for each in seen]
    assert lengths == sorted(lengths)
    assert 0 < lengths[0] < lengths[-1]
    assert hits == [1] * len(seen), "found from the first part on, once"
    for part in seen[:-1]:
        assert part.segments == seen[-1].segments[: len(part.segments)]


def test_called_off_in_the_middle_it_goes_on_and_ends_the_same(
    desk: Desk, service: Callable[..., Service], decoded: list[tuple[int, int]]
) -> None:
    clip, twin = desk.clip("talk.mov", *TALK), desk.clip("twin.mov", *TALK)
    first = service()
    stop = at_part(desk, lambda number: first.stop.set() if number == 2 else None)
    with pytest.raises(Cancelled):
        first.run(clip)
    stop()
    half = first.said(clip)
    assert half.reached is not None
    assert half.segments
    assert desk.problems() == []
    assert first.due() == [clip, twin], "what is not whole stays due"
    begun = len(decoded)
    again = service()
    again.run(clip)
    rest = decoded[begun:]
    again.run(twin)
    undisturbed = decoded[begun + len(rest) :]
    assert begun > 0
    assert rest == undisturbed[begun:], "only what was left"
    assert desk.stored(clip) == desk.stored(twin)
    assert again.due() == []
    assert desk.problems() == []


def test_with_other_sound_or_another_way_of_counting_it_begins_anew(
    desk: Desk, service: Callable[..., Service], decoded: list[tuple[int, int]]
) -> None:
    clip = desk.clip("talk.mov", *TALK[:3])
    first = service()
    stop = at_part(desk, lambda _number: first.stop.set())
    with pytest.raises(Cancelled):
        first.run(clip)
    stop()
    (bite,) = decoded
    desk.speak(clip, *TALK[:3], pause=1.4)
    service().run(clip)
    assert decoded.count(bite) == 2, "the file is another, if it sounds the same"


def test_what_a_person_said_of_a_part_stays(desk: Desk, service: Callable[..., Service]) -> None:
    clip, work = desk.clip("talk.mov", *TALK[:3]), service()

    def correct(number: int) -> None:
        if number == 1:
            word = work.said(clip).segments[0]
            threading.Thread(
                target=work.transcripts.correct,
                args=(clip, word.start, word.end, word.text),
                kwargs={"text": "The tide comes in at seven."},
            ).start()

    stop = at_part(desk, correct)
    work.run(clip)
    stop()
    said = work.said(clip)
    assert said.reached is None
    assert [s.text for s in said.segments if s.corrected] == ["The tide comes in at seven."]
    assert "harbour" not in said.segments[0].text
    assert len(said.segments) >= 3


def test_an_older_whole_transcript_stays_until_the_new_one_is_whole(
    desk: Desk, service: Callable[..., Service], decoded: list[tuple[int, int]]
) -> None:
    clip, work = desk.clip("talk.mov", *TALK[:3]), service()
    work.run(clip)
    before, begun = work.said(clip), len(decoded)
    desk.catalog.write(lambda tx: tx.run("UPDATE transcript SET version = ?", -1))
    newer = service()
    calls = 0

    def cut(_samples: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            newer.stop.set()

    with desk.catalog.read() as reader:
        (subject,) = newer.recipe.due(reader, 64, ())
    context = Context(desk.catalog, Job(newer.recipe, subject, newer.stop), lambda _: None)
    context.progress = cut
    with pytest.raises(Cancelled):
        newer.recipe.run(context, subject)
    assert newer.said(clip) == dataclasses.replace(before, reached=None)
    half = len(decoded) - begun
    assert half == 2
    last = service()
    last.run(clip)
    assert len(decoded) - begun == begun, "it went on from where it was"
    assert last.said(clip) == before


def test_the_clip_in_hand_goes_first_with_its_first_words(
    desk: Desk, service: Callable[..., Service], decoded: list[tuple[int, int]]
) -> None:
    long, hand = desk.clip("long.mov", *TALK), desk.clip("hand.mov", *TALK)
    work = service()
    stop = at_part(desk, lambda number: work.due(hand, long) if number == 1 else None)
    with pytest.raises(Cancelled):
        work.run(long)
    stop()
    assert not work.stop.is_set(), "nobody called it off: it stood aside"
    assert work.said(long).reached
    begun = len(decoded)
    seen: list[Transcript] = []
    stop = at_part(desk, lambda _: seen.append(work.said(hand)))
    work.run(hand)
    stop()
    start, end = decoded[begun]
    assert end - start <= 20 * make.RATE
    assert seen[0].reached == end
    assert "tide" in seen[0].segments[0].text
    assert seen[-1] == work.said(hand)
    work.run(long)
    assert [s.text for s in work.said(long).segments] == [s.text for s in work.said(hand).segments]


def test_a_clip_that_may_not_run_now_is_made_way_for_once(
    desk: Desk, service: Callable[..., Service]
) -> None:
    long, hand = desk.clip("long.mov", *TALK[:2]), desk.clip("hand.mov", *TALK[:2])
    work = service()
    work.due(hand, long)
    with pytest.raises(Cancelled):
        work.run(long)
    work.due(hand, long)
    work.run(long)
    assert work.said(long).reached is None


def test_a_worker_that_dies_leaves_what_was_heard(
    desk: Desk, service: Callable[..., Service]
) -> None:
    clip, work = desk.clip("talk.mov", *TALK[:3]), service()

    asked: list[None] = []

    def kill() -> bool:
        """Asked once before the next bite, and again while it is being decoded."""
        worker = work.transcripts._worker
        if worker is not None and work.transcripts.of_clip(clip) is not None:
            asked.append(None)
            if len(asked) == 2 and worker.pid is not None:
                os.kill(worker.pid, signal.SIGKILL)
        return False

    work.stop.is_set = kill  # type: ignore[method-assign]
    with pytest.raises(Passing):
        work.run(clip)
    assert len(asked) >= 2
    assert work.said(clip).segments
    work.run(clip)
    assert work.said(clip).reached is None


CHILD = """
import sys, threading
from pathlib import Path
from app.core.catalog.database import Catalog, connect
from app.core.platform import preferences
from app.core.post import speech_plan
from app.core.post.store import ProxyStore
from app.core.post.transcripts import Transcripts
from app.core.work.recipes import Context, Job
home, clip = Path(sys.argv[1]), sys.argv[2]
speech_plan._LONGEST_BITE = speech_plan._FIRST_BITE = int(sys.argv[3])
speech_plan._REST = 0
catalog = Catalog.open(home)
store = ProxyStore(catalog, home, preferences.Derivatives())
work = Transcripts(catalog, store, preferences.Transcripts(languages=("en",)))
recipe = work.recipes()[-1]
with catalog.read() as reader:
    (subject,) = [s for s in recipe.due(reader, 64, ()) if s.id == clip]
recipe.run(Context(catalog, Job(recipe, subject, threading.Event()), lambda _: None), subject)
"""


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(
    tmp_path: Path,
    desk: Desk,
    service: Callable[..., Service],
    decoded: list[tuple[int, int]],
) -> None:
    home, work = tmp_path / "home", service()
    clip, twin = desk.clip("talk.mov", *TALK), desk.clip("twin.mov", *TALK)
    work.run(twin)
    every = list(decoded)
    desk.catalog.close()
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(home), clip, str(BITE)])
    try:
        wait_for(lambda: _reached(home, clip) > 0, 60)
    finally:
        process.kill()
        process.wait()
    with catalogs.opened(home) as catalog:
        desk.catalog = catalog
        assert desk.problems() == []
        again = service()
        assert again.said(clip).segments
        decoded.clear()
        again.run(clip)
        assert 0 < len(decoded) < len(every)
        assert decoded == every[-len(decoded) :]
        assert desk.stored(clip) == desk.stored(twin)
        assert desk.problems() == []


def _reached(home: Path, clip: str) -> int:
    with contextlib.closing(connect(home / "catalog.sqlite", read_only=True)) as connection:
        found = rows.machine(Reader(connection), clip)
    return (found.reached or 0) if found else 0


def test_the_version_of_a_part_is_no_version() -> None:
    assert transcribe.VERSION > rows.PART
