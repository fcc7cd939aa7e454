"""Tells a drone's telemetry from captions: both lie beside the clip as `.SRT`."""

import re

_MARKS = re.compile(
    r"SrtCnt|DiffTime|BAROMETER|\bGPS ?\(|\bHOME ?\(|\[?(?:latitude|longitude|longtitude|altitude|rel_alt|abs_alt)\s*:"
    r"|\[?(?:iso|shutter|fnum|focal_len|color_md|ct)\s*:|\bF/\d+(?:\.\d+)?,\s*SS\b|\b[HV]\.S\s|\bISO:\d+\s+Shutter:",
    re.IGNORECASE,
)
_CUE = re.compile(r"^\s*\d+\s*:\d+:\d+[,.]\d+\s*-->", re.MULTILINE)
_ENOUGH = 65_536
"""Characters that are looked at: telemetry has a cue for every frame or second."""


def is_telemetry_srt(text: str) -> bool:
    """True where most cues carry camera or position data; captions, and an empty file, are none."""
    blocks = _CUE.split(text[:_ENOUGH])[1:]
    marked = sum(1 for block in blocks if _MARKS.search(block))
    return 2 * marked > len(blocks)
