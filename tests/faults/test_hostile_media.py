"""A volume full of what wants to be taken for media: refused with its reason, capped, or only a name; and nobody is called."""

import dataclasses
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support import hostile_media
from tests.support.fuzz_pass import UNWELL, Damage, Watched
from tests.support.hostile_media import sparse
from tests.support.media_factory import MediaFactory

pytestmark = pytest.mark.timeout(600)
HIGHEST_MIB = 700
"""Resident memory of any child: a decoder of small pictures takes a tenth."""


@dataclasses.dataclass
class Seen:
    """What became of a hostile volume."""

    damage: Damage
    watched: Watched
    clips: dict[str, dict[str, Any]]
    skipped: dict[str, str]
    asked: list[str]
    """What a web server on loopback was asked: every request is a leak."""
    told: Path
    """Where foreign code leaves its traces."""
    names: dict[str, list[str]]

    def refused(self, path: str) -> str:
        """Why a file is no clip, or none that plays."""
        clip = self.clips.get(path)
        if clip is None:
            return self.skipped[path]
        assert clip["state"] in UNWELL, (path, clip)
        return str(clip["problem"])


@pytest.fixture(scope="module")
def beacon() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Beacon(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(repr(self.rfile.readline(1000)))
            self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Beacon) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, beacon: tuple[str, list[str]]) -> Seen:
    """One pass over all of it, begun in the volume's own folder, which is also the first of PATH."""
    folder, (url, asked) = tmp_path_factory.mktemp("hostile"), beacon
    damage = Damage(folder)
    told = folder / "told"
    told.mkdir()
    whole = MediaFactory(folder / "made").video("a.mov", frames=5).read_bytes()
    volume = damage.volume
    (volume / "secret.mp4").write_bytes(whole)
    names = {
        "pointers": hostile_media.pointers(volume, url),
        "named": hostile_media.named(volume, whole),
        "bombs": hostile_media.bombs(volume),
        "none": hostile_media.no_files(volume, folder / "outside"),
        "cards": hostile_media.cards(volume, url, whole),
    }
    sparse(volume / "sparse.mov", 5 << 30)
    hostile_media.code(volume, told)
    for path in volume.rglob("*"):
        os.utime(path, (0, 10**9), follow_symlinks=False)
    damage.desk.cwd = volume
    damage.desk.environment["PATH"] = f":.:{os.environ['PATH']}"
    added = damage.desk.ask("volume", "add", volume, "--derive", "all")
    watched = damage.run()
    skipped = {
        s["path"]: s["reason"] for s in [*added["skipped"], *damage.desk.ask("scan")["skipped"]]
    }
    clips = {file["path"]: clip for clip in damage.desk.clips() for file in clip["files"]}
    return Seen(damage, watched, clips, skipped, asked, told, names)


def test_what_points_elsewhere_is_refused_and_nobody_is_called(seen: Seen) -> None:
    reasons = {path: seen.refused(path) for path in seen.names["pointers"]}
    assert all(reasons.values()), reasons
    plain = [path for path, reason in reasons.items() if "not opened" in reason]
    assert len(plain) >= 12, reasons
    assert seen.asked == []


def test_a_name_is_only_a_name(seen: Seen) -> None:
    for name in seen.names["named"]:
        clip = seen.clips[name]
        assert (clip["state"], clip["frames"]) == ("ready", 5), clip
    assert len({seen.clips[name]["id"] for name in seen.names["named"]}) == len(seen.names["named"])
    assert not [p for p in seen.damage.volume.parent.rglob("*PWNED*") if "touch" not in p.name]


def test_a_bomb_is_refused_or_capped(seen: Seen) -> None:
    for path in seen.names["bombs"]:
        assert seen.refused(path), path
    assert "60000 x 60000" in seen.refused("wide.png")
    assert "60000 x 60000" in seen.refused("wide.jpg")
    assert seen.watched.child_mib < HIGHEST_MIB, seen.watched


def test_what_is_no_file_is_named_and_left_alone(seen: Seen) -> None:
    for path in seen.names["none"]:
        assert path not in seen.clips
        assert seen.skipped[path], path
    assert "zeros" in seen.refused("sparse.mov")
    assert not [
        path for path in seen.clips if "outside" in path or path.startswith(("out", "circle"))
    ]


def test_a_hostile_sidecar_costs_only_itself(seen: Seen) -> None:
    for path in seen.names["cards"]:
        clip = seen.clips[path]
        assert (clip["state"], clip["frames"]) == ("ready", 5), clip
    assert seen.watched.own_mib < HIGHEST_MIB, seen.watched


def test_foreign_code_beside_the_media_is_never_run(seen: Seen) -> None:
    assert list(seen.told.iterdir()) == []


def test_the_traces_would_be_seen(seen: Seen) -> None:
    """The same volume as a place that programs and modules are taken from leaves its traces."""
    import subprocess
    import sys

    told = {path.name for path in seen.told.iterdir()}
    subprocess.run(
        [sys.executable, "-c", "import xxhash"], cwd=seen.damage.volume, check=False, env={}
    )
    subprocess.run(["ffprobe"], env={"PATH": str(seen.damage.volume)}, check=False)
    left = {path.name for path in seen.told.iterdir()} - told
    assert {"xxhash", "ffprobe"} <= left
    for name in left:
        (seen.told / name).unlink()


def test_nothing_is_left_and_everything_is_kept(seen: Seen) -> None:
    seen.damage.see_nothing_left()
    assert seen.damage.desk.ask("check")["problems"] == []
    assert seen.clips["secret.mp4"]["state"] == "ready", "the queue goes on"


CRASHING = """#!/bin/sh
case "$*" in *poison*) echo $$ >> {told}; kill -{signal} $$;; esac
exec {real} "$@"
"""


@pytest.mark.parametrize("signal", ["SEGV", pytest.param("ABRT", marks=pytest.mark.long)])
def test_a_decoder_that_dies_is_tried_twice_and_the_queue_goes_on(
    tmp_path: Path, signal: str
) -> None:
    damage = Damage(tmp_path)
    media = MediaFactory(damage.volume)
    media.video("poison.mov", frames=10)
    media.video("zz good.mov", frames=12)
    stub, told = tmp_path / "bin" / "ffmpeg", tmp_path / "told"
    stub.parent.mkdir()
    stub.write_text(
        CRASHING.format(told=stub.parent / "told", signal=signal, real=which("ffmpeg", stub.parent))
    )
    stub.chmod(0o755)
    told.touch()
    damage.desk.environment["PATH"] = f"{stub.parent}:{os.environ['PATH']}"
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    answer = damage.run().answer
    states = {clip["name"]: (clip["state"], clip["problem"]) for clip in damage.desk.clips()}
    assert states["zz good"] == ("ready", None)
    assert states["poison"][0] == "bad"
    assert "crashed" in states["poison"][1]
    failed = [one for one in answer["failed"] if one["key"].startswith("derive:")]
    assert [(one["name"], one["tries"]) for one in failed] == [("poison", 2)], failed
    assert damage.desk.ask("check")["problems"] == []
    again = damage.run().answer
    assert [one["tries"] for one in again["failed"]] == [2], "it stands still until somebody asks"


def which(name: str, but: Path) -> str:
    """A program of PATH that is not in this folder."""
    import shutil

    found = shutil.which(name)
    assert found
    assert Path(found).parent != but
    return found
