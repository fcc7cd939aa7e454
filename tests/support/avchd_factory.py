"""AVCHD made for tests: the user data of pictures, and transport streams around them, byte by byte."""

from collections.abc import Iterable, Sequence
from pathlib import Path

MARK = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66") + b"MDPM"
PICTURES, SOUND = 0x1011, 0x1100


def label_pack(label: str) -> bytes:
    """Pack 0x13: frames, seconds, minutes, hours in decimal digits; a semicolon says drop-frame."""
    hours, minutes, seconds, frames = bytes.fromhex(label.replace(";", ":").replace(":", ""))
    return bytes((0x13, frames | 0x40 * (";" in label), seconds, minutes, hours))


def date_packs(date: str, zone: int) -> bytes:
    """Packs 0x18 and 0x19 from `YYYYMMDDhhmmss` and the byte of the zone."""
    digits = bytes.fromhex(date)
    return bytes((0x18, zone)) + digits[:3] + b"\x19" + digits[3:]


def user_data(*packs: bytes) -> bytes:
    """An SEI unit with these packs, bytes that look like the start of a unit escaped."""
    body = MARK + bytes((sum(len(pack) // 5 for pack in packs),)) + b"".join(packs)
    return b"\0\0\1\6" + _escaped(bytes((5, len(body))) + body + b"\x80")


def _escaped(data: bytes) -> bytes:
    out = bytearray()
    for byte in data:
        if out[-2:] == b"\0\0" and byte <= 3:
            out.append(3)
        out.append(byte)
    return bytes(out)


def picture(*units: bytes, size: int = 6000) -> bytes:
    """An access unit: delimiter, these units, a slice."""
    head = b"\0\0\1\x09\x10" + b"".join(units) + b"\0\0\1\x65"
    return head.ljust(size, b"\xa5")


def stream(
    pictures: Iterable[tuple[int | None, bytes]], *, blu_ray: bool = True, sound: bool = True
) -> bytes:
    """A transport stream of pictures, each with its time in ticks of 90 kHz; packets of 192 or 188 bytes."""
    out: list[bytes] = [_packet(0, b"\0" * 184, begins=True)]
    for shown, data in pictures:
        if sound:
            out += _packets(SOUND, _pes(0xBD, shown, bytes(100)))
        out += _packets(PICTURES, _pes(0xE0, shown, data))
    extra = b"\0\0\0\0" if blu_ray else b""
    return b"".join(extra + packet for packet in out)


def _pes(kind: int, shown: int | None, data: bytes) -> bytes:
    if shown is None:
        return bytes((0, 0, 1, kind, 0, 0, 0x80, 0, 0)) + data
    stamp = bytes((0x21 | shown >> 29 & 0xE,)) + (shown >> 14 & 0xFFFE | 1).to_bytes(2, "big")
    stamp += ((shown & 0x7FFF) << 1 | 1).to_bytes(2, "big")
    return bytes((0, 0, 1, kind, 0, 0, 0x80, 0x80, 5)) + stamp + data


def _packets(number: int, data: bytes) -> list[bytes]:
    parts = [data[at : at + 184] for at in range(0, len(data), 184)]
    return [_packet(number, part, begins=n == 0) for n, part in enumerate(parts)]


def _packet(number: int, payload: bytes, *, begins: bool) -> bytes:
    head = bytes((0x47, number >> 8 | 0x40 * begins, number & 0xFF))
    room = 184 - len(payload)
    if not room:
        return head + b"\x10" + payload
    filler = bytes((room - 1,)) + (b"\0" + b"\xff" * (room - 2) if room > 1 else b"")
    return head + b"\x30" + filler + payload


def with_user_data(source: Path, target: Path, labels: Sequence[str], more: bytes = b"") -> Path:
    """A real transport stream whose n-th shown picture carries `labels[n]`; the first one `more`, too."""
    import av

    with av.open(str(source)) as given, av.open(str(target), "w", format="mpegts") as made:
        out = made.add_stream_from_template(given.streams.video[0])
        packets = [packet for packet in given.demux(video=0) if packet.pts is not None]
        order = sorted(packet.pts for packet in packets)
        for number, packet in enumerate(packets):
            packs = (label_pack(labels[order.index(packet.pts)]), more if number == 0 else b"")
            data = bytes(packet)
            at = data.index(b"\0\0\1", 4) if data[4:5] == b"\x09" or data[3:4] == b"\x09" else 0
            fresh = av.Packet(data[:at] + user_data(*packs) + data[at:])
            fresh.pts, fresh.dts, fresh.time_base = packet.pts, packet.dts, packet.time_base
            fresh.stream, fresh.is_keyframe = out, packet.is_keyframe
            made.mux(fresh)
    return target
