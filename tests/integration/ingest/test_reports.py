"""Reports of offloads and shooting days: written for real, read back, and never better than what is known."""

import csv
import datetime
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.ingest import report_pictures
from app.core.ingest.offload_naming import ShootDay
from app.core.ingest.report_sheet import Sheet, packed
from app.core.ingest.reports import Reports, Wanted
from app.core.model.errors import Cancelled, Missing, Refused
from app.core.model.offloads import CopyState, LegState, Offload, Verify
from app.core.platform import processes
from app.core.platform.interpreter import worker_argv, worker_environment
from app.core.platform.processes import Limits
from tests.support import catalogs, media_factory, pdf_text
from tests.support.offloading import MIDNIGHT, Station, make_card, make_playable, own_devices, rot

BERLIN = ShootDay(zone="Europe/Berlin")
LONG = "a" * 200 + ".bin"
ODD = ["=1+1.txt", "'=1.txt", "'quoted'.txt", "+49 30.txt", "@home.txt", "-rf.txt", 'comma, "quote".txt', "line\nbreak.txt", "日本語.txt", "naïve.txt", "x\u202egpj.txt", LONG]  # fmt: skip


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def station(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    made = Station(catalog, tmp_path)
    own_devices(monkeypatch, made.one, made.two)
    return made


@pytest.fixture
def reports(station: Station) -> Reports:
    return Reports(station.catalog, station.offloads)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "card", seed=1, clips=2)


def table(reports: Reports, offload: Offload, out: Path, **wanted: object) -> list[dict[str, str]]:
    """The table of an offload, read back as any reader of RFC 4180 does."""
    reports.write_offload(offload.id, Wanted(csv=out, replace=True, **wanted), day=BERLIN)  # type: ignore[arg-type]
    return rows(out)


def unguarded(cell: str) -> str:
    """The text as it was before it was kept from spreadsheets: one apostrophe is taken away."""
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'")[:1] in tuple("=+-@") else cell


def rows(out: Path) -> list[dict[str, str]]:
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "Excel reads names wrongly without the mark"
    assert b"\n" not in data.replace(b"\r\n", b""), (
        "lines end with CR LF, and none is inside a cell"
    )
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_the_table_holds_every_file_on_every_destination_as_it_stands(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card, hashes=("md5",))
    found = table(reports, done, tmp_path / "r.csv")
    entries = {one.path: one for one in station.entries(done)}
    assert len(found) == 2 * len(entries)
    for row in found:
        entry = entries[row["Path on the card"]]
        assert {name: row[name] for name in ("xxh64", "xxh128", "md5")} == {
            name: entry.hashes[name] for name in ("xxh64", "xxh128", "md5")
        }
        assert (row["State"], int(row["Bytes"])) == ("copied and verified", entry.size)
        assert row["Time of the file"] == "2025-06-15T17:06:40+02:00"
        assert datetime.datetime.fromisoformat(row["Found at"]).utcoffset() == datetime.timedelta(hours=1)  # fmt: skip
        assert row["Who told that it is a device of its own"] == "the system tells which device it is"  # fmt: skip
    assert {(row["Clip"], row["Part"]) for row in found} == {
        ("", ""), ("C0001", "essence"), ("C0001", "sidecar"), ("C0001", "thumbnail"),
        ("C0002", "essence"), ("C0002", "sidecar"), ("C0002", "thumbnail"),
    }  # fmt: skip
    assert {row["Folder there"] for row in found} == {
        f"{leg.root}/{leg.folder}" for leg in done.legs
    }


def test_times_are_those_of_the_zone_that_was_asked_for(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card, station.one)
    for zone, shown in (("America/New_York", "2025-06-15T11:06:40-04:00"), ("Asia/Kolkata", "2025-06-15T20:36:40+05:30")):  # fmt: skip
        out = tmp_path / "zone.csv"
        reports.write_offload(done.id, Wanted(csv=out, replace=True), day=ShootDay(zone=zone))
        assert {row["Time of the file"] for row in rows(out)} == {shown}
    with pytest.raises(Refused, match="is none"):
        reports.write_offload(
            done.id, Wanted(csv=out, replace=True), day=ShootDay(zone="Mars/Base")
        )


