"""Texts to TF-IDF rows, with scikit-learn's beside them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from topicml.exceptions import CorpusError, ModelFormatError, TopicmlValueError
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import PIECE_BIT
from topicml.model.tokens import _CHUNK, TITLE_END
from topicml.model.vectorizer import (
    _VALUES_AT_ONCE,
    Counts,
    TermStrings,
    Vectorizer,
    _damped,
    run_lengths,
    run_starts,
)
from topicml.training.selection import as_scipy
from topicml.training.term_strings import term_strings
from topicml.training.vocabulary import fit_vectorizer

WORD_LIKE = st.lists(
    st.sampled_from(["rain", "Rain", "a", "ab", "x" * 64, "x" * 65, "c_3", "don't", "\0", "-"])
)
ASCII_TEXT = st.one_of(WORD_LIKE.map(" ".join), st.text(st.characters(max_codepoint=127)))
ANY_TEXT = st.one_of(
    ASCII_TEXT, st.text(st.characters(exclude_categories=[])), st.sampled_from(["大雨", "Rain 雨"])
)
CORPUS = ["Heavy rain tonight.", "The bank cut its rate.", "", "Rain, rain and 大雨 in the valley", "don't"]

SETTINGS = st.builds(
    lambda low, width, sublinear: FeatureSettings((low, low + width), sublinear_tf=sublinear),
    st.integers(1, 3),
    st.integers(0, 2),
    st.booleans(),
)


@pytest.fixture(scope="module")
def vectorizer():
    return fit_vectorizer(CORPUS, FeatureSettings())


@pytest.fixture(scope="module")
def long_texts():
    """A few hundred texts of random words that fill several chunks."""
    rng = np.random.default_rng(0)
    vocabulary = np.array([f"w{rank:x}" for rank in range(5000)])
    ranks = np.minimum(rng.zipf(1.3, size=(300, 1200)), 5000) - 1
    texts = [" ".join(vocabulary[row[: rng.integers(1, 1200)]]) for row in ranks]
    assert sum(map(len, texts)) > 2 * _CHUNK
    return texts


def sklearns(settings: FeatureSettings, min_df: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        token_pattern=r"(?u)\b\w{2,64}\b",
        ngram_range=settings.ngram_range,
        sublinear_tf=settings.sublinear_tf,
        min_df=min_df,
    )


def assert_rows_are_sklearns(texts: list[str], settings: FeatureSettings, min_df: int) -> None:
    peer = sklearns(settings, min_df)
    expected = peer.fit_transform(texts)
    fitted = fit_vectorizer(texts, settings, min_df=min_df)
    strings, _ = term_strings(texts, fitted)
    assert sorted(strings) == peer.get_feature_names_out().tolist()
    ours = as_scipy(fitted.transform(texts)[0])
    columns = [peer.vocabulary_[term] for term in strings]
    assert abs(ours - expected[:, columns]).max() <= 1e-6  # NaN would not be


def bits(vectorizer: Vectorizer, texts: list[str]) -> list[tuple[bytes, bytes, bytes]]:
    """Return each row's indices, weights and share of known terms, as bytes."""
    rows, known = vectorizer.transform(texts)
    parts = [slice(*rows.indptr[row : row + 2]) for row in range(len(texts))]
    return [
        (rows.indices[part].tobytes(), rows.data[part].tobytes(), share.tobytes())
        for part, share in zip(parts, known, strict=True)
    ]


@given(st.lists(ASCII_TEXT, max_size=8), SETTINGS, st.sampled_from([1, 2]))
@example(["rain rain snow", "snow"], FeatureSettings((1, 3)), 1)
def test_rows_are_sklearns_on_ascii(texts, feature_settings, min_df):
    try:
        assert_rows_are_sklearns(texts, feature_settings, min_df)
    except ValueError:  # then neither finds a term
        with pytest.raises(CorpusError, match=r"no term is left|have no token"):
            fit_vectorizer(texts, feature_settings, min_df=min_df)
        with pytest.raises(ValueError, match=r"empty vocabulary|no terms remain|min_df"):
            sklearns(feature_settings, min_df).fit(texts)


