"""What the model is unsure of it tries again by drawing lots: the same lots for the same chunk, whatever came before."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.post.models.store import Located
from tests.support import speech_factory as make
from tests.support.source import ROOT

pytestmark = [pytest.mark.speech, pytest.mark.timeout(240)]
CHILD = """
import sys
from pathlib import Path
from app.core.post import speech_engine
from app.core.post.speech_audio import open_speech
speech_engine._TEMPERATURES = (1.0,)
engine = speech_engine.SpeechEngine(Path(sys.argv[1]), 1)
audio = open_speech([Path(sys.argv[2])])
chunk = speech_engine.Chunk(0, ((0, audio.samples),), "en", "", 5)
first = engine.decode(audio, chunk)
assert first
assert engine.decode(audio, chunk) == first, "other lots"
speech_engine._TEMPERATURES = (0.0,)
sure, model = engine.decode(audio, chunk), engine._model
assert engine.decode(audio, chunk) == sure
assert engine._model is model, "where no lots were drawn the model stays"
"""


def test_a_chunk_is_decoded_the_same_whatever_was_decoded_before(
    base_model: Located, tmp_path: Path
) -> None:
    words = make.mixed((1, make.say("The tide comes in at six.")), (1, make.noise(3, 0.03)))
    path = make.write_wav(tmp_path / "noisy.wav", words)
    command = [sys.executable, "-c", CHILD, str(base_model.folder), str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
