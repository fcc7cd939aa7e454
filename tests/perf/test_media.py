"""Reading and deriving media, against ffprobe, bare decoding and separate commands.

Pictures carry noise, at 26 Mbit/s for H.264: as dear to decode as a camera's.
"""

import concurrent.futures
import itertools
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.derive import DeriveJob, Source, derive
from app.core.media.probe import Prober
from app.core.media.tools import programs
from app.core.platform import processes
from tests.perf import bars
from tests.perf.conftest import Compare, Note
from tests.support.measuring import Cost, cost, versus
from tests.support.media_factory import FFMPEG, X264, ffmpeg
from tests.support.media_kinds import facts_of

SECONDS, RATE = 8, 25
MADE = {
    "H.264": ("h264.mov", (*X264, "-b:v", "26M", "-g", "50", "-bf", "2")),
    "HEVC": (
        "hevc.mov",
        ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
    ),
    "ProRes": ("prores.mov", ("-c:v", "prores_ks", "-profile:v", "2")),
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sandbox: the kernel tells its parent nothing of what ran inside."""
    monkeypatch.setattr(processes, "confined", lambda: False)


def made_footage(folder: Path, seconds: int, *kinds: str) -> dict[str, Path]:
    """1080p with sound, so long, one file of each kind."""
    picture = f"testsrc2=s=1920x1080:r={RATE}:d={seconds},noise=alls=12:allf=t"
    sound = f"sine=f=440:r=48000:d={seconds}"
    made: dict[str, Path] = {}
    for name in kinds:
        file, codec = MADE[name]
        made[name] = folder / file
        inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
        ffmpeg(
            *inputs, *codec, "-c:a", "pcm_s16le", "-ac", "2", "-timecode", "10:00:00:00", made[name]
        )
    made["WAV"] = folder / "sound.wav"
    ffmpeg("-f", "lavfi", "-i", sound, made["WAV"])
    return made


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return made_footage(tmp_path_factory.mktemp("footage"), SECONDS, *MADE)


@pytest.mark.parametrize("kind", ["H.264", "ProRes", "WAV", "HEVC"])
def test_first_metadata_against_ffprobe(footage: dict[str, Path], note: Note, kind: str) -> None:
    ours, peers = looked_at(footage[kind])
    mine, peer = ours[len(ours) // 2] * 1000, peers[len(peers) // 2] * 1000
    note(
        40,
        f"first metadata of a clip, {kind}",
        f"{mine:.1f} ms CPU",
        f"ffprobe: {peer:.0f} ms CPU",
        f"{mine / peer:.2f} ×",
        f"{ours[0] * 1000:.1f}–{ours[-1] * 1000:.1f} ms",
        bars.METADATA[kind],
        mine,
    )


def looked_at(path: Path, many: int = 60, rounds: int = 9) -> tuple[list[float], list[float]]:
    """Processor seconds of a first look, and of ffprobe, sorted."""
    words = ("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", path)

    def probed(times: int) -> Cost:
        def act() -> None:
            with Prober() as prober:
                for _ in range(times):
                    assert not prober.probe(path).problems

        return cost(act)

    # The children's own start is in both runs, so the difference is what the files took.
    probed(1)
    ours = sorted((probed(many).cpu - probed(1).cpu) / (many - 1) for _ in range(3))
    peers = [
        cost(lambda: subprocess.run(words, capture_output=True, check=True)).cpu
        for _ in range(rounds)
    ]
    return ours, sorted(peers)


def test_ten_thousand_clips(footage: dict[str, Path], tmp_path: Path, note: Note) -> None:
    """Of four kinds by turns, each a file of its own, read by two workers as the service does."""
    kinds = list(footage)
    made = [tmp_path / f"{n:05d}{footage[kinds[n % 4]].suffix}" for n in range(10_000)]
    for number, path in enumerate(made):
        path.hardlink_to(footage[kinds[number % 4]])

    def half(paths: list[Path]) -> None:
        with Prober() as prober:
            for path in paths:
                assert prober.probe(path).kind

    def all_of_them() -> None:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(half, (made[::2], made[1::2])))

    took = cost(all_of_them)
    bars.TEN_THOUSAND_CPU.check(took.cpu)
    note(
        41,
        "first metadata of 10,000 clips: H.264, HEVC, ProRes, WAV by turns",
        f"{took.wall:.0f} s wall, {took.cpu:.0f} s CPU",
        bar=bars.TEN_THOUSAND,
        value=took.wall,
    )


def _separate(path: Path, out: Path, preset: str, height: int) -> None:
    """The same results by a command each, as scripts do it."""
    small = ("-vf", f"scale=-2:{height}:flags=fast_bilinear")
    proxy = (
        "-c:v",
        "libx264",
        "-preset",
        preset,
        "-g",
        "12",
        "-bf",
        "0",
        "-c:a",
        "aac",
        out / "p.mov",
    )
    ffmpeg("-i", path, *small, *proxy)
    ffmpeg("-i", path, "-vf", "scale=320:-2", "-frames:v", "1", out / "poster.jpg")
    ffmpeg("-i", path, "-vf", "fps=5,scale=160:-2,tile=20x1", "-frames:v", "1", out / "strip.jpg")
    ffmpeg("-i", path, "-vn", "-ac", "1", "-ar", "16000", out / "speech.wav")
    ffmpeg("-i", path, "-vn", "-f", "f32le", out / "peaks.raw")
    ffmpeg("-i", path, "-vn", "-af", "ebur128", "-f", "null", "-")
    ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "hash", "-")
    ffmpeg("-i", path, "-f", "null", "-")


class Deriving:
    """Everything of a clip in one pass, decoding alone, and separate commands for the same."""

    def __init__(self, path: Path, seconds: int, height: int, preset: str, out: Path) -> None:
        self.path, self.height, self.preset = path, height, preset
        self._facts = facts_of(seconds * RATE, Fraction(RATE), 2, size=(1920, 1080))
        self._folders = (out / str(number) for number in itertools.count())

    def one_pass(self) -> None:
        """By Rushes."""
        source = (Source((self.path,)),)
        job = DeriveJob(
            source, self._facts, programs(), height=self.height, preset=self.preset, nice=0
        )
        assert derive(job, self._folder()).made

    def decode(self) -> None:
        """What any of it takes at least."""
        words = (FFMPEG, "-v", "error", "-threads", "2", "-i", self.path, "-f", "null", "-")
        subprocess.run(words, check=True)

    def separate(self) -> None:
        """As scripts do it."""
        _separate(self.path, self._folder(), self.preset, self.height)

    def _folder(self) -> Path:
        out = next(self._folders)
        out.mkdir()
        return out


@pytest.mark.parametrize(
    ("kind", "height", "preset"),
    [
        ("H.264", 720, "veryfast"),
        ("H.264", 540, "ultrafast"),
        ("ProRes", 720, "veryfast"),
        ("HEVC", 720, "veryfast"),
    ],
)
def test_everything_in_one_pass(
    footage: dict[str, Path],
    tmp_path: Path,
    compare: Compare,
    note: Note,
    kind: str,
    height: int,
    preset: str,
) -> None:
    of = Deriving(footage[kind], SECONDS, height, preset, tmp_path)
    if kind == "H.264":
        apart = versus(of.separate, of.one_pass, 3)
        note(
            43,
            f"separate commands instead, {height}p {preset}",
            f"one pass: {apart.peer_cpu:.2f} s CPU",
            f"eight commands: {apart.ours_cpu:.2f} s CPU",
            f"{apart.ratio:.2f} × saved",
            apart.spread,
            bars.SEPARATE,
            apart.ratio,
        )
    compare(
        42,
        f"everything of a clip in one pass, {height}p {preset}, {kind} 1080p",
        "one pass",
        "decoding alone",
        versus(of.one_pass, of.decode, 3),
        bars.ONE_PASS[kind, height],
    )
