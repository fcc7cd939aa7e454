"""Ignore patterns as a .gitignore has them, and none that takes time without end."""

import sys

import pytest

from app.core.files.mhl_ignore import compiled, held_out, ignored


@pytest.mark.parametrize(
    ("lines", "out", "kept"),
    [
        ([".DS_Store"], [".DS_Store", "a/.DS_Store"], ["a.DS_Store", "DS_Store"]),
        (["*.tmp"], ["a.tmp", "b/c/.tmp", "x.tmp/inside"], ["a.tmp2", "tmp"]),
        (["/tmp"], ["tmp", "tmp/x"], ["a/tmp"]),
        (["doc/frotz/"], ["doc/frotz/x"], ["doc/frotz", "a/doc/frotz/x"]),
        (["frotz/"], ["frotz/x", "a/frotz/x"], ["frotz", "a/frotz"]),
        (["**/foo/bar"], ["foo/bar", "a/b/foo/bar"], ["foo/a/bar", "bar"]),
        (["abc/**"], ["abc/x", "abc/x/y"], ["abc", "x/abc/y"]),
        (["a/**/b"], ["a/b", "a/x/b", "a/x/y/b/c"], ["a/bb", "b"]),
        (["a?c", "[x-z]1", "[!a]2"], ["abc", "y1", "b2"], ["a/c", "ac", "w1", "a2"]),
        (["*.mov", "!keep.mov"], ["a.mov"], ["keep.mov", "b/keep.mov"]),
        (["out/", "!out/keep"], ["out/keep"], []),
        (["\\!odd", "\\#odd", "end\\ "], ["!odd", "#odd", "end "], ["odd", "end"]),
        (["# a comment", "", "   ", "/", "//", "a" * 2000], [], ["# a comment", "a" * 2000]),
        (["a b  "], ["a b"], ["a b  "]),
        (
            ["[", "[]", "a[b", "[z-a]x", "[&&][||]", "(x)", "x+", "^$."],
            ["a[b", "&|", "(x)", "x+"],
            ["x"],
        ),
        (["foo*bar*baz"], ["foobarbaz", "foo1bar2baz"], ["foobaz", "foobarba"]),
    ],
)
def test_patterns(lines: list[str], out: list[str], kept: list[str]) -> None:
    patterns = compiled(lines)
    assert [path for path in out if not held_out(patterns, path, folder=False)] == []
    assert [path for path in kept if held_out(patterns, path, folder=False)] == []


def test_a_closing_slash_means_folders() -> None:
    patterns = compiled(["frotz/"])
    assert ignored(patterns, "a/frotz", folder=True)
    assert not ignored(patterns, "a/frotz", folder=False)


def test_many_stars_take_no_time_without_end() -> None:
    """A pattern that tries every way to share letters among its stars would not end before the sun does."""
    stars = compiled(["*a" * 300 + "b", "**/" * 200 + "a/*/b", "a/" + "**/x/" * 100 + "z"])
    assert not held_out(stars, "a" * 255, folder=False)
    assert not held_out(stars, "/".join("x" * min(300, sys.getrecursionlimit())), folder=False)
