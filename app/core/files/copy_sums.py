"""Several hashes of one file in one read: the quick ones at once, each slow one on a thread of its own."""

import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from app.core.files import digests
from app.core.files.digests import SLOW, Digest, HashName
from app.core.files.hashing import PIECE
from app.core.platform.beside import HELD, Beside

_WORTH_A_THREAD: Final = 4 * PIECE
"""Bytes; smaller files are hashed sooner than a thread begins."""


class Sums:
    """`with Sums(names, size) as sums`, `update` for each piece, `texts` at the end.

    A piece must stay as it is until `buffers` further ones were given.
    """

    def __init__(self, names: Sequence[HashName], size: int) -> None:
        self._made: dict[HashName, Digest] = {name: digests.digest(name) for name in names}
        apart: list[HashName] = [
            name for name in self._made if name in SLOW and size > _WORTH_A_THREAD
        ]
        self._here = [made for name, made in self._made.items() if name not in apart]
        self._beside = [Beside[memoryview](self._made[name].update, name) for name in apart]
        self._stack = contextlib.ExitStack()

    @property
    def buffers(self) -> int:
        """How many buffers are to be read into by turns."""
        return HELD if self._beside else 1

    def __enter__(self) -> Self:
        for one in self._beside:
            self._stack.enter_context(one)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def update(self, piece: memoryview) -> None:
        """Takes the next bytes."""
        for beside in self._beside:
            beside.put(piece)
        for made in self._here:
            made.update(piece)

    def texts(self) -> dict[HashName, str]:
        """The hashes of everything taken, by name."""
        for beside in self._beside:
            beside.finish()
        return {name: made.text() for name, made in self._made.items()}
