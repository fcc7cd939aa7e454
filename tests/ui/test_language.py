"""Every word of the window goes through translation: a made-up language puts marks around each, and none is without."""

import ast
import getpass
import html
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.core.catalog import attempts, renditions, uploads, volumes
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.files import opening
from app.core.ingest import watching
from app.core.model.changes import Aspect
from app.core.model.entities import Skipped
from app.core.model.errors import NoRoom, Passing, RushesError, as_json
from app.core.model.media import ClipState, RenditionKind
from app.ui import tasks
from app.ui.ingest.volumes_view import VolumesView
from app.ui.inspector.panel import TABS
from app.ui.widgets import wording
from tests.support import ui_library
from tests.support.source import ROOT
from tests.ui import pseudo
from tests.ui.bench import Bench

DATA = (
    # Files, clips and folders of the made library, and what their media says.
    r"B002C\d+|B002R2EC|clip\d+\.mov|Day 3|B cam|x{9,}|\bloud\b|gnp\.vom|u202e|span|NAS Media|Archive 07|Lav\b|NEW\.MOV",
    # What people said.
    r"Ingrid Nilsen|\bIN\b|Harbour film|Marit|My project|no verdict|nobody ever said this|rating:|\bmany\b|the tide comes in at six|Selects|Close on the hands|Archive\b|harbour|Late\b",
    # Places on disks and in clouds, and addresses.
    r"/tmp\S*|/(dev|home|root|nowhere|media)\b\S*|[\w.-]+\.(toml|sqlite|log|otio\w*|edl|xml|ale|txt|srt|csv)\b|https?://\S+|amazonaws\S*",
    # Names that are the same in every language: the program, codecs, formats, units, filesystems, models.
    r"Rushes\b|prores|pcm\w*|tmcd|ext4|OpenTimelineIO|Premiere\w*|Resolve|Avid|Final Cut|ffmpeg|ffprobe|libmpv|mpv|Qt\b|PySide\w*|SQLite|Python"
    r"|[kM]?Hz|[kMGT]B|MiB|\bch\b|\bTC\b|\bS3\b|AWS|xxh(3|64)\S*|\bMHL\b|\bsha1\b|faster-whisper|whisper|FFV1|H\.26\d|OTIO\w*|EDL|FCPXML|XML|ALE|SMPTE",
    # What a system says.
    r"No such file or directory",
    # Settings as they are typed: codes, and what stands in a file.
    r"\b(derivatives|ingest|transcripts|sync|player|window|logs|tools)\.\w+|\(base\b|ultrafast|superfast|veryfast|\bDEBUG|INFO|WARNING|ERROR\b|\{\w+\}|us-east-1|rushes-\w+",
    # Keys.
    r"\b(Ctrl|Shift|Alt|Meta|Esc|Return|Enter|Space|Tab|Del|Delete|Backspace|Home|End|PgUp|PgDown|Left|Right|Up|Down|F\d+|Ins)\b",
)
"""Plain letters that are no words of ours, by kind."""
_DATA = re.compile("|".join((*DATA, rf"\b{re.escape(getpass.getuser())}\b")))
_WORD = re.compile(r"[A-Za-z]{3,}")


def _untranslated(seen: Iterable[tuple[str, str]], names: str = r"\A\b\Z") -> str:
    left = {
        (where, html.unescape(text))
        for where, text in seen
        if _WORD.search(re.sub(names, "", _DATA.sub("", html.unescape(text))))
    }
    return "\n".join(f"{where}: {text!r}" for where, text in sorted(left))


def _complain(walk: "Walk", painted: set[tuple[str, str]], names: str = r"\A\b\Z") -> None:
    left = _untranslated(walk.seen | painted, names)
    if left:
        pytest.fail(f"These texts of the window are not translated:\n{left}", pytrace=False)


