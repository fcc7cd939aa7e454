"""The speech worker: a child process that listens, and may crash without harm.

`python -P -m app.core.post.speech_worker MODEL_FOLDER THREADS IDLE_SECONDS`; requests come line by
line on stdin (see `speech_protocol`). The model is loaded at the first request that needs it; after
IDLE_SECONDS without a request the process ends and so gives its memory back. It never opens a
connection: an audit hook refuses, below whatever sandbox it runs in.
"""

import contextlib
import os
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.core.model.errors import BadData, RushesError
from app.core.post import speech_protocol as protocol
from app.core.post.channels import hear
from app.core.post.speech_audio import SpeechAudio, open_speech
from app.core.post.speech_engine import SpeechEngine, find_speech

if TYPE_CHECKING:
    from app.core.post.speech_protocol import Json

_BLOCK = 1 << 16


class Worker:
    """Answers requests with one model."""

    def __init__(self, model: Path, threads: int) -> None:
        self._folder = model
        self._threads = threads
        self._loaded: SpeechEngine | None = None
        self._operations: dict[str, Callable[[SpeechAudio, Json], object]] = {
            "hear": self._hear,
            "languages": self._languages,
            "decode": self._decode,
        }

    def answer(self, line: str) -> "Json":
        """The answer to one request. Errors in words are answers too; anything else ends the process."""
        try:
            request = protocol.read(line)
            operation = self._operations.get(str(request.get("op")))
            if operation is None:
                raise BadData("Unknown request", f"{request.get('op')!r} is no operation.")
            return {"ok": operation(open_speech(_paths(request)), request)}
        except RushesError as error:
            return {"error": {"title": error.title, "message": error.message}}

    @property
    def _engine(self) -> SpeechEngine:
        if self._loaded is None:
            self._loaded = SpeechEngine(self._folder, self._threads)
        return self._loaded

    def _hear(self, audio: SpeechAudio, request: "Json") -> object:
        until = int(str(request["until"]))
        if until:
            audio = audio.beginning(until)
        channels = [protocol.channel_json(each) for each in hear(audio, find_speech)]
        return {"samples": audio.samples, "channels": channels}

    def _languages(self, audio: SpeechAudio, request: "Json") -> object:
        channel = int(str(request["channel"]))
        allowed = str(request["allowed"]).split()
        groups = [protocol.spans_from(group) for group in cast("list[object]", request["groups"])]
        thorough = request["thorough"] is True
        if not self._engine.multilingual:
            return [["en", 1000] for _ in groups]
        return [
            list(self._engine.language(audio, channel, group, allowed, thorough=thorough))
            for group in groups
        ]

    def _decode(self, audio: SpeechAudio, request: "Json") -> object:
        passages = self._engine.decode(audio, protocol.chunk_from(request["chunk"]))
        return [protocol.passage_json(each) for each in passages]


def main(arguments: list[str]) -> int:
    """Serves requests until stdin ends or nobody asks for a while."""
    model, threads, idle = arguments
    sys.addaudithook(_refuse_network)
    worker = Worker(Path(model), int(threads))
    # Libraries print what they like: only answers may reach the client's line.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with out, contextlib.suppress(BrokenPipeError):
        for line in _lines(int(idle)):
            out.write(protocol.written(worker.answer(line)) + "\n")
            out.flush()
    return 0


def _lines(idle: int) -> Iterator[str]:
    """Lines of stdin; ends with it, or after `idle` seconds without one."""
    handle = sys.stdin.fileno()
    waiting = b""
    while True:
        # Windows cannot wait on a pipe with a limit; there the client alone ends the worker.
        if sys.platform != "win32" and not select.select([handle], [], [], idle)[0]:
            return
        more = os.read(handle, _BLOCK)
        if not more:
            return
        *lines, waiting = (waiting + more).split(b"\n")
        yield from (line.decode("utf-8") for line in lines)


def _paths(request: "Json") -> list[Path]:
    return [Path(str(path)) for path in cast("list[object]", request["paths"])]


def _refuse_network(event: str, _arguments: object) -> None:
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise PermissionError("the speech worker has no network")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
