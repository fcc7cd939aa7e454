"""The real footage as a volume: every file is catalogued, flagged or skipped, and nothing is written there."""

import json
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Desk
from tests.support.footage import FOOTAGE, Row, rows

pytestmark = [
    pytest.mark.footage,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no footage folder beside the checkout"),
]
UNWELL = {"bad", "damaged", "undecodable", "growing"}
TIMED = {"video", "audio"}
ONE_MILLISECOND = Fraction(1, 1000)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> "Watched":
    """The footage, catalogued once for all tests of this module."""
    before = seen(FOOTAGE)
    desk = Desk(tmp_path_factory.mktemp("footage") / "home")
    added = desk.ask("volume", "add", FOOTAGE, "--derive", "posters")
    done = desk.ask("run", "--until-idle")
    skipped = {s["path"]: s["reason"] for s in (*added["skipped"], *desk.ask("scan")["skipped"])}
    return Watched(desk, before, done, skipped)


class Watched:
    """The catalog of the footage."""

    def __init__(
        self,
        desk: Desk,
        before: dict[str, tuple[int, int]],
        done: dict[str, Any],
        skipped: dict[str, str],
    ) -> None:
        self.desk = desk
        self.before = before
        self.done = done
        self.skipped = skipped
        self.clips = {file["path"]: clip for clip in desk.clips() for file in clip["files"]}

    def of(self, path: str) -> dict[str, Any] | None:
        """The clip that a file belongs to; pictures of a sequence are one entry with a number."""
        if path in self.clips:
            return self.clips[path]
        folder = path.rpartition("/")[0]
        runs = (c for p, c in self.clips.items() if "%" in p and p.rpartition("/")[0] == folder)
        return next(runs, None)


def test_every_file_is_catalogued_or_skipped_with_a_reason(watched: Watched) -> None:
    lost = [
        path
        for path in watched.before
        if watched.of(path) is None and not watched.skipped.get(path)
    ]
    assert lost == []
    assert not any("our bug" in str(failure) for failure in watched.done["failed"])
    assert watched.desk.ask("check")["problems"] == []


def test_nothing_is_written_to_the_volume(watched: Watched) -> None:
    assert seen(FOOTAGE) == watched.before


def test_facts_agree_with_ffprobe(watched: Watched) -> None:
    complaints: list[str] = []
    compared = 0
    for row in rows():
        clip = watched.of(row.name)
        if row.code != "0" or clip is None or role(clip, row.name) != "essence":
            continue
        if sum(file["role"] in ("essence", "span", "audio") for file in clip["files"]) > 1:
            continue  # the clip's facts are of all its files
        compared += 1
        complaints += [f"{row.name}: {wrong}" for wrong in differences(row, clip)]
    assert not complaints, "\n".join(complaints)
    assert compared > 70


def test_what_ffprobe_cannot_read_is_flagged(watched: Watched) -> None:
    taken = {row.name: watched.of(row.name) for row in rows() if row.code not in ("", "0")}
    assert taken
    fine = {
        name: clip["state"] if clip else watched.skipped.get(name)
        for name, clip in taken.items()
        if (
            clip["state"] not in UNWELL or not clip["problem"]
            if clip
            else name not in watched.skipped
        )
    }
    assert fine == {}


def role(clip: dict[str, Any], path: str) -> str | None:
    return next((file["role"] for file in clip["files"] if file["path"] == path), None)


def differences(row: Row, clip: dict[str, Any]) -> Iterator[str]:
    wanted = row.picture
    if wanted and wanted["codec"] != "?" and wanted["width"] != "0" and clip["kind"] != "audio":
        if clip["codec"] != wanted["codec"]:
            yield f"codec {clip['codec']} not {wanted['codec']}"
        if (clip["width"], clip["height"]) != (int(wanted["width"]), int(wanted["height"])):
            yield f"size {clip['width']}x{clip['height']} not {wanted['width']}x{wanted['height']}"
        if clip["kind"] == "video" and Fraction(clip["rate"]) not in row.rates:
            yield f"rate {clip['rate']} not {row.rates}"
    sounds = [(s["codec"], s["channels"], s["sample_rate"]) for s in clip["audio"]]
    heard = [(s["codec"], int(s["channels"]), int(s["rate"])) for s in row.sounds]
    if clip["kind"] in TIMED and sounds != heard:
        yield f"sound {sounds} not {heard}"
    if clip["kind"] in TIMED and row.duration and clip["frames"] and not clip["vfr"]:
        rate = Fraction(clip["rate"])
        near = 1 / rate if clip["kind"] == "video" else ONE_MILLISECOND
        if abs(clip["frames"] / rate - row.duration) > near and not own_length(row, clip):
            yield f"{clip['frames']} frames at {rate} not {float(row.duration)} s"


def own_length(row: Row, clip: dict[str, Any]) -> bool:
    """Whether the stream itself has this length: the manifest's is of the longest stream, or before the edit list."""
    stream = "v:0" if clip["kind"] == "video" else "a:0"
    words = ("-v", "error", "-count_packets", "-of", "json", "-show_entries")
    asked = subprocess.run(
        [
            "ffprobe",
            *words,
            "stream=duration,nb_read_packets",
            "-select_streams",
            stream,
            FOOTAGE / row.name,
        ],
        capture_output=True,
        check=True,
    )
    told = json.loads(asked.stdout)["streams"][0]
    if clip["kind"] == "video" and int(told.get("nb_read_packets", 0)) == clip["frames"]:
        return True
    length = Fraction(told.get("duration", "-1"))
    return abs(clip["frames"] / Fraction(clip["rate"]) - length) < ONE_MILLISECOND


def seen(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of a folder with its size and time."""
    found = [path for path in folder.rglob("*") if not path.is_dir()]
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in found
    }
