"""Pictures for painting: decoded off the main thread to the size they are shown, newest wish first.

`get` never waits and never touches a file: it answers with what is there, or notes the wish.
"""

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from app.core.model.errors import BadData, RushesError
from app.ui import tasks

_WAITING: Final = 400
_IN_FLIGHT: Final = 2
_LARGEST_MB: Final = 512

Key = tuple[str, int, int, bool]


class PictureCache(QObject):
    """Decoded pictures by path and size in device pixels, least recently shown dropped first."""

    arrived = Signal(str)
    """A picture of this path can be painted now."""

    def __init__(self, parent: QObject | None = None, budget: int = 192 << 20) -> None:
        super().__init__(parent)
        self._budget = budget
        self._used = 0
        self._ready: OrderedDict[Key, QPixmap] = OrderedDict()
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._running: set[Key] = set()
        self._bad: set[str] = set()

    def get(self, path: str, size: QSize, *, grey: bool = False) -> QPixmap | None:
        """The picture at this size in device pixels (0×0: as it is), or None until it has been decoded.

        `grey` takes the colour out: of what is offline, or of everything while colour is judged.
        """
        key = (path, size.width(), size.height(), grey)
        ready = self._ready.get(key)
        if ready is not None:
            self._ready.move_to_end(key)
            return ready
        if path not in self._bad and key not in self._running:
            self._waiting[key] = None
            self._waiting.move_to_end(key)
            if len(self._waiting) > _WAITING:
                self._waiting.popitem(last=False)
            self._pump()
        return self._similar(path, grey=grey)

    def forget(self, path: str) -> None:
        """The file changed: decode it anew when it is asked for."""
        self._bad.discard(path)
        for key in [key for key in self._ready if key[0] == path]:
            self._used -= _weight(self._ready.pop(key))

    def forget_failures(self) -> None:
        """Tries again what could not be read (a volume came back)."""
        self._bad.clear()

    def _similar(self, path: str, *, grey: bool) -> QPixmap | None:
        """Another size of the same picture, newest first among the last few shown."""
        for count, key in enumerate(reversed(self._ready)):
            if key[0] == path and key[3] == grey:
                return self._ready[key]
            if count > 64:
                break
        return None

    def _pump(self) -> None:
        while self._waiting and len(self._running) < _IN_FLIGHT:
            key, _ = self._waiting.popitem(last=True)
            self._running.add(key)
            tasks.run_query(
                self,
                lambda key=key: decode(key[0], QSize(key[1], key[2]), grey=key[3]),
                lambda image, key=key: self._take(key, image),
                lambda error, key=key: self._miss(key, error),
                lane=tasks.Lane.PICTURE,
            )

    def _take(self, key: Key, image: QImage) -> None:
        self._running.discard(key)
        picture = QPixmap.fromImage(image)
        self._ready[key] = picture
        self._used += _weight(picture)
        while self._used > self._budget and len(self._ready) > 1:
            _, dropped = self._ready.popitem(last=False)
            self._used -= _weight(dropped)
        self.arrived.emit(key[0])
        self._pump()

    def _miss(self, key: Key, _error: RushesError) -> None:
        # The card says in words what is wrong with a clip; a poster that cannot be read is no news.
        self._running.discard(key)
        self._bad.add(key[0])
        self._pump()


def decode(path: str, size: QSize, *, grey: bool = False) -> QImage:
    """Reads a picture, fitted into `size`. Runs on a worker thread.

    Raises:
        BadData: no picture, or one too large to be ours.
    """
    reader = QImageReader(path)
    reader.setAllocationLimit(_LARGEST_MB)
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isValid() and not size.isEmpty():
        reader.setScaledSize(whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise BadData(
            "No picture", f"The picture cannot be read: {reader.errorString()}.", subject=path
        )
    if grey:
        image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _weight(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
