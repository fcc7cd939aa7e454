"""Bad files, vanishing files, hostile files: words instead of a hang, and nothing is followed."""

import http.server
import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.player import libmpv
from app.ui.player.core import CoreOptions
from app.ui.player.engine import PlayerEngine
from app.ui.player.source import PlayerSource
from app.ui.player.states import PlayerState
from app.ui.player.surfaces import SurfaceKind, make_surface
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS, Player


def _refusal(player: Player, path: Path, rate: str = "25", frames: int = 50) -> tuple[str, str]:
    with player.qtbot.waitSignal(player.engine.failed, timeout=PATIENCE_MS) as told:
        player.engine.load(PlayerSource(path, Fraction(rate), frames))
    assert player.engine.state is PlayerState.FAILED
    return told.args[0], told.args[1]


def test_a_missing_file_is_named(player: Player, tmp_path: Path) -> None:
    title, message = _refusal(player, tmp_path / "gone.mov")
    assert title == "The file is not there"
    assert "gone.mov" in message


def test_a_pipe_is_never_opened(player: Player, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    title, _ = _refusal(player, tmp_path / "pipe.mov")
    assert title == "Not a media file"


@pytest.mark.parametrize("content", [b"", b"not a film", os.urandom(5000), b"\0" * 5000])
def test_rubbish_is_refused_with_words(player: Player, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rubbish.mp4"
    path.write_bytes(content)
    title, message = _refusal(player, path)
    assert title
    assert "rubbish.mp4" in message


def test_the_player_goes_on_after_rubbish(player: Player, tmp_path: Path, clip25: Path) -> None:
    path = tmp_path / "rubbish.mp4"
    path.write_bytes(b"x" * 3000)
    _refusal(player, path)
    player.load(clip25)
    assert player.shown(lambda: player.engine.seek_frame(12)) == 12 == player.picture()


def test_a_damaged_middle_does_not_stop_the_player(player: Player, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "hurt.mkv", sound=0)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 400] = os.urandom(400)
    path.write_bytes(whole)
    player.load(path)
    for frame in (0, 25, 49, 3):
        shown = player.shown(lambda n=frame: player.engine.seek_frame(n))
        assert 0 <= shown < 50
    assert player.shown(lambda: player.engine.seek_frame(2)) == 2 == player.picture()


def test_headers_without_pictures_are_refused(player: Player, tmp_path: Path) -> None:
    whole = clips.numbered(tmp_path / "whole.mp4", sound=0, extra=("-movflags", "+faststart"))
    headers = tmp_path / "headers.mp4"
    data = whole.read_bytes()
    headers.write_bytes(data[: data.index(b"mdat") + 8])
    title, _ = _refusal(player, headers)
    assert title in ("Nothing here can be decoded", "The file cannot be played")


def test_a_file_cut_short_says_where_it_ends(player: Player, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "short.mkv", sound=0, frames=100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    player.load(path, frames=100)
    with player.qtbot.waitSignal(player.engine.failed, timeout=PATIENCE_MS) as told:
        player.engine.play()
    assert told.args[0] == "Playback stopped early"
    assert "00:00:0" in told.args[1]


def test_a_file_that_vanishes_while_playing(player: Player, tmp_path: Path) -> None:
    path = clips.numbered(tmp_path / "vanishing.mkv", frames=250, size=(320, 180), sound=0)
    player.load(path, frames=250)
    with player.qtbot.waitSignal(
        player.engine.frame_changed, timeout=PATIENCE_MS, check_params_cb=lambda n: n >= 3
    ):
        player.engine.play()
    path.unlink()
    player.qtbot.waitUntil(lambda: player.engine.frame >= 10, timeout=PATIENCE_MS)
    shown = player.shown(player.engine.pause)
    assert shown == player.picture()
    title, _ = _refusal(player, path)
    assert title == "The file is not there"


def test_every_sort_of_clip_in_a_row_leaves_no_state_behind(
    player: Player, tmp_path: Path, clip25: Path, clip2997: Path
) -> None:
    rubbish = tmp_path / "rubbish.mov"
    rubbish.write_bytes(os.urandom(4000))
    sound = clips.tone(tmp_path / "tone.wav")
    for _ in range(3):
        player.engine.load(PlayerSource(rubbish, Fraction(25), 10))
        player.engine.load(PlayerSource(sound, Fraction(48_000), 96_000, has_video=False))
        player.engine.load(PlayerSource(clip25, Fraction(25), 50), 9)
        player.load(clip2997, "30000/1001", 60)
        assert player.shown(lambda: player.engine.seek_frame(31)) == 31 == player.picture()


@pytest.fixture
def beacon() -> Iterator[tuple[str, list[str]]]:
    hits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", hits
    server.shutdown()
    thread.join()
    server.server_close()


REFERENCES = {
    "list.mov": "#EXTM3U\n#EXTINF:1,\n{url}/m3u.mp4\n",
    "edl.mp4": "# mpv EDL v0\n{url}/edl.mp4,0,1\n",
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}/seg.ts\n#EXT-X-ENDLIST\n",
    "concat.mov": "ffconcat version 1.0\nfile {url}/concat.mp4\n",
    "pls.wav": "[playlist]\nFile1={url}/pls.mp3\nNumberOfEntries=1\n",
    "cue.mov": 'FILE "{url}/cue.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "dash.mp4": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
    ' mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="1" bandwidth="1"><BaseURL>{url}/dash.mp4</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "sdp.mov": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "url.mov": "[InternetShortcut]\nURL={url}/shortcut.mp4\n",
    "plain.mp4": "{url}/plain.mp4\n",
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_playlist_under_a_media_name_is_never_followed(
    player: Player, tmp_path: Path, beacon: tuple[str, list[str]], name: str, clip25: Path
) -> None:
    url, hits = beacon
    (tmp_path / name).write_text(REFERENCES[name].replace("{url}", url))
    _refusal(player, tmp_path / name)
    player.load(clip25)
    assert hits == []


def test_a_list_of_local_files_is_never_followed(
    player: Player, tmp_path: Path, clip25: Path
) -> None:
    (tmp_path / "secret.mp4").write_bytes(clip25.read_bytes())
    for name, text in {
        "list.mov": "#EXTM3U\nsecret.mp4\n",
        "concat.mp4": "ffconcat version 1.0\nfile secret.mp4\n",
        "edl.mp4": "# mpv EDL v0\nsecret.mp4,0,1\n",
    }.items():
        (tmp_path / name).write_text(text)
        _refusal(player, tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["-y.mp4", "http:x.mp4", "shot%03d.mp4", "a b|c.mp4", "edl:x.mp4", "naïve \U0001f3ac.mp4"],
)
def test_names_are_names(player: Player, tmp_path: Path, clip25: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(clip25.read_bytes())
    player.load(path)
    assert player.picture() == 0


def test_a_still_named_like_a_pattern_opens_no_other_file(
    player: Player, tmp_path: Path, clip25: Path
) -> None:
    clips.run("-i", str(clip25), "-frames:v", "1", str(tmp_path / "shot001.png"))
    (tmp_path / "shot%03d.png").write_bytes((tmp_path / "shot001.png").read_bytes())
    title, _ = _refusal(player, tmp_path / "shot%03d.png")
    assert title == "The file cannot be played"


def test_a_name_that_is_no_utf8(player: Player, tmp_path: Path, clip25: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    path.write_bytes(clip25.read_bytes())
    player.load(path)
    assert player.picture() == 0


def test_without_libmpv_the_engine_says_what_gets_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, clip25: Path
) -> None:
    monkeypatch.delitem(libmpv.sys.modules, "mpv", raising=False)
    monkeypatch.setattr(libmpv, "_loads", lambda _name: False)
    monkeypatch.setattr(libmpv.ctypes.util, "find_library", lambda _name: None)
    engine = PlayerEngine()
    with qtbot.waitSignal(engine.failed) as told:
        engine.load(PlayerSource(clip25, Fraction(25), 50))
    assert told.args[0] == "Playback needs libmpv"
    assert "libmpv2" in told.args[1]
    engine.close()


def test_closing_ends_every_thread_of_the_player(qtbot: QtBot, clip25: Path) -> None:
    def threads() -> list[str]:
        names = [task.read_text().strip() for task in Path("/proc/self/task").glob("*/comm")]
        return sorted(name for name in names if "pooled" not in name)  # Qt keeps those a while

    def once() -> None:
        engine = PlayerEngine(CoreOptions(audio_device=False))
        window = QWidget()
        make_surface(engine, SurfaceKind.SOFTWARE, window).resize(160, 90)
        with qtbot.waitSignal(engine.frame_shown, timeout=PATIENCE_MS):
            engine.load(PlayerSource(clip25, Fraction(25), 50))
        engine.play()
        engine.close()
        window.deleteLater()

    once()  # Qt's own threads come with the first
    before = threads()
    for _ in range(3):
        once()

    def ended() -> None:
        assert len(threads()) <= len(before)
        assert [name for name in threads() if name.startswith("mpv")] == []

    qtbot.waitUntil(ended, timeout=PATIENCE_MS)


@pytest.mark.usefixtures("qapp")
def test_a_player_that_never_played_closes() -> None:
    engine = PlayerEngine(CoreOptions(audio_device=False))
    engine.close()
    engine.close()
