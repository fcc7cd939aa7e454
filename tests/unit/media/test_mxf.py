"""The reader of MXF structure, on files made set by set."""

from fractions import Fraction

from app.core.media import mxf
from app.core.media.mxf import MxfFile
from tests.support.probe_media import mxf_file, mxf_metadata, partition, source


def read(data: bytes) -> MxfFile:
    found = mxf.read(source(data))
    assert found is not None
    return found


def test_a_finished_file_is_read() -> None:
    found = read(mxf_file(mxf_metadata(name="A001C001")))
    assert found.closed
    assert found.missing_bytes == 0
    assert (found.pattern, found.edit_rate, found.duration) == ("OP1a", Fraction(25), 50)
    assert (found.has_picture, found.clip_name) == (True, "A001C001")
    assert found.material_id == b"M".hex() * 32
    assert found.file_ids == (b"F".hex() * 32,)


def test_timecode_of_the_material_package_with_its_drop_flag() -> None:
    code = read(mxf_file(mxf_metadata(start=107860, base=30, drop=True))).timecode
    assert code is not None
    assert (code.start, code.base, code.drop, code.package) == (107860, 30, True, "material")


def test_the_tape_names_the_reel() -> None:
    found = read(mxf_file(mxf_metadata(tape=("A005R1AB", 900000, 100))))
    assert found.tape == "A005R1AB"


def test_a_tape_s_label_counts_where_the_package_starts_at_zero() -> None:
    code = read(mxf_file(mxf_metadata(start=0, tape=("A005", 900000, 100)))).timecode
    assert code is not None
    assert (code.start, code.package) == (900100, "tape")


def test_a_header_written_before_the_end_gives_way_to_the_footer() -> None:
    early = mxf_metadata(frames=-1)
    found = read(mxf_file(early, status=1, footer_metadata=mxf_metadata(frames=75)))
    assert found.closed
    assert found.duration == 75


def test_a_file_being_written_is_open_and_has_no_length() -> None:
    found = read(partition(2, 1, metadata=mxf_metadata(frames=-1)) + bytes(5000))
    assert not found.closed
    assert found.duration is None
    assert found.missing_bytes == 0


def test_a_cut_file_is_missing_its_footer() -> None:
    whole = mxf_file(mxf_metadata(), essence=9000)
    found = read(whole[: len(whole) - 5000])
    assert not found.closed
    assert found.missing_bytes > 4000
    assert found.duration == 50


def test_a_run_in_before_the_header_is_skipped() -> None:
    assert read(bytes(3000) + mxf_file(mxf_metadata())).closed


def test_op_atom_is_known() -> None:
    metadata = mxf_metadata()
    assert read(partition(2, 4, metadata=metadata, pattern=0x10)).pattern == "OP-Atom"


def test_anything_else_is_none() -> None:
    assert mxf.read(source(b"RIFF" + bytes(200))) is None
    assert mxf.read(source(partition(2, 4)[:60])) is None
