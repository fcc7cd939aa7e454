"""Small media of every common kind, and folders of copies of it that are damaged by seed."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support import probe_media
from tests.support.fuzz import WAYS, damage
from tests.support.media_factory import LONG_GOP, MediaFactory, Sound

OLD_SECONDS = 3 * 3600
"""So long ago the damaged files were written: what has no end is not taken for one that still grows."""
SIDECAR = """<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20"><Duration value="24"/>
<LtcChangeTable tcFps="25" halfStep="false"><LtcChange frameCount="0" value="10585900" status="increment"/></LtcChangeTable>
<CreationDate value="2026-05-14T10:00:01+02:00"/><VideoFormat><VideoFrame videoCodec="AVC" captureFps="25p" formatFps="25p"/></VideoFormat>
<Device manufacturer="Sony" modelName="ILME-FX6V" serialNo="0000001"/></NonRealTimeMeta>"""
FRAMES = 24
IXML = b"<BWFXML><SCENE>12</SCENE><TAKE>3</TAKE><TAPE>A01</TAPE><SPEED><TIMECODE_RATE>25/1</TIMECODE_RATE></SPEED></BWFXML>"


@dataclass(frozen=True)
class Damaged:
    """One damaged file, or one damaged file of a small group."""

    seed: int
    kind: str
    way: str
    path: Path
    """Below the volume."""

    def __str__(self) -> str:
        return f"{self.seed}: {self.kind}, {self.way}, {self.path}"


def originals(folder: Path) -> dict[str, Path]:
    """A sound file of each kind, by kind."""
    media = MediaFactory(folder)
    aac, pcm = [Sound(2, codec="aac")], [Sound(2)]

    def film(name: str, *codec: str, sound: list[Sound] | None = None) -> Path:
        return media.video(name, *codec, frames=FRAMES, sound=sound or [])

    made = {
        "h264.mp4": film("h264.mp4", sound=aac),
        "h264.mov": film("h264.mov", *LONG_GOP, "-timecode", "10:00:00:00", sound=pcm),
        "front.mp4": film("front.mp4", *LONG_GOP, "-movflags", "+faststart", sound=aac),
        "parts.mp4": film("parts.mp4", *LONG_GOP, "-movflags", "+frag_keyframe+empty_moov"),
        "hevc.mp4": film(
            *("hevc.mp4", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params"),
            "log-level=error",
        ),
        "prores.mov": film("prores.mov", "-c:v", "prores_ks", "-timecode", "01:00:00:00"),
        "mpeg2.mxf": film("mpeg2.mxf", "-c:v", "mpeg2video", "-q:v", "4", sound=pcm),
        "mjpeg.avi": film("mjpeg.avi", "-c:v", "mjpeg", "-q:v", "4", sound=pcm),
        "avc.mts": film(
            *("avc.mts", *LONG_GOP, "-f", "mpegts", "-mpegts_m2ts_mode", "1"),
            sound=[Sound(2, codec="ac3")],
        ),
        "avc.mkv": film("avc.mkv", *LONG_GOP, sound=[Sound(2, codec="flac")]),
        "take.mp3": media.sound("take.mp3", Sound(2, codec="libmp3lame")),
        "take.aac": media.sound("take.aac", Sound(2, codec="aac"), "-f", "adts"),
        "take.flac": media.sound("take.flac", Sound(2, codec="flac")),
        "photo.jpg": media.photo("photo.jpg", 7, 6),
    }
    made["take.wav"] = _wave(folder / "take.wav")
    for suffix in ("png", "tiff"):
        made[f"photo.{suffix}"] = media.sequence(suffix, [1], suffix)[0]
    made["plate.dpx"] = media.sequence("plate", [1], "dpx")[0]
    made["sidecar.xml"] = folder / "sidecar.xml"
    made["sidecar.xml"].write_text(SIDECAR)
    return made


def _wave(path: Path) -> Path:
    samples = b"".join(
        (n * 37 % 4001 - 2000).to_bytes(3, "little", signed=True) for n in range(48000)
    )
    body = (
        probe_media.bext("sSCENE=12", date="2026-05-14", time="10:00:00", reference=48000 * 36000),
        probe_media.pcm_format(1),
        probe_media.chunk(b"iXML", IXML),
        probe_media.chunk(b"data", samples),
    )
    path.write_bytes(probe_media.wave(*body))
    return path


def fill(volume: Path, made: dict[str, Path], seeds: range) -> list[Damaged]:
    """Writes a damaged file of each seed into a volume, with what stands around such a file on a real one."""
    found: list[Damaged] = []
    kinds, ways = list(made), list(WAYS)
    for seed in seeds:
        kind = kinds[seed % len(kinds)]
        way = ways[(seed * 3 + seed // len(kinds)) % len(ways)]
        data = damage(made[kind].read_bytes(), seed, way)
        path = _write(volume, made, seed, kind, data)
        found.append(Damaged(seed, kind, way, path.relative_to(volume)))
    then = time.time() - OLD_SECONDS
    for entry in volume.rglob("*"):
        os.utime(entry, (then, then))
    return found


def _write(volume: Path, made: dict[str, Path], seed: int, kind: str, data: bytes) -> Path:
    # Letters, for files that differ by a number alone are one clip: chapters, sequences, takes.
    name = "".join(chr(ord("a") + int(digit)) for digit in f"{seed:04}")
    if kind == "plate.dpx":
        frames = volume / f"plates {name}"
        frames.mkdir()
        for number in range(3):
            (frames / f"{name}.{number:04}.dpx").write_bytes(made[kind].read_bytes())
        path = frames / f"{name}.0001.dpx"
    elif kind == "sidecar.xml":
        card = volume / f"card {name}" / "PRIVATE" / "M4ROOT" / "CLIP"
        card.mkdir(parents=True)
        whole = bytearray(made["h264.mp4"].read_bytes())
        (card / "C0001.MP4").write_bytes(whole + bytes(8) + name.encode())
        path = card / "C0001M01.XML"
    else:
        path = volume / f"{name}.{kind.rpartition('.')[2]}"
    path.write_bytes(data)
    return path
