"""What file names say of their files."""

import pytest

from app.core.files.sorts import FileSort, SortRules, split_name


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("A001.MXF", "A001", "mxf"),
        (".hidden.wav", ".hidden", "wav"),
        (".profile", ".profile", ""),
        ("trail. .wav ", "trail. ", "wav"),
        ("dot..", "dot..", ""),
        ("dot.at.end..mp4", "dot.at.end.", "mp4"),
        ("v1.2 final", "v1.2 final", ""),
        ("...mp4", "...mp4", ""),
        ("new\nline.mp4", "new\nline", "mp4"),
        ("no extension", "no extension", ""),
        ("bad\udcff.mov", "bad\udcff", "mov"),
        ("a.ｍｏｖ", "a.ｍｏｖ", ""),
    ],
)
def test_a_name_is_taken_apart(name: str, stem: str, extension: str) -> None:
    assert split_name(name) == (stem, extension)


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("A001C001.MXF", FileSort.VIDEO),
        ("A006_C001_0514AB_001.R3D", FileSort.VIDEO),
        ("GL010042.LRV", FileSort.VIDEO),
        ("T001.WAV", FileSort.SOUND),
        (".hidden.wav", FileSort.SOUND),
        ("plate.0001.dpx", FileSort.IMAGE),
        ("IMG_0001.CR3", FileSort.RAW),
        ("IMG_0001.AAE", FileSort.SIDECAR),
        ("clip.mov.xmp", FileSort.SIDECAR),
        ("captions.srt", FileSort.SIDECAR),
        ("notes.txt", FileSort.DOCUMENT),
        ("cut.otio", FileSort.DOCUMENT),
        ("film.prproj", FileSort.DOCUMENT),
        ("NULL_pointer", FileSort.UNKNOWN),
        ("dot..", FileSort.UNKNOWN),
    ],
)
def test_an_extension_is_a_first_guess(name: str, sort: FileSort) -> None:
    assert SortRules.load().sort(name) is sort


def test_no_extension_is_in_two_lists() -> None:
    import tomllib

    from app.core.platform.paths import resource

    lists = tomllib.loads(resource("sorts.toml").read_text(encoding="utf-8"))
    all_endings = [ending for endings in lists.values() for ending in endings]
    assert len(all_endings) == len(set(all_endings))
    assert all(ending == ending.lower() and ending.isalnum() for ending in all_endings)