class Walk:
    """Goes through the window in the made-up language, and keeps every text it meets."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.seen: set[tuple[str, str]] = set()
        self.unnamed: set[str] = set()
        self.cut: set[tuple[str, str]] = set()

    def look(self) -> None:
        """Takes down what the window shows now."""
        for _ in range(2):
            assert tasks.wait()
            self.bench.qtbot.wait(20)
        for root in QApplication.topLevelWidgets():
            if root is self.bench.window or root.isVisible():
                self.seen.update(pseudo.texts(root))
                self.unnamed.update(pseudo.controls_without_name(root))
                self.cut.update(self._cut_off(root))

    def _cut_off(self, root: QWidget) -> set[tuple[str, str]]:
        """What does not fit once nothing more is to be laid out: places are given in turns of the event loop."""
        found = set(pseudo.cut_off(root))
        for _ in range(20):
            if not found:
                break
            self.bench.qtbot.wait(20)
            found &= set(pseudo.cut_off(root))
        return found

    def menu(self) -> None:
        """Takes down the menu that was opened, with all below it, and shuts it."""
        self.bench.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        self.look()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()


@pytest.fixture
def walk(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Walk]:
    """The window on a library in which much went wrong, in the made-up language."""
    with pseudo.spoken(qapp), pseudo.painted() as painted:
        bench = Bench(qtbot, tmp_path / "home")
        made = Walk(bench)
        try:
            yield made
        finally:
            bench.close()
        _complain(made, painted)
        assert sorted(made.unnamed) == []
        assert sorted(made.cut) == []


def _refused(act: Callable[[], object]) -> RushesError:
    with pytest.raises(RushesError) as caught:
        act()
    return caught.value


def _trouble(bench: Bench) -> None:
    """Clips in every state, with what the core says of them; failures, approvals, uploads, notes, marks and bins."""
    services, ids = bench.services, bench.ids
    problems = {
        ClipState.DAMAGED: "The end is missing: at least 12.0 MB that the index lists.",
        ClipState.UNDECODABLE: "This ffmpeg has no decoder for it.",
        ClipState.BAD: "The file holds zeros and no media.",
        ClipState.MISSING: None,
        ClipState.GROWING: None,
        ClipState.WORKING: None,
    }
    error = _refused(lambda: opening.open_regular(Path("/nowhere"), "NEW.MOV"))
    target = services.targets.add("Archive", "rushes-one", confirmed=True)
    note = services.notes.add(ids[0], 3, None, "Late")
    services.notes.reply(note.id, "Late")
    services.notes.resolve(note.id)
    services.notes.add(ids[0], 4, 8, "Late")
    services.marks.add(ids[0], 5, 9, text="Late")
    services.log.rate(ids[:2], 3)
    services.log.tag(ids[:1], ["harbour"])
    services.log.circle(ids[:3])
    services.log.reject(ids[3:4])
    services.log.mark_range(ids[0], 10, 90)
    services.log.set_field(ids[:1], "scene", "harbour")
    services.log.correct_timecode(ids[:1], 25, "25", "Late")
    services.bins.create("Selects")
    services.decisions.decide(ids[:1], "approved")
    services.decisions.decide(ids[1:2], "rejected", "Late")
    ui_library.say(services, ids[0])

    def act(tx: Tx) -> None:
        for (state, problem), clip in zip(problems.items(), ids[6:], strict=False):
            tx.run(
                "UPDATE clip SET own_state = ?, state = ?, problem = ? WHERE id = ?",
                state.value,
                state.value,
                problem,
                clip,
            )
            tx.touch(Aspect.CLIP, clip)
        for recipe, clip in (("derive", ids[1]), ("transcribe", ids[2]), ("upload", ids[3])):
            attempts.stopped(tx, recipe, clip, as_json(error))
        full = NoRoom(
            "The proxy store's disk is full", "There was no room for what was being made."
        )
        attempts.stopped(tx, "derive", ids[4], as_json(full))
        here = tx.value("SELECT id FROM volume ORDER BY name DESC LIMIT 1")
        volumes.set_watcher(tx, here, watching.POLLING)
        reasons = ("a recycle bin", "more than 40 folders deep", "it could not be looked at: x")
        volumes.set_skipped(
            tx, here, [Skipped(here, f"clip{n}.mov", r) for n, r in enumerate(reasons)]
        )
        for number, state in enumerate(("failed", "verified", "queued")):
            upload = uploads.want(
                tx,
                target_id=target.id,
                clip_id=ids[0],
                key=f"clip{number}.mov",
                source="original:1",
                size=1000,
                content_hash="1",
                wanted_for="1",
            )
            assert upload
            uploads.set_state(tx, upload, state, error=error.message if state == "failed" else None)

        content = tx.value("SELECT content_id FROM clip WHERE id = ?", ids[0])
        start = {"name": "start", "expected": "10:00:00:00", "found": "none", "ok": False}
        beside = {"what": "frames", "holds": False, "text": "240 frames of 250."}
        made = Made(RenditionKind.PROXY, "proxy.mov", 1000, facts={"parity": [start, beside]})
        renditions.put(tx, content, "derive", 1, "", [made])

    services.catalog.write(act)
    bench.settle()


def test_every_page_panel_and_state_of_a_clip_is_translated(walk: Walk) -> None:
    bench = walk.bench
    _trouble(bench)
    for position in range(len(bench.ids)):
        bench.choose(position)
        walk.look()
    bench.choose(0)
    for tab in range(1, len(TABS) + 1):
        bench.work.do(f"tab-{tab}")
        walk.look()
    bench.work.do("log-layout")
    walk.look()
    bench.work.do("log-layout")
    bench.work.do("list")
    walk.look()
    for page in ("plan", "ingest", "review", "deliver", "settings", "library"):
        bench.work.show_page(page)
        walk.look()
    for panel in bench.work.panels.all:
        panel.open()
        walk.look()
    bench.work.panels.show_target(None)
    walk.look()
    bench.work.panels.show_target(bench.services.targets.every()[0])
    walk.look()


def test_every_menu_and_question_is_translated(walk: Walk) -> None:
    bench, page = walk.bench, walk.bench.library
    bench.services.bins.create("Selects")
    bench.choose(0)
    bench.work.do("menu")
    walk.menu()
    bench.window.header._open_projects()
    walk.menu()
    grid = page.browser.grid
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.RightButton, pos=grid.rect_of(0).center())
    walk.menu()
    # A model may be made anew meanwhile: the places are asked for first.
    for spot in [page.sidebar.visualRect(index).center() for index in page.sidebar._indexes()]:
        page.sidebar._ask_menu(spot)
        if QApplication.activePopupWidget() is not None:
            walk.menu()
    for ask in (bench.work.ask_project, bench.work.ask_person, page.new_bin):
        ask()
        walk.look()


def test_every_message_is_translated(walk: Walk) -> None:
    """What is said of an act, of its undoing, and of what went wrong."""
    bench, services = walk.bench, walk.bench.services
    _trouble(bench)
    acts = 25
    for _ in range(acts):
        bench.work.do("undo")
        walk.look()
    for _ in range(acts):
        bench.work.do("redo")
        walk.look()
    bench.work.panels.add_volume.offer(str(bench.services.home / "nowhere"))
    bench.work.panels.add_volume._add()
    walk.look()
    wrong = (
        lambda: services.decisions.decide([bench.ids[5]], "no verdict"),
        lambda: services.log.mark_range(bench.ids[0], 200, 100),
        lambda: services.notes.add(bench.ids[0], 0, None, " "),
        lambda: services.targets.add("", ""),
        lambda: services.volumes.add(Path("/nowhere")),
        lambda: services.change_setting("derivatives.workers", "many"),
        lambda: services.bins.create(" "),
    )
    for act in wrong:
        tasks.report(_refused(act))
        walk.look()
    for error in (
        NoRoom(
            "The disk is full",
            "There was no room left to write clip1.mov.",
            todo="Make room there.",
        ),
        Passing("The bucket is busy", todo="Check the network. Rushes goes on by itself."),
    ):
        tasks.report(error)
        walk.look()
    bench.library.search("nobody ever said this")
    walk.look()
    bench.library.search("rating:")
    walk.look()
    bench.window.show_trouble(_refused(lambda: opening.open_regular(Path("/nowhere"), "NEW.MOV")))
    walk.look()


def test_the_first_start_is_translated(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    with pseudo.spoken(qapp), pseudo.painted() as painted:
        bench = Bench(qtbot, tmp_path / "home", introduced=False)
        walk = Walk(bench)
        try:
            walk.look()
            bench.services.projects.introduce("Ingrid Nilsen", "IN")
            for page in ("plan", "ingest", "review", "deliver", "library"):
                bench.work.show_page(page)
                walk.look()
        finally:
            bench.close()
    _complain(walk, painted)


def test_what_is_not_translated_is_seen(qtbot: QtBot) -> None:
    """The walk itself: each place where a text can stand is looked at."""
    root = QWidget()
    qtbot.addWidget(root)
    label = QLabel("left out", root)
    label.setToolTip("left out of the tip")
    QLineEdit(root).setPlaceholderText("left out of the field")
    choice = QComboBox(root)
    choice.addItem("left out of the list")
    QMenu("left out of the menu", root).addAction("left out of the entry\tCtrl+K")
    said = _untranslated(pseudo.texts(root))
    for words in ("out'", "tip", "field", "list", "menu", "entry'"):
        assert f"{words}" in said
    assert (
        _untranslated(
            [("label", pseudo.pseudo("{0} of %Ln clips")), ("label", "B002C001 (Ctrl+Z)")]
        )
        == ""
    )
    assert pseudo.controls_without_name(root) == []
    label.setFixedWidth(10)
    root.show()
    assert list(pseudo.cut_off(root)) == [("QLabel in QWidget", "left out")]
    assert pseudo.controls_without_name(root) == ["QComboBox in QWidget", "QLineEdit in QWidget"]


@pytest.mark.parametrize(
    ("words", "one", "many"),
    [
        (wording.clips, "1 clip", "{0} clips"),
        (wording.files, "1 file", "{0} files"),
        (lambda n: VolumesView.tr("%Ln entries seen", "", n), "1 entry seen", "{0} entries seen"),
    ],
)
def test_one_is_singular(words: Callable[[int], str], one: str, many: str) -> None:
    assert words(1) == one
    assert words(1200) == many.format(QLocale().toString(1200))


def test_the_translation_files_are_those_of_the_program() -> None:
    """`packaging/translations` brings them up to date; English has a singular for each plural, and each text of the core is listed."""
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "translations", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_every_text_that_is_translated_can_be_gathered() -> None:
    """`packaging/translations` reads the source: what is given to `tr` and `translate` stands there in words."""
    hidden: list[str] = []
    for path in (ROOT / "app" / "ui").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            given = call.args[:1] if name.endswith(".tr") else call.args[:2]
            meant = name.endswith(".tr") or name == "translate"
            if meant and not all(isinstance(text, ast.Constant) for text in given):
                hidden.append(f"{path.name}: {ast.unparse(call)}")
    assert sorted(hidden) == [
        "core_words.py: translate('core', part.template.source)",
        "main.py: translate(app, home)",
    ]


def test_no_text_counts_without_its_singular() -> None:
    """A number before a plural goes through Qt's counted forms, never through `{0}`."""
    counted = re.compile(
        r"\{\d\} (clips|files|entries|notes|volumes|folders|stars|objects|times|channels)\b"
    )
    found = [
        f"{path.name}: {match[0]}"
        for path in (ROOT / "app" / "ui").rglob("*.py")
        for match in counted.finditer(path.read_text("utf-8"))
    ]
    assert found == []
