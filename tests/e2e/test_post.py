"""Post: words that were spoken lead to a frame, proxies stand in, a timeline leaves."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.e2e.conftest import DROPS, PHRASE, SILENT, SPEAKS, clip_at
from tests.support.command import Desk
from tests.support.probe_media import ffprobe

pytestmark = [pytest.mark.timeout(300), pytest.mark.speech]


def test_three_spoken_words_lead_to_their_frame(desk: Desk, tmp_path: Path) -> None:
    hits = desk.ask("search", *PHRASE.split())["hits"]
    assert [(h["field"], h["name"]) for h in hits] == [("transcript", Path(SPEAKS).stem)]
    hit = hits[0]
    assert hit["end_frame"] > hit["start_frame"] >= 0
    assert hit["start"].startswith("09:41:0")
    clip = desk.ask("show", hit["clip"])
    assert hit["start_frame"] < clip["frames"] // 2, "they begin the sentence"
    for options in ((), ("--proxy",)):
        picture = tmp_path / f"frame{len(options)}.png"
        desk.ask("frame", hit["clip"], "--at", hit["start"], "-o", picture, *options)
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_was_said_leaves_as_subtitles(desk: Desk) -> None:
    clip = clip_at(desk, SPEAKS)
    srt = desk.run("transcript", clip["id"], "--format", "srt")
    assert (srt.code, "00:00:0" in srt.out, "-->" in srt.out) == (0, True, True)
    source = desk.run("transcript", clip["id"], "--format", "vtt", "--timecode", "source")
    assert source.out.startswith("WEBVTT")
    assert "09:41:0" in source.out
    silent = desk.ask("transcript", clip_at(desk, SILENT)["id"], code=4)
    assert silent["error"]["todo"]


def test_proxies_keep_what_their_originals_promise(desk: Desk) -> None:
    for path in (SPEAKS, DROPS):
        clip = clip_at(desk, path)
        proxy = next(r for r in clip["renditions"] if r["kind"] == "proxy")
        assert proxy["state"] == "ready"
        streams = ffprobe(desk.home / "renditions" / proxy["path"], "-count_frames")["streams"]
        picture = next(s for s in streams if s["codec_type"] == "video")
        assert int(picture["nb_read_frames"]) == clip["frames"]
        assert Fraction(picture["r_frame_rate"]) == Fraction(clip["rate"])
        assert picture["tags"]["timecode"] == clip["start"]
        assert sum(s["codec_type"] == "audio" for s in streams) == len(clip["audio"])


def test_picks_leave_as_a_timeline_with_source_timecode(desk: Desk, tmp_path: Path) -> None:
    first, second = clip_at(desk, SPEAKS), clip_at(desk, DROPS)
    desk.ask("note", "add", second["id"], "--at", "10:00:00;10", "use this")
    out = tmp_path / "cut.otio"
    done = desk.ask("export", first["id"], second["id"], "--format", "otio", "-o", out)
    assert (done["clips"], done["markers"], done["left_out"]) == (2, 1, [])
    tree = json.loads(out.read_text())
    nodes = list(_walk(tree))
    clips = [n for n in nodes if str(n.get("OTIO_SCHEMA", "")).startswith("Clip")]
    starts = {n["source_range"]["start_time"]["value"] for n in clips}
    assert {(9 * 3600 + 41 * 60 + 7) * 25 + 12} < starts
    assert len(starts) == 2
    assert "use this" in out.read_text()
    assert Path(SPEAKS).name in out.read_text()
    boxed = tmp_path / "cut.otioz"
    desk.ask("export", first["id"], "--format", "otioz", "-o", boxed)
    assert boxed.read_bytes().startswith(b"PK")


def test_no_result_is_written_over_a_file(desk: Desk, footage: Path, tmp_path: Path) -> None:
    clip, original = clip_at(desk, SILENT), footage / SILENT
    before = original.read_bytes()
    link = tmp_path / "link"
    link.symlink_to(original.parent)
    for out in (original, link / original.name, desk.home / "catalog.sqlite"):
        for words in (("export", clip["id"]), ("frame", clip["id"])):
            refused = desk.ask(*words, "-o", out, "--replace", code=3)
            assert refused["error"]["title"] == "Not over this file"
    assert original.read_bytes() == before
    mine = tmp_path / "cut.otio"
    mine.write_text("mine")
    assert desk.ask("export", clip["id"], "-o", mine, code=3)["error"]["todo"]
    assert mine.read_text() == "mine"
    desk.ask("export", clip["id"], "-o", mine, "--replace")
    assert json.loads(mine.read_text())
    assert desk.ask("check")["problems"] == []


def _walk(node: object) -> list[dict]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in _walk(value))]
    if isinstance(node, list):
        return [found for value in node for found in _walk(value)]
    return []
