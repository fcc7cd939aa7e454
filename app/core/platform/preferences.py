"""The tree of settings: for each its type, its default and what it is for.

One place feeds the file, the settings screen and the table in the docs. What belongs to one
volume, project or target lives in the catalog; here is what belongs to this desk.
"""

import dataclasses
from typing import Annotated

Value = bool | int | str | tuple[str, ...]
"""What a setting can hold."""


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """What is said about a setting beside its type and default."""

    help: str
    """One line for a person."""
    choices: tuple[Value, ...] = ()
    low: int | None = None
    high: int | None = None
    unit: str = ""
    pattern: str = ""
    """A regular expression that the whole text must fit."""
    title: str = ""
    """Its name for people, where the key alone does not say what it is of."""


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """Who works at this desk."""

    actor_id: Annotated[
        str, Setting("The person at this desk, by the id in the catalog; asked at first start.")
    ] = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Derivatives:
    """Proxies and everything else that is made from clips."""

    proxy_height: Annotated[
        int, Setting("Height of viewing proxies.", choices=(540, 720, 1080), unit="lines")
    ] = 720
    preset: Annotated[
        str,
        Setting(
            "Speed of the proxy encoder; slower presets make smaller files.",
            choices=("ultrafast", "superfast", "veryfast", "faster", "fast"),
        ),
    ] = "veryfast"
    hardware_encoder: Annotated[
        bool, Setting("Use the machine's hardware encoder where one works; else the software one.")
    ] = True
    store: Annotated[
        str, Setting("Folder for proxies and pictures; empty: in the data folder.")
    ] = ""
    reserve_percent: Annotated[
        int,
        Setting(
            "Share of the store's disk that is never filled.",
            low=0,
            high=90,
            unit="%",
            title="Share of the disk kept free",
        ),
    ] = 10
    reserve_gb: Annotated[
        int,
        Setting(
            "Room on the store's disk that is never filled.",
            low=0,
            unit="GB",
            title="Room on the disk kept free",
        ),
    ] = 20
    size_cap_gb: Annotated[
        int,
        Setting(
            "Most the store may hold; 0: no limit.", low=0, unit="GB", title="Size cap of the store"
        ),
    ] = 0
    workers: Annotated[
        int,
        Setting(
            "Clips worked on at once; 0: by the number of cores.",
            low=0,
            high=64,
            title="Clips at once",
        ),
    ] = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Ingest:
    """Watching, scanning and reading volumes."""

    quiet_seconds: Annotated[
        int,
        Setting(
            "A file is still growing until it has been quiet this long.", low=1, high=3600, unit="s"
        ),
    ] = 8
    open_structure_minutes: Annotated[
        int,
        Setting(
            "A file that stays unfinished inside this long counts as damaged.",
            low=1,
            high=10080,
            unit="min",
        ),
    ] = 60
    full_scan_minutes: Annotated[
        int, Setting("Time between full scans of a local volume.", low=1, high=10080, unit="min")
    ] = 60
    network_scan_minutes: Annotated[
        int, Setting("Time between scans of a network volume.", low=1, high=10080, unit="min")
    ] = 5
    derive_local: Annotated[
        str,
        Setting(
            "How much is derived on a new local volume.", choices=("posters", "touched", "all")
        ),
    ] = "all"
    derive_network: Annotated[
        str,
        Setting(
            "How much is derived on a new network volume.", choices=("posters", "touched", "all")
        ),
    ] = "posters"
    read_cap_mb: Annotated[
        int,
        Setting(
            "Most that is read from a volume for derived work; 0: no limit.", low=0, unit="MB/s"
        ),
    ] = 0
    work_hours: Annotated[
        str,
        Setting(
            "Hours in which volumes are read for derived work, such as 19:00-07:00; empty: always.",
            pattern=r"|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d",
        ),
    ] = ""
    scrub_nights: Annotated[
        int,
        Setting(
            "In so many nights every copy of a card is read again from its disk; 0: never.",
            low=0,
            high=3650,
            title="Nights in which all copies are read again",
        ),
    ] = 30
    scrub_hours: Annotated[
        str,
        Setting(
            "Hours in which copies of cards are read again, such as 22:00-06:00; empty: always.",
            pattern=r"|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d",
        ),
    ] = "22:00-06:00"