def test_no_name_is_a_formula_and_every_name_comes_back(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    for name in ODD:
        (card / name).write_bytes(name.encode())
    (card / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"latin")
    found = table(reports, station.offload(card, station.one), tmp_path / "r.csv")
    cells = [cell for row in found for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    paths = {unguarded(row["Path on the card"]) for row in found}
    assert paths >= {
        "=1+1.txt", "'=1.txt", "'quoted'.txt", "+49 30.txt", "@home.txt", "-rf.txt", 'comma, "quote".txt', "日本語.txt", "naïve.txt", LONG,
        "line\\u000abreak.txt", "x\\u202egpj.txt", "caf\\xe9.txt",
    }  # fmt: skip


def test_not_verified_is_never_called_verified(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card, verify=Verify.NOTHING)
    assert {row["State"] for row in table(reports, done, tmp_path / "r.csv")} == {
        "copied, not verified"
    }
    report = reports.of_offload(done.id)
    assert (report.standing.tone, report.standing.words) == ("warn", "copied, not verified")
    assert [words for _, words in report.open if "not verified" in words]
    reports.write_offload(done.id, Wanted(pdf=tmp_path / "r.pdf", pictures=False))
    said = pdf_text.text(tmp_path / "r.pdf")
    assert "copied,notverified" in said
    assert "copiedandverified" not in said.lower()


def test_once_is_not_twice(station: Station, reports: Reports, card: Path) -> None:
    done = station.offload(card, verify=Verify.COPIES)
    assert reports.of_offload(done.id).standing.words.endswith("source read once")


def test_one_bad_copy_makes_the_whole_offload_bad(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card)
    entry, leg = station.entries(done)[0], done.legs[1]
    from app.core.catalog import offloads

    rot(Path(leg.root) / leg.folder / entry.path)
    wrong = [(leg.id, entry.n, CopyState.DIFFERS, "it is not what was read")]
    station.catalog.write(lambda tx: offloads.set_copies(tx, done.id, wrong))
    report = reports.of_offload(done.id)
    assert (report.standing.tone, report.standing.words) == (
        "bad",
        "something is not as it must be",
    )
    assert [place.tally.wrong for place in report.places] == [0, 1]
    states = [row["State"] for row in table(reports, done, tmp_path / "r.csv")]
    assert states.count("it differs from the card") == 1
    reports.write_offload(done.id, Wanted(pdf=tmp_path / "r.pdf", pictures=False))
    said = pdf_text.text(tmp_path / "r.pdf")
    assert "itdiffersfromthecard" in said
    assert "itisnotwhatwasread" in said, "how that was found"
    station.catalog.write(lambda tx: offloads.copy_away(tx, done.id, leg.id, [entry.n]))
    forgotten = reports.of_offload(done.id)
    assert forgotten.standing.words == "not every file is there", "a person does not keep it"
    assert [place.tally.absent for place in forgotten.places] == [0, 1]


def test_what_is_parked_and_what_is_absent_is_open(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    (card / "link").symlink_to("nowhere")
    offload_id = station.begin(card)
    assert reports.of_offload(offload_id).standing.words != "copied, not verified"
    station.two.rename(tmp_path / "unplugged")
    parked = station.offloads.run(offload_id)
    assert parked.legs[1].state is LegState.PARKED
    report = reports.of_offload(offload_id)
    assert report.standing.tone == "bad", "a link was left out"
    assert any("parked" in words for _, words in report.open)
    assert any("files are not there" in words for _, words in report.open)
    assert [name for name, words in report.open if words.startswith("it was not copied")] == [
        "link"
    ]
    found = table(reports, parked, tmp_path / "r.csv")
    assert {row["State"] for row in found if row["Destination"] == "two"} == {"no copy there"}
    assert [row["Source"] for row in found if row["Path on the card"] == "link"] == [
        "it was not copied"
    ]


def test_who_said_that_a_disk_is_one_of_its_own_is_told(
    catalog: Catalog, tmp_path: Path, card: Path
) -> None:
    station = Station(catalog, tmp_path)
    reports, done = Reports(catalog, station.offloads), station.offload(card)
    doubtful = [place.own_device for place in reports.of_offload(done.id).places]
    station.offloads.own_device(done.id, "one", "Ada")
    told = [place.own_device for place in reports.of_offload(done.id).places]
    assert doubtful == ["nobody told that it is a device of its own"] * 2
    assert told == ["Ada said that it is a device of its own", doubtful[1]]
    reports.write_offload(done.id, Wanted(pdf=tmp_path / "r.pdf", pictures=False))
    assert "Adasaidthatitisadeviceofitsown" in pdf_text.text(tmp_path / "r.pdf")


def test_the_pdf_has_pictures_hashes_verdicts_and_lines_to_sign(
    station: Station, reports: Reports, tmp_path: Path
) -> None:
    card = make_playable(tmp_path / "card", seed=2)
    clip = card / "PRIVATE/M4ROOT/CLIP"
    media_factory.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", *media_factory.X264, "-g", "10", "-y", clip / "C0002.MP4")  # fmt: skip
    (clip / "C0003.MP4").write_bytes(b"no picture at all")
    media_factory.ffmpeg("-i", clip / "C0002.MP4", "-frames:v", "1", "-y", card / "PRIVATE/M4ROOT/THMBNL/C0003T01.JPG")  # fmt: skip
    done = station.offload(card)
    station.offloads.verdict(card)
    seen = report_pictures.of_report(reports.of_offload(done.id))
    assert {rel.rpartition("/")[2]: (len(some), said) for rel, (some, said) in seen.items()} == {
        "C0001.MP4": (1, ""),
        "C0002.MP4": (3, ""),
        "C0003.MP4": (1, "the camera's own picture"),
    }
    made = reports.write_offload(done.id, Wanted(pdf=tmp_path / "r.pdf"), day=BERLIN)
    found = pdf_text.pages(tmp_path / "r.pdf")
    said = "".join(page.text for page in found)
    assert made.pages == len(found)
    assert sum(page.pictures for page in found) == 5
    for entry in station.entries(done):
        assert entry.path in said
        assert entry.hashes["xxh64"] in said
    assert "itwasnotsafetoformatthen" in said, "it says at what time, and that it is history"
    assert "Whetherthecardmaybeerasednow,onlyreadingitnowtells" in said
    for words in ("Copiedby", "Checkedby", "Receivedby", "Name,place,date,signature", "2025-06-15"):
        assert words in said


def test_pictures_are_left_out_where_there_is_no_time_or_no_copy(
    station: Station, reports: Reports, tmp_path: Path
) -> None:
    card = make_playable(tmp_path / "card", seed=3)
    report = reports.of_offload(station.offload(card, station.one).id)
    late = report_pictures.of_report(report, budget=-1)
    assert set(late.values()) == {((), "no picture: there was no time for all of them")}
    plain = station.offload(card, station.two, verify=Verify.NOTHING)
    unread = report_pictures.of_report(reports.of_offload(plain.id))
    station.one.rename(tmp_path / "unplugged")
    gone = report_pictures.of_report(report)
    nothing = {((), "no copy that was read back is here to look into")}
    assert set(gone.values()) == set(unread.values()) == nothing


def test_verdicts_are_history_and_say_so_where_the_card_held_something_else(
    station: Station, reports: Reports, card: Path
) -> None:
    station.offloads.verdict(card)
    done = station.offload(card)
    station.offloads.verdict(card)
    (card / "new.txt").write_bytes(b"the card was used again")
    station.offloads.verdict(card)
    report = reports.of_offload(done.id)
    assert [one.same for one in report.verdicts] == [False, True], "none from before it was begun"
    assert all(one.at_ms >= done.made_ms for one in report.verdicts)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_every_page_has_its_head_and_nothing_stands_outside(
    station: Station, reports: Reports, tmp_path: Path, paper: str
) -> None:
    card = make_card(tmp_path / "card", seed=4, clips=40, size=10)
    for name in ODD:
        (card / name).write_bytes(b"1")
    (card / "𓀀.txt").write_bytes(b"1")
    done = station.offload(card)
    out = tmp_path / "r.pdf"
    made = reports.write_offload(done.id, Wanted(pdf=out, paper=paper, pictures=False))  # type: ignore[arg-type]
    found = pdf_text.pages(out)
    assert len(found) > 3
    width, height = {"A4": (595, 842), "Letter": (612, 792)}[paper]
    for number, page in enumerate(found, 1):
        assert page.size == (width, height)
        assert f"Page{number}of{len(found)}" in page.text
        assert "Offloadreport:CARD001" in page.text
        assert page.right < width - 36
        assert page.lowest < height - 20
    tables = [page.text for page in found[2:]]
    assert all("HashCopies" in page or "SizeCopies" in page for page in tables), "its titles again"
    said = "".join(page.text for page in found)
    assert LONG in said
    assert "日本語.txt" in said
    assert "x\\u202egpj.txt" in said
    assert "\\U00013000.txt" in said, "a letter of no font stands as its number"
    assert made.replaced == 1
    assert "arewrittenastheirnumbers:1ofthem" in said


def test_everything_that_is_said_can_be_translated(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card)
    station.offloads.verdict(card)
    asked: list[str] = []

    def say(text: str) -> str:
        asked.append(text)
        return text.upper()

    wanted = Wanted(tmp_path / "r.pdf", tmp_path / "r.csv", pictures=False, say=say)
    reports.write_offload(done.id, wanted)
    said = pdf_text.text(tmp_path / "r.pdf")
    assert "COPIEDANDVERIFIED" in said
    assert "PAGE1OF" in said
    for english in ("copied", "Destination", "Hash", "Signature", "Report", "device", "Page"):
        assert english not in said, english
    head = (tmp_path / "r.csv").read_text("utf-8-sig").splitlines()[0]
    names = [
        cell for cell in next(csv.reader([head])) if cell not in station.entries(done)[0].hashes
    ]
    assert names == [cell.upper() for cell in names]
    import json

    from app.core.platform import paths

    known = json.loads(paths.resource("translations/core.json").read_text("utf-8"))
    for text in (
        "Card",
        "Path on the card",
        "copied, not verified",
        "Copied by",
        "Page {0} of {1}",
    ):
        assert text in known, text


def test_nothing_is_overwritten_and_nothing_is_written_on_a_card(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card)
    there = tmp_path / "there.csv"
    there.write_text("mine")
    copy = Path(done.legs[0].root) / done.legs[0].folder
    (tmp_path / "alias").symlink_to(copy)
    stranger = make_card(tmp_path / "stranger", seed=8) / "PRIVATE/M4ROOT/CLIP"
    before = sorted(path for root in (card, copy) for path in root.rglob("*"))
    for out, why in (
        (there, "not overwritten"),
        (card / "r.csv", "it is on the card"),
        (card / "PRIVATE" / "r.csv", "it is on the card"),
        (copy / "r.csv", "inside the copy of a card"),
        (copy / "PRIVATE/M4ROOT/CLIP/r.csv", "inside the copy of a card"),
        (tmp_path / "alias" / "r.csv", "inside the copy of a card"),
        (stranger / "r.csv", "inside the structure of a card"),
    ):
        with pytest.raises(Refused, match=why):
            reports.write_offload(done.id, Wanted(csv=out))
    with pytest.raises(Missing):
        reports.write_offload(done.id, Wanted(csv=tmp_path / "no folder" / "r.csv"))
    with pytest.raises(Refused, match="one file"):
        reports.write_offload(done.id, Wanted(pdf=tmp_path / "r", csv=tmp_path / "r"))
    assert there.read_text() == "mine"
    assert sorted(path for root in (card, copy) for path in root.rglob("*")) == before
    beside = copy.parent / "report.csv"
    reports.write_offload(done.id, Wanted(csv=beside))
    reports.write_offload(done.id, Wanted(csv=there, replace=True))
    assert beside.read_bytes()[:3] == there.read_bytes()[:3] == b"\xef\xbb\xbf"
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_day_holds_what_was_begun_and_what_was_shot_then(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    other = make_card(tmp_path / "other", seed=7, clips=1)
    for path in other.rglob("*"):
        if path.is_file():
            os.utime(path, (MIDNIGHT - 86_400, MIDNIGHT - 86_400))
    first, second = station.offload(card), station.begin(other, template="{card}-b")
    shot = datetime.date(2025, 6, 15)
    assert [one.offload.id for one in reports.of_day(shot, day=BERLIN).reports] == [first.id]
    begun = BERLIN.of(datetime.datetime.fromtimestamp(first.made_ms / 1000, datetime.UTC))
    today = reports.of_day(begun, day=BERLIN)
    assert [one.offload.id for one in today.reports] == [first.id, second]
    assert today.cards == 2
    # 17:06 in Berlin is 03:06 of the next day in Auckland, which still belongs to the day before; with no night it does not.
    for day, mine in ((ShootDay(4, "Pacific/Auckland"), first.id), (ShootDay(0, "Pacific/Auckland"), second)):  # fmt: skip
        assert [one.offload.id for one in reports.of_day(shot, day=day).reports] == [mine]

    wanted = Wanted(tmp_path / "d.pdf", tmp_path / "d.csv")
    reports.write_day(begun, wanted, day=BERLIN)
    found = rows(tmp_path / "d.csv")
    assert [(row["Offload"], row["Destination"]) for row in found] == [
        (first.id, "one"), (first.id, "two"), (second, "one"), (second, "two"),
    ]  # fmt: skip
    assert [int(row["Files copied and verified"]) for row in found] == [7, 7, 0, 0]
    assert [int(row["Files not there"]) for row in found] == [0, 0, 4, 4]
    assert "files are not there" in found[2]["What is open"]
    said = pdf_text.text(tmp_path / "d.pdf")
    assert "CARD001-b:one:4of4filesarenotthere" in said
    assert "Bythecamera'sclockthepicturesareofanotherday" in said
    assert "Cards2" in said
    again = station.offload(card, station.place("three"))
    assert again.digest == first.digest
    reports.write_day(begun, Wanted(tmp_path / "d.pdf", replace=True), day=BERLIN)
    said = pdf_text.text(tmp_path / "d.pdf")
    assert "Cards2Clips3Files11" in said, "a card that was offloaded twice counts once"

    reports.write_day(
        datetime.date(1999, 1, 1), Wanted(tmp_path / "none.pdf", tmp_path / "none.csv")
    )
    assert "Nothingwasoffloadedonthisday" in pdf_text.text(tmp_path / "none.pdf")
    assert rows(tmp_path / "none.csv") == []


def test_a_name_read_from_right_to_left_turns_nothing_round(
    station: Station, reports: Reports, card: Path, tmp_path: Path
) -> None:
    done = station.offload(card, station.place("مجلد"), verify=Verify.NOTHING)
    reports.write_offload(done.id, Wanted(pdf=tmp_path / "r.pdf", pictures=False))
    assert ":7of7filesarecopied,notverified" in pdf_text.text(tmp_path / "r.pdf")


def test_called_off_nothing_is_written(station: Station, reports: Reports, tmp_path: Path) -> None:
    done = station.offload(make_playable(tmp_path / "card", seed=5), station.one)
    asked: list[None] = []

    def after_a_while() -> bool:
        asked.append(None)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        reports.write_offload(
            done.id, Wanted(tmp_path / "r.pdf", tmp_path / "r.csv"), cancel=after_a_while
        )
    assert not list(tmp_path.glob("r.*"))


def test_without_a_font_the_pdf_is_refused_and_not_empty(tmp_path: Path) -> None:
    bare = tmp_path / "fonts.conf"
    bare.write_text("<fontconfig/>")
    environment = {
        "FONTCONFIG_FILE": str(bare),
        "QT_QPA_PLATFORM": "offscreen",
        **worker_environment(),
    }
    words = [*worker_argv("app.ui.reports.worker"), str(tmp_path / "r.pdf")]
    sheet = Sheet("Title", "", "", "", "", "", ())
    done = processes.run(words, limits=Limits(seconds=60), stdin=packed(sheet), env=environment)
    assert done.returncode == 4
    assert not (tmp_path / "r.pdf").exists()


@pytest.mark.long
def test_a_card_of_a_thousand_clips(station: Station, reports: Reports, tmp_path: Path) -> None:
    card = make_card(tmp_path / "card", seed=6, clips=1000, size=500)
    done = station.offload(card)
    out = tmp_path / "r.pdf"
    made = reports.write_offload(done.id, Wanted(out, tmp_path / "r.csv", pictures=False))
    found = pdf_text.pages(out)
    said = "".join(page.text for page in found)
    assert made.pages == len(found)
    assert f"Page{len(found)}of{len(found)}" in found[-1].text
    for entry in station.entries(done):
        assert entry.path in said
        assert entry.hashes["xxh64"] in said
    assert len(rows(tmp_path / "r.csv")) == 2 * 3001
    assert out.stat().st_size < 1000 * 3001
