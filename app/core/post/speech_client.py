"""The client's side of the speech worker: starts it, asks it, kills it, starts it again.

One client is used by one thread at a time; a queue that wants two transcripts at once makes two.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, cast

from app.core.model.errors import BadData, Cancelled, Passing
from app.core.platform.interpreter import worker_argv, worker_environment, worker_folders
from app.core.platform.processes import Child, ChildGone, Limits, Sandbox, spawn
from app.core.post import speech_protocol as protocol
from app.core.post.channels import HeardChannel, Span
from app.core.post.speech_engine import Chunk, Passage

Cancel = Callable[[], bool]

_ANSWER_SECONDS = 900
"""Longest wait for one answer: half a minute of speech with a large model on a slow machine."""
_IDLE_SECONDS = 60
_MODULE = "app.core.post.speech_worker"


class SpeechWorker:
    """A speech model in a child process of its own."""

    def __init__(
        self,
        model: Path,
        *,
        threads: int = 1,
        readable: Sequence[Path] = (),
        idle_seconds: int = _IDLE_SECONDS,
    ) -> None:
        """Starts nothing yet.

        Args:
            model: folder of the verified model.
            threads: of one worker; one a core in several workers does more than more threads in one.
            readable: folders with speech audio; a file elsewhere costs a restart of the child.
            idle_seconds: without a request, until the child gives its memory back.
        """
        self._model = model
        self._threads = threads
        self._idle = idle_seconds
        self._readable = set(readable)
        self._child: Child | None = None

    def hear(
        self, paths: Sequence[Path], cancelled: Cancel, *, until: int = 0
    ) -> tuple[int, tuple[HeardChannel, ...]]:
        """Samples of a channel, and what each channel carries. Loads no model.

        Args:
            paths: the speech audio.
            cancelled: asked while the worker is busy.
            until: only so many samples from the beginning are listened to; 0 for all.

        Raises:
            BadData: no speech audio.
            Passing: the worker died.
            Cancelled: asked for; the worker is killed.
        """
        answer = cast("protocol.Json", self._ask({"op": "hear", "until": until}, paths, cancelled))
        channels = cast("list[object]", answer["channels"])
        return int(str(answer["samples"])), tuple(map(protocol.channel_from, channels))

    def languages(
        self,
        paths: Sequence[Path],
        channel: int,
        groups: Sequence[Sequence[Span]],
        allowed: Sequence[str],
        cancelled: Cancel,
        *,
        thorough: bool = False,
    ) -> list[tuple[str, int]]:
        """The language of each group of utterances and how sure that is, permille. Raises like `hear`."""
        request = {
            "op": "languages",
            "channel": channel,
            "groups": [protocol.span_list(group) for group in groups],
            "allowed": " ".join(allowed),
            "thorough": thorough,
        }
        found = cast("list[list[object]]", self._ask(request, paths, cancelled))
        return [(str(code), int(str(sure))) for code, sure in found]

    def decode(self, paths: Sequence[Path], chunk: Chunk, cancelled: Cancel) -> list[Passage]:
        """The words of a chunk. Raises like `hear`."""
        request = {"op": "decode", "chunk": protocol.chunk_json(chunk)}
        return [
            protocol.passage_from(each)
            for each in cast("list[object]", self._ask(request, paths, cancelled))
        ]

    @property
    def pid(self) -> int | None:
        """The child's process id; None while none runs."""
        return self._child.pid if self._child and self._child.alive else None

    def close(self) -> None:
        """Ends the child."""
        if self._child:
            self._child.close()
            self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _ask(
        self, request: Mapping[str, object], paths: Sequence[Path], cancelled: Cancel
    ) -> object:
        line = protocol.written({**request, "paths": [str(path) for path in paths]})
        try:
            answer = protocol.read(self._exchange(line, paths, cancelled))
        except Cancelled:
            # Killed a moment ago it may still count as alive: the next question must not go to it.
            self.close()
            raise
        except ChildGone as error:
            self.close()
            raise Passing(
                "The speech worker stopped",
                f"While it listened to {paths[0].name}: {error.message}",
                subject=str(paths[0]),
                todo="It is tried once more; a file that stops it again is left alone.",
            ) from error
        problem = answer.get("error")
        if isinstance(problem, dict):
            words = cast("dict[str, object]", problem)
            raise BadData(str(words.get("title")), str(words.get("message")), subject=str(paths[0]))
        return answer.get("ok")

    def _exchange(self, line: str, paths: Sequence[Path], cancelled: Cancel) -> str:
        child = self._running(paths)
        try:
            child.send(line)
            return child.receive(seconds=_ANSWER_SECONDS, cancel=cancelled)
        except ChildGone as error:
            if error.finished is None or error.finished.returncode != 0:
                raise
        # It had just ended by itself, idle, as the request was on its way.
        self.close()
        child = self._running(paths)
        child.send(line)
        return child.receive(seconds=_ANSWER_SECONDS, cancel=cancelled)

    def _running(self, paths: Sequence[Path]) -> Child:
        unseen = [path.parent for path in paths if not self._sees(path)]
        if unseen:
            self._readable.update(unseen)
            self.close()
        if self._child is None or not self._child.alive:
            self.close()
            self._child = self._start()
        return self._child

    def _sees(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._readable)

    def _start(self) -> Child:
        words = [
            *worker_argv(_MODULE),
            str(self._model),
            str(self._threads),
            str(self._idle),
        ]
        return spawn(
            words,
            limits=Limits(seconds=_ANSWER_SECONDS, memory_mb=_memory(self._model)),
            sandbox=Sandbox(read=(*worker_folders(), self._model, *self._readable)),
            env={
                **worker_environment(),
                "OMP_NUM_THREADS": str(self._threads),
                "HF_HUB_OFFLINE": "1",
            },
        )


def _memory(model: Path) -> int:
    """A ceiling for the child's address space in MB: what loading was seen to take, twice over."""
    weights = sum(file.stat().st_size for file in model.iterdir() if file.is_file()) >> 20
    return 3072 + 4 * weights
