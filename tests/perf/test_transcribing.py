"""Transcribing, against faster-whisper by itself with the same model and settings, on made speech."""

import itertools
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.model.errors import Missing
from app.core.platform import processes
from app.core.post.models.store import Located, open_store
from app.core.post.speech_client import SpeechWorker
from app.core.post.transcribe import SpeechOptions, SpeechSource, first_words, transcribe
from tests.perf import bars
from tests.perf.conftest import Compare, Note
from tests.support import speech_factory as make
from tests.support.measuring import cost, versus

SENTENCES = (
    "The tide comes in at six, and the harbour closes early tonight.",
    "Nobody told me that the ferry was cancelled.",
    "We went out before it was light and the boats were still asleep.",
    "She asked the captain whether the storm would reach the island.",
    "My grandfather built this house with his own hands.",
    "The market opens at seven and the fish are sold by nine.",
    "Take the second road on the left and follow it to the bridge.",
)
BARE = """
import json, sys
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
model, path, upto, words = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "words"
whisper = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True)
audio = decode_audio(path)
found, _ = whisper.transcribe(
    audio[:upto] if upto else audio, language="en", beam_size=5, temperature=[0.0, 0.2, 0.4, 0.6],
    condition_on_previous_text=False, word_timestamps=words, vad_filter=True,
    vad_parameters={"threshold": 0.5, "min_speech_duration_ms": 100, "max_speech_duration_s": 28,
                    "min_silence_duration_ms": 500, "speech_pad_ms": 200},
)
assert len([segment for segment in found]) > 0
"""

pytestmark = [pytest.mark.speech, pytest.mark.timeout(1800)]


def never() -> bool:
    return False


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sandbox: the kernel tells its parent nothing of what ran inside."""
    monkeypatch.setattr(processes, "confined", lambda: False)


@pytest.fixture(scope="module")
def model() -> Located:
    try:
        return open_store(hub=False).resolve("base")
    except Missing as missing:
        pytest.skip(f"no speech model here: {missing.todo}")


def talk(path: Path, seconds: int) -> Path:
    """Two people who take turns, with a breath of a second between."""
    sounds = [
        make.in_a_row(make.say(text, voice), make.silence(1))
        for text, voice in zip(SENTENCES * 2, itertools.cycle(("en-us", "en-gb+f3")), strict=False)
    ]
    enough = itertools.islice(itertools.cycle(sounds), seconds)
    return make.write_wav(path, make.in_a_row(*enough)[: seconds * make.RATE])


def bare(model: Located, path: Path, upto: int = 0, words: str = "words") -> None:
    """faster-whisper in a process of its own."""
    command = [sys.executable, "-c", BARE, str(model.folder), str(path), str(upto), words]
    subprocess.run(command, check=True)


def ours(model: Located, path: Path) -> None:
    """The same by the worker, to the finished transcript."""
    with SpeechWorker(model.folder, readable=(path.parent,)) as worker:
        result = transcribe(
            SpeechSource((path,)),
            SpeechOptions(model.identity, ("en",)),
            worker=worker,
            cancelled=never,
            progress=lambda _done, _total: None,
        )
    assert result.spoken


@pytest.mark.parametrize(("minutes", "order"), [(1, 80), (4, 81)])
def test_transcribing_against_faster_whisper(
    model: Located, tmp_path: Path, compare: Compare, minutes: int, order: int
) -> None:
    path = talk(tmp_path / "talk.wav", 60 * minutes)
    found = versus(lambda: ours(model, path), lambda: bare(model, path), 3)
    what = f"{minutes} min of talk, language given, to the finished transcript"
    peer = "faster-whisper, same settings"
    compare(order, what, "transcript", peer, found, bars.TRANSCRIBING)


def test_word_times_against_none(model: Located, tmp_path: Path, compare: Compare) -> None:
    path = talk(tmp_path / "talk.wav", 120)
    found = versus(lambda: ours(model, path), lambda: bare(model, path, words="none"), 3)
    what = "2 min of talk with a time for each word"
    peer = "faster-whisper without word times"
    compare(82, what, "transcript", peer, found, bars.WORD_TIMES)


def test_first_words_of_half_an_hour(model: Located, tmp_path: Path, note: Note) -> None:
    """From choosing the clip to words that can be shown, a worker being started for it."""
    path = talk(tmp_path / "talk.wav", 1800)
    heard: list[int] = []

    def look() -> None:
        with SpeechWorker(model.folder, readable=(tmp_path,)) as worker:
            options = SpeechOptions(model.identity, ("en",))
            found = first_words(SpeechSource((path,)), options, worker=worker, cancelled=never)
        assert found is not None
        assert found.reached is not None
        heard.append(found.reached)

    look()
    rounds = [(cost(look), cost(lambda: bare(model, path, heard[0]))) for _ in range(3)]
    mine, peer = (statistics.median(pair[n].cpu for pair in rounds) for n in (0, 1))
    walls = sorted(pair[0].wall for pair in rounds)
    assert heard[0] < 30 * make.RATE, "a short bite, however long the clip"
    assert mine < 2 * peer
    note(
        83,
        "first words of 30 min of talk, sound read already, language given",
        f"{mine:.1f} s CPU, {walls[1]:.1f} s wall",
        f"faster-whisper on the same {heard[0] / make.RATE:.0f} s: {peer:.1f} s CPU",
        f"{mine / peer:.2f} ×",
        f"{walls[0]:.1f}–{walls[-1]:.1f} s wall",
        bars.FIRST_WORDS,
        mine,
    )


def test_first_words_cost_the_same_however_long_the_clip(model: Located, tmp_path: Path) -> None:
    """Counted in what is listened to, not in seconds."""
    asked: list[tuple[int, int]] = []

    class Listening(SpeechWorker):
        def hear(self, paths, cancelled, *, until=0):
            asked.append((until, 0))
            return super().hear(paths, cancelled, until=until)

        def decode(self, paths, chunk, cancelled):
            asked.append((0, sum(end - start for start, end in chunk.pieces)))
            return super().decode(paths, chunk, cancelled)

    for seconds in (90, 600):
        path = talk(tmp_path / f"{seconds}.wav", seconds)
        with Listening(model.folder, readable=(tmp_path,)) as worker:
            options = SpeechOptions(model.identity, ("en",))
            first_words(SpeechSource((path,)), options, worker=worker, cancelled=never)
    short, long = asked[:2], asked[2:]
    assert len(asked) == 4
    assert short[0] == long[0] == (60 * make.RATE, 0)
    assert abs(short[1][1] - long[1][1]) < make.RATE
    assert long[1][1] <= 12 * make.RATE
