"""The speech worker as a process: crashes, stops, idles, refuses the network, and harms nobody."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

import app
from app.core.model.errors import BadData, Cancelled, Passing
from app.core.platform.processes import Limits, run
from app.core.post.channels import ChannelKind
from app.core.post.speech_client import SpeechWorker
from app.core.post.speech_engine import Chunk
from tests.support import model_factory
from tests.support import speech_factory as make


def never() -> bool:
    return False


@pytest.fixture
def deaf(tmp_path: Path) -> SpeechWorker:
    """A worker whose model does not load: it can still tell channels apart."""
    return SpeechWorker(model_factory.lay_out(tmp_path / "model"), readable=(tmp_path,))


def wait_until_gone(worker: SpeechWorker) -> None:
    deadline = time.monotonic() + 20
    while worker.pid and time.monotonic() < deadline:
        time.sleep(0.02)


def test_channels_are_told_apart_without_the_model(deaf: SpeechWorker, tmp_path: Path) -> None:
    path = make.write_wav(tmp_path / "a.wav", make.tone(1), make.silence(1))
    with deaf:
        samples, channels = deaf.hear([path], never)
    assert samples == make.RATE
    assert [each.kind for each in channels] == [ChannelKind.TONE, ChannelKind.SILENT]


def test_bad_audio_is_an_answer_and_the_worker_goes_on(deaf: SpeechWorker, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    good = make.write_wav(tmp_path / "good.wav", make.silence(0.5))
    with deaf:
        with pytest.raises(BadData):
            deaf.hear([bad], never)
        before = deaf.pid
        assert deaf.hear([good], never)[0] == make.RATE // 2
        assert deaf.pid == before


def test_a_worker_that_dies_is_said_and_the_next_question_starts_another(
    deaf: SpeechWorker, tmp_path: Path
) -> None:
    path = make.write_wav(tmp_path / "a.wav", make.silence(0.5))
    with deaf:
        deaf.hear([path], never)
        with pytest.raises(Passing) as caught:
            deaf.decode([path], Chunk(0, ((0, 8000),), "en", "", 1), never)  # the model is no model
        assert "a.wav" in caught.value.message
        assert deaf.hear([path], never)[0] == make.RATE // 2


def test_a_killed_worker_is_replaced(deaf: SpeechWorker, tmp_path: Path) -> None:
    path = make.write_wav(tmp_path / "a.wav", make.silence(0.5))
    with deaf:
        deaf.hear([path], never)
        first = deaf.pid
        assert first
        os.kill(first, signal.SIGKILL)
        wait_until_gone(deaf)
        assert deaf.hear([path], never)[0] == make.RATE // 2
        assert deaf.pid != first


def test_an_idle_worker_gives_its_memory_back_and_comes_again(tmp_path: Path) -> None:
    path = make.write_wav(tmp_path / "a.wav", make.silence(0.5))
    model = model_factory.lay_out(tmp_path / "model")
    with SpeechWorker(model, readable=(tmp_path,), idle_seconds=1) as worker:
        worker.hear([path], never)
        wait_until_gone(worker)
        assert worker.pid is None
        assert worker.hear([path], never)[0] == make.RATE // 2


def test_calling_off_kills_the_worker_at_once(deaf: SpeechWorker, tmp_path: Path) -> None:
    path = make.write_wav(tmp_path / "a.wav", make.noise(60))
    with deaf:
        deaf.hear([make.write_wav(tmp_path / "b.wav", make.silence(0.5))], never)
        with pytest.raises(Cancelled):
            deaf.hear([path], lambda: True)
        wait_until_gone(deaf)
        assert deaf.pid is None


def test_audio_outside_the_known_folders_is_read_after_a_restart(
    deaf: SpeechWorker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = make.write_wav(tmp_path_factory.mktemp("else") / "a.wav", make.silence(0.5))
    with deaf:
        assert deaf.hear([path], never)[0] == make.RATE // 2


def test_the_worker_has_no_network() -> None:
    code = (
        "import socket, sys\n"
        "from app.core.post import speech_worker\n"
        "sys.addaudithook(speech_worker._refuse_network)\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "try:\n    socket.create_connection(listener.getsockname())\n"
        "except PermissionError as error:\n    print(error)\n"
    )
    root = str(Path(app.__file__).parents[1])
    done = run(
        [sys.executable, "-P", "-c", code], limits=Limits(seconds=30), env={"PYTHONPATH": root}
    )
    assert b"no network" in done.stdout


@pytest.mark.speech
def test_words_are_streamed_per_chunk_with_levels_of_every_channel(
    worker: SpeechWorker, tmp_path: Path
) -> None:
    said = make.in_a_row(
        make.silence(0.5), make.say("Nobody told me that the ferry was cancelled.")
    )
    path = make.write_wav(tmp_path / "a.wav", said, 0.1 * said)
    passages = worker.decode([path], Chunk(0, ((8000, len(said)),), "en", "", 5), never)
    words = [word for each in passages for word in each.words]
    assert " cancelled." in [word.text for word in words]
    assert words[0].start >= 8000
    assert all(
        word.levels[0] - word.levels[1] in range(18, 23) for word in words if word.levels[0] > -40
    )