@pytest.mark.parametrize("min_df", [1, 2])
def test_rows_are_sklearns_over_several_chunks(long_texts, min_df):
    assert_rows_are_sklearns(long_texts, FeatureSettings(), min_df)


def test_weights_worked_by_hand():
    texts = ["rain rain snow", "snow"]
    rows, _ = fit_vectorizer(texts, FeatureSettings((1, 1))).transform(texts[:1])
    rain, snow = (1 + math.log(2)) * (math.log(3 / 2) + 1), 1.0
    norm = math.hypot(rain, snow)
    assert sorted(rows.data.tolist()) == pytest.approx([snow / norm, rain / norm], abs=1e-6)


@pytest.fixture
def words_and_pieces():
    """Two words and two pieces of words that all weigh as often as they are counted."""
    is_piece = np.array([False, True, True, False])
    hashes = (np.arange(4, dtype=np.uint64) << np.uint64(40)) | np.where(is_piece, PIECE_BIT, np.uint64(0))
    settings = FeatureSettings((1, 1), char_ngram_range=(3, 3), sublinear_tf=False)
    return Vectorizer(settings, hashes, np.ones(4, np.float32), TermStrings.pack([]))


@pytest.mark.parametrize(
    ("counts", "weights"),
    [
        pytest.param([3, 5, 12, 4], np.array([3 / 5, 5 / 13, 12 / 13, 4 / 5]) / math.sqrt(2), id="both"),
        pytest.param([3, 0, 0, 4], [3 / 5, 0, 0, 4 / 5], id="words"),
        pytest.param([0, 5, 12, 0], [0, 5 / 13, 12 / 13, 0], id="pieces"),
        pytest.param([0, 0, 0, 0], [0, 0, 0, 0], id="nothing"),
    ],
)
def test_words_and_pieces_of_a_document_have_the_same_length(words_and_pieces, counts, weights):
    """Worked by hand, also between two other documents."""
    rows = np.array([[1, 0, 0, 0], counts, [0, 2, 0, 0]])
    document, term = rows.nonzero()
    indptr = np.concatenate(([0], np.cumsum((rows > 0).sum(axis=1))))
    values = rows[document, term].astype(np.int32)
    found = words_and_pieces.weigh(Counts(values, term.astype(np.int32), indptr, np.ones(3)))
    np.testing.assert_allclose(as_scipy(found).toarray(), [[1, 0, 0, 0], weights, [0, 1, 0, 0]], atol=1e-7)


@pytest.mark.parametrize("count", [1, 2, 998, 999, 1000, 1001, 100_000])
def test_a_count_is_damped_by_its_logarithm(count):
    alone, beside = _damped(np.array([count], np.int32)), _damped(np.array([1, count], np.int32))
    assert [*alone, *beside] == pytest.approx([1 + math.log(count), 1.0, 1 + math.log(count)], rel=1e-14)


@pytest.mark.parametrize(("weight", "expected"), [(1, [1, 2, 1]), (2, [2, 3, 1]), (5, [5, 6, 1])])
def test_words_of_a_title_count_several_times(weight, expected):
    """The title is "heavy rain", the text "rain tonight"; the other articles have no title."""
    texts = ["tonight", f"heavy rain{TITLE_END}rain tonight", "heavy"]
    fitted = fit_vectorizer(["heavy rain tonight"], FeatureSettings((1, 1), title_weight=weight))
    strings, _ = term_strings(["heavy rain tonight"], fitted)
    counts = fitted.count(texts)
    at = slice(*counts.indptr[1:3])
    found = dict(zip([strings[term] for term in counts.indices[at]], counts.values[at].tolist(), strict=True))
    assert [found[term] for term in ("heavy", "rain", "tonight")] == expected
    assert counts.values.tolist() == [1, *counts.values[at].tolist(), 1]
    assert (counts.values.dtype, counts.indices.dtype) == (np.int32, np.int32)


