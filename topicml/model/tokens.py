"""Text to tokens to 64-bit term hashes, a chunk of documents at a time, with NumPy alone.

A chunk of documents becomes one array of code points in which a NUL ends each document. A table
tells word characters from the rest, and a prefix sum of ``(code + 1) * BASE**position`` modulo
2**64 turns every token into a hash with one subtraction and one multiplication (the rolling hash of
Karp and Rabin, 1987, doi:10.1147/rd.312.0249). No Python code runs for each token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from topicml.model.characters import ALONE, ALONE_MARK, WORD, code_point_classes

MAX_TOKEN_LENGTH = 64
"""Longer runs of word characters are no words (encoded data, markup gone wrong) and are passed over."""

TITLE_END = "\x1e"
"""Stands between a title and its text where both are one `str`: the record separator, which says nothing
to a reader and separates words as a line's end does."""

_TITLE_END_CODE = ord(TITLE_END)
_CHUNK = 1 << 18  # code points worked on at once, so that the temporaries stay in the cache
_BLOCK = 1 << 14  # code points whose prefix sum is taken at once
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_CHECK_BASE = 0xC2B2AE3D27D4EB4F
# Arrays without a dimension: NumPy takes them in half the time that a number costs.
_NGRAM_FACTOR = np.array(0x9DDFEA08EB382D69, np.uint64)
_MIX_FACTOR = np.array(0xD6E8FEB86659FD93, np.uint64)
_HALF = np.array(32, np.uint64)
_ONE = np.array(1, np.uint64)

# Characters that a reader does not see and that pasted text carries inside its words: soft hyphen,
# zero-width blanks and joiners, direction marks, variation selectors, the byte order mark. A
# zero-width non-joiner goes too: Persian words keep together, at the price of not telling its rare
# minimal pairs apart.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Matches one character that normalising removes."""

# Python's NFKC sorts a run of combining marks in quadratic time: a megabyte of them would take an hour.
# No script needs more than a few; the limit is that of Unicode's Stream-Safe Text Format (UAX 15).
MAX_MARKS = 30
"""Of a run of combining marks, normalising keeps so many."""

_DOTTED_I = re.compile("\u0130|[Ii]\u0307")
_SOFT_HYPHEN = "\u00ad"  # which normalising removes

_MANY_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{MAX_MARKS + 1},}}")


def normalize(text: str) -> str:
    r"""Return the text as the model reads it: NFKC, case-folded, without invisible characters.

    It does what Unicode calls ``toNFKC_Casefold`` (The Unicode Standard, section 3.13). Look-alike
    letters of other scripts are left as they are: folding them would damage Greek and Cyrillic text,
    so a word that mixes scripts is simply an unknown word.

    >>> normalize("Foot\u200bball \ufb01nal")
    'football final'
    """
    if text.isascii():
        return text.lower()
    text = _MANY_MARKS.sub(_with_few_marks, INVISIBLE.sub("", text))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def undotted(text: str) -> str:
    r"""Write a capital i with a dot as i, in as many characters: Turkish and Azeri have it as small i.

    Unicode folds it to an i with a loose dot, which makes another word than the one in small letters. The
    dotless letters stay as they are: I folds to i, as English has it, and \u0131 to itself.

    >>> normalize(undotted("\u0130stanbul")), len(normalize("\u0130stanbul"))
    ('istanbul', 9)
    """
    return (
        text
        if text.isascii()
        else _DOTTED_I.sub(lambda found: "i" + _SOFT_HYPHEN * (len(found[0]) - 1), text)
    )


def _with_few_marks(run: re.Match[str]) -> str:
    """Cut each run of combining marks in a run of marks and punctuation down to 30."""
    kept, marks = [], 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


