"""The one colour rule of frame, viewer and proxy: range and matrix from the tags, else by size.

Untagged pictures are BT.709 when 1280 or wider or above 576 lines, else BT.601. Nothing is tone mapped,
no LUT is applied. Numbers of matrices are those of ITU-T H.273.
"""

RGB, BT709, UNKNOWN, FCC, BT601, SMPTE170M, SMPTE240M, BT2020 = 0, 1, 2, 4, 5, 6, 7, 9
_NAMES = {BT709: "bt709", FCC: "fcc", BT601: "bt601", SMPTE240M: "smpte240m", BT2020: "bt2020"}
_TAGS = {
    "bt709": BT709,
    "fcc": FCC,
    "bt470bg": BT601,
    "smpte170m": BT601,
    "smpte240m": SMPTE240M,
    "bt2020nc": BT2020,
    "bt2020c": BT2020,
}


def matrix(tag: int, width: int, height: int) -> int:
    """The matrix of a picture from its tag (H.273) and, untagged, from its size as coded."""
    if tag in (BT601, SMPTE170M):
        return BT601
    if tag in (BT709, FCC, SMPTE240M):
        return tag
    if tag in (BT2020, 10):
        return BT2020
    return BT709 if width >= 1280 or height > 576 else BT601


def matrix_of_tag(tag: str | None, width: int, height: int) -> int:
    """The same from ffprobe's word for the tag."""
    return matrix(_TAGS.get(tag or "", UNKNOWN), width, height)


def filter_name(number: int) -> str:
    """What the scale filter calls a matrix."""
    return _NAMES[number]


def is_rgb(pix_fmt: str) -> bool:
    """True for formats that have no matrix: RGB in any order, palettes, Bayer."""
    return pix_fmt.startswith(
        ("rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "gbr", "pal", "bayer", "x2", "mono")
    )


def is_full_range(tag: str | int | None, pix_fmt: str) -> bool:
    """Whether a picture uses all code values: as tagged (`pc`, or 2), else by its format."""
    if tag in ("pc", 2):
        return True
    if tag in ("tv", 1):
        return False
    return pix_fmt.startswith(("yuvj", "gray", "ya8", "ya16"))