def test_its_arrays_are_those_of_its_terms(vectorizer):
    terms = TermStrings.pack(["rain", "中"])
    fitted = Vectorizer(vectorizer.settings, np.array([1, 2], np.uint64), np.ones(2, np.float32), terms)
    expected = {
        "hashes": fitted.hashes,
        "idf": fitted.idf,
        "term_lengths": terms.lengths,
        "term_blob": terms.blob,
    }
    found = fitted.arrays()
    assert found.keys() == expected.keys()
    assert all(found[name] is array for name, array in expected.items())
    assert (terms.lengths.tolist(), terms.blob.tobytes()) == ([4, 3], "rain中".encode())


def test_known_is_the_share_of_terms_in_the_vocabulary():
    fitted = fit_vectorizer(["heavy rain"], FeatureSettings())
    _, known = fitted.transform(["heavy snow", "heavy rain", "snow", "", "heavy rain heavy"])
    assert known.tolist() == [1 / 3, 1.0, 0.0, 0.0, 4 / 5]  # "rain heavy" is new


def test_known_of_a_text_shorter_than_the_longest_ngram():
    fitted = fit_vectorizer(["heavy rain"], FeatureSettings((1, 4)))
    assert fitted.transform(["heavy rain", "heavy snow", "rain"])[1].tolist() == [1.0, 1 / 3, 1.0]


@given(st.lists(ANY_TEXT, max_size=6))
def test_a_text_has_the_same_bits_alone_and_in_a_batch(vectorizer, texts):
    assert bits(vectorizer, texts) == [bits(vectorizer, [text])[0] for text in texts]


@given(st.permutations([*CORPUS, "Rain\ud800", "雨 rate"]))
def test_permuting_texts_permutes_rows(vectorizer, texts):
    by_text = dict(zip(texts, bits(vectorizer, texts), strict=True))
    assert bits(vectorizer, sorted(texts)) == [by_text[text] for text in sorted(texts)]


def test_chunks_give_the_same_bits_as_one_by_one(long_texts):
    fitted = fit_vectorizer(long_texts, FeatureSettings())
    assert bits(fitted, long_texts) == [bits(fitted, [text])[0] for text in long_texts]


def test_texts_may_be_read_once(vectorizer):
    rows, known = vectorizer.transform(text for text in CORPUS)
    assert (len(rows), len(known)) == (len(CORPUS), len(CORPUS))


def test_no_texts_give_no_rows(vectorizer):
    rows, known = vectorizer.transform([])
    assert as_scipy(rows).shape == (0, len(vectorizer))
    assert known.shape == (0,)


def test_no_terms_give_empty_rows(vectorizer):
    rows, known = vectorizer.restricted(np.empty(0, np.int64)).transform(CORPUS)
    assert as_scipy(rows).shape == (len(CORPUS), 0)
    assert not known.any()


