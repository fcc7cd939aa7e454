"""A volume full of what wants to be taken for media: pointers, names, bombs, things that are no files, foreign code.

Each maker writes into a folder; nothing here needs anything but bytes.
"""

import os
import socket
import stat
import struct
import zlib
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

from tests.support.probe_media import box, full

TOO_WIDE = 60_000
_LEVELS = 100_000
_STREAMS = 1_000_000


def pointers(folder: Path, url: str) -> list[str]:
    """Files that only point elsewhere: to the address, or to what lies beside them; their names."""
    secret = folder / "secret.mp4"
    texts = {
        "m3u.mov": f"#EXTM3U\n#EXTINF:1,\n{url}/m3u.mp4\n",
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}/seg.ts\n#EXT-X-ENDLIST\n",
        "beside.mov": f"#EXTM3U\n#EXTINF:1,\n{secret.name}\n#EXT-X-ENDLIST\n",
        "edl.mov": f"# mpv EDL v0\n{url}/edl.mp4,0,1\n",
        "passwords.mov": "# mpv EDL v0\n%11%/etc/passwd,0,1\n",
        "concat.mov": f"ffconcat version 1.0\nfile {url}/concat.mp4\n",
        "concat beside.mp4": f"ffconcat version 1.0\nfile {secret.name}\n",
        "sdp.mov": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
        "dash.mp4": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static'><Period>"
        f"<AdaptationSet><Representation id='1'><BaseURL>{url}/dash.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "drawing.png": f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}/svg.png' width='9' height='9'/></svg>",
        "asx.mov": f"<asx version='3.0'><entry><ref href='{url}/asx'/></entry></asx>",
        "pls.wav": f"[playlist]\nFile1={url}/pls.mp3\nNumberOfEntries=1\n",
        "cue.wav": f'FILE "{url}/cue.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "smil.mov": f"<smil><body><video src='{url}/smil.mov'/></body></smil>",
        "shortcut.mov": f"[InternetShortcut]\nURL={url}/shortcut.mp4\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    address = url.encode() + b"/reference.mov\0"
    said = full("rdrf", b"url ", struct.pack(">I", len(address)), address)
    (folder / "reference.mov").write_bytes(
        box("ftyp", b"qt  ", bytes(4)) + box("moov", box("rmra", box("rmda", said)))
    )
    return [*texts, "reference.mov"]


NAMES = (
    "-y.mov",
    "-i x -f null.mov",
    "http:x.mov",
    "concat:a|b.mov",
    "subfile,,start,0,end,9,,:x.mov",
    "pipe:0.mov",
    "shot%03d.mov",
    "take*?.mov",
    "a'b\"c.mov",
    "a:b,c[d]=e\\f;null.mov",
    "movie=x.mov",
    "$(touch PWNED).mov",
    "`touch PWNED`.mov",
    "a;touch PWNED.mov",
    "new\nline.mov",
    "esc\x1b[31m.mov",
    "<b>bold.mov",
    "caf\udce9.mov",
)
"""Names that mean something to a shell, to ffmpeg or to mpv."""


def named(folder: Path, whole: bytes) -> list[str]:
    """A sound clip under each of the names, with bytes of its own."""
    for name in NAMES:
        own = os.fsencode(name)
        (folder / name).write_bytes(whole + box("free", own, bytes(64 - len(own))))
    return list(NAMES)


