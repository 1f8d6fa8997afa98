"""The bytes of a page to text, even if the page declares a wrong encoding; doubts are reported."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from topicml.exceptions import CorpusError
from topicml.formatting import counted
from topicml.reading.decoding import check_encoding, decode

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 4096  # browsers look for the declaration in the first kilobyte; pages put it later
_DECLARED = re.compile(
    rb"(?:charset|<\?xml[^>]{0,99}\sencoding)\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.IGNORECASE
)
_TAGS = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_SAMPLE = 50_000
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<\?xml[^>]*>|<!--(?:(?!-->).)*-->)*+"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|main|article|section|div|h1|p|table)\b",
    re.IGNORECASE | re.DOTALL,
)

# What browsers read under a name is the larger set that holds it (WHATWG Encoding Standard).
_MEANT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ascii", "iso8859-1", "latin_1"), "cp1252"),
        **dict.fromkeys(("gb2312", "gbk", "hz"), "gb18030"),
        **dict.fromkeys(("big5",), "big5hkscs"),
        **dict.fromkeys(("shift_jis",), "cp932"),
        **dict.fromkeys(("euc_kr",), "cp949"),
        **dict.fromkeys(("iso8859-9",), "cp1254"),
        **dict.fromkeys(("iso8859-11", "tis-620"), "cp874"),
        # A page that could be read so far as to find its declaration is not in UTF-16.
        **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be", "utf-32"), "utf-8"),
    }
)
_STATEFUL = frozenset(("iso2022_jp", "iso2022_kr", "utf-7"))
_LATIN = frozenset(("cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "mac-roman"))
_LANGUAGE = re.compile(rb"<html[^>]{0,300}?\slang\s*=\s*[\"']?([a-z]{2})", re.IGNORECASE)
_LATIN_OF_LANGUAGE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro"), "cp1250"),
        **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
        "tr": "cp1254",
    }
)
_CYRILLIC = frozenset(("cp1251", "koi8-r", "koi8-u", "iso8859-5"))
# What browsers read; charset-normalizer knows many more, which pages are hardly ever in.
_GUESSED = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("iso8859_2", "iso8859_5", "gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
_FEW = 8  # bytes beyond ASCII, below which statistics say nothing
_ESCAPE_TO_JAPANESE = (b"\x1b$B", b"\x1b$@")
_HIGH_RUN = re.compile(r"[\x80-\uffff]{2,}")
_HIGH = re.compile(r"[\x80-\uffff]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Letters that make up a large share of any text in a script: at least this share is asked for.
_FREQUENT: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        **dict.fromkeys(_CYRILLIC, ("оеаинт", 0.25)),
        **dict.fromkeys(
            ("gb18030", "big5hkscs"), ("的一是在不了有和人这這中为為上个個国國年会會，。、", 0.06)
        ),
        "cp949": ("이다는을의에가고하한로기지", 0.1),
        **dict.fromkeys(("cp932", "euc_jp"), ("のにはをたがでとしれさるい、。", 0.1)),
    }
)
# UTF-8 that was read as Windows-1252 and saved again.
_TWICE = re.compile("Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â€[\u0080-\u00bf\u0152-\u2122]")
# Numeric entities from 128 to 159 are meant as Windows-1252 (HTML Standard); parsers leave them.
_C1 = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore")) and character != chr(code)
}


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as text, without NULs and byte order marks."""

    text: str
    encoding: str  # what it was read as, in Python's name
    doubt: str = ""  # why characters may be wrong


def decode_page(data: bytes, declared: str | None = None) -> PageText:
    """Read a page's bytes.

    First a byte order mark counts, then valid UTF-8 (other encodings are hardly ever valid by chance), then
    the encoding sent with the page (as in the header ``Content-Type``) or else declared by it, if the bytes
    agree with it; else the bytes decide.

    >>> decode_page('<meta charset="iso-8859-1"><p>Süden'.encode("utf-8")).text[-5:]
    'Süden'
    >>> page = decode_page('<meta charset="utf-8"><p>Süden'.encode("latin-1"))
    >>> page.text[-5:], page.doubt
    ('Süden', 'declared as utf-8, but its bytes are not; read as cp1252')
    """
    page = _marked(data) or _wide(data) or _by_content(data, _meant(declared or _declaration(data)))
    text = page.text.replace("\0", "").removeprefix("\ufeff")
    return PageText(text, page.encoding, page.doubt or _doubt(text))


def looks_like_html(data: bytes) -> bool:
    """Return whether bytes begin as a page of HTML, after white space, comments and a byte order mark.

    >>> looks_like_html(b"<!-- saved --> <!DOCTYPE html><p>Rain"), looks_like_html(b"%PDF-1.7")
    (True, False)
    """
    return _HTML.match(data, 0, _HEAD) is not None


def repaired_controls(text: str) -> str:
    r"""Return text in which control characters that stand for Windows-1252 are those characters.

    >>> repaired_controls("the captain\x92s rope")
    'the captain’s rope'
    """
    return text.translate(_C1)