@dataclasses.dataclass(frozen=True, slots=True)
class Transcripts:
    """Speech to text."""

    enabled: Annotated[bool, Setting("Write down what is said in clips.")] = True
    model: Annotated[
        str,
        Setting(
            "The speech model, by its id in `rushes model list`.",
            pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        ),
    ] = "base"
    languages: Annotated[
        tuple[str, ...],
        Setting(
            "Languages to expect, as codes such as en or de; none: heard clip by clip.",
            pattern=r"[a-z]{2,3}",
        ),
    ] = ()
    threads: Annotated[int, Setting("Threads of the speech model.", low=1, high=64)] = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Sync:
    """Sending approved clips to cloud storage."""

    bandwidth_limit_kb: Annotated[
        int, Setting("Most that is sent; 0: no limit.", low=0, unit="kB/s")
    ] = 0
    part_size_mb: Annotated[
        int, Setting("Size of the parts a large file is sent in.", low=5, high=5120, unit="MiB")
    ] = 16
    workers: Annotated[
        int, Setting("Parts sent at once.", low=1, high=32, title="Parts at once")
    ] = 4
    grace_seconds: Annotated[
        int,
        Setting("Time to undo an approval before anything is sent.", low=0, high=86400, unit="s"),
    ] = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Player:
    """The viewer."""

    surround: Annotated[str, Setting("What surrounds the picture.", choices=("black", "grey"))] = (
        "black"
    )
    hwdec: Annotated[
        str,
        Setting(
            "Decode with the graphics hardware.", choices=("auto", "no"), title="Hardware decoding"
        ),
    ] = "auto"
    volume: Annotated[int, Setting("How loud it plays.", low=0, high=100, unit="%")] = 100
    muted: Annotated[bool, Setting("Play without sound.")] = False


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """How the window looks."""

    density: Annotated[
        str, Setting("Height of rows.", choices=("comfortable", "normal", "dense"))
    ] = "normal"
    theme: Annotated[str, Setting("Colours.", choices=("dark", "light"))] = "dark"


@dataclasses.dataclass(frozen=True, slots=True)
class Logs:
    """What is written down for looking into trouble."""

    level: Annotated[
        str,
        Setting("How much.", choices=("DEBUG", "INFO", "WARNING", "ERROR"), title="What is logged"),
    ] = "INFO"
    file_mb: Annotated[
        int,
        Setting(
            "Size at which a new file is begun.", low=1, high=1000, unit="MB", title="Size of a log"
        ),
    ] = 10
    files: Annotated[
        int, Setting("Older files that are kept.", low=1, high=100, title="Older logs kept")
    ] = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Tools:
    """Programs and libraries, where the ones found by themselves are not the right ones."""

    ffmpeg: Annotated[str, Setting("Path of ffmpeg; empty: found by itself.")] = ""
    ffprobe: Annotated[str, Setting("Path of ffprobe; empty: found by itself.")] = ""
    libmpv: Annotated[str, Setting("Path of the libmpv library; empty: found by itself.")] = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """All settings of this desk."""

    user: User = dataclasses.field(default_factory=User)
    derivatives: Derivatives = dataclasses.field(default_factory=Derivatives)
    ingest: Ingest = dataclasses.field(default_factory=Ingest)
    transcripts: Transcripts = dataclasses.field(default_factory=Transcripts)
    sync: Sync = dataclasses.field(default_factory=Sync)
    player: Player = dataclasses.field(default_factory=Player)
    window: Window = dataclasses.field(default_factory=Window)
    logs: Logs = dataclasses.field(default_factory=Logs)
    tools: Tools = dataclasses.field(default_factory=Tools)
