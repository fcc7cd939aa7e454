"""Small made-up models: real files, real hashes, a registry that pins them."""

import hashlib
import json
from pathlib import Path

from app.core.post.models.registry import ModelFile, ModelSpec, Pack, Registry, Release

CONTENTS = {
    "model.bin": b"weights " * 40_000,
    "config.json": b"{}",
    "vocabulary.txt": b"one\ntwo\n",
}
"""The weights span several blocks, so that a download can be cut in the middle."""


def pinned(contents: dict[str, bytes]) -> tuple[ModelFile, ...]:
    """The files as a registry pins them."""
    return tuple(
        ModelFile(name, len(data), hashlib.sha256(data).hexdigest())
        for name, data in contents.items()
    )


def registry(packs: tuple[Pack, ...] = (), repo: str = "acme/toy") -> Registry:
    """A registry with the one model `toy`."""
    release = Release(pinned(CONTENTS), repo, "0123abcd" if repo else "", packs)
    return Registry((ModelSpec("toy", "Toy", "whisper", ("*",), "MIT", (release,)),))


def lay_out(folder: Path, contents: dict[str, bytes] | None = None) -> Path:
    """Writes the model's files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (contents or CONTENTS).items():
        (folder / name).write_bytes(data)
    return folder


def make_packages(folder: Path) -> Pack:
    """Two importable packages that hold the weights in two parts; importing them fails on purpose."""
    half = len(CONTENTS["model.bin"]) // 2
    first, second = folder / "toy_part1", folder / "toy_part2"
    for package in (first, second):
        (package / "data").mkdir(parents=True)
        (package / "__init__.py").write_text('raise RuntimeError("a model package was run")\n')
    (first / "data" / "a").write_bytes(CONTENTS["model.bin"][:half])
    (second / "data" / "b").write_bytes(CONTENTS["model.bin"][half:])
    (first / "data" / "config.json").write_bytes(CONTENTS["config.json"])
    (first / "data" / "vocabulary.txt").write_bytes(CONTENTS["vocabulary.txt"])
    return Pack(
        ("toy-part1", "toy-part2"),
        {
            "model.bin": ("toy_part1:data/a", "toy_part2:data/b"),
            "config.json": ("toy_part1:data/config.json",),
            "vocabulary.txt": ("toy_part1:data/vocabulary.txt",),
        },
    )


def remembered(store: Path) -> dict[str, list[object]]:
    """What the store remembers as verified."""
    return json.loads((store / "verified.json").read_text())