@dataclass(frozen=True, eq=False, slots=True)
class Tokens:
    """The tokens of a chunk of documents."""

    codes: NDArray[np.uint8] | NDArray[np.uint32]  # the normalised text; a zero ends each document
    start: NDArray[np.int64]  # (n_tokens,), in codes
    end: NDArray[np.int64]  # exclusive
    indptr: NDArray[np.int64]  # (n_documents + 1,)

    def hashes(self) -> NDArray[np.uint64]:
        """Return the hash of each token; it depends on the token's characters and nothing else."""
        return mixed(_polynomial(self, _BASE))

    def check_hashes(self) -> NDArray[np.uint64]:
        """Return a second, independent hash of each token, to notice two tokens that share the first."""
        return mixed(_polynomial(self, _CHECK_BASE))

    def documents(self) -> NDArray[np.int64]:
        """Return the document of each token."""
        return np.arange(len(self.indptr) - 1).repeat(self.indptr[1:] - self.indptr[:-1])

    def in_title(self) -> NDArray[np.bool_]:
        """Return which tokens stand before the `TITLE_END` of their document."""
        document_ends = (self.codes == 0).nonzero()[0]
        marks = (self.codes == _TITLE_END_CODE).nonzero()[0]
        document, first = np.unique(document_ends.searchsorted(marks), return_index=True)
        title_ends = np.full(len(document_ends), -1)
        title_ends[document] = marks[first]
        return self.start < title_ends.repeat(self.indptr[1:] - self.indptr[:-1])

    def ngram_texts(self, first: NDArray[np.int64], order: int) -> list[str]:
        """Return n-grams, named by the token each starts with, as text that tokenises into itself.

        Words are joined by a blank; a character of a script without spaces by nothing, unless a mark
        follows, which would join it.
        """
        whole = _decoded(self.codes)
        places = [(self.start[first + k].tolist(), self.end[first + k].tolist()) for k in range(order)]
        texts = [whole[s:e] for s, e in zip(*places[0], strict=True)]
        for k in range(1, order):
            blank = ~(self.stand_alone(first + k - 1) | self.stand_alone(first + k))
            glue = np.where(blank, " ", "").tolist()
            texts = [
                t + (g or _mark_apart(whole[s])) + whole[s:e]
                for t, g, s, e in zip(texts, glue, *places[k], strict=True)
            ]
        return texts

    def stand_alone(self, tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of some tokens are characters of scripts without spaces."""
        if self.codes.dtype == np.uint8:
            return np.zeros(len(tokens), bool)
        return code_point_classes()[self.codes[self.start[tokens]]] >= ALONE


def chunked(texts: Iterable[str]) -> Iterator[list[str]]:
    """Group texts into chunks of about 250,000 characters; a longer text is a chunk of its own."""
    part: list[str] = []
    size = 0
    for text in texts:
        if part and size + len(text) > _CHUNK:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    if part:
        yield part


def tokenize(texts: Sequence[str], *, min_token_length: int) -> Tokens:
    """Find the tokens of a chunk of texts of any characters; a NUL separates, as a blank does.

    Shorter words are passed over; characters of scripts without spaces are always kept.
    """
    # Each text by itself: one curly quote would send a whole chunk the slow way.
    joined = "\0".join([*map(normalize, texts), ""])
    if joined.count("\0") != len(texts):
        joined = "\0".join([*(normalize(text).replace("\0", " ") for text in texts), ""])
    codes = _codes(joined)
    start, end, alone = _boundaries(codes)
    length = end - start
    kept = length >= min_token_length
    if alone is not None:
        kept |= alone
    kept &= length <= MAX_TOKEN_LENGTH
    start, end = start.compress(kept), end.compress(kept)
    indptr = np.zeros(len(texts) + 1, np.int64)
    indptr[1:] = start.searchsorted((codes == 0).nonzero()[0])
    return Tokens(codes, start, end, indptr)


def ngram_hashes(hashes: NDArray[np.uint64], order: int) -> NDArray[np.uint64]:
    """Mix each token's hash with those of the ``order - 1`` tokens that follow it.

    Those that `crossing_ngrams` names reach over the end of a document.
    """
    n = max(len(hashes) - order + 1, 0)
    run = hashes[:n]
    for step in range(1, order):
        run = mixed(run * _NGRAM_FACTOR + hashes[step : n + step])
    return run


def mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of hashes: look-ups use the highest ones, and a polynomial is strong only in some."""
    hashes = hashes ^ (hashes >> _HALF)
    hashes *= _MIX_FACTOR
    hashes ^= hashes >> _HALF
    return hashes


def crossing_ngrams(indptr: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Return which n-grams reach over the end of a document, so that they are no terms.

    >>> crossing_ngrams(np.array([0, 3, 5]), 2).tolist()  # tokens 0 1 2 | 3 4
    [2]
    """
    ends = indptr[1:-1]
    over: NDArray[np.int64] = (ends[:, None] - np.arange(1, order)).ravel()
    inside: NDArray[np.int64] = over[(over >= 0) & (over <= indptr[-1] - order)]
    return inside


def _codes(text: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _mark_apart(character: str) -> str:
    """Return a blank before a combining mark, nothing before anything else."""
    return " " if unicodedata.category(character)[0] == "M" else ""


def _decoded(codes: NDArray[np.uint8] | NDArray[np.uint32]) -> str:
    if codes.dtype == np.uint8:
        return codes.tobytes().decode("ascii")
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _boundaries(
    codes: NDArray[np.uint8] | NDArray[np.uint32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_] | None]:
    """Return where tokens start and end, and which of them stand alone (None where no token does).

    The last code is always the NUL of the last document, so every token has an end.
    """
    if codes.dtype == np.uint8:  # bytes.translate looks up several times faster than an index array
        classes = np.frombuffer(codes.tobytes().translate(_ascii_classes()), np.uint8)
    else:
        classes = code_point_classes()[codes]
    if classes.max(initial=0) <= WORD:  # most text: words change places with separators
        in_word = classes.view(np.bool_)
        change = (in_word[1:] != in_word[:-1]).nonzero()[0] + 1
        if len(classes) and in_word[0]:
            change = np.concatenate(([0], change))
        return change[::2], change[1::2], None
    before = np.concatenate(([0], classes[:-1]))
    starts = (
        (classes == ALONE)
        | ((classes == WORD) & (before != WORD))
        | ((classes == ALONE_MARK) & (before < ALONE))
    )
    ends = (before > 0) & ((classes == 0) | starts)
    start = np.flatnonzero(starts)
    return start, np.flatnonzero(ends), classes[start] >= ALONE


@cache
def _ascii_classes() -> bytes:
    return code_point_classes()[:256].tobytes()


@cache
def _powers(base: int, n: int) -> NDArray[np.uint64]:
    """``base**0 .. base**(n - 1)`` modulo 2**64.

    >>> _powers(3, 4).tolist()
    [1, 3, 9, 27]
    """
    factors = np.full(n, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors)


@cache
def _inverse(base: int) -> int:
    """Return what undoes a multiplication by an odd number modulo 2**64."""
    return pow(base, -1, 1 << 64)


def _polynomial(tokens: Tokens, base: int) -> NDArray[np.uint64]:
    """Evaluate each token as a polynomial in `base`, block by block, so that the powers stay few."""
    if len(tokens.codes) <= _BLOCK:
        return _block_polynomial(tokens.codes, tokens.start, tokens.end, base)
    corners = np.arange(0, len(tokens.codes) + _BLOCK, _BLOCK)
    return np.concatenate(
        [
            _block_polynomial(
                tokens.codes[origin : origin + _BLOCK + MAX_TOKEN_LENGTH],
                tokens.start[first:last] - origin,
                tokens.end[first:last] - origin,
                base,
            )
            for origin, (first, last) in zip(
                corners, pairwise(tokens.start.searchsorted(corners)), strict=False
            )
        ]
    )


def _block_polynomial(
    codes: NDArray[np.uint8] | NDArray[np.uint32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    base: int,
) -> NDArray[np.uint64]:
    power, inverse = _powers(base, _BLOCK + MAX_TOKEN_LENGTH), _powers(_inverse(base), _BLOCK)
    # Plus one, so that no code is a zero, which would make a token of many equal one of few.
    terms = np.add(codes, _ONE, dtype=np.uint64)
    terms *= power[: len(codes)]
    prefix = np.zeros(len(codes) + 1, np.uint64)
    terms.cumsum(out=prefix[1:])
    return (prefix.take(end) - prefix.take(start)) * inverse.take(start)
