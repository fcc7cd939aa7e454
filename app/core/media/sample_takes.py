"""What the made shooting day consists of: one day on a film about a harbour, as its cards would hold it.

Values only; `sample_studio` makes the files.
"""

import dataclasses
from fractions import Fraction
from typing import Final

PAL: Final = Fraction(25)
NTSC: Final = Fraction(30000, 1001)
DAY: Final = "2026-05-14"
TIDE: Final = "The tide comes in at six, and then there is no slipway any more."
NETS: Final = "My father mended nets on this wall for forty years."
LATE: Final = "And if you were late, you waited. Everybody waited."
WATER: Final = "At night you hear the water long before you see it."


@dataclasses.dataclass(frozen=True, slots=True)
class Take:
    """One file of a camera."""

    path: str
    """Below the day's folder."""
    picture: str
    """A painting by name, or the source filter of ffmpeg that draws it."""
    codec: str
    start: str = ""
    """Its first label; with a semicolon it is drop-frame; empty: the camera writes none."""
    rate: Fraction = PAL
    frames: int = 125
    reel: str = ""
    slate: str = ""
    """What is burned into the picture, beside the timecode."""
    line: str = ""
    """What is said; empty: the sea alone."""
    voice: str = "slt"
    first: int = 0
    """How far the camera's movement has come at the first frame."""
    step: int = 1
    """Pixels the camera moves from frame to frame; negative: leftwards."""
    grade: str = ""
    """What ffmpeg's `hue` does to the colours."""
    cut: int = 0
    """How much of the file is there, in hundredths; 0: all of it."""

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return self.frames / self.rate


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """One poly sound file: the boom and one lavalier."""

    path: str
    scene: str
    take: str
    start: str
    seconds: int
    line: str
    voice: str
    lead: int
    """Milliseconds before anybody speaks."""


_A = "A_CAM/A001R1AB"
_B = "B_CAM/B001"
_C = "C_CAM/C_CARD01/XDROOT"
_GO = "D_CAM/DCIM/100GOPRO"
_DJI = "DRONE/DCIM/100MEDIA"

TAKES: Final = (
    Take(
        f"{_A}/A001C001_260514_R1AB.mov",
        "dawn",
        "prores",
        "05:58:30:00",
        reel="A001R1AB",
        slate="10/1  HARBOUR, DAWN",
    ),
    Take(
        f"{_A}/A001C002_260514_R1AB.mov",
        "marit",
        "prores",
        "09:41:07:12",
        frames=150,
        reel="A001R1AB",
        slate="12/1  MARIT",
        line=TIDE,
    ),
    Take(
        f"{_A}/A001C003_260514_R1AB.mov",
        "marit",
        "prores",
        "09:44:50:00",
        frames=125,
        reel="A001R1AB",
        slate="12/2  MARIT",
        line=NETS,
        first=150,
        step=-1,
    ),
    Take(
        f"{_A}/A001C004_260514_R1AB.mov",
        "dusk",
        "prores",
        "20:52:13:08",
        reel="A001R1AB",
        slate="14/1  HARBOUR, DUSK",
    ),
    Take(
        f"{_B}/B001C001_260514.MP4",
        "smptehdbars",
        "h264",
        "09:00:00;00",
        NTSC,
        120,
        slate="BARS  B CAM",
    ),
    Take(
        f"{_B}/B001C002_260514.MP4",
        "ola",
        "h264",
        "09:41:59;28",
        NTSC,
        150,
        slate="12/3  OLA",
        line=LATE,
        voice="rms",
    ),
    Take(
        f"{_B}/B001C003_260514.MP4",
        "mandelbrot=maxiter=400:start_scale=0.5:end_scale=0.004:start_x=-0.743643:start_y=-0.131825:end_pts=260",
        "h264",
        "13:20:04;10",
        NTSC,
        120,
        slate="TITLES  TEST 1",
        grade="h=120:s=0.45",
    ),
    Take(
        f"{_B}/B001C004_260514.MP4",
        "life=mold=10:ratio=0.12:random_seed=7:death_color=0x0E2A3A:life_color=0xF2C48D:mold_color=0x102030:rule=B36/S23",
        "h264",
        "13:31:40;00",
        NTSC,
        120,
        slate="INSERT  PLANKTON",
    ),
    Take(
        f"{_B}/B001C005_260514.MP4",
        "fog",
        "h264",
        "15:02:10;02",
        NTSC,
        150,
        slate="13/1  FOG",
        cut=45,
    ),
    Take(
        f"{_C}/Clip/C0001.MXF",
        "night",
        "xdcam",
        "22:30:00:00",
        reel="C001",
        slate="15/1  LIGHT",
    ),
    Take(
        f"{_C}/Clip/C0002.MXF",
        "ola",
        "xdcam",
        "22:41:16:20",
        frames=125,
        slate="15/2  OLA, NIGHT",
        line=WATER,
        voice="rms",
        first=140,
        step=-1,
        grade="h=-10:s=0.8:b=-1",
    ),
    Take(f"{_GO}/GX010042.MP4", "deep", "h264", rate=Fraction(50), frames=120, slate="16/1  DIVE"),
    Take(
        f"{_GO}/GX020042.MP4",
        "deep",
        "h264",
        rate=Fraction(50),
        frames=90,
        slate="16/1  DIVE",
        first=120,
    ),
    Take("PHONE/IMG_4711.MOV", "fog", "phone", rate=Fraction(30), frames=120, slate="SCOUT"),
    Take(f"{_DJI}/DJI_0007.MP4", "shore", "mute", frames=125, slate="17/1  FROM ABOVE"),
)
SMALL: Final = {
    f"{_A}/Proxy/A001C004_260514_R1AB.mov": f"{_A}/A001C004_260514_R1AB.mov",
    f"{_C}/Sub/C0001S01.MP4": f"{_C}/Clip/C0001.MXF",
    f"{_C}/Sub/C0002S01.MP4": f"{_C}/Clip/C0002.MXF",
    f"{_GO}/GL010042.LRV": f"{_GO}/GX010042.MP4",
    f"{_GO}/GL020042.LRV": f"{_GO}/GX020042.MP4",
}
"""Proxies that the camera, or an editing program, left beside the originals: proxy → original."""
PICTURES: Final = {
    f"{_C}/Thmbnl/C0001T01.JPG": "night",
    f"{_C}/Thmbnl/C0002T01.JPG": "ola",
    f"{_GO}/GX010042.THM": "deep",
    "STILLS/DSC_0101.JPG": "dusk",
    "STILLS/DSC_0102.JPG": "shore",
}
"""Stills and thumbnails: file → painting."""
RECORDINGS: Final = (
    Recording("SOUND/12-T001.WAV", "12", "1", "09:41:05:12", 8, TIDE, "slt", 2600),
    Recording("SOUND/12-T002.WAV", "12", "2", "09:44:48:00", 7, NETS, "slt", 2600),
)
PLATE: Final = "VFX/sh010_plate_v003/sh010_plate_v003.%07d.dpx"
PLATE_FIRST: Final = 1001
PLATE_FRAMES: Final = 16
PLATE_HOLE: Final = (1009, 1010)
"""Frames that a copy has lost."""
