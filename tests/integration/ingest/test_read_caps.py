"""Read caps: all that reads a volume shares one, children too, and a changed one reaches what runs.

Bytes are held against the limit's own clock: a slow machine reads less than it may, which is no fault.
"""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog import library
from app.core.files import hashing
from app.core.media.derive import derive
from app.core.media.frame_client import FrameWorker
from app.core.media.poster import poster
from app.core.model.media import ClipKind, Derive, MediaFacts, RenditionKind
from app.core.platform import clock, reads
from app.core.platform import settings as settings_file
from app.core.platform.pacing import SECOND, Limiter
from app.core.platform.processes import Limits, Sandbox, run
from app.core.services import Services
from app.core.work.read_caps import ReadCaps
from tests.integration.media.deriving import job_of
from tests.support.command import wait_for
from tests.support.media_factory import X264, MediaFactory
from tests.support.media_kinds import Clip
from tests.support.volumes import put

RATE = 2_000_000
"""Bytes a second."""
BURST = 2_500_000
"""What may be ahead of the limit: a piece of a whole read, a child's turn, and what it reads between two looks."""
RAW = ("-c:v", "rawvideo", "-pix_fmt", "uyvy422")


def test_the_system_tells_what_a_child_and_its_own_children_read(tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(5_000_000))
    script = (
        "import pathlib, subprocess, sys, time\n"
        "subprocess.run(['/bin/cat', sys.argv[1]], stdout=subprocess.DEVNULL)\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)"
    )
    see = (tmp_path, Path(sys.prefix), Path(sys.base_prefix))
    for number, sandbox in enumerate((None, Sandbox(read=see))):
        cap, seen = ReadCaps().of("v"), tmp_path / f"seen{number}"

        def look(cap: Limiter = cap, seen: Path = seen) -> bool:
            if cap.owe(0) >= 5_000_000:
                seen.touch()
            return False

        words = [sys.executable, "-c", script, str(big), str(seen)]
        ended = run(words, limits=Limits(60), sandbox=sandbox, cap=cap, cancel=look)
        assert ended.returncode == 0, ended
        assert cap.owe(0) < 9_000_000, "the file, and what a program reads of itself"
    assert reads.told()


def test_a_child_stands_still_when_it_has_had_its_share(tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(8_000_000))
    slowly = (
        "import sys, time\nwith open(sys.argv[1], 'rb', 0) as f:\n"
        " while f.read(65536): time.sleep(0.01)\n print('read')"
    )
    caps = ReadCaps()
    caps.keep({"v": RATE})
    begun = clock.monotonic_ns()
    ended = run(
        [sys.executable, "-c", slowly, str(big)],
        limits=Limits(60),
        cap=caps.of("v"),
    )
    assert ended.stdout == b"read\n"
    took = clock.monotonic_ns() - begun
    assert took * RATE // SECOND >= 8_000_000 - BURST


def test_a_whole_read_a_decode_pass_and_posters_share_one_cap(tmp_path: Path) -> None:
    media = MediaFactory(tmp_path)
    facts = MediaFacts(kind=ClipKind.VIDEO, frames=16)
    video = media.video("A001.mov", *RAW, frames=16, size=(640, 360))
    small = media.video("A002.mov", *X264, "-g", "5", frames=25)
    sound = tmp_path / "long.wav"
    sound.write_bytes(bytes(video.stat().st_size))
    caps = ReadCaps()
    caps.keep({"volume": RATE})
    read: list[int] = []
    over = threading.Event()

    def hash_it() -> None:
        with sound.open("rb", buffering=0) as stream:
            hashing.full_hash(stream, cap=caps.of("volume"))
        read.append(sound.stat().st_size)

    def derive_it() -> None:
        made = tmp_path / "made"
        made.mkdir()
        derive(job_of(Clip((video,), facts, ())), made, cap=caps.of("volume"))
        read.append(video.stat().st_size)

    def show_it() -> None:
        with FrameWorker() as worker:
            while not over.is_set():
                made = tmp_path / "poster.jpg"
                poster(
                    small,
                    MediaFacts(kind=ClipKind.VIDEO),
                    made,
                    worker=worker,
                    cap=caps.of("volume"),
                )
                read.append(small.stat().st_size // 2)

    begun = clock.monotonic_ns()
    whole, decoding, shown = (threading.Thread(target=act) for act in (hash_it, derive_it, show_it))
    for one in (whole, decoding, shown):
        one.start()
    whole.join()
    decoding.join()
    over.set()
    took = clock.monotonic_ns() - begun
    shown.join()
    assert len(read) > 2, "each of the three had its turns"
    assert sum(read) - BURST <= took * RATE // SECOND


def test_a_child_that_ends_at_once_is_counted(tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(bytes(3_000_000))
    caps = ReadCaps()
    caps.keep({"v": RATE})
    begun = clock.monotonic_ns()
    for _ in range(3):
        run(["/bin/cat", str(big)], limits=Limits(60), cap=caps.of("v"))
    assert (clock.monotonic_ns() - begun) * RATE // SECOND >= 6_000_000, "each waits for the last"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The whole core with a clip and a sound, at work but for proxies and whole reads."""
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", *RAW, frames=16, size=(640, 360))
    with put(media.folder, "one.wav").open("ab") as stream:
        stream.truncate(8 << 20)
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "ingest.quiet_seconds", "1")
    settings_file.set_value(home, "transcripts.enabled", "false")
    with contextlib.closing(Services(home)) as services:
        services.volumes.add(media.folder, derive=Derive.POSTERS)
        services.start(watch=False)
        services.engine.wait_idle()
        yield services


@pytest.mark.parametrize("how", ["of the volume", "of all volumes"])
def test_a_changed_cap_reaches_the_whole_read_and_the_decode_pass_that_run(
    services: Services, how: str
) -> None:
    (volume,) = services.volumes.every()
    if how == "of the volume":
        change: Callable[[int], object] = lambda cap: services.volumes.change(  # noqa: E731
            volume.id, read_cap=cap
        )
    else:
        change = lambda cap: services.change_setting("ingest.read_cap_mb", str(cap))  # noqa: E731
    change(1)
    limit = services.read_caps.of(volume.id)
    assert limit.rate == (1 if how == "of the volume" else 1_000_000)
    if limit.rate > 1:
        limit.owe(1 << 40)
    services.volumes.change(volume.id, derive=Derive.ALL)
    wait_for(lambda: {"hash", "derive"} <= {j.recipe.name for j in services.engine.jobs()})
    assert not services.engine.idle()
    change(0)
    assert services.engine.wait_idle()
    with services.catalog.read() as reader:
        numbers = reader.column("SELECT n FROM clip WHERE retired = 0")
        found = library.page(reader, [int(n) for n in numbers])
    assert all(clip.hash and clip.rendition(RenditionKind.PROXY) for clip in found)
