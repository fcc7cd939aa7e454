"""Reports of offloads and of shooting days, made and written: as a PDF to sign, and as a table."""

import dataclasses
import datetime
import tempfile
from pathlib import Path
from typing import Final

from app.core.catalog import offload_times, offloads, output_place
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.files import mhl_places
from app.core.files.assembly_plans import LinkReader
from app.core.files.cards import CardRules
from app.core.files.copying import RootGuard
from app.core.ingest import offload_report, report_csv, report_pictures, report_sheet, report_sheets
from app.core.ingest.card_lists import Lists
from app.core.ingest.offload_naming import ShootDay
from app.core.ingest.offload_report import DayReport, OffloadReport, Times
from app.core.ingest.offloads import Offloads
from app.core.ingest.report_csv import Say
from app.core.ingest.report_sheet import Paper, Sheet
from app.core.model.errors import BadData, Missing, Refused, RushesError
from app.core.model.names import display
from app.core.model.offloads import Offload
from app.core.platform import clock, processes
from app.core.platform.durable import write_file
from app.core.platform.interpreter import worker_argv, worker_environment, worker_folders
from app.core.platform.pacing import IsCancelled, never
from app.core.platform.processes import Limits, Sandbox

_PAINTER: Final = "app.ui.reports.worker"
"""The process that paints: the core knows no fonts and no pages."""
_LIMITS: Final = Limits(seconds=300, memory_mb=4096, file_mb=512, nice=5)
_NO_QT: Final = 3
_NO_FONT: Final = 4
_FONTS: Final = (".fonts", ".local/share/fonts", "Library/Fonts")


def as_it_is(text: str) -> str:
    """The core's own English."""
    return text


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What was made."""

    pdf: Path | None
    csv: Path | None
    pages: int
    """Of the PDF; 0 without one."""
    replaced: int
    """Different letters that no font here has: the PDF shows their numbers instead."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for."""

    pdf: Path | None = None
    csv: Path | None = None
    replace: bool = False
    """Whether files of these names may be replaced."""
    paper: Paper = "A4"
    pictures: bool = True
    say: Say = as_it_is
    """Turns a text of the core into the person's language."""


class Reports:
    """Makes reports at this desk. They are read from the catalog; pictures come out of copies that are there."""

    def __init__(self, catalog: Catalog, every: Offloads) -> None:
        self._catalog = catalog
        self._offloads = every

    def of_offload(self, words: str, *, day: ShootDay | None = None) -> OffloadReport:
        """The report of an offload, named as `Offloads.get` takes it.

        Raises:
            Refused: none or several fit.
        """
        found = self._offloads.get(words)
        with self._catalog.read() as reader:
            return self._made(reader, found, day or ShootDay(), clock.now_ms())

    def of_day(self, date: datetime.date, *, day: ShootDay | None = None) -> DayReport:
        """The report of a shooting day: offloads that were begun then, and those whose newest picture is of then.

        Raises:
            Refused: no such time zone.
        """
        day, now = day or ShootDay(), clock.now_ms()
        with self._catalog.read() as reader:
            newest = offload_times.newest(reader)
            mine = [
                one
                for one in offloads.every(reader)
                if date in offload_report.days_of(one.made_ms, newest.get(one.id), day)
            ]
            mine.sort(key=lambda one: (one.made_ms, one.id))
            reports = tuple(self._made(reader, one, day, now) for one in mine)
        return DayReport(date, reports, now, day)

    def write_offload(
        self,
        words: str,
        wanted: Wanted,
        *,
        day: ShootDay | None = None,
        cancel: IsCancelled = never,
    ) -> Written:
        """Makes the report of an offload and writes what is wanted of it, each file whole or not at all.

        Raises:
            Refused: a file is there already and may not be replaced, or its place is on a card or inside the copy of one.
            Missing: its folder, or what paints, is not there.
            NoRoom: the disk is full.
            Cancelled: called off; nothing was written.
        """
        self._check(wanted)
        report = self.of_offload(words, day=day)
        data = report_csv.of_offload(report, wanted.say) if wanted.csv else b""
        sheet = None
        if wanted.pdf:
            seen = report_pictures.of_report(report, cancel=cancel) if wanted.pictures else {}
            sheet = report_sheets.of_offload(report, seen, wanted.say, wanted.paper)
        return self._write(wanted, sheet, data, cancel)

    def write_day(
        self,
        date: datetime.date,
        wanted: Wanted,
        *,
        day: ShootDay | None = None,
        cancel: IsCancelled = never,
    ) -> Written:
        """The same of a shooting day; raises the same."""
        self._check(wanted)
        report = self.of_day(date, day=day)
        data = report_csv.of_day(report, wanted.say) if wanted.csv else b""
        sheet = report_sheets.of_day(report, wanted.say, wanted.paper) if wanted.pdf else None
        return self._write(wanted, sheet, data, cancel)

    def _made(self, reader: Reader, found: Offload, day: ShootDay, now: int) -> OffloadReport:
        times = Times(
            offload_times.copy_times(reader, found.id),
            offload_times.read_times(reader, found.id),
            offload_times.manifest_times(reader, found.id),
        )
        return offload_report.report_of(
            found,
            offloads.entries(reader, found.id),
            times,
            offloads.verdicts(reader, found.lasting),
            links=_links(found),
            made_ms=now,
            day=day,
        )

    # Where it may be written

    def _check(self, wanted: Wanted) -> None:
        outs = [out for out in (wanted.pdf, wanted.csv) if out is not None]
        if not outs:
            raise Refused("Nothing to write", "Name a file for the PDF or for the table.")
        if len(outs) == 2 and _place(outs[0]) == _place(outs[1]):
            raise Refused("Named twice", "The PDF and the table cannot be one file.")
        for out in outs:
            output_place.checked(self._catalog, out, replace=wanted.replace)
            if why := self._why_not(_place(out)):
                raise Refused(
                    "Not in this place",
                    f"{display(str(out))}: {why}",
                    subject=display(str(out)),
                    todo="Name a file elsewhere, beside the folder of the card for instance.",
                )

    def _why_not(self, place: Path) -> str:
        for one in self._offloads.every():
            if place.is_relative_to(one.source):
                return "it is on the card, and nothing is ever written there"
            if any(place.is_relative_to(Path(leg.root) / leg.folder) for leg in one.legs):
                return "it is inside the copy of a card, which stays as the card was"
        return mhl_places.not_written(place.parent)

    def _write(
        self, wanted: Wanted, sheet: Sheet | None, table: bytes, cancel: IsCancelled
    ) -> Written:
        pages = replaced = 0
        pdf = b""
        if sheet is not None:
            pdf, pages, replaced = painted(sheet, cancel=cancel)
        # Making it took a while: what came to be there since is not overwritten either.
        self._check(wanted)
        if wanted.pdf:
            write_file(wanted.pdf, pdf, mode=0o644)
        if wanted.csv:
            write_file(wanted.csv, table, mode=0o644)
        return Written(wanted.pdf, wanted.csv, pages, replaced)


