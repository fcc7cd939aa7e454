"""The clip in hand: viewer and bars say what the catalog says, in words that are true of its state."""

import pytest

from app.core.catalog import attempts, uploads
from app.core.model.changes import Aspect
from app.core.model.errors import BadData, as_json
from app.ui.player.viewer import ViewerState
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _stand(bench: Bench, state: str, *, kind: str = "video", file: str = "present") -> None:
    """Gives the clip in hand this state and sort, and its file that one."""
    clip_id = bench.library.stage.clip.id

    def act(tx) -> None:
        tx.run(
            "UPDATE clip SET state = ?, own_state = ?, kind = ?, problem = 'Cut off in the middle.' WHERE id = ?",
            state,
            state,
            kind,
            clip_id,
        )
        tx.run("UPDATE file SET state = ? WHERE clip_id = ?", file, clip_id)
        tx.touch(Aspect.CLIP, clip_id)

    bench.services.catalog.write(act)
    bench.settle()


def _said(bench: Bench) -> tuple[ViewerState, str, str]:
    viewer = bench.library.stage.player.viewer
    return viewer.state, viewer.cover.title.text(), viewer.cover.words.text()


@pytest.mark.parametrize(
    ("state", "kind", "file", "shown", "title", "words"),
    [
        ("ready", "document", "present", ViewerState.NOTHING, "No picture or sound", "own program"),
        ("growing", "video", "growing", ViewerState.NOTHING, "Still being written", "not complete"),
        ("bad", "video", "present", ViewerState.ERROR, "cannot be read", "Cut off in the middle."),
        (
            "undecodable",
            "video",
            "present",
            ViewerState.UNDECODABLE,
            "No picture",
            "Cut off in the middle.",
        ),
        ("missing", "video", "missing", ViewerState.OFFLINE, "Missing", "not where they were"),
        ("offline", "video", "offline", ViewerState.OFFLINE, "Offline", "not connected"),
    ],
)
def test_the_viewer_says_why_there_is_nothing_to_see(
    bench: Bench, state: str, kind: str, file: str, shown: ViewerState, title: str, words: str
) -> None:
    bench.choose(0)
    _stand(bench, state, kind=kind, file=file)
    now, said, more = _said(bench)
    assert now is shown
    assert title in said
    assert words in more
    assert (state in ("offline", "missing")) == (
        "offline" in bench.library.stage.player.viewer.badge.text()
    )


def test_a_proxy_is_promised_only_where_one_is_made(bench: Bench) -> None:
    bench.choose(0)
    clip = bench.library.stage.clip
    _stand(bench, "ready", kind="sequence")
    assert "none is being made" not in _said(bench)[2]
    volume = clip.files[0].volume_id
    from app.core.catalog import volumes
    from app.core.model.media import Derive

    bench.services.catalog.write(lambda tx: volumes.set_option(tx, volume, derive=Derive.POSTERS))
    bench.settle()
    assert "on this volume none are made" in _said(bench)[2]
    error = as_json(BadData("Cut off", "The file ends in the middle.", todo="Copy it again."))
    bench.services.catalog.write(
        lambda tx: [attempts.failed(tx, "derive", clip.id, error, passing=False) for _ in range(2)]
    )
    bench.settle()
    state, title, words = _said(bench)
    assert (state, title) == (ViewerState.ERROR, "Its proxy could not be made")
    assert words == "The file ends in the middle. Copy it again."


def test_the_viewer_follows_in_and_out_of_the_catalog(bench: Bench) -> None:
    bench.choose(0)
    stage = bench.library.stage
    bench.services.log.mark_range(stage.clip.id, 25, 75)
    bench.qtbot.waitUntil(lambda: stage.player.engine.range == (25, 75))
    bench.work.do("undo")
    bench.qtbot.waitUntil(lambda: stage.player.engine.range == (None, None))
    bench.work.do("redo")
    bench.qtbot.waitUntil(lambda: stage.player.engine.range == (25, 75))


def test_what_the_catalog_said_before_never_takes_back_a_newer_in_or_out(bench: Bench) -> None:
    bench.choose(0)
    stage = bench.library.stage
    seen: list[tuple[object, object]] = []
    for end in range(40, 60):
        stage.player.set_range(10, end)
        stage.player.range_changed.emit(10, end)
        stage.reload()
        bench.qtbot.wait(5)
        seen.append(stage.player.engine.range)
    assert seen == [(10, end) for end in range(40, 60)]
    bench.settle()
    assert stage.player.engine.range == (10, 59)


def test_a_refused_range_goes_back_to_what_holds(bench: Bench) -> None:
    bench.choose(0)
    stage = bench.library.stage
    stage.player.set_range(90, 20)
    stage.player.range_changed.emit(90, 20)
    bench.settle()
    assert stage.player.engine.range == (None, None)
    assert bench.window.toasts.count() == 1


def _approved(bench: Bench) -> str:
    """Approves the clip in hand, whose file has been read whole; returns its full hash."""
    clip, hashed = bench.library.stage.clip, "xxh3-128:" + "a" * 32
    bench.services.catalog.write(
        lambda tx: tx.run("UPDATE content SET full_hash = ? WHERE id = ?", hashed, clip.content_id)
    )
    bench.work.do("approve")
    bench.settle()
    return hashed


def _fate(bench: Bench) -> str:
    bench.settle()
    return bench.library.stage.inspector.approval._fate.text()


def test_the_bar_says_what_became_of_an_approved_clip(bench: Bench) -> None:
    bench.choose(0)
    clip_id = bench.library.stage.clip.id
    hashed = _approved(bench)
    assert _fate(bench) == "no confirmed target: it is sent nowhere"
    target = bench.services.targets.add("Archive", "rushes", confirmed=True)
    assert _fate(bench).startswith("nothing is sent before ")

    def queue(tx) -> str | None:
        return uploads.want(
            tx,
            target_id=target.id,
            clip_id=clip_id,
            key="B002C001.mov",
            source="original:1",
            size=1000,
            content_hash=hashed,
            wanted_for=hashed,
        )

    upload = bench.services.catalog.write(queue)
    assert _fate(bench) == "queued for Archive"
    for state, error, words in (
        ("failed", "The bucket refuses it.", "◆ not sent to Archive: The bucket refuses it."),
        ("sending", None, "sending to Archive: 0 %"),
    ):
        bench.services.catalog.write(
            lambda tx, s=state, e=error: uploads.set_state(tx, upload, s, error=e)
        )
        assert _fate(bench) == words
    bench.services.catalog.write(lambda tx: uploads.set_state(tx, upload, "verified"))
    assert _fate(bench).startswith("sent to Archive, verified ")


def test_when_the_grace_is_over_the_bar_says_so_by_itself(bench: Bench) -> None:
    bench.choose(0)
    bench.services.targets.add("Archive", "rushes", confirmed=True)
    bar = bench.library.stage.inspector.approval
    bar._grace_ms = 1_500
    _approved(bench)
    bench.qtbot.waitUntil(lambda: bar._fate.text() == "to be queued for Archive")