def bombs(folder: Path) -> list[str]:
    """Small files that promise what no memory holds."""
    wide = struct.pack(">IIBBBBB", TOO_WIDE, TOO_WIDE, 8, 2, 0, 0, 0)
    head = struct.pack(">I", len(wide)) + b"IHDR" + wide
    png = b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", zlib.crc32(head[4:]))
    rows = zlib.compress(bytes(1 << 20), 9)
    chunk = b"IDAT" + rows
    png += struct.pack(">I", len(rows)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    jpeg = b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", TOO_WIDE, TOO_WIDE)
    jpeg += bytes((3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1)) + b"\xff\xda" + bytes(200) + b"\xff\xd9"
    made = {
        "wide.png": png,
        "wide.jpg": jpeg,
        "streams.mov": box("ftyp", b"qt  ", bytes(4))
        + box("moov", b"\0\0\0\x08trak" * _STREAMS)
        + box("mdat"),
        "frames.mov": _endless(),
        "deep.mov": box("ftyp", b"qt  ", bytes(4)) + _nested(b"moov", 20_000),
        "endless.wav": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\xff\xff\x80\xbb\0\0"
        + b"\xff" * 6
        + b"\x10\0data\xff\xff\xff\xff"
        + bytes(4000),
        "endless.mkv": b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01"
        + b"\xff" * 7
        + b"\xec\x01"
        + b"\0" * 7,
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return list(made)


def _endless() -> bytes:
    """A movie whose tables say two thousand million frames in a few hundred bytes."""
    many = 0x7FFFFFFF
    entry = struct.pack(
        ">I4s6xH16xHHIII4xH32xHh", 86, b"jpeg", 1, 160, 90, 0x480000, 0x480000, 0, 1, 24, -1
    )
    tables = box(
        "stbl",
        full("stsd", struct.pack(">I", 1), entry),
        full("stts", struct.pack(">III", 1, many, 1)),
        full("stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        full("stsz", struct.pack(">II", 1, many)),
        full("stco", struct.pack(">II", 1, 40)),
    )
    media = box(
        "mdia",
        full("mdhd", struct.pack(">IIIIHH", 0, 0, 25, many, 0, 0)),
        full("hdlr", b"mhlr", b"vide", bytes(12), b"\0"),
        box("minf", full("vmhd", bytes(8), flags=1), tables),
    )
    track = box("trak", full("tkhd", bytes(80), flags=7), media)
    moov = box("moov", full("mvhd", struct.pack(">IIII", 0, 0, 25, many), bytes(80)), track)
    return box("ftyp", b"qt  ", bytes(4)) + box("mdat", bytes(400)) + moov


def _nested(kind: bytes, levels: int) -> bytes:
    sizes = range(8 * levels, 0, -8)
    return b"".join(
        struct.pack(">I4s", size, kind if n == 0 else b"trak") for n, size in enumerate(sizes)
    )


def no_files(folder: Path, outside: Path) -> list[str]:
    """A pipe, a socket, a device, links out of the volume, in a circle and to nothing."""
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"RIFF")
    os.mkfifo(folder / "pipe.mov")
    with chdir(folder), socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mov")
    made = ["pipe.mov", "socket.mov", "out.wav", "out", "circle", "nowhere.mov"]
    (folder / "out.wav").symlink_to(outside / "secret.wav")
    (folder / "out").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    (folder / "nowhere.mov").symlink_to("nothing")
    if os.geteuid() == 0:
        os.mknod(folder / "zero.mov", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        made.append("zero.mov")
    return made


def sparse(path: Path, size: int) -> Path:
    """A file that claims a size and holds nothing."""
    with path.open("wb") as stream:
        stream.truncate(size)
    return path


SIDECARS: dict[str, Callable[[str], str]] = {
    "laughs": lambda _: (
        "<!DOCTYPE x [<!ENTITY a0 'AAAAAAAAAA'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
        + "]><NonRealTimeMeta>&a9;</NonRealTimeMeta>"
    ),
    "file": lambda _: (
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><NonRealTimeMeta>&e;</NonRealTimeMeta>"
    ),
    "remote": lambda url: f"<!DOCTYPE x [<!ENTITY % p SYSTEM '{url}/x.dtd'>%p;]><NonRealTimeMeta/>",
    "schema": lambda url: f"<!DOCTYPE NonRealTimeMeta SYSTEM '{url}/schema.dtd'><NonRealTimeMeta/>",
    "deep": lambda _: (
        "<NonRealTimeMeta>" + "<a>" * _LEVELS + "</a>" * _LEVELS + "</NonRealTimeMeta>"
    ),
    "large": lambda _: "<NonRealTimeMeta>" + "x" * (6 << 20) + "</NonRealTimeMeta>",
}


def cards(folder: Path, url: str, whole: bytes) -> list[str]:
    """A card for each hostile sidecar, with a sound clip on it: the clips' paths."""
    made: list[str] = []
    for name, text in SIDECARS.items():
        card = folder / f"card {name}" / "PRIVATE" / "M4ROOT" / "CLIP"
        card.mkdir(parents=True)
        (card / "C0001.MP4").write_bytes(whole + box("free", name.encode().ljust(16)))
        (card / "C0001M01.XML").write_text("<?xml version='1.0'?>" + text(url))
        made.append(str((card / "C0001.MP4").relative_to(folder)))
    return made


MODULES = (
    "json",
    "sqlite3",
    "xxhash",
    "numpy",
    "app",
    "sitecustomize",
    "usercustomize",
    "pymediainfo",
)
PROGRAMS = (
    "ffmpeg",
    "ffprobe",
    "bwrap",
    "prlimit",
    "setpriv",
    "nice",
    "mpv",
    "yt-dlp",
    "mediainfo",
)


def code(folder: Path, told: Path) -> None:
    """Modules, programs and settings of players that leave a file in `told` when somebody loads them."""
    folder.mkdir(exist_ok=True)
    for module in MODULES:
        (folder / f"{module}.py").write_text(f"open({str(told / module)!r}, 'w').close()\n")
    for program in PROGRAMS:
        path = folder / program
        path.write_text(f"#!/bin/sh\n: > '{told / program}'\nexit 1\n")
        path.chmod(0o755)
    (folder / "mpv.conf").write_text(
        f"log-file={told / 'mpv.conf'}\nscript={folder / 'evil.lua'}\nvo=null\n"
    )
    (folder / "input.conf").write_text(f"SPACE run touch {told / 'input.conf'}\n")
    (folder / "scripts").mkdir()
    for place in (folder / "scripts" / "evil.lua", folder / "evil.lua"):
        place.write_text(f"io.open({str(told / 'script')!r}, 'w'):close()\n")