def painted(sheet: Sheet, *, cancel: IsCancelled = never) -> tuple[bytes, int, int]:
    """(the PDF, its pages, how many different letters were replaced by their numbers).

    Raises:
        Missing: what paints is not installed.
        BadData: it broke.
        Cancelled: called off.
    """
    with tempfile.TemporaryDirectory(prefix="rushes-report-") as name:
        folder = Path(name)
        fonts = [Path.home() / one for one in _FONTS if (Path.home() / one).is_dir()]
        done = processes.run(
            [*worker_argv(_PAINTER), str(folder / "report.pdf")],
            limits=_LIMITS,
            sandbox=Sandbox(read=(*worker_folders(), *fonts), write=(folder,)),
            env={**worker_environment(), "QT_QPA_PLATFORM": "offscreen", "HOME": str(Path.home())},
            stdin=report_sheet.packed(sheet),
            cancel=cancel,
        )
        if done.returncode == _NO_QT:
            raise Missing(
                "The PDF cannot be painted",
                "The part of Rushes that makes PDFs, Qt, is not installed.",
                todo="Install it, or ask for the table alone (--csv).",
            )
        if done.returncode == _NO_FONT:
            raise Missing(
                "The PDF cannot be painted",
                "No font is installed on this computer.",
                todo="Install one (fonts-dejavu, fonts-noto), or ask for the table alone (--csv).",
            )
        if done.returncode != 0:
            raise BadData(
                "The PDF was not made", "What paints it broke.", detail=done.stderr_tail[-500:]
            )
        pages, replaced = done.stdout.split()
        return (folder / "report.pdf").read_bytes(), int(pages), int(replaced)


def _place(out: Path) -> Path:
    return out.parent.resolve() / out.name


def _links(offload: Offload) -> LinkReader:
    """Reads which clip goes on in which other out of a copy that is there; of none, nothing is known."""
    for leg in offload.legs:
        folder = Path(leg.root) / leg.folder
        try:
            RootGuard.of(Path(leg.root), leg.lasting)
        except RushesError:
            continue  # another one may be there
        if folder.is_dir():
            return Lists(folder, CardRules.load().types, never).link
    return lambda _rel: None
