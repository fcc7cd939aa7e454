"""The files of one clip on each sort of card: paths, the clip's name, and the roles in order."""

CASES: dict[str, tuple[list[str], str, list[str]]] = {
    "sony xdroot": (
        [
            "A/XDROOT/Clip/A001C001_260514R1.MXF",
            "A/XDROOT/Clip/A001C001_260514R1M01.XML",
            "A/XDROOT/Clip/A001C001_260514R1R01.BIM",
            "A/XDROOT/Sub/A001C001_260514R1S03.MP4",
            "A/XDROOT/Thmbnl/A001C001_260514R1T01.JPG",
        ],
        "A001C001_260514R1",
        ["essence", "camera-proxy", "thumbnail", "sidecar", "sidecar"],
    ),
    "sony xavc s": (
        [
            "PRIVATE/M4ROOT/CLIP/C0001.MP4",
            "PRIVATE/M4ROOT/CLIP/C0001M01.XML",
            "PRIVATE/M4ROOT/SUB/C0001S03.MP4",
            "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG",
        ],
        "C0001",
        ["essence", "camera-proxy", "thumbnail", "sidecar"],
    ),
    "sony off its card, flat": (
        ["day/C0001.MP4", "day/C0001M01.XML", "day/C0001T01.JPG", "day/C0001S03.MP4"],
        "C0001",
        ["essence", "camera-proxy", "thumbnail", "sidecar"],
    ),
    "sony off its card, in folders": (
        [
            "day/Clip/C0001.MP4",
            "day/Clip/C0001M01.XML",
            "day/Thmbnl/C0001T01.JPG",
            "day/Sub/C0001S03.MP4",
        ],
        "C0001",
        ["essence", "camera-proxy", "thumbnail", "sidecar"],
    ),
    "xdcam ex, two spans": (
        [
            "BPAV/CLPR/788_0001_01/788_0001_01.MP4",
            "BPAV/CLPR/788_0001_01/788_0001_01M01.XML",
            "BPAV/CLPR/788_0001_01/788_0001_01.SMI",
            "BPAV/CLPR/788_0001_02/788_0001_02.MP4",
            "BPAV/CLPR/788_0001_02/788_0001_02R01.BIM",
        ],
        "788_0001_01",
        ["essence", "span", "sidecar", "sidecar", "sidecar"],
    ),
    "panasonic p2": (
        [
            "P2/CONTENTS/VIDEO/0001AB.MXF",
            "P2/CONTENTS/AUDIO/0001AB00.MXF",
            "P2/CONTENTS/AUDIO/0001AB01.MXF",
            "P2/CONTENTS/CLIP/0001AB.XML",
            "P2/CONTENTS/ICON/0001AB.BMP",
            "P2/CONTENTS/PROXY/0001AB.MP4",
            "P2/CONTENTS/PROXY/0001AB.XML",
            "P2/CONTENTS/VOICE/0001AB00.WAV",
        ],
        "0001AB",
        ["essence", "audio", "audio", "camera-proxy", "thumbnail", "sidecar", "sidecar", "sidecar"],
    ),
    "canon xf": (
        [
            "CONTENTS/CLIPS001/AA0001/AA000101.MXF",
            "CONTENTS/CLIPS001/AA0001/AA000102.MXF",
            "CONTENTS/CLIPS001/AA0001/AA000101.CPF",
            "CONTENTS/CLIPS001/AA0001/AA0001.CIF",
            "CONTENTS/CLIPS001/AA0001/AA0001.XML",
        ],
        "AA0001",
        ["essence", "span", "sidecar", "sidecar", "sidecar"],
    ),
    "avchd": (
        ["PRIVATE/AVCHD/BDMV/STREAM/00000.MTS", "PRIVATE/AVCHD/BDMV/CLIPINF/00000.CPI"],
        "00000",
        ["essence", "sidecar"],
    ),
    "red": (
        [
            "A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB_001.R3D",
            "A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB_002.R3D",
            "A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB.RMD",
            "A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB.mov",
        ],
        "A006_C001_0514AB",
        ["essence", "span", "camera-proxy", "sidecar"],
    ),
    "blackmagic": (
        [
            "A001_08151512_C001.braw",
            "A001_08151512_C001.braw2",
            "A001_08151512_C001.sidecar",
            "Proxy/A001_08151512_C001.mp4",
        ],
        "A001_08151512_C001",
        ["essence", "span", "camera-proxy", "sidecar"],
    ),
    "gopro, three chapters": (
        [
            "DCIM/100GOPRO/GX010042.MP4",
            "DCIM/100GOPRO/GX020042.MP4",
            "DCIM/100GOPRO/GX030042.MP4",
            "DCIM/100GOPRO/GL010042.LRV",
            "DCIM/100GOPRO/GL030042.LRV",
            "DCIM/100GOPRO/GX020042.THM",
            "DCIM/100GOPRO/GX010042.WAV",
        ],
        "GX010042",
        ["essence", "span", "span", "camera-proxy", "camera-proxy", "thumbnail", "sidecar"],
    ),
    "gopro, older": (
        ["GOPR0042.MP4", "GP010042.MP4", "GP020042.MP4", "GOPR0042.LRV", "GP010042.THM"],
        "GOPR0042",
        ["essence", "span", "span", "camera-proxy", "thumbnail"],
    ),
    "dji": (
        ["DCIM/100MEDIA/DJI_0001.MP4", "DCIM/100MEDIA/DJI_0001.SRT", "DCIM/100MEDIA/DJI_0001.LRF"],
        "DJI_0001",
        ["essence", "camera-proxy", "sidecar"],
    ),
    "insta360, two lenses": (
        [
            "DCIM/Camera01/VID_20260514_101500_00_001.insv",
            "DCIM/Camera01/VID_20260514_101500_10_001.insv",
            "DCIM/Camera01/LRV_20260514_101500_11_001.insv",
        ],
        "VID_20260514_101500_00_001",
        ["essence", "essence", "camera-proxy"],
    ),
    "arri, with its own sidecar": (
        ["A002R2EC/A002C006_141024_R2EC.mov", "A002R2EC/A002C006_141024_R2EC.xml"],
        "A002C006_141024_R2EC",
        ["essence", "sidecar"],
    ),
    "avid op-atom": (
        [
            "Avid MediaFiles/MXF/1/Harbour.V01.5E8A3B1C_5E8A35E8A.mxf",
            "Avid MediaFiles/MXF/1/Harbour.A01.5E8A3B1D_5E8A35E8B.mxf",
            "Avid MediaFiles/MXF/1/Harbour.A02.5E8A3B1E_5E8A35E8C.mxf",
        ],
        "Harbour",
        ["essence", "audio", "audio"],
    ),
    "canon film with thumbnail": (
        ["DCIM/100CANON/MVI_0001.MOV", "DCIM/100CANON/MVI_0001.THM"],
        "MVI_0001",
        ["essence", "thumbnail"],
    ),
    "raw and its jpeg": (
        ["DCIM/100NIKON/DSC_0001.NEF", "DCIM/100NIKON/DSC_0001.JPG", "DCIM/100NIKON/DSC_0001.xmp"],
        "DSC_0001",
        ["essence", "camera-proxy", "sidecar"],
    ),
    "live picture": (
        ["DCIM/100APPLE/IMG_0001.HEIC", "DCIM/100APPLE/IMG_0001.MOV", "DCIM/100APPLE/IMG_0001.AAE"],
        "IMG_0001",
        ["essence", "sidecar", "sidecar"],
    ),
}
