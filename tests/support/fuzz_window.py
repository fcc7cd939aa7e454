"""`python -m tests.support.fuzz_window HOME`: the real window on a data folder, that opens every clip and writes a note on each.

Says a line of JSON for each clip: what the player made of it, and of its file itself where the library would not even
offer that; at last how much memory it all took. A player that takes the window along is an exit code.
"""

import faulthandler
import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.catalog import library
from app.core.model.entities import Clip
from app.ui import tasks
from app.ui.main import make_application
from app.ui.main_window import MainWindow
from app.ui.player.source import PlayerSource
from app.ui.player.states import PlayerState
from app.ui.shell.opening import Opening
from app.ui.theme import style, tokens

SECONDS = 120
"""Only a hang takes so long: the player itself gives up on a file after 30 s."""
_AT_REST = (PlayerState.READY, PlayerState.FAILED)


class Window:
    """The window, its library and its player."""

    def __init__(self, home: Path) -> None:
        self.app = make_application(home)
        style.apply(self.app, tokens.DARK)
        self.window = MainWindow()
        self.window.resize(1400, 900)
        self.opening = Opening(self.window, home, None, watch=False)
        self.window.show()
        self.opening.begin()
        while self.opening.workbench is None:
            self.app.processEvents()
        assert self.opening.workbench is not None
        self.library: Any = self.opening.workbench.library
        self.stage = self.library.stage
        self.player = self.stage.player
        self.told: list[str] = []
        self.player.failed.connect(lambda title, words: self.told.append(f"{title}: {words}"))
        # What the library says by itself where it offers nothing to play.
        self.until(lambda: self.window.stack.count() > 1, "furnished")

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Lets the window live until something holds; a hang ends it all, with where every thread stands."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            if time.monotonic() > deadline:
                faulthandler.dump_traceback(all_threads=True)
                engine, viewer = self.player.engine, self.player.viewer
                sys.exit(f"never: {what}; {engine.state}, {viewer.state}, {self.told}")
            self.app.processEvents()
            time.sleep(0.002)

    def clips(self) -> list[Clip]:
        """All clips of the catalog."""
        assert self.opening._opened is not None
        with self.opening._opened.services.catalog.read() as reader:
            return library.page(reader, library.order(reader))

    def open(self, clip: Clip) -> dict[str, object]:
        """Opens a clip as a click does, plays and seeks in it; what became of it."""
        self.told.clear()
        begun = time.monotonic()
        self.player.engine.clear()
        self.library.show_clip(clip.row, 0)
        self.until(lambda: self.stage.clip and self.stage.clip.id == clip.id, f"{clip.name} shown")
        self.until(self.at_rest, f"{clip.name} opened")
        found = self._seen(clip) | {"seconds": round(time.monotonic() - begun, 2)}
        self.move()
        return found

    def at_rest(self) -> bool:
        """Whether the player has a picture, or has said why it has none."""
        return self.player.engine.state in _AT_REST or self.stage._unplayable

    def move(self) -> None:
        """To the last frame, back, and a little on: wherever it comes to rest or says why not."""
        engine = self.player.engine
        for act in (
            lambda: self.player.trigger("last-frame"),
            lambda: self.player.trigger("first-frame"),
            engine.play,
            engine.pause,
        ):
            if engine.state is not PlayerState.READY:
                return
            act()
            self.pause(0.05)
        self.until(lambda: engine.state is not PlayerState.LOADING, "at rest")

    def pause(self, seconds: float) -> None:
        """Lets the window live a while."""
        over = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > over, "a moment")

    def force(self, clip: Clip) -> dict[str, object]:
        """Gives the player the file itself, whatever the library thinks of it."""
        place = clip.files[0]
        assert place.absolute is not None
        if "%0" in place.absolute:
            return {}
        self.told.clear()
        source = PlayerSource(Path(place.absolute), Fraction(25), clip.frames or 24)
        self.player.show_clip(proxy=None, original=source)
        # The library may take it away again meanwhile, where it shows a bad clip anew for its note.
        loading = PlayerState.LOADING
        self.until(
            lambda: self.player.engine.state is not loading, f"the file of {clip.name} opened"
        )
        found = {"file": self.player.engine.state.value, "words": " ".join(self.told)}
        self.move()
        return found

    def note(self, clip: Clip) -> None:
        """A note, typed and sent with Enter; the next thing happens once it is among the notes shown."""
        line = self.stage.inspector.notes.entry.line
        words = f"note on {clip.id}"
        line.setPlainText(words)
        QTest.keyClick(line, Qt.Key.Key_Return)
        self.until(
            lambda: self.stage.detail and words in [n.text for n in self.stage.detail.notes],
            f"the {words} kept",
        )

    def _seen(self, clip: Clip) -> dict[str, object]:
        engine, viewer = self.player.engine, self.player.viewer
        return {
            "clip": clip.id,
            "name": clip.name,
            "state": clip.state.value,
            "player": engine.state.value,
            "viewer": viewer.state.value,
            "said": " ".join(self.told),
            "frames": self.player.strip.frames,
        }

    def close(self) -> None:
        """As a person closes it."""
        self.window.close()
        self.opening.close()
        tasks.shut()


def main(home: Path) -> int:
    """Opens everything once."""
    faulthandler.enable()
    window = Window(home)
    for clip in window.clips():
        found = window.open(clip)
        window.note(clip)
        found |= window.force(clip)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
    window.close()
    figures = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    most = int(figures["VmHWM"].split()[0]) >> 10
    sys.stdout.write(json.dumps({"mib": most, "threads": int(figures["Threads"])}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
