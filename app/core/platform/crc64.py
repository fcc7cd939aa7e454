"""CRC-64/NVME, S3's checksum of a whole object: from awscrt (0.1 CPU s a GB), and nowhere else imported."""

import functools
from collections.abc import Callable

Crc64 = Callable[[bytes | memoryview, int], int]
"""(next bytes, what came out of those before or 0) -> an integer of 64 bits."""


@functools.cache
def crc64nvme() -> Crc64 | None:
    """The function; None where awscrt is not there."""
    try:
        from awscrt import checksums
    except ImportError:
        return None

    def crc(data: bytes | memoryview, previous: int) -> int:
        return checksums.crc64nvme(data, previous)  # pyright: ignore[reportArgumentType]  any buffer is taken

    return crc
