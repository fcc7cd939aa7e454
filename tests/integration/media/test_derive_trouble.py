"""Bad media, calls to stop, and kills: nothing hangs, nothing is left, what decodes is kept."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.core.media import derive_attempt
from app.core.media.derive import Source, derive
from app.core.media.derived import DeriveJob
from app.core.media.frame import FrameSource, frame_png
from app.core.media.tools import Crashed, Programs, programs
from app.core.model.errors import BadData, Cancelled, Missing, Passing
from app.core.model.media import RenditionKind
from app.core.platform import interpreter
from tests.integration.media.deriving import derived, job_of, numbers
from tests.integration.platform.test_processes import alive, descendants, soon
from tests.support.media_factory import LONG_GOP, X264, MediaFactory, Sound
from tests.support.media_kinds import Clip, facts_of, long_gop

PROXY = frozenset({RenditionKind.PROXY})


def long_clip(media: MediaFactory) -> Clip:
    """Long enough that a pass over it can be met halfway."""
    path = media.folder / "long.mkv"
    if not path.exists():
        words = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=40", "-c:v", "mjpeg", "-q:v", "9"]
        subprocess.run(["ffmpeg", "-v", "error", *words, str(path)], check=True)
    return Clip((path,), facts_of(1000, size=(640, 360)), ())


def test_a_truncated_clip_gives_what_is_left_and_says_so(
    media: MediaFactory, tmp_path: Path
) -> None:
    whole = media.video("whole.mkv", *LONG_GOP, frames=100, sound=[Sound()])
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 5])
    result = derived(Clip((path,), facts_of(100, 25, 1), ()), tmp_path / "out")
    assert not result.complete
    assert result.frames is not None
    assert 20 < result.frames < 100
    # The pictures between the last two B-frame anchors are lost with what was cut off.
    assert numbers(tmp_path / "out" / "proxy.mov")[:-4] == list(range(result.frames - 4))
    assert result.parity is not None
    assert not result.parity.ok


def test_damage_in_the_middle_is_counted(media: MediaFactory, tmp_path: Path) -> None:
    whole = media.video("sound.mkv", *X264, "-g", "25", frames=100)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(n * 37 % 251 for n in range(400))
    path = tmp_path / "damaged.mkv"
    path.write_bytes(data)
    result = derived(Clip((path,), facts_of(100), ()), tmp_path / "out", wanted=PROXY)
    assert result.errors > 0
    assert 0 < len(result.first_errors) <= 20
    assert "0x" not in result.first_errors[0]
    assert result.frames is not None
    assert result.frames > 60


def test_damaged_sound_does_not_take_the_picture_along(media: MediaFactory, tmp_path: Path) -> None:
    path = media.video("deaf.mov", *X264, frames=25, sound=[Sound(codec="aac")])
    data = path.read_bytes()
    at = data.index(b"mp4a", data.index(b"stsd"))
    spoiled = tmp_path / "deaf.mov"
    spoiled.write_bytes(data[: at + 60] + b"\xff" * 30 + data[at + 90 :])
    result = derived(Clip((spoiled,), facts_of(25, 25, 1), ()), tmp_path / "out")
    assert numbers(tmp_path / "out" / "proxy.mov") == list(range(25))
    assert result.frames == 25


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no media at all, only words\n" * 50,
        b"\0\0\0\x20ftypqt  " + bytes(100),
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
    ],
    ids=["empty", "text", "headless", "headless sound"],
)
def test_what_is_no_media_is_bad_data(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mov"
    path.write_bytes(content)
    with pytest.raises(BadData) as caught:
        derived(Clip((path,), facts_of(10), ()), tmp_path / "out")
    assert caught.value.subject == str(path)
    assert not list((tmp_path / "out").iterdir())


class Beacon(http.server.BaseHTTPRequestHandler):
    """Counts who calls."""

    hits = 0

    def do_GET(self) -> None:
        type(self).hits += 1
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name upstream
        del format, args


def test_playlists_and_scripts_are_refused_and_nobody_calls_out(
    media: MediaFactory, tmp_path: Path
) -> None:
    victim = media.video("secret.mp4", frames=5)
    (tmp_path / "secret.mp4").write_bytes(victim.read_bytes())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Beacon)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/x"
    fakes = {
        "list.mov": f"#EXTM3U\n#EXTINF:1,\n{url}.ts\n#EXT-X-ENDLIST\n",
        "local.mov": "#EXTM3U\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "concat.mov": "ffconcat version 1.0\nfile secret.mp4\n",
        "session.mov": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video {server.server_port} RTP/AVP 96\n",
        "dash.mov": f'<?xml version="1.0"?><MPD><BaseURL>{url}</BaseURL></MPD>',
        "drawing.png": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}.png"/></svg>',
    }
    try:
        for name, text in fakes.items():
            path = tmp_path / name
            path.write_text(text)
            with pytest.raises(BadData):
                derived(Clip((path,), facts_of(10), ()), tmp_path / f"out-{name}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert Beacon.hits == 0


def test_a_fake_part_of_a_recording_is_refused(media: MediaFactory, tmp_path: Path) -> None:
    """The list of parts that we write must not open the door for lists that others write."""
    good = media.video("part.mp4", frames=10)
    fake = tmp_path / "part2.mp4"
    fake.write_text(f"ffconcat version 1.0\nfile {good.name}\n")
    (tmp_path / good.name).write_bytes(good.read_bytes())
    with pytest.raises(BadData):
        derived(Clip((good, fake), facts_of(20), ()), tmp_path / "out")


def test_names_of_files_and_folders_are_only_names(media: MediaFactory, tmp_path: Path) -> None:
    plain = media.video("name.mp4", frames=12, sound=[Sound(codec="aac")])
    folder = tmp_path / "100%d 'done' [0:v];\n$(touch x)"
    folder.mkdir()
    names = ["-y.mp4", "shot%03d.mp4", "http:x.mp4", "concat:a|b.mp4", "caf\udce9.mp4", "'.mp4"]
    for index, name in enumerate(names):
        path = folder / name
        path.write_bytes(plain.read_bytes())
        out = folder / f"out {index} %05d"
        result = derived(Clip((path,), facts_of(12, 25, 1), ()), out)
        assert numbers(out / "proxy.mov") == list(range(12))
        assert {made.name for made in result.made} == {entry.name for entry in out.iterdir()}
    parts = (folder / names[0], folder / names[4], folder / names[5])
    derived(Clip(parts, facts_of(36, 25, 1), ()), folder / "joined")
    assert numbers(folder / "joined" / "proxy.mov") == [*range(12), *range(12), *range(12)]
    assert not (tmp_path / "x").exists()


def test_cancel_leaves_nothing(media: MediaFactory, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Cancelled):
        derive(
            job_of(long_clip(media), threads=1),
            out,
            cancel=lambda: bool(seen),
            progress=lambda done, total: seen.append((done, total)),
        )
    assert not list(out.iterdir())
    assert seen[0][1] == 1000


def test_progress_goes_on_to_the_end(media: MediaFactory, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    (tmp_path / "out").mkdir()
    derive(job_of(long_gop(media)), tmp_path / "out", progress=lambda a, b: seen.append((a, b)))
    assert seen == sorted(seen)
    assert seen[-1] == (100, 100)


def test_hold_stops_the_work_and_lets_it_go_on(media: MediaFactory, tmp_path: Path) -> None:
    asked = 0
    progress_while_held: list[int] = []
    held = False

    def hold() -> bool:
        nonlocal asked, held
        asked += 1
        held = 3 <= asked <= 15
        return held

    out = tmp_path / "out"
    out.mkdir()
    result = derive(
        job_of(long_clip(media), wanted=PROXY, threads=1),
        out,
        hold=hold,
        progress=lambda done, _: progress_while_held.append(done) if held else None,
    )
    assert result.frames == 1000
    assert len(progress_while_held) <= 1


def test_media_that_is_away_is_not_bad(tmp_path: Path) -> None:
    gone = tmp_path / "gone.mov"
    with pytest.raises(Missing):
        derived(Clip((gone,), facts_of(10), ()), tmp_path / "out")
    with pytest.raises(Missing):
        frame_png(FrameSource((gone,), facts_of(10)), 1, tmp_path / "frame.png")


def test_media_that_goes_away_meanwhile_is_not_damaged(media: MediaFactory, tmp_path: Path) -> None:
    path = tmp_path / "volume" / "clip.mkv"
    path.parent.mkdir()
    path.write_bytes(long_clip(media).parts[0].read_bytes())
    clip = Clip((path,), facts_of(1000, size=(640, 360)), ())
    (tmp_path / "out").mkdir()

    def yank(done: int, total: int) -> None:
        del done, total
        path.unlink(missing_ok=True)

    with pytest.raises(Missing):
        derive(job_of(clip, wanted=PROXY), tmp_path / "out", progress=yank)
    assert not list((tmp_path / "out").iterdir())


def test_media_that_grows_meanwhile_is_tried_again(media: MediaFactory, tmp_path: Path) -> None:
    path = tmp_path / "growing.mkv"
    path.write_bytes(long_clip(media).parts[0].read_bytes())
    clip = Clip((path,), facts_of(1000, size=(640, 360)), ())
    (tmp_path / "out").mkdir()

    def grow(done: int, total: int) -> None:
        del done, total
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(Passing):
        derive(job_of(clip, wanted=PROXY), tmp_path / "out", progress=grow)


def test_a_missing_program_is_named(media: MediaFactory, tmp_path: Path) -> None:
    clip = long_gop(media)
    job = DeriveJob((Source(clip.parts),), clip.facts, Programs(tmp_path / "no", tmp_path / "no"))
    (tmp_path / "out").mkdir()
    with pytest.raises(Missing):
        derive(job, tmp_path / "out")


def test_a_decoder_that_crashes_is_bad_data(media: MediaFactory, tmp_path: Path) -> None:
    stub = tmp_path / "ffmpeg"
    stub.write_text(
        '#!/bin/sh\n[ "$1" != -version ] || exec ffmpeg -version\n'
        "echo '[error] about to crash' >&2\nkill -SEGV $$\n"
    )
    stub.chmod(0o755)
    clip = long_gop(media)
    job = DeriveJob((Source(clip.parts),), clip.facts, Programs(stub, programs().ffprobe))
    (tmp_path / "out").mkdir()
    with pytest.raises(Crashed) as caught:
        derive(job, tmp_path / "out")
    assert "about to crash" in caught.value.detail
    assert caught.value.message == "The decoder crashed on this file."
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "end", ["kill -SEGV $$", "echo 'error while loading shared libraries' >&2; exit 127"]
)
def test_a_program_that_never_works_is_not_the_file_s_fault(
    media: MediaFactory, tmp_path: Path, end: str
) -> None:
    stub = tmp_path / "ffmpeg"
    stub.write_text(f"#!/bin/sh\n{end}\n")
    stub.chmod(0o755)
    clip = long_gop(media)
    job = DeriveJob((Source(clip.parts),), clip.facts, Programs(stub, programs().ffprobe))
    (tmp_path / "out").mkdir()
    with pytest.raises(Missing, match="ffmpeg does not work") as caught:
        derive(job, tmp_path / "out")
    assert caught.value.todo
    survey_by = DeriveJob(job.sources, job.facts, Programs(programs().ffmpeg, stub))
    with pytest.raises(Missing, match="does not work"):
        derive(survey_by, tmp_path / "out")


def test_a_program_that_hangs_is_killed(
    media: MediaFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "ffmpeg"
    stub.write_text("#!/bin/sh\nexec sleep 60\n")
    stub.chmod(0o755)
    clip = long_gop(media)
    job = DeriveJob((Source(clip.parts),), clip.facts, Programs(stub, programs().ffprobe))
    from app.core.platform.processes import Limits

    monkeypatch.setattr(derive_attempt.Attempt, "limits", lambda _: Limits(seconds=0.5))
    (tmp_path / "out").mkdir()
    with pytest.raises(BadData, match="did not end in time"):
        derive(job, tmp_path / "out")


OWNER = """
import sys
from fractions import Fraction
from pathlib import Path
from app.core.media.derive import DeriveJob, Source, derive
from app.core.media.tools import programs
from app.core.model.media import ClipKind, MediaFacts, VideoStream

facts = MediaFacts(kind=ClipKind.VIDEO, rate=Fraction(25), frames=1000,
    video=VideoStream(0, "made", 640, 360))
job = DeriveJob((Source((Path(sys.argv[1]),)),), facts, programs(), threads=1, nice=0)
derive(job, Path(sys.argv[2]), progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux")
def test_kill_nine_of_the_owner_leaves_no_ffmpeg(media: MediaFactory, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    env = {**os.environ, **interpreter.worker_environment()}
    words = [sys.executable, "-c", OWNER, str(long_clip(media).parts[0]), str(tmp_path / "out")]
    owner = subprocess.Popen(words, stdout=subprocess.PIPE, env=env, start_new_session=True)
    assert owner.stdout is not None
    with owner.stdout as output:
        assert output.readline()
        children = [pid for pid in descendants(owner.pid) if pid != owner.pid]
        names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in children]
        assert "ffmpeg" in names
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    assert soon(lambda: not [pid for pid in children if alive(pid)])
    size = sum(entry.stat().st_size for entry in (tmp_path / "out").iterdir() if entry.is_file())
    time.sleep(0.3)
    after = sum(entry.stat().st_size for entry in (tmp_path / "out").iterdir() if entry.is_file())
    assert after == size
