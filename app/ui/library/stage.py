"""The right column: player above inspector, for the current clip. Joins them, and asks the services.

One clip is in hand at a time. Its detail is read in one snapshot; the transcript and the player's
files follow, each on a worker, each dropped where another clip has been chosen meanwhile.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget
from typing_extensions import override

from app.core.catalog import clips as clip_rows
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Clip
from app.core.model.errors import RushesError
from app.core.model.media import ClipState, Derive, RenditionKind
from app.core.platform.setting_info import text_of
from app.ui import tasks
from app.ui.inspector import detail as details
from app.ui.inspector.detail import ClipDetail
from app.ui.inspector.panel import Inspector
from app.ui.library import feeding, unseen
from app.ui.library.clip_actions import ClipActions
from app.ui.library.clips import ClipSet
from app.ui.library.feeding import Feed
from app.ui.library.log_bar import LogBar
from app.ui.library.marking import Marking
from app.ui.library.noting import Noting
from app.ui.library.saying import Saying
from app.ui.library.words_over import WordsOver
from app.ui.player.core import CoreOptions
from app.ui.player.panel import PlayerPanel
from app.ui.player.surfaces import SurfaceKind, on_screen
from app.ui.player.viewer import Surround
from app.ui.widgets.panels import box
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill

if TYPE_CHECKING:
    from app.ui.desk import Desk

_SETTLE_MS: Final = 40
_OPENED_MS: Final = 1_500
"""A clip that is looked at for so long was opened; leafing past it was not."""
_LEVEL_MS: Final = 800
"""A volume that has stood for so long is kept in the settings."""
_INSPECTOR_PX: Final = 150
"""Its tabs and a few lines stay in sight before strip and picture get all of their height."""
_SHOWN: Final = (
    Aspect.CLIP,
    Aspect.NOTE,
    Aspect.MARK,
    Aspect.LOG,
    Aspect.DECISION,
    Aspect.RENDITION,
    Aspect.TRANSCRIPT,
    Aspect.UPLOAD,
    Aspect.ATTEMPT,
)


class Stage(QWidget):
    """Plays and describes the current clip of a `ClipSet`."""

    playing_changed = Signal(bool)
    action_triggered = Signal(str)
    """An action of the player that is the window's to do: its id."""

    def __init__(
        self, desk: "Desk", clips: ClipSet, actions: ClipActions, kind: SurfaceKind
    ) -> None:
        super().__init__()
        self._desk = desk
        self._clips = clips
        self._actions = actions
        chosen = desk.services.settings
        if chosen.tools.libmpv:
            os.environ.setdefault("MPV_DYLIB_PATH", chosen.tools.libmpv)
        options = CoreOptions(hwdec=chosen.player.hwdec, audio_device=on_screen())
        self.player = PlayerPanel(options, kind=kind)
        self.player.viewer.set_surround(Surround(chosen.player.surround))
        self.player.engine.sound.set_level(chosen.player.volume, muted=chosen.player.muted)
        self.inspector = Inspector(desk.services.settings.sync.grace_seconds * 1000)
        self.words = WordsOver(self.player, self)
        self.marking = Marking(desk, self.player, self.words, self)
        self.noting = Noting(desk, self.player, self.inspector, self)
        self._saying = Saying(desk, self.inspector, self)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.log_bar = LogBar()
        self.log_bar.hide()
        self.noting.add_entry(self.log_bar.entry)
        for part in (self.player, self.log_bar, self.inspector):
            self.split.addWidget(part)
        self.split.setChildrenCollapsible(False)
        self.split.setSizes([510, 0, 450])
        self.setLayout(box(self.split, gap=0))
        self.detail: ClipDetail | None = None
        self._fed: tuple[object, ...] = ()
        self._go_to: tuple[int, int] | None = None
        self._ranges_on_their_way = 0
        self._range_steps = 0
        """Rises when a range is said and when it is kept: what was read before is older than it."""
        self._read_at = 0
        self._unplayable = False
        self._lent = False
        """Whether the line for notes is there only while one is written."""
        self._sizes: list[int] = []
        self._settle = single_shot(self, _SETTLE_MS, self.reload)
        self._opened = single_shot(self, _OPENED_MS, self._was_opened)
        self._level = single_shot(self, _LEVEL_MS, self._keep_level)
        self._wire()

    def _wire(self) -> None:
        self._clips.current_changed.connect(self._settle.start)
        self._clips.selection_changed.connect(self._show_count)
        self._desk.writable_changed.connect(self._on_writable)
        self._desk.changed.connect(self._on_changed)
        self._desk.here_changed.connect(self.reload)
        self._desk.jobs_changed.connect(self._say_why_not)
        player = self.player
        player.engine.sound.level_changed.connect(self._level.start)
        player.frame_changed.connect(self._on_frame)
        player.frame_shown.connect(self._on_frame)
        player.range_changed.connect(self._on_range)
        player.playing_changed.connect(self._on_playing)
        player.mark_activated.connect(self._on_mark)
        player.action_triggered.connect(self._on_action)
        player.viewer.picture_only_changed.connect(self._on_picture_only)
        self._desk.said.connect(self._on_said)
        self._desk.notice.connect(player.tell)
        self.log_bar.entry.left.connect(self._take_back_entry)
        self._wire_inspector()

    def _wire_inspector(self) -> None:
        inspector, actions = self.inspector, self._actions
        inspector.transcript.seek_wanted.connect(self.player.engine.seek_frame)
        inspector.transcript.corrected.connect(self._correct)
        inspector.transcript.note_wanted.connect(self.noting.begin_on)
        inspector.transcribe_wanted.connect(self._want_derived)
        self.log_bar.tag_wanted.connect(actions.tag)
        self.log_bar.untag_wanted.connect(actions.untag)
        self.log_bar.repeat_wanted.connect(actions.tag_again)
        actions.tagged.connect(self.log_bar.show_last)
        inspector.log.rated.connect(actions.rate)
        inspector.log.circled.connect(actions.circle)
        inspector.log.rejected.connect(actions.reject)
        inspector.log.tag_added.connect(actions.tag)
        inspector.log.tag_removed.connect(actions.untag)
        inspector.approval.decided.connect(actions.decide)
        inspector.approval.withdrawn.connect(actions.withdraw)
        inspector.approval.left.connect(self.player.viewer.setFocus)
        inspector.info.field_set.connect(actions.set_field)
        inspector.info.retry_wanted.connect(self._retry)
        inspector.info.folder_wanted.connect(self._show_file)

    @property
    def clip(self) -> Clip | None:
        """The clip in hand."""
        return self.detail.clip if self.detail else None

    def set_logging(self, *, on: bool) -> None:
        """The picture large, keywords and the note below it, no tabs; or everything again."""
        self._lent = False
        self.inspector.setVisible(not on)
        self.log_bar.setVisible(on)
        self._favour_picture()
        if on:
            # The page asks at once for the least height: it is told the one without tabs.
            self.split.refresh()
            self.split.updateGeometry()

    def begin_tag(self) -> None:
        """A line for a keyword takes the keyboard: in its tab, else over the picture."""
        if self.inspector.isVisible():
            self.inspector.show_tab("tags")
            self.inspector.log.begin()
        elif self.detail is not None:
            self.words.ask(self.tr("Add a keyword, Enter"), "", self._actions.tag)

    def _begin_note(self) -> None:
        if not self.inspector.isVisible() and not self.log_bar.isVisible():
            self._lent = True
            self.log_bar.show()
        self.noting.begin()

    def _take_back_entry(self) -> None:
        if self._lent:
            self._lent = False
            self.log_bar.hide()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._favour_picture()

    def _favour_picture(self) -> None:
        """Strip and picture get a good height before the tabs get more than a few lines."""
        least = self.inspector.minimumSizeHint().height()
        rest = self.height() - self.split.handleWidth()
        wanted = self.player.wanted_height(rest - max(least, _INSPECTOR_PX))
        with_tabs = not self.inspector.isHidden()
        self.player.setMinimumHeight(max(0, min(wanted, rest - least)) if with_tabs else 0)

    def _on_picture_only(self, alone: bool) -> None:
        """More room for the picture alone; after it the divider is where it was."""
        if alone:
            self._sizes = self.split.sizes()
        self._favour_picture()
        if not alone and self._sizes:
            self.split.setSizes(self._sizes)

    def open_row(self, frame: int | None) -> None:
        """The current clip is to be shown at this frame (None: where it stands, from its start)."""
        row = self._clips.current_row()
        self._go_to = (row, frame) if row is not None and frame is not None else None
        if frame is not None and self.clip is not None and self.clip.row == row:
            self.player.engine.seek_frame(frame)
            self._go_to = None
        else:
            self._settle.start()

    def reload(self) -> None:
        """Reads the current clip anew."""
        self._settle.stop()
        row = self._clips.current_row()
        project, actor = self._desk.project_id, self._desk.actor.id
        if row is None:
            self._take(None)
            return
        steps, minutes = self._range_steps, self._desk.open_minutes

        def take(detail: ClipDetail | None) -> None:
            self._read_at = steps
            self._take(detail)

        self._desk.query(
            self,
            lambda reader: details.read(reader, row, project, actor, minutes),
            take,
            key="detail",
        )

    def close_player(self) -> None:
        """Ends the player before the window goes."""
        self.player.close_player()

    def _take(self, detail: ClipDetail | None) -> None:
        before = self.clip
        self.detail = detail
        clip = detail.clip if detail else None
        self.inspector.show_detail(detail, len(self._clips.selection))
        self.marking.show_detail(detail)
        self.noting.show_detail(detail)
        self.log_bar.show_detail(detail)
        self._hold_writing()
        if (before and before.id) != (clip and clip.id):
            self._opened.start()
        self._feed(clip, interlaced=detail is not None and detail.interlaced)
        if before and clip and before.id == clip.id:
            self._follow_range()
        self._saying.show(detail)

    def _show_count(self) -> None:
        chosen = len(self._clips.selection)
        self.inspector.log.show_detail(self.detail, chosen)
        self.inspector.approval.show_detail(self.detail, chosen)
        self._hold_writing()

    def _on_writable(self) -> None:
        self._hold_writing()
        if self._desk.writable:
            self.reload()

    def _hold_writing(self) -> None:
        """What writes does not answer while nothing can be kept: a note typed then would be lost."""
        if not self._desk.writable:
            inspector, bar = self.inspector, self.log_bar
            for part in (inspector.notes.entry, inspector.log, inspector.approval, bar.entry):
                part.setEnabled(False)

    def _feed(self, clip: Clip | None, *, interlaced: bool) -> None:
        """Hands the clip's files to the player, once, and again where they changed."""
        if clip is None:
            self._fed, self._unplayable = (), False
            self.player.show_clip(proxy=None, original=None)
            self.player.engine.clear()
            return
        files = tuple((f.absolute, f.state) for f in clip.files)
        made = tuple((r.kind, r.path) for r in clip.renditions if r.state.value == "ready")
        reads = clip.state not in (ClipState.BAD, ClipState.UNDECODABLE)
        wanted = (clip.id, clip.kind, reads, files, made, clip.start_frame, clip.frames)
        if wanted == self._fed:
            self.player.strip.set_marks(self.marking.strip_marks())
            self._say_why_not()
            return
        self._unplayable = False
        same_clip = bool(self._fed) and self._fed[0] == clip.id
        self._fed = wanted
        store = self._desk.services.store

        def take(feed: Feed) -> None:
            if self._fed == wanted:
                self._show_feed(clip, feed, same_clip=same_clip)

        tasks.run_query(
            self, lambda: feeding.make_feed(clip, store, interlaced=interlaced), take, key="feed"
        )

    def _show_feed(self, clip: Clip, feed: Feed, *, same_clip: bool) -> None:
        frame = self.player.engine.wanted_frame if same_clip else 0
        if self._go_to is not None:
            (row, wanted), self._go_to = self._go_to, None
            # Only for the clip it was asked of: another may have been chosen since.
            frame = wanted if row == clip.row else frame
        playing = same_clip and self.player.engine.playing
        if not playing:
            self.player.show_clip(
                proxy=feed.proxy,
                original=feed.original,
                frame=frame,
                poster=feed.poster,
                caption=self._caption(clip),
            )
            self._unplayable = feed.proxy is None and feed.original is None
            self._say_why_not()
        self.player.strip.set_film(feed.film)
        self.player.strip.set_peaks(feed.peaks)
        self.player.strip.set_marks(self.marking.strip_marks())
        self._follow_range()

    def _follow_range(self) -> None:
        """In and out as the catalog has them, unless newer ones of this person are still on their way there."""
        log = self.detail.log if self.detail else None
        if log is None or self._ranges_on_their_way or self._read_at != self._range_steps:
            return
        wanted = (log.mark_in, log.mark_out)
        if wanted != self.player.engine.range:
            self.player.set_range(*wanted)
            self.noting.show_stamp()

    def _caption(self, clip: Clip) -> str:
        current = self._clips.selection.current
        if current is None:
            return clip.name
        place = fill(self.tr("{0} of {1}"), current + 1, len(self._clips))
        return f"{clip.name} · {place}"

    def _say_why_not(self) -> None:
        """Where there is nothing to play: why, in words that hold now."""
        if self.detail is not None and self._unplayable:
            unseen.say(self.player.viewer, self.detail, self._proxy_of(self.detail.clip))

    def _proxy_of(self, clip: Clip) -> unseen.Proxy:
        engine = self._desk.services.engine
        if any(job.key == f"derive:{clip.id}" for job in engine.jobs()):
            return unseen.Proxy.MADE
        if engine.paused:
            return unseen.Proxy.HELD
        return unseen.Proxy.NONE if engine.idle() else unseen.Proxy.WAITS

    def _was_opened(self) -> None:
        if self.detail is not None and self.detail.derive is Derive.TOUCHED:
            self._want_derived()

    def _want_derived(self) -> None:
        clip = self.clip
        if clip is not None:
            catalog = self._desk.catalog
            tasks.run_command(
                self, lambda: catalog.write(lambda tx: clip_rows.touch_by_person(tx, clip.id))
            )

    def _on_changed(self, changes: ChangeSet) -> None:
        clip = self.clip
        if clip is None or changes.touches(
            Aspect.VOLUME, Aspect.PROJECT, Aspect.ACTOR, Aspect.TARGET
        ):
            self._reload_soon()
            return
        ids = [changes.changes[aspect] for aspect in _SHOWN if aspect in changes.changes]
        if any(not one or clip.id in one for one in ids):
            self._reload_soon()

    def _reload_soon(self) -> None:
        if not self._settle.isActive():
            self._settle.start()

    def _on_frame(self, frame: int) -> None:
        self.inspector.transcript.show_frame(frame)

    def take_settings(self) -> None:
        """The settings of the player were changed elsewhere."""
        chosen = self._desk.services.settings.player
        self.player.viewer.set_surround(Surround(chosen.surround))
        self.player.engine.sound.set_level(chosen.volume, muted=chosen.muted)

    def _keep_level(self) -> None:
        services, sound = self._desk.services, self.player.engine.sound
        kept = services.settings.player
        wanted = (("player.volume", sound.volume), ("player.muted", sound.muted))
        for (name, value), now in zip(wanted, (kept.volume, kept.muted), strict=True):
            if value != now:
                text = text_of(value)
                tasks.run_command(
                    self, lambda name=name, text=text: services.change_setting(name, text)
                )

    def _on_playing(self, playing: bool) -> None:
        self._desk.services.courtesy.set_playing(playing)
        self.playing_changed.emit(playing)

    def _on_range(self, first: int | None, end: int | None) -> None:
        clip = self.clip
        if clip is not None:
            log = self._desk.services.log
            self._ranges_on_their_way += 1
            self._range_steps += 1
            self._desk.say(
                "", lambda: log.mark_range(clip.id, first, end), self._range_kept, self._range_lost
            )
        self.noting.show_stamp()

    def _range_kept(self, _nothing: object = None) -> None:
        self._ranges_on_their_way -= 1
        self._range_steps += 1
        self._reload_soon()

    def _range_lost(self, error: RushesError) -> None:
        self._range_kept()
        tasks.report(error)

    def _on_said(self, words: str, _events: object) -> None:
        self.player.tell(words)

    def _on_mark(self, mark_id: str) -> None:
        note = next(
            (n for n in (self.detail.notes if self.detail else ()) if n.id == mark_id), None
        )
        if note is not None:
            self.inspector.show_tab("notes")
            self.player.engine.seek_frame(note.start_frame)

    def _on_action(self, action: str) -> None:
        if action == "note":
            self._begin_note()
        elif not self.marking.do(action):
            self.action_triggered.emit(action)

    def _correct(self, start: int, end: int, text: str, speaker: str | None) -> None:
        clip, transcripts = self.clip, self._desk.services.transcripts
        was = next(
            (b.segment.text for b in self.inspector.transcript.blocks if b.segment.start == start),
            "",
        )
        if clip is not None:
            self._desk.say(
                self.tr("Transcript corrected"),
                lambda: transcripts.correct(
                    clip.id, start, end, was, text=text or None, speaker=speaker
                ),
            )

    def _retry(self, kind: str) -> None:
        clip = self.clip
        if clip is not None:
            recipe = "transcribe" if kind == RenditionKind.TRANSCRIPT.value else "derive"
            self._desk.retry(f"{recipe}:{clip.id}")

    def _show_file(self, path: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))

    def matches(self, words: tuple[str, ...]) -> None:
        """What was searched for is marked in the transcript."""
        self.inspector.transcript.set_matches(words)
