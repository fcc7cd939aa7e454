"""Puts a model together from installed Python packages.

Large models are published in parts because package registries cap the size of one file; the parts
are plain bytes to be joined in order. Nothing of such a package is imported or run.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from app.core.model.errors import BadData, Cancelled
from app.core.post.models.registry import Pack, Release
from app.core.post.models.storage import Cancel, Progress, part_of, translated

_BLOCK = 1 << 20


def installed_pack(release: Release) -> Pack | None:
    """The first pack of which every piece is installed."""
    for pack in release.packs:
        wanted = [piece for pieces in pack.pieces.values() for piece in pieces]
        if all(_locate(piece) for piece in wanted):
            return pack
    return None


def join_pieces(
    release: Release, pack: Pack, folder: Path, progress: Progress, cancelled: Cancel
) -> None:
    """Writes every file of a release into `folder` under its temporary name.

    The caller checks the hashes and gives the names (`storage.publish`).

    Raises:
        BadData: a package has lost a piece since it was looked for.
        NoRoom, Missing: the folder cannot be written.
        Cancelled: asked for between two blocks.
    """
    done = 0
    for file in release.files:
        part = part_of(folder, file)
        with translated(part), part.open("wb") as out:
            for block in _blocks(pack.pieces[file.name]):
                if cancelled():
                    raise Cancelled("Stopped", "Preparing the model was stopped.")
                out.write(block)
                done += len(block)
                progress(done, release.size)


def _blocks(pieces: tuple[str, ...]) -> Iterator[bytes]:
    for piece in pieces:
        path = _locate(piece)
        if path is None:
            raise BadData(
                "Model package is gone", f"{piece} is not installed any more.", subject=piece
            )
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block


def _locate(piece: str) -> Path | None:
    """Where a piece lies on this machine; finding a top-level module runs none of its code."""
    module, _, inner = piece.partition(":")
    spec = importlib.util.find_spec(module)
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place, inner)
        if path.is_file():
            return path
    return None