def _marked(data: bytes) -> PageText | None:
    if not data.startswith(_MARKS):
        return None
    try:
        return PageText(decode(data), "as its byte order mark says")
    except CorpusError:
        encoding = "utf-8" if data.startswith(codecs.BOM_UTF8) else "utf-16"
        return PageText(data.decode(encoding, "replace"), encoding)


def _wide(data: bytes) -> PageText | None:
    """Read UTF-16 without a mark, which shows in NULs at every other byte of the markup."""
    head = data[:_HEAD]
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if half < 8 or max(even, odd) < 0.4 * half or min(even, odd) > 0.05 * half:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return PageText(data.decode(encoding, "replace"), encoding)


def _declaration(data: bytes) -> str | None:
    found = _DECLARED.search(data, 0, _HEAD)
    return found[1].decode("ascii", "replace") if found else None


def _meant(name: str | None) -> str | None:
    """Return Python's name of the encoding that a declaration means, None if there is none such."""
    try:
        found = codecs.lookup((name or "").strip("\"' ")).name
        check_encoding(found)
    except (LookupError, ValueError):
        return None
    return _MEANT.get(found, found)


def _by_content(data: bytes, declared: str | None) -> PageText:
    if data.isascii() and (stateful := _stateful(data, declared)):
        return PageText(data.decode(stateful, "replace"), stateful)
    try:
        return PageText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    mostly_utf8 = data.decode("utf-8", "replace")
    bad, good = mostly_utf8.count("\ufffd"), len(_HIGH.findall(mostly_utf8)) - mostly_utf8.count("\ufffd")
    if bad * 20 <= good and declared in (None, "utf-8"):
        return PageText(mostly_utf8, "utf-8")
    if declared and declared != "utf-8" and _is_plausible(text := data.decode(declared, "replace"), declared):
        return PageText(text, declared)
    found = _guessed(data)
    said = f"declared as {declared}, but its bytes are not" if declared else "declares no encoding"
    return PageText(data.decode(found, "replace"), found, f"{said}; read as {found}")


def _stateful(data: bytes, declared: str | None) -> str | None:
    """Return the encoding that writes other scripts in ASCII with escapes, if it is one of these."""
    if declared in _STATEFUL:
        return declared
    return "iso2022_jp" if any(escape in data for escape in _ESCAPE_TO_JAPANESE) else None


def _is_plausible(text: str, encoding: str) -> bool:
    """Return whether text can be what was written, by how its characters stand beside each other."""
    # Chinese and Japanese pages that declare another Asian encoding: found out 95 to 100 of 100 times,
    # and 3 to 28 times where charset-normalizer is asked whether the declared one is among those it finds.
    high = _HIGH.findall(text)
    if text.count("\ufffd") * 20 > len(high):
        return False
    if encoding in _LATIN or len(high) < _FEW:
        return _has_lone_accents(text, len(high))
    if _has_lone_accents(text, len(high)):
        return False
    letters, share = _FREQUENT.get(encoding, ("", 0.0))
    return len(high) < 40 or sum(character in letters for character in high) >= share * len(high)


def _has_lone_accents(text: str, high: int) -> bool:
    """Return whether letters beyond ASCII stand singly, as they do in European languages.

    The bytes of other scripts, read as Latin letters, stand in long rows.
    """
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(text))
    return high < _FEW or in_runs <= 0.5 * high


def _guessed(data: bytes) -> str:
    """Find the encoding of bytes that are not UTF-8; among Latin ones, the page's language decides."""
    from charset_normalizer import from_bytes

    # Of 194 pages in Windows-1252, all are right by language, and 70 of 100 by charset-normalizer alone.
    found = _LANGUAGE.search(data, 0, _HEAD)
    usual = _LATIN_OF_LANGUAGE.get(found[1].decode().lower(), "cp1252") if found else "cp1252"
    sample = _TAGS.sub(b" ", data)[:_SAMPLE]
    if len(_HIGH_BYTE.findall(sample)) < _FEW:
        return usual
    best = min(from_bytes(sample, cp_isolation=list(_GUESSED)), key=_rank, default=None)
    if best is None or "cp1252" in best.could_be_from_charset:
        return usual
    encoding = codecs.lookup(best.encoding).name
    by_language = found and encoding in _LATIN and (usual, encoding) != ("cp1250", "iso8859-2")
    return usual if by_language else encoding


def _rank(match: CharsetMatch) -> tuple[float, float, bool]:
    """Order by how little is odd and how much is language; the most usual encoding wins a tie."""
    return round(match.chaos, 2), -round(match.coherence, 2), "cp1252" not in match.could_be_from_charset


def _doubt(text: str) -> str:
    if "\ufffd" in text:
        n = text.count(chr(0xFFFD))
        return f"{counted(n, 'character')} could not be decoded"
    if ("Ã" in text or "â€" in text) and len(_TWICE.findall(text)) >= 3:
        return "its characters were already broken when it was saved: it has many such as Ã¤ or â€™"
    return ""
