"""Image sequences with holes, through the whole pipeline: frame n is everywhere number first + n."""

from pathlib import Path
from typing import Any

import pytest

from app.core.files import hashing
from app.core.platform import settings as settings_file
from tests.integration.media.deriving import numbers
from tests.support.command import NearDesk
from tests.support.media_factory import MediaFactory, ffmpeg, picture
from tests.support.volumes import age

FIRST, LAST, HOLE, EMPTY, BROKEN = 1001, 1012, (1004, 1005), 1008, 1010
OTHER_SIZES = {1004: (120, 70), 1005: (120, 70), 1009: (200, 120)}


class Plates:
    """A folder of sequences, catalogued, with their proxies made."""

    def __init__(self, folder: Path) -> None:
        media = MediaFactory(folder / "media")
        media.sequence("hole", [n for n in range(FIRST, LAST + 1) if n not in HOLE], "png")
        for path in media.sequence("broken", range(FIRST, LAST + 1), "png"):
            if str(EMPTY) in path.name:
                path.write_bytes(b"")
            elif str(BROKEN) in path.name:
                data = path.read_bytes()
                path.write_bytes(data[:60] + bytes(len(data) - 60))
        self.add_mixed(media)
        home = folder / "home"
        home.mkdir()
        settings_file.set_value(home, "transcripts.enabled", "false")
        for path in (*media.folder.rglob("*.png"), *media.folder.rglob("*.exr")):
            age(path)
        self.folder = folder
        self.desk = NearDesk(home)
        self.desk.ask("volume", "add", media.folder, "--derive", "all")
        self.desk.ask("run", "--until-idle")

    def add_mixed(self, media: MediaFactory) -> None:
        """EXR frames of which some are smaller and one is larger than the first."""
        for path in media.sequence("mixed", range(FIRST, LAST + 1), "exr"):
            number = int(path.name.split(".")[1])
            if size := OTHER_SIZES.get(number):
                source = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "{}x{}".format(*size))
                words = ("-i", "pipe:0", "-update", "1", "-frames:v", "1", path)
                ffmpeg(*source, *words, feed=picture(number, *size))

    def shown(self, name: str, frame: int, *words: str) -> int:
        """The number burnt into a frame as the command line gives it."""
        out = self.folder / f"{name}-{frame}{''.join(words)}.png"
        self.desk.ask("frame", name, "--at", f"@{frame}", "-o", out, "--replace", *words)
        return numbers(out)[0]

    def told(self, name: str) -> dict[str, Any]:
        """What `show` says."""
        return self.desk.ask("show", name)


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Plates:
    """The plates of one day."""
    return Plates(tmp_path_factory.mktemp("plates"))


def test_the_proxy_of_a_sequence_with_a_hole_has_a_picture_for_every_number(plates: Plates) -> None:
    found = [plates.shown("hole", frame, "--proxy") for frame in range(LAST - FIRST + 1)]
    assert found == [1001, 1002, 1003, 1003, 1003, *range(1006, 1013)]


def test_the_original_and_the_proxy_agree_where_there_is_a_picture(plates: Plates) -> None:
    for frame in (0, 2, 5, LAST - FIRST):
        assert (
            plates.shown("hole", frame) == FIRST + frame == plates.shown("hole", frame, "--proxy")
        )
    error = plates.desk.refuse("frame", "hole", "--at", f"@{HOLE[0] - FIRST}", "-o", "x.png")
    assert str(HOLE[0]) in error["message"]
    beyond = plates.desk.refuse("frame", "hole", "--at", "@12", "-o", "x.png")
    assert "12 frames" in beyond["message"]


def test_frames_gaps_and_parity_count_every_number(plates: Plates) -> None:
    clip = plates.told("hole")
    assert (clip["frames"], clip["gaps"], clip["state"]) == (12, [list(HOLE)], "ready")
    proxy = next(r for r in clip["renditions"] if r["kind"] == "proxy")
    checks = {check["name"]: check for check in proxy["facts"]["parity"]}
    assert (checks["frames"]["expected"], checks["frames"]["found"]) == ("12", "12")
    assert proxy["facts"]["parity_ok"]


def test_a_frame_that_is_empty_or_does_not_decode_is_held_and_said(plates: Plates) -> None:
    clip = plates.told("broken")
    found = [plates.shown("broken", frame, "--proxy") for frame in range(12)]
    assert found == [*range(1001, 1008), 1007, 1009, 1009, 1011, 1012]
    assert clip["frames"] == 12
    assert clip["state"] == "damaged"


def test_frames_of_other_sizes_keep_their_numbers_and_are_said(plates: Plates) -> None:
    clip = plates.told("mixed")
    assert (clip["state"], clip["frames"], clip["gaps"]) == ("ready", 12, [])
    found = [plates.shown("mixed", frame, "--proxy") for frame in range(12)]
    assert found == list(range(FIRST, LAST + 1))
    assert clip["problem"] == (
        "Its frames differ in size: 120 × 70, 200 × 120. The proxy shows them as large as the first."
    )
    assert plates.told("hole")["problem"] == "Frames are missing: 1004-1005."


def test_the_one_file_of_a_sequence_is_all_its_frames(plates: Plates) -> None:
    clip = plates.told("hole")
    (file,) = clip["files"]
    frames = sorted((plates.folder / "media").rglob("hole*.png"))
    assert len(frames) == LAST - FIRST + 1 - len(HOLE)
    assert file["size"] == sum(path.stat().st_size for path in frames)
    assert file["path"].endswith("hole.%07d.png")
    hashes: list[str] = []
    for path in frames:
        with path.open("rb") as stream:
            hashes.append(hashing.full_hash(stream))
    assert file["hash"] == hashing.combined(hashes)
