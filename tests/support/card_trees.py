"""Tiny camera cards of every sort, from names alone, with the lists that a camera writes: what a card must hold, and what tells."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

OLD_NS = 1_747_200_000_000_000_000


@dataclasses.dataclass(frozen=True)
class MadeCard:
    """One card as a camera left it."""

    id: str
    """The id of its type."""
    maker: str
    clips: Mapping[str, tuple[str, ...]]
    """The files of each clip, by its name."""
    own: Mapping[str, bytes] = dataclasses.field(default_factory=dict)
    """The card's own files, and what stands in them; also descriptions of clips with a content that counts."""
    others: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    """Folders without anything in them."""
    silent: tuple[str, ...] = ()
    """Files of clips that may go without anybody being able to tell: nothing on the card speaks of them."""
    hinted: tuple[str, ...] = ()
    """Files that may not have been recorded: their absence is told, and is no fault."""
    unnamed: tuple[str, ...] = ()
    """Files that are known to be missing, by words alone: no name tells what they were called."""

    @property
    def files(self) -> set[str]:
        """Every file."""
        return {*self.own, *self.others, *(path for paths in self.clips.values() for path in paths)}

    def make(self, root: Path) -> Path:
        """Lays it out below a folder."""
        for path in self.files:
            put(root, path, self.own.get(path, b"made for a test: " + os.fsencode(path)))
        for folder in self.empty:
            (root / folder).mkdir(parents=True, exist_ok=True)
        return root


def put(root: Path, rel: str, data: bytes = b"x") -> Path:
    """A file of a card, of a time long ago."""
    path = root / rel
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    return path


def _media_profile(*materials: tuple[str, tuple[str, ...], tuple[str, ...]]) -> bytes:
    listed = "".join(
        f'<Material uri="./{main}" type="MXF" dur="90" fps="25p" ch="2">'
        + "".join(f'<Proxy uri="./{uri}" type="MP4"/>' for uri in proxies)
        + "".join(f'<RelevantInfo uri="./{uri}" type="XML"/>' for uri in infos)
        + "</Material>"
        for main, proxies, infos in materials
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<MediaProfile xmlns="http://xmlns.sony.net/pro/metadata/mediaprofile" version="2.10">'
        f"<Contents>{listed}</Contents></MediaProfile>"
    ).encode()


def _sony(
    base: str, clip: str, sub: str, thumbs: str, ending: str, names: list[str]
) -> dict[str, tuple[str, ...]]:
    return {
        name: (
            f"{base}/{clip}/{name}.{ending}",
            f"{base}/{clip}/{name}M01.XML",
            f"{base}/{sub}/{name}S03.MP4",
            f"{base}/{thumbs}/{name}T01.JPG",
        )
        for name in names
    }


_XD = [f"A001C00{n}_260514R1" for n in (1, 2, 3)]
_M4 = ["C0001", "C0002", "C0003"]
_P2 = ["0001AB", "0002CD", "0003EF"]


def _p2_xml(name: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1">'
        f"<ClipContent><ClipName>{name}</ClipName><GlobalClipID>060A2B34{name}</GlobalClipID><Duration>25</Duration>"
        "<EditUnit>1/25</EditUnit><EssenceList><Video/><Audio/><Audio/></EssenceList></ClipContent></P2Main>"
    ).encode()


def _smil(name: str) -> bytes:
    return (
        f'<smil xmlns="urn:schemas-professionalDisc:edl:release1"><body><par><ref src="{name}.MP4"/></par></body>'
        f'<head><metadata><ref src="{name}M01.XML"/></metadata></head></smil>'
    ).encode()


_EX = ("788_0001_01", "788_0001_02", "788_0002_01", "788_0003_01")
_ALE = (
    "Heading\r\nFIELD_DELIM\tTABS\r\nFPS\t25\r\n\r\nColumn\r\nName\tTracks\tStart\tEnd\t\r\n\r\nData\r\n"
    + "".join(
        f"A002C00{n}_141024_R2EC.mov\tVA1A2\t01:0{n}:00:00\t01:0{n}:10:00\t\r\n" for n in (1, 2, 3)
    )
).encode()
_REPORT = (
    b"File Name,Scene,Take,Length,Start TC,Notes\r\n"
    b'T001.WAV,12,1,00:00:04,10:00:00:00,"good, wind on boom"\r\nT002_1.WAV,12,2,00:00:04,10:00:50:00,\r\n'
    b"T002_2.WAV,12,2,00:00:04,10:00:50:00,\r\n"
)

_R = "A006_0514AB.RDM"
_D = "DCIM/100MEDIA/DJI_2026051410150{n}_000{n}_D"
_I = "DCIM/Camera01"

