"""What one request may take, and who may ask."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from topicml.exceptions import TopicmlError, TopicmlValueError
from topicml.files import shown_path


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take.

    Parameters
    ----------
    body_bytes : int, default=10,000,000
        Bytes of a body; a longer one is cut off while it arrives.
    articles : int, default=1000
        Articles of a request.
    seconds : float, default=30
        From the first byte to the answer.
    requests : int, default=256
        Requests that are answered at once; more are asked to come again.

    Raises
    ------
    TopicmlValueError
        If one of them is not above 0.
    """

    body_bytes: int = 10_000_000
    articles: int = 1000
    seconds: float = 30.0
    requests: int = 256

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise TopicmlValueError(f"{name} must be above 0, found {getattr(self, name)}")


class ApiKeys:
    """Keys of those who may ask. In memory are their hashes alone; without keys everybody may ask.

    >>> keys = ApiKeys(["long-secret"])
    >>> keys.allow("long-secret"), keys.allow("guess"), ApiKeys().allow("")
    (True, False, True)
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._hashes = [_hash(key) for key in keys]

    @classmethod
    def read(cls, path: Path) -> ApiKeys:
        """Read keys from a file, one on each line; empty lines and lines that begin with # do not count.

        Raises
        ------
        TopicmlError
            If the file cannot be read or has no key: it was meant to keep others out.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text in UTF-8"
            raise TopicmlError(f"cannot read API keys from {shown_path(path)}: {reason}") from error
        keys = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not keys:
            raise TopicmlError(f"{shown_path(path)}: expected an API key on each line, found none")
        return cls(keys)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def allow(self, key: str) -> bool:
        """Tell whether a key is one of these, in the same time for any key: all are compared, by hash."""
        given = _hash(key)
        found = [hmac.compare_digest(given, known) for known in self._hashes]
        return not self._hashes or any(found)


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
