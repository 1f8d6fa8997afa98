"""Copies: sketches of texts, and groups of texts that nearly agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b, shake_128
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from topicml.exceptions import TopicmlValueError
from topicml.model.sparse import places_of
from topicml.model.tokens import Tokens, chunked, crossing_ngrams, mixed, ngram_hashes, normalize, tokenize
from topicml.model.vectorizer import run_lengths, run_starts
from topicml.parallel import in_threads

SHINGLE = 3  # words
HASHES = 64
_LEAD = 32  # words that a story and its shortened version begin with
MIN_SHINGLES = 8  # fewer say too little: ten words are a headline, whose every word counts
_MIN_WORDS_CUT = 50
_CUT_SHARE = 0.9  # of the shorter one's shingles, in the longer one
_MISSED = 0.001  # of the pairs that are just alike enough, those that no band may notice
_SMALL_BUCKET = 64
_NEIGHBOURS, _NEIGHBOURS_IN_CROWD = 8, 2
_BLOCK = 1 << 21  # words compared at once
_KEPT_BITS, _DROPPED_BITS = np.uint64(40), np.uint64(24)
_KEPT = np.uint64((1 << 40) - 1)

_Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def group_near_duplicates(
    texts: Sequence[str], *, threshold: float = 0.8, n_jobs: int = 1, sketches: Sketches | None = None
) -> NDArray[np.int64]:
    """Give one number to texts that are copies of one story.

    Copies are texts with the same words in the same order, whatever their case, punctuation and white
    space; without any word, the same characters. Near copies are texts of ten words or more whose sets
    of three-word shingles have a Jaccard similarity of `threshold` or more, and texts of 50 words or
    more that begin with the same 32 words, where 0.9 of the shorter one's shingles are in the longer
    one: a story cut by an editor. Copies of copies are in the group, too.

    Parameters
    ----------
    texts : sequence of str
    threshold : float, default=0.8
        Above 0, at most 1.
    n_jobs : int, default=1
        Threads; -1 is one for each core. The result does not depend on it.
    sketches : Sketches, optional
        Of these texts, from `topicml.corpus.near_duplicates.sketch`, if the caller has them already.

    Returns
    -------
    ndarray of int64, shape (n_texts,)
        The group of each text, numbered by first appearance.

    Raises
    ------
    TopicmlValueError
        If the threshold is not above 0 and at most 1.

    Notes
    -----
    Shingles of three words and a threshold of 0.8 were chosen by reading the groups they give. Of 18,846
    posts of 20 Newsgroups 152 repeat another, and the largest group is six postings of one seller's list;
    of 10,789 stories of Reuters-21578 260, the largest being twelve daily notes of the Federal Reserve
    that differ in a word or two; of 36,381 headlines 1,429, none more than four times. At 0.7 the
    headlines "N patients discharged from hospitals", which differ in their number, become a group of 39,
    and many more replies join the post that they quote. With five words a shingle, 20 Newsgroups loses
    34 of the 152.

    Chains stay short at 0.8, so they are not cut. One text within another is not enough for a copy:
    a reply quotes its post whole. Asking that both begin alike found 41 of the 260 in Reuters-21578, of
    which one is wrong by title and last line (two tables of rainfall), and 3 of the 152.

    Where more than 64 texts share a band, each is compared with two others, so that a band costs no
    more than its texts; a pair may then be missed. 100,000 texts of 60 shared words and 8 to 60 of
    their own take 10 to 54 seconds on one thread, where unrelated ones take 3.

    Examples
    --------
    >>> group_near_duplicates(["Rain tonight", "Cup final", "RAIN,  tonight!", "Rain tonight again"]).tolist()
    [0, 1, 0, 2]
    """
    if not 0 < threshold <= 1:
        raise TopicmlValueError(f"threshold must be above 0 and at most 1, found {threshold!r}")
    sketches = sketch(texts, n_jobs=n_jobs) if sketches is None else sketches
    _, first, copy_of = np.unique(sketches.key, return_index=True, return_inverse=True)
    story_of = _near(sketches.take(first), [texts[row] for row in first.tolist()], threshold)
    return _numbered_by_appearance(story_of[copy_of])


def _numbered_by_appearance(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int64)
    number[np.argsort(first, kind="stable")] = np.arange(len(first))
    return number[group_of]


def _near(sketches: Sketches, texts: Sequence[str], threshold: float) -> NDArray[np.int64]:
    """Group different texts; they come ordered by key, so that the order of the input does not matter."""
    story_of = np.arange(len(texts))
    refused = np.zeros(0, np.int64)
    for pairs in _likely_pairs(sketches, threshold):
        code = pairs[0] * len(texts) + pairs[1]
        unknown = (story_of[pairs[0]] != story_of[pairs[1]]) & ~np.isin(code, refused)
        left, right = pairs[0][unknown], pairs[1][unknown]
        shared, smaller, union = _overlaps(texts, sketches.n_tokens, left, right)
        alike = (smaller >= MIN_SHINGLES) & (shared >= threshold * union)
        refused = np.concatenate((refused, code[unknown][~alike]))
        story_of = _joined(story_of, left[alike], right[alike])
    left, right = _same_lead(sketches)
    shared, smaller, _ = _overlaps(texts, sketches.n_tokens, left, right)
    cut = (smaller >= MIN_SHINGLES) & (shared >= _CUT_SHARE * smaller)
    return _joined(story_of, left[cut], right[cut])


def _joined(
    groups: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    if not len(left):
        return groups
    edges = coo_array((np.ones(len(left), bool), (groups[left], groups[right])), (len(groups),) * 2)
    _, joined = connected_components(edges, directed=False)
    return joined.astype(np.int64)[groups]


def _likely_pairs(sketches: Sketches, threshold: float) -> Iterator[_Pairs]:
    """Yield, band by band, the pairs that share the band and whose signatures look alike."""
    long_enough = np.flatnonzero(sketches.n_tokens >= MIN_SHINGLES + SHINGLE - 1)
    minima = sketches.minima[long_enough]
    rows = _rows_of_a_band(threshold)
    n_bands = HASHES // rows
    least = (threshold - 3 * np.sqrt(threshold * (1 - threshold) / HASHES)) * HASHES
    for band in range(n_bands):
        key, next_key = (_band_keys(minima, b % n_bands, rows) for b in (band, band + 1))
        # Ordered by the next band, too: in a crowded bucket those most alike stand side by side.
        left, right = _neighbours(key, np.lexsort((next_key, key)))
        alike = _agreements(minima, left, right) >= least
        yield _ordered(long_enough[left[alike]], long_enough[right[alike]])


def _rows_of_a_band(threshold: float) -> int:
    """Return how many minima must agree: as many as let hardly a pair at the threshold pass unseen."""
    enough = (r for r in range(1, 9) if prod([1 - prod([threshold] * r)] * (HASHES // r)) <= _MISSED)
    return max(enough, default=1)


def _band_keys(minima: NDArray[np.uint32], band: int, rows: int) -> NDArray[np.uint64]:
    key = np.zeros(len(minima), np.uint64)
    for column in range(band * rows, (band + 1) * rows):
        key = mixed(key * np.uint64(0x9E3779B97F4A7C15) + minima[:, column])
    return key


def _same_lead(sketches: Sketches) -> _Pairs:
    """Return pairs of long texts that begin alike; each text is paired with the next longer one."""
    long = np.flatnonzero(sketches.n_tokens >= _MIN_WORDS_CUT)
    lead = sketches.lead[long]
    left, right = _neighbours(lead, np.lexsort((sketches.n_tokens[long], lead)))
    return _ordered(long[left], long[right])


def _ordered(left: NDArray[np.int64], right: NDArray[np.int64]) -> _Pairs:
    return np.minimum(left, right), np.maximum(left, right)


def _neighbours(key: NDArray[np.uint64], order: NDArray[np.int64]) -> _Pairs:
    """Pair each text with those that follow it in its bucket: eight, but two where there is a crowd."""
    ordered = key[order]
    sizes = run_lengths(run_starts(ordered), len(ordered))
    crowded = (sizes > _SMALL_BUCKET).repeat(sizes)
    pairs = []
    for step in range(1, _NEIGHBOURS + 1):
        same = ordered[step:] == ordered[:-step]
        if step > _NEIGHBOURS_IN_CROWD:
            same &= ~crowded[step:]
        here = np.flatnonzero(same)
        pairs.append((order[here], order[here + step]))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _agreements(
    minima: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the minima that both texts of each pair have in common."""
    step = _BLOCK // HASHES
    parts = [
        np.count_nonzero(minima[left[i : i + step]] == minima[right[i : i + step]], axis=1)
        for i in range(0, len(left), step)
    ]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _overlaps(
    texts: Sequence[str], n_tokens: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count the different shingles of pairs of texts: shared, of the smaller set, of both together.

    The texts are read again, since the shingles of all texts would not fit in memory.
    """
    shared, smaller, union = (np.zeros(len(left), np.int64) for _ in range(3))
    for part in _blocks(n_tokens[left] + n_tokens[right]):
        rows, place = np.unique(np.concatenate((left[part], right[part])), return_inverse=True)
        shingles, indptr = _distinct_shingles([texts[row] for row in rows.tolist()])
        sizes = np.diff(indptr)
        a, b = place[: len(place) // 2], place[len(place) // 2 :]
        both = shingles[np.concatenate((places_of(indptr, a)[0], places_of(indptr, b)[0]))]
        pair = np.concatenate((np.arange(len(a)).repeat(sizes[a]), np.arange(len(b)).repeat(sizes[b])))
        both = np.sort(_numbered(both, pair))
        twice = both[1:][both[1:] == both[:-1]]
        shared[part] = np.bincount((twice >> _KEPT_BITS).astype(np.int64), minlength=len(a))
        smaller[part] = np.minimum(sizes[a], sizes[b])
        union[part] = sizes[a] + sizes[b] - shared[part]
    return shared, smaller, union


def _blocks(sizes: NDArray[np.int64]) -> Iterator[slice]:
    """Split items of these sizes into runs of about two million."""
    block = sizes.cumsum() // _BLOCK
    edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(sizes)]
    return (slice(begin, end) for begin, end in pairwise(edges) if end > begin)


def _distinct_shingles(texts: Iterable[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the upper 40 bits of each text's different shingles, and where each text's begin."""
    parts, sizes = [np.zeros(0, np.uint64)], [np.zeros(1, np.int64)]
    for chunk in chunked(texts):
        tokens = tokenize(chunk, min_token_length=1)
        shingles, indptr = shingles_of(tokens.hashes(), tokens)
        text = np.arange(len(chunk)).repeat(np.diff(indptr))
        distinct = np.unique(_numbered(shingles >> _DROPPED_BITS, text))
        parts.append(distinct & _KEPT)
        sizes.append(np.bincount((distinct >> _KEPT_BITS).astype(np.int64), minlength=len(chunk)))
    return np.concatenate(parts), np.concatenate(sizes).cumsum()


def _numbered(shingles: NDArray[np.uint64], number: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Put a number above 40 bits of a shingle, so that one plain sort keeps numbers apart."""
    return (number.astype(np.uint64) << _KEPT_BITS) | shingles


@dataclass(frozen=True, eq=False, slots=True)
class Sketches:
    """Short sketches of texts: 300 bytes each, however long the text is.

    `key` and `lead` are hashes of all tokens in their order, and of the first 32; `minima`, shape (n, 64), is
    the MinHash signature of the shingles.
    """

    key: NDArray[np.uint64]
    lead: NDArray[np.uint64]
    n_tokens: NDArray[np.int64]
    minima: NDArray[np.uint32]

    @classmethod
    def empty(cls, n: int) -> Sketches:
        """Return room for n sketches."""
        minima = np.empty((n, HASHES), np.uint32)
        return cls(np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(n, np.int64), minima)

    def take(self, rows: NDArray[np.int64]) -> Sketches:
        """Return the sketches of some texts."""
        return Sketches(self.key[rows], self.lead[rows], self.n_tokens[rows], self.minima[rows])

    def put(self, rows: slice, part: Sketches) -> None:
        """Write the sketches of a chunk."""
        self.key[rows], self.lead[rows] = part.key, part.lead
        self.n_tokens[rows], self.minima[rows] = part.n_tokens, part.minima


@dataclass(frozen=True, eq=False, slots=True)
class Stories:
    """What is known about copies among articles: found once for a set of articles, and passed on.

    Groups are the story of each text, numbered by first appearance.
    """

    sketches: Sketches
    groups: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str], *, sketches: Sketches | None = None, n_jobs: int = 1) -> Stories:
        """Group texts; their sketches may be known already."""
        sketches = sketch(texts, n_jobs=n_jobs) if sketches is None else sketches
        return cls(sketches, group_near_duplicates(texts, sketches=sketches))

    def take(self, rows: NDArray[np.int64]) -> Stories:
        """Return those of some of the articles, which must include whole stories only."""
        return Stories(self.sketches.take(rows), _numbered_by_appearance(self.groups[rows]))


def sketch(texts: Sequence[str], *, n_jobs: int = 1) -> Sketches:
    """Return the sketches of texts; case, punctuation and white space do not matter.

    >>> one, other, third = sketch(["Rain tonight", "RAIN,  tonight!", "Rain again"]).key
    >>> bool(one == other), bool(one == third)
    (True, False)
    """
    sketches = Sketches.empty(len(texts))
    begin = 0
    for part in in_threads(_sketch_chunk, chunked(texts), n_jobs=n_jobs):
        sketches.put(slice(begin, begin + len(part.key)), part)
        begin += len(part.key)
    return sketches


def _sketch_chunk(texts: Sequence[str]) -> Sketches:
    tokens = tokenize(texts, min_token_length=1)
    hashes = tokens.hashes()
    n_tokens = np.diff(tokens.indptr)
    position = np.arange(len(hashes)) - tokens.indptr[:-1].repeat(n_tokens)
    placed = mixed(hashes + mixed(position.astype(np.uint64) + np.uint64(1)))
    sums = np.concatenate((np.zeros(1, np.uint64), placed.cumsum(dtype=np.uint64)))
    start = tokens.indptr[:-1]
    key = mixed(sums[tokens.indptr[1:]] - sums[start])
    for row in np.flatnonzero(n_tokens == 0).tolist():
        key[row] = _key_of_characters(texts[row])
    lead = sums[start + np.minimum(n_tokens, _LEAD)] - sums[start]
    return Sketches(key, lead, n_tokens, _minima(hashes, tokens))


def _key_of_characters(text: str) -> int:
    data = " ".join(normalize(text).split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _minima(hashes: NDArray[np.uint64], tokens: Tokens) -> NDArray[np.uint32]:
    """Return the smallest of each text's shingles under 64 linear permutations of the 32-bit numbers."""
    shingles, indptr = shingles_of(hashes, tokens)
    top = (shingles >> np.uint64(32)).astype(np.uint32)
    minima = np.full((HASHES, len(indptr) - 1), np.iinfo(np.uint32).max, np.uint32)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        # Not by numpy.random, whose numbers another version may change: models keep what comes of these.
        factors = np.frombuffer(shake_128(b"minima").digest(8 * HASHES), "<u4")
        for k, (factor, offset) in enumerate(factors.reshape(HASHES, 2)):
            minima[k, filled] = np.minimum.reduceat(top * (factor | np.uint32(1)) + offset, indptr[filled])
    return np.ascontiguousarray(minima.T)


def shingles_of(hashes: NDArray[np.uint64], tokens: Tokens) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the shingles of each text, one text after the other, and where each text's begin."""
    shingles = np.delete(ngram_hashes(hashes, SHINGLE), crossing_ngrams(tokens.indptr, SHINGLE))
    sizes = np.maximum(np.diff(tokens.indptr) - SHINGLE + 1, 0)
    return shingles, np.concatenate(([0], sizes.cumsum()))