CARDS: dict[str, MadeCard] = {
    "Sony XDROOT": MadeCard(
        "sony-xdroot",
        "Sony",
        _sony("XDROOT", "Clip", "Sub", "Thmbnl", "MXF", _XD),
        own={
            "XDROOT/MEDIAPRO.XML": _media_profile(
                *(
                    (
                        f"Clip/{n}.MXF",
                        (f"Sub/{n}S03.MP4",),
                        (f"Clip/{n}M01.XML", f"Thmbnl/{n}T01.JPG"),
                    )
                    for n in _XD
                )
            ),
            "XDROOT/DISCMETA.XML": b"<DiscMeta/>",
        },
        empty=("XDROOT/Edit", "XDROOT/General", "XDROOT/Take", "XDROOT/UserData"),
    ),
    "Sony XAVC S": MadeCard(
        "sony-m4root",
        "Sony",
        _sony("PRIVATE/M4ROOT", "CLIP", "SUB", "THMBNL", "MP4", _M4),
        own={
            "PRIVATE/M4ROOT/MEDIAPRO.XML": _media_profile(
                *((f"CLIP/{n}.MP4", (f"SUB/{n}S03.MP4",), (f"CLIP/{n}M01.XML",)) for n in _M4)
            )
        },
        others=("AVF_INFO/PRV00001.BIN",),
        empty=("PRIVATE/M4ROOT/GENERAL", "DCIM/100MSDCF"),
    ),
    "Sony XDCAM EX": MadeCard(
        "sony-ex",
        "Sony",
        {
            "788_0001_01": tuple(
                f"BPAV/CLPR/{n}/{n}{end}"
                for n in _EX[:2]
                for end in (".MP4", "M01.XML", ".SMI", "R01.BIM")
            ),
            **{
                n: tuple(
                    f"BPAV/CLPR/{n}/{n}{end}" for end in (".MP4", "M01.XML", ".SMI", "R01.BIM")
                )
                for n in _EX[2:]
            },
        },
        own={f"BPAV/CLPR/{n}/{n}.SMI": _smil(n) for n in _EX},
        empty=("BPAV/TAKR",),
    ),
    "Canon XF": MadeCard(
        "canon-xf",
        "Canon",
        {
            f"AA000{n}": tuple(
                f"CONTENTS/CLIPS001/AA000{n}/AA000{n}{end}"
                for end in (
                    "01.MXF",
                    "02.MXF",
                    "03.MXF",
                    "01.CPF",
                    "02.CPF",
                    "03.CPF",
                    ".CIF",
                    ".XML",
                )
            )
            for n in (1, 2, 3)
        },
        own={"CONTENTS/CLIPS001/INDEX.MIF": b"\0index"},
    ),
    "Panasonic P2": MadeCard(
        "panasonic-p2",
        "Panasonic",
        {
            n: (
                f"CONTENTS/VIDEO/{n}.MXF",
                f"CONTENTS/AUDIO/{n}00.MXF",
                f"CONTENTS/AUDIO/{n}01.MXF",
                f"CONTENTS/CLIP/{n}.XML",
                f"CONTENTS/ICON/{n}.BMP",
                f"CONTENTS/PROXY/{n}.MP4",
            )
            for n in _P2
        },
        own={
            "LASTCLIP.TXT": b"0003EF\r\n1.0\r\n3\r\n",
            **{f"CONTENTS/CLIP/{n}.XML": _p2_xml(n) for n in _P2},
        },
        empty=("CONTENTS/VOICE",),
    ),
    "AVCHD": MadeCard(
        "avchd",
        "",
        {
            f"0000{n}": (
                f"PRIVATE/AVCHD/BDMV/STREAM/0000{n}.MTS",
                f"PRIVATE/AVCHD/BDMV/CLIPINF/0000{n}.CPI",
            )
            for n in (0, 1, 2)
        },
        own={
            "PRIVATE/AVCHD/BDMV/PLAYLIST/00000.MPL": b"MPLS0100\0\x20"
            + b"".join(b"\0\x50%05dM2TS\0\1" % n for n in (0, 1, 2)),
            "PRIVATE/AVCHD/BDMV/INDEX.BDM": b"INDX0100",
        },
    ),
    "RED": MadeCard(
        "red",
        "RED",
        {
            f"A006_C00{n}_0514AB": tuple(
                f"{_R}/A006_C00{n}_0514AB.RDC/A006_C00{n}_0514AB{end}"
                for end in ("_001.R3D", "_002.R3D", "_003.R3D", ".RMD", ".mov")
            )
            for n in (1, 2, 3)
        },
        own={f"{_R}/digital_magazine.bin": b"\0"},
        # The last file of a recording: only a file after it, or a list, could tell.
        silent=tuple(f"{_R}/A006_C00{n}_0514AB.RDC/A006_C00{n}_0514AB_003.R3D" for n in (1, 2, 3)),
    ),
    "ARRI": MadeCard(
        "arri",
        "ARRI",
        {f"A002C00{n}_141024_R2EC": (f"A002R2EC/A002C00{n}_141024_R2EC.mov",) for n in (1, 2, 3)},
        others=("A002R2EC/A002R2EC.ale",),
        own={"A002R2EC/A002R2EC.ale": _ALE},
    ),
    "Blackmagic": MadeCard(
        "blackmagic",
        "Blackmagic Design",
        {
            f"A001_08151512_C00{n}": (
                f"A001_08151512_C00{n}.braw",
                f"A001_08151512_C00{n}.sidecar",
                f"Proxy/A001_08151512_C00{n}.mp4",
            )
            for n in (1, 2, 3)
        },
    ),
    "GoPro": MadeCard(
        "gopro",
        "GoPro",
        {
            f"GX01004{n}": tuple(
                f"DCIM/100GOPRO/{end}{c:02d}004{n}.{ext}"
                for c in (1, 2, 3)
                for end, ext in (("GX", "MP4"), ("GL", "LRV"), ("GX", "THM"))
            )
            for n in (2, 3)
        },
        own={"MISC/version.txt": b'{"camera type":"HERO11 Black"}'},
    ),
    "GoPro, older": MadeCard(
        "gopro-old",
        "GoPro",
        {
            "GOPR0042": (
                "DCIM/100GOPRO/GOPR0042.MP4",
                "DCIM/100GOPRO/GP010042.MP4",
                "DCIM/100GOPRO/GP020042.MP4",
            ),
        },
        silent=("DCIM/100GOPRO/GP020042.MP4",),
        unnamed=("DCIM/100GOPRO/GOPR0042.MP4",),
    ),
    "DJI": MadeCard(
        "dji",
        "DJI",
        {
            _D.format(n=n).rpartition("/")[2]: tuple(
                f"{_D.format(n=n)}.{ext}" for ext in ("MP4", "LRF", "SRT")
            )
            for n in (1, 2, 3)
        },
    ),
    "Insta360": MadeCard(
        "insta360",
        "Insta360",
        {
            f"VID_2026051{n}_101500_00_00{n}": (
                f"{_I}/VID_2026051{n}_101500_00_00{n}.insv",
                f"{_I}/VID_2026051{n}_101500_10_00{n}.insv",
                f"{_I}/LRV_2026051{n}_101500_11_00{n}.insv",
            )
            for n in (1, 2, 3)
        },
    ),
    "stills": MadeCard(
        "dcim",
        "Canon",
        {
            "MVI_0001": ("DCIM/100CANON/MVI_0001.MOV", "DCIM/100CANON/MVI_0001.THM"),
            "IMG_0002": ("DCIM/100CANON/IMG_0002.CR2", "DCIM/100CANON/IMG_0002.JPG"),
            "IMG_0003": ("DCIM/100CANON/IMG_0003.JPG",),
        },
        silent=(
            "DCIM/100CANON/MVI_0001.THM",
            "DCIM/100CANON/MVI_0001.MOV",
            "DCIM/100CANON/IMG_0002.CR2",
            "DCIM/100CANON/IMG_0002.JPG",
            "DCIM/100CANON/IMG_0003.JPG",
        ),
    ),
    "Sound Devices": MadeCard(
        "sound-devices",
        "Sound Devices",
        {
            "T001": ("26Y05M14/T001.WAV",),
            "T002": ("26Y05M14/T002_1.WAV", "26Y05M14/T002_2.WAV"),
        },
        own={"26Y05M14/SOUND_REPORT.CSV": _REPORT},
        others=("26Y05M14/SOUND_REPORT.CSV",),
        empty=("TRASH", "FALSETAKES"),
    ),
    "Zoom": MadeCard(
        "zoom",
        "Zoom",
        {
            f"ZOOM000{n}": tuple(f"FOLDER01/ZOOM000{n}/ZOOM000{n}_Tr{t}.WAV" for t in (1, 2, 3))
            for n in (1, 2)
        },
        silent=tuple(f"FOLDER01/ZOOM000{n}/ZOOM000{n}_Tr3.WAV" for n in (1, 2)),
        hinted=tuple(f"FOLDER01/ZOOM000{n}/ZOOM000{n}_Tr{t}.WAV" for n in (1, 2) for t in (1, 2)),
    ),
    "nothing known": MadeCard(
        "",
        "",
        {"interview": ("day/interview.mov",), "wind": ("day/wind.wav",)},
        others=("day/notes.txt", "day/sub/.hidden"),
        empty=("day/empty/deeper",),
        silent=("day/interview.mov", "day/wind.wav"),
    ),
}
"""By name."""
