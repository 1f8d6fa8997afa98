"""Sizes of files, as people write them and read them."""

from __future__ import annotations

import re
from types import MappingProxyType

from topicml.exceptions import TopicmlValueError

_UNITS = MappingProxyType(
    {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
)
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([kmg]?i?b)?\s*", re.ASCII | re.IGNORECASE)


def parse_size(text: str) -> int:
    """Read a size in bytes; of a part of a byte, nothing is left.

    Parameters
    ----------
    text : str
        A number, and its unit: B, kB, MB, GB (thousands) or KiB, MiB, GiB (1,024), in any case; without a
        unit it is bytes.

    Raises
    ------
    TopicmlValueError
        If it is none, or less than one byte.

    Examples
    --------
    >>> parse_size("2MB"), parse_size("1.5 kB"), parse_size("2MiB"), parse_size("800")
    (2000000, 1500, 2097152, 800)
    """
    match = _SIZE.fullmatch(text)
    if not match or (unit := (match[2] or "").lower()) not in _UNITS:
        raise TopicmlValueError(f"expected a size such as 2MB, 500 kB, 2MiB or 800000, found {text!r}")
    whole, _, part = match[1].partition(".")
    size: int = int(whole + part) * _UNITS[unit] // 10 ** len(part)  # no float, so that 0.3 kB is 300 bytes
    if size < 1:
        raise TopicmlValueError(f"expected a size of 1 byte or more, found {text!r}")
    return size


def size_text(n_bytes: int) -> str:
    """Write a size so that people read it at a glance.

    >>> size_text(1), size_text(999), size_text(12_345), size_text(999_999), size_text(2_000_000)
    ('1 byte', '999 bytes', '12.3 kB', '1.00 MB', '2.00 MB')
    """
    if n_bytes < 1000:
        return "1 byte" if n_bytes == 1 else f"{n_bytes} bytes"
    if n_bytes < 999_950:
        return f"{n_bytes / 1e3:.1f} kB"
    return f"{n_bytes / 1e6:,.2f} MB"
