"""What the speech worker has answered about one clip, kept so that work which was cut off goes on from there.

An answer depends on the sound, the model and the question alone. So a run that finds the answers of an
earlier one asks the same questions, is told the same, and comes to the same transcript.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from app.core.post import speech_protocol as protocol
from app.core.post.channels import HeardChannel, Span
from app.core.post.speech_client import Cancel
from app.core.post.speech_engine import Chunk, Passage

_HEARD = "hear"


class Listening(Protocol):
    """Who answers questions about speech: the worker, or a memory before it. See `SpeechWorker`."""

    def hear(
        self, paths: Sequence[Path], cancelled: Cancel, *, until: int = 0
    ) -> tuple[int, tuple[HeardChannel, ...]]:
        """Samples of a channel, and what each channel carries."""
        ...

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
        """The language of each group of utterances and how sure that is, permille."""
        ...

    def decode(self, paths: Sequence[Path], chunk: Chunk, cancelled: Cancel) -> list[Passage]:
        """The words of a chunk."""
        ...


class SpeechMemory:
    """Answers from memory, and asks a worker for what is not in it."""

    def __init__(self, worker: Listening, about: str, kept: object = None) -> None:
        """Begins with what an earlier run kept, where that was about the same.

        Args:
            worker: asked for what is not known.
            about: names the sound, the model and whatever else answers depend on.
            kept: what `kept` gave; anything else is nothing.
        """
        self._worker = worker
        self._about = about
        self._answers = _answers(kept, about)
        self.fresh = False
        """Whether there are answers that `kept` has not given out."""

    def kept(self) -> Mapping[str, object]:
        """All answers, ready for JSON."""
        self.fresh = False
        return {"about": self._about, "answers": dict(self._answers)}

    def hear(
        self, paths: Sequence[Path], cancelled: Cancel, *, until: int = 0
    ) -> tuple[int, tuple[HeardChannel, ...]]:
        """As the worker; a look at the beginning alone is not remembered."""
        if until:
            return self._worker.hear(paths, cancelled, until=until)
        if _HEARD not in self._answers:
            samples, channels = self._worker.hear(paths, cancelled)
            self._keep(_HEARD, [samples, [protocol.channel_json(each) for each in channels]])
        samples, channels = cast("tuple[int, list[object]]", self._answers[_HEARD])
        return samples, tuple(map(protocol.channel_from, channels))

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
        """As the worker."""
        spans = [protocol.span_list(group) for group in groups]
        key = protocol.written(
            {"channel": channel, "groups": spans, "allowed": list(allowed), "thorough": thorough}
        )
        if key not in self._answers:
            told = self._worker.languages(
                paths, channel, groups, allowed, cancelled, thorough=thorough
            )
            self._keep(key, [list(each) for each in told])
        found = cast("list[tuple[str, int]]", self._answers[key])
        return [(code, sure) for code, sure in found]

    def decode(self, paths: Sequence[Path], chunk: Chunk, cancelled: Cancel) -> list[Passage]:
        """As the worker."""
        key = protocol.written(protocol.chunk_json(chunk))
        if key not in self._answers:
            passages = self._worker.decode(paths, chunk, cancelled)
            self._keep(key, [protocol.passage_json(each) for each in passages])
        return [protocol.passage_from(each) for each in cast("list[object]", self._answers[key])]

    def _keep(self, key: str, answer: object) -> None:
        self._answers[key] = answer
        self.fresh = True


def _answers(kept: object, about: str) -> dict[str, object]:
    if not isinstance(kept, dict):
        return {}
    told = cast("dict[str, object]", kept)
    answers = told.get("answers")
    same = told.get("about") == about and isinstance(answers, dict)
    return dict(cast("dict[str, object]", answers)) if same else {}
