"""The files that cards hold beside their clips, for the made shooting day: XML, telemetry, a call sheet."""

import struct
from collections.abc import Iterator

from app.core.media.sample_takes import DAY, TAKES, Take
from app.core.model.timecode import Timebase

TURNED = (0, 1 << 16, 0, -(1 << 16), 0, 0, 540 << 16, 0, 1 << 30)
"""The matrix of a phone held upright: a quarter turn clockwise."""
CALL_SHEET = (
    "HARBOUR FILM - CALL SHEET, DAY 1\n\n"
    "05:30  Unit call, pier 2\n05:58  Scene 10: harbour, dawn\n09:30  Scene 12: Marit and Ola at the wall\n"
    "15:00  Scene 13: fog (weather cover)\n20:45  Scene 14: harbour, dusk\n22:30  Scene 15: the light\n\n"
    "High water 06:02 and 18:27. The slipway is under water for two hours around it.\n"
)


def texts() -> Iterator[tuple[str, str]]:
    """(path below the day's folder, content) of every text file."""
    yield "Call sheet.txt", CALL_SHEET
    listed: list[str] = []
    for take in TAKES:
        folder, _, name = take.path.rpartition("/")
        stem = name.rpartition(".")[0]
        if take.codec == "xdcam":
            yield f"{folder}/{stem}M01.XML", _sony(take, stem)
            listed.append(_material(take, stem))
        elif stem.startswith("DJI_"):
            yield f"{folder}/{stem}.SRT", _telemetry(take)
    card = next(take.path.partition("/Clip/")[0] for take in TAKES if take.codec == "xdcam")
    yield (
        f"{card}/MEDIAPRO.XML",
        '<?xml version="1.0" encoding="UTF-8"?>\n<MediaProfile xmlns="http://xmlns.sony.net/pro/metadata/mediaprofile"'
        f' createdAt="{DAY}T22:50:00+02:00" version="2.10"><Contents>{"".join(listed)}</Contents></MediaProfile>\n',
    )


def _umid(stem: str) -> str:
    return "060A2B340101010501010D4313000000" + stem.encode().hex().upper().rjust(32, "0")


def _sony(take: Take, stem: str) -> str:
    base = Timebase(take.rate)
    hours, minutes, seconds, frames = base.label(base.frame(take.start)).split(":")
    label = f"{frames}{seconds}{minutes}{hours}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.00" lastUpdate="'
        f'{DAY}T{take.start[:8]}+02:00"><TargetMaterial umidRef="{_umid(stem)}"/><Duration value="{take.frames}"/>'
        f'<LtcChangeTable tcFps="25" halfStep="false"><LtcChange frameCount="0" value="{label}" status="increment"/></LtcChangeTable>'
        f'<CreationDate value="{DAY}T{take.start[:8]}+02:00"/>'
        '<VideoFormat><VideoFrame videoCodec="MPEG2HD422" captureFps="25p" formatFps="25p"/>'
        '<VideoLayout pixel="960" numOfVerticalLine="540" aspectRatio="16:9"/></VideoFormat>'
        '<Device manufacturer="Sony" modelName="PXW-SAMPLE" serialNo="0000001"/></NonRealTimeMeta>\n'
    )


def _material(take: Take, stem: str) -> str:
    return (
        f'<Material uri="./Clip/{stem}.MXF" type="MXF" dur="{take.frames}" fps="25p" ch="2" aspectRatio="16:9" umid="{_umid(stem)}">'
        f'<Proxy uri="./Sub/{stem}S01.MP4" type="MP4"/><RelevantInfo uri="./Clip/{stem}M01.XML" type="XML"/>'
        f'<RelevantInfo uri="./Thmbnl/{stem}T01.JPG" type="JPG"/></Material>'
    )


def _telemetry(take: Take) -> str:
    blocks: list[str] = []
    for second in range(int(take.frames / take.rate)):
        clock = f"00:00:{second:02d},000 --> 00:00:{second + 1:02d},000"
        blocks.append(
            f'{second + 1}\n{clock}\n<font size="28">FrameCnt: {int(second * take.rate) + 1}, DiffTime: 40ms\n'
            f"{DAY} 16:40:{second:02d}.000\n[iso: 100] [shutter: 1/500.0] [fnum: 2.8] [latitude: 58.2{second:03d}]"
            f" [longitude: 6.6{second:03d}] [rel_alt: 42.{second}00 abs_alt: 44.{second}00]</font>\n"
        )
    return "\n".join(blocks)


def turn(movie: bytes) -> bytes:
    """A QuickTime file with its index in front, its first track marked as shot upright."""
    matrix = movie.index(b"tkhd") + 44
    return movie[:matrix] + struct.pack(">9i", *TURNED) + movie[matrix + 36 :]
