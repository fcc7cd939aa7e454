"""The waveform file: what goes in comes out, at every level, in blocks of any size."""

from pathlib import Path

import numpy as np  # noqa: TID253 - the sound under test
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.media.peak_writer import PeakWriter
from app.core.media.peaks import BIN, Peaks
from app.core.model.errors import BadData


def written(folder: Path, sound, piece: int = 1000) -> PeakWriter:
    """Writes channels × samples in pieces of some bytes."""
    writer = PeakWriter(folder / "w.peaks", len(sound))
    data = np.ascontiguousarray(sound.T).astype("<i2").tobytes()
    for start in range(0, len(data), piece):
        writer.feed(data[start : start + piece])
    writer.finish()
    return writer


def test_columns_hold_the_extremes_of_their_stretch(tmp_path: Path) -> None:
    sound = np.zeros((2, BIN * 200), np.int16)
    sound[0, BIN * 53 + 3] = 16384
    sound[1, BIN * 153 + 9] = -8192
    written(tmp_path, sound)
    with Peaks(tmp_path / "w.peaks") as peaks:
        left = peaks.columns(0, 0, peaks.samples, 20)
        right = peaks.columns(1, 0, peaks.samples, 20)
    assert [n for n, column in enumerate(left) if column.high] == [5]
    assert left[5].high == 64
    assert [n for n, column in enumerate(right) if column.low] == [15]
    assert right[15].low == -32


def test_full_scale_and_silence_stay_what_they_are(tmp_path: Path) -> None:
    sound = np.zeros((3, BIN * 9), np.int16)
    sound[0] = 32767
    sound[1] = -32768
    levels = written(tmp_path, sound).levels()
    with Peaks(tmp_path / "w.peaks") as peaks:
        found = [peaks.columns(channel, 0, peaks.samples, 1)[0] for channel in range(3)]
    assert (found[0].low, found[0].high, found[0].rms) == (127, 127, 127)
    assert (found[1].low, found[1].high, found[1].rms) == (-128, -128, 127)
    assert (found[2].low, found[2].high, found[2].rms) == (0, 0, 0)
    assert [level.clipped for level in levels] == [BIN * 9, BIN * 9, 0]
    assert [level.peak_db for level in levels] == [0.0, 0.0, -100.0]


@given(
    samples=st.integers(1, 5000),
    channels=st.integers(1, 4),
    piece=st.integers(1, 9000),
    width=st.integers(1, 40),
)
def test_no_peak_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, samples: int, channels: int, piece: int, width: int
) -> None:
    folder = tmp_path_factory.mktemp("peaks")
    noise = np.random.default_rng(samples * channels).integers(
        -30000, 30000, (channels, samples), np.int16, endpoint=True
    )
    writer = written(folder, noise, piece)
    assert writer.samples == samples
    assert [path.name for path in folder.iterdir()] == ["w.peaks"]
    with Peaks(folder / "w.peaks") as peaks:
        assert (peaks.channels, peaks.samples) == (channels, samples)
        for channel in range(channels):
            columns = peaks.columns(channel, 0, samples, width)
            assert len(columns) == width
            assert max(column.high for column in columns) == min(
                127, (noise[channel].max() + 255) >> 8
            )
            assert min(column.low for column in columns) == noise[channel].min() >> 8


def test_a_long_stretch_reads_few_bins(tmp_path: Path) -> None:
    """The levels grow coarser by four down to one bin, so width alone decides the cost."""
    written(tmp_path, np.ones((1, BIN * 5000), np.int16), 1 << 20)
    size = (tmp_path / "w.peaks").stat().st_size
    assert size < 5000 * 3 * 4 / 3 + 200
    with Peaks(tmp_path / "w.peaks") as peaks:
        assert len(peaks.columns(0, 0, peaks.samples, 640)) == 640
        assert peaks.columns(0, peaks.samples * 2, peaks.samples * 3, 3)[0].high == 0


def test_no_sound_gives_an_empty_waveform(tmp_path: Path) -> None:
    writer = PeakWriter(tmp_path / "w.peaks", 2)
    writer.finish()
    with Peaks(tmp_path / "w.peaks") as peaks:
        assert peaks.samples == 0
        assert peaks.columns(0, 0, 0, 4)[3].high == 0


@pytest.mark.parametrize("cut", [0, 3, 20, 60, -1])
def test_a_damaged_file_is_bad_data(tmp_path: Path, cut: int) -> None:
    written(tmp_path, np.ones((1, 9000), np.int16))
    path = tmp_path / "w.peaks"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadData):
        Peaks(path)
