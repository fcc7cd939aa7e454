"""Numbers as people read them: durations, sizes, times of day. Words go through translation."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from app.core.model import durations

if TYPE_CHECKING:
    # Loaded behind the first paint: nothing is counted before.
    from fractions import Fraction

_STEPS = ("B", "kB", "MB", "GB", "TB", "PB")


translate = QCoreApplication.translate


def fill(template: str, *values: object) -> str:
    """Puts values where `{0}`, `{1}` stand. One pass: braces in a value stay what they are."""
    return re.sub(r"\{(\d)\}", lambda found: str(values[int(found[1])]), template)


def duration(milliseconds: int) -> str:
    """A clip's length: `0:51`, `12:04`, `1:02:03`."""
    hours, rest = divmod(durations.seconds(milliseconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def total(milliseconds: int) -> str:
    """The length of many clips: `6 h 12 m`, `27 m`, `40 s`."""
    seconds = durations.seconds(milliseconds)
    if seconds < 60:
        return fill(translate("Wording", "{0} s"), str(seconds))
    hours, minutes = divmod(durations.minutes(milliseconds), 60)
    if not hours:
        return fill(translate("Wording", "{0} m"), str(minutes))
    return fill(translate("Wording", "{0} h {1} m"), number(hours), str(minutes))


def size(count: int) -> str:
    """Bytes as disks are sold: `8.1 GB`, `12 kB`."""
    step, whole = 0, count
    while whole >= 1000 and step < len(_STEPS) - 1:
        whole //= 1000
        step += 1
    if step == 0:
        return f"{count} B"
    tenths = count * 10 // 1000**step
    text = f"{tenths // 10}.{tenths % 10}" if tenths < 100 else f"{tenths // 10}"
    return f"{text.replace('.', QLocale().decimalPoint())} {_STEPS[step]}"


def number(value: int) -> str:
    """A count with the locale's grouping: `412`, `100,000`."""
    return QLocale().toString(value)


def rate(value: "Fraction | None") -> str:
    """A frame rate: `25`, `29.97`, `23.976`; a sample rate: `48 kHz`; "" where there is none."""
    if value is None:
        return ""
    if value >= 1000:
        return f"{_decimal(value / 1000, 1)} kHz"
    return _decimal(value, 3 if value < 24 else 2)


def _decimal(value: "Fraction", places: int) -> str:
    scaled = int((value * 10**places * 2 + 1) // 2)
    whole, rest = divmod(scaled, 10**places)
    digits = f"{rest:0{places}d}".rstrip("0")
    return f"{whole}{QLocale().decimalPoint()}{digits}" if digits else str(whole)


def clock_time(milliseconds: int) -> str:
    """An instant as local hours, minutes and seconds."""
    import datetime

    return f"{datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.UTC).astimezone():%H:%M:%S}"


def time_of_day(milliseconds: int) -> str:
    """An instant as local hours and minutes, with the day where it is not today."""
    import datetime

    moment = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.UTC).astimezone()
    clock = f"{moment:%H:%M}"
    today = datetime.datetime.now(datetime.UTC).astimezone().date()
    days = (moment.date() - today).days
    if days == 0:
        return clock
    if days == 1:
        return fill(translate("Wording", "tomorrow {0}"), clock)
    if days == -1:
        return fill(translate("Wording", "yesterday {0}"), clock)
    return f"{moment:%Y-%m-%d} {clock}"


def clips(count: int) -> str:
    """`1 clip`, `412 clips`."""
    return translate("Wording", "%Ln clips", "", count)


def clips_there(held: int, copies: int) -> str:
    """`17 clips, 4 of them copies`: clips of a volume, each copy of equal bytes counted."""
    if not copies:
        return clips(held)
    return f"{clips(held)}, {translate('Wording', '%Ln of them copies', '', copies)}"


def files(count: int) -> str:
    """`1 file`, `412 files`."""
    return translate("Wording", "%Ln files", "", count)


def stars(rating: int) -> str:
    """A rating as stars; "" where there is none."""
    return "★" * rating


def initials(name: str) -> str:
    """The first letters of up to three words of a name."""
    return "".join(word[0] for word in name.split()[:3]).upper()