def test_many_counts_weigh_the_same_bits_as_one_document_at_a_time():
    """Weights are worked out in blocks of documents: some that end within a block, one longer than any."""
    sizes = np.array([_VALUES_AT_ONCE // 3, 0, _VALUES_AT_ONCE // 2, _VALUES_AT_ONCE + 1, 5, 0])
    indptr = np.concatenate(([0], np.cumsum(sizes)))
    rng = np.random.default_rng(0)
    fitted = Vectorizer(
        FeatureSettings(),
        np.arange(sizes.max(), dtype=np.uint64),
        rng.uniform(1, 9, sizes.max()).astype(np.float32),
        TermStrings.pack([]),
    )
    indices = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    values = rng.integers(1, 9, len(indices)).astype(np.int32)
    counts = Counts(values, indices, indptr, np.ones(len(sizes)))
    cuts = [(slice(begin, end), np.array([0, end - begin])) for begin, end in pairwise(indptr.tolist())]
    alone = [fitted.weigh(Counts(values[cut], indices[cut], ends, np.ones(1))).data for cut, ends in cuts]
    assert np.concatenate(alone).tobytes() == fitted.weigh(counts).data.tobytes()


@given(st.sets(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
@example({0, 1, 2**64 - 1}, [2**63])
@example(set(range(100)), [100])  # all in one bucket
def test_find_is_the_rank_of_a_hash(known, others):
    ordered = np.array(sorted(known), np.uint64)
    asked = [*known, *others]
    fitted = Vectorizer(FeatureSettings(), ordered, np.ones(len(known), np.float32), TermStrings.pack([]))
    rank = {value: place for place, value in enumerate(sorted(known))}
    assert fitted.index.find(np.array(asked, np.uint64)).tolist() == [rank.get(value, -1) for value in asked]


@given(st.data())
def test_restricting_counts_is_counting_with_fewer_terms(vectorizer, data):
    kept = np.flatnonzero(
        data.draw(st.lists(st.booleans(), min_size=len(vectorizer), max_size=len(vectorizer)))
    )
    fewer = vectorizer.restricted(kept)
    rows = fewer.weigh(vectorizer.count(CORPUS).restricted(kept, len(vectorizer)))
    assert np.array_equal(as_scipy(rows).toarray(), as_scipy(fewer.transform(CORPUS)[0]).toarray())


def test_restricting_keeps_what_belongs_to_the_terms_and_lets_their_strings_go(vectorizer):
    named = replace(vectorizer, terms=TermStrings.pack(["term"] * len(vectorizer)))
    fewer = named.restricted(np.array([0, 2]))
    assert fewer.hashes.tolist() == vectorizer.hashes[[0, 2]].tolist()
    assert fewer.idf.tolist() == vectorizer.idf[[0, 2]].tolist()
    assert (len(fewer), len(fewer.terms), fewer.settings) == (2, 0, vectorizer.settings)


@pytest.mark.parametrize("n_chunks", [1, 2, 3])
def test_a_few_chunks_are_laid_one_under_the_other(vectorizer, n_chunks):
    texts = ["rain " * (_CHUNK // 5)] * n_chunks
    counts = vectorizer.count(texts)
    assert counts.values.tolist()[0] == _CHUNK // 5
    assert len(counts.indptr) == n_chunks + 1
    assert counts.values.tolist() == vectorizer.count(texts[:1]).values.tolist() * n_chunks


@pytest.mark.parametrize("ngram_range", [(0, 1), (2, 1), (1, 6), (-1, 2)])
def test_an_impossible_ngram_range_is_refused(ngram_range):
    with pytest.raises(
        TopicmlValueError, match=rf"ngram_range .* found \({ngram_range[0]}, {ngram_range[1]}\)"
    ):
        FeatureSettings(ngram_range)


@pytest.mark.parametrize("length", [0, -1, 65])
def test_an_impossible_token_length_is_refused(length):
    with pytest.raises(
        TopicmlValueError, match=rf"min_token_length must be (from 1 to 64|1 or more), found {length}"
    ):
        FeatureSettings(min_token_length=length)


@given(st.lists(st.text(st.characters(exclude_categories=[]))))
@example(["half \ud83d", "", "雨"])
def test_term_strings_come_back_as_packed(terms):
    packed = TermStrings.pack(terms)
    assert [packed[term] for term in range(len(packed))] == terms


@given(st.lists(st.integers(0, 3)).map(sorted))
def test_runs_are_those_of_groupby(values):
    starts = run_starts(np.array(values, np.int64))
    runs = [(value, len(list(group))) for value, group in groupby(values)]
    assert [values[start] for start in starts] == [value for value, _ in runs]
    assert run_lengths(starts, len(values)).tolist() == [length for _, length in runs]


def test_a_term_that_is_not_text_is_named():
    terms = TermStrings(np.frombuffer(b"rain\xff", np.uint8), np.array([4, 1], np.uint16))
    assert terms[0] == "rain"
    with pytest.raises(ModelFormatError, match="term 1 is not UTF-8"):
        terms[1]
