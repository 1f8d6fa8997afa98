"""Texts to tokens to hashes: the same token always, the same hash always."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import TWINS
from topicml.model.tokens import (
    _BLOCK,
    _CHUNK,
    MAX_MARKS,
    MAX_TOKEN_LENGTH,
    TITLE_END,
    chunked,
    crossing_ngrams,
    ngram_hashes,
    normalize,
    tokenize,
    undotted,
)

EVERY_CHARACTER = st.one_of(
    st.sampled_from(
        "aB_1 .\0\n\u200béßİΣς中かกั्\u0301\ud83d\ufb01"
    ),  # each kind often enough to meet the others
    st.characters(exclude_categories=[]),  # lone surrogates, too
)
ANY_TEXTS = st.lists(st.text(EVERY_CHARACTER, max_size=40), max_size=6)
ASCII_TEXTS = st.lists(st.text(st.sampled_from("abCD_1 .-\n\0'"), max_size=60), max_size=6)

# Default_Ignorable_Code_Point, which toNFKC_Casefold removes (DerivedCoreProperties.txt), as ranges.
DEFAULT_IGNORABLE = [
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
]


def words_by_document(texts: list[str], min_token_length: int = 2) -> list[list[str]]:
    tokens = tokenize(texts, min_token_length=min_token_length)
    found = tokens.ngram_texts(np.arange(len(tokens.start)), 1)
    return [found[begin:end] for begin, end in pairwise(tokens.indptr)]


def words(text: str) -> list[str]:
    (found,) = words_by_document([text])
    return found


def hashes_by_document(texts: list[str]) -> list[list[int]]:
    tokens = tokenize(texts, min_token_length=2)
    return [part.tolist() for part in np.split(tokens.hashes(), tokens.indptr[1:-1])][: len(texts)]


def hash_of(text: str, order: int = 1) -> int:
    (only,) = ngram_hashes(tokenize([text], min_token_length=1).hashes(), order)
    return int(only)


def reference_words(text: str, min_token_length: int = 2) -> list[str]:
    found = re.findall(r"\w+", text.lower(), re.ASCII)
    return [word for word in found if min_token_length <= len(word) <= MAX_TOKEN_LENGTH]


@settings(deadline=None)
@given(st.text(EVERY_CHARACTER))
def test_normalize_is_idempotent(text):
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Foot\u200bball", "football"),  # zero width space
        ("foot\u00adball", "football"),  # soft hyphen
        ("foot\u2060ball", "football"),  # word joiner
        ("\ufefffootball", "football"),  # byte order mark
        ("foot\u200e\u202cball\ufe0f", "football"),  # direction marks, variation selector
        ("می\u200cخواهم", "میخواهم"),  # Persian, zero width non-joiner
        ("\ufb01nal o\ufb03ce", "final office"),  # ligatures
        ("Ｂａｎｋ １２", "bank 12"),  # full width
        ("cafe\u0301", "café"),
        ("STRASSE Straße", "strasse strasse"),
        ("İstanbul", "i\u0307stanbul"),  # Unicode's full case folding, whatever the language
        ("ΟΔΟΣ οδός", "οδοσ οδόσ"),
        ("Москва", "москва"),
    ],
)
def test_normalize(written, read):
    assert normalize(written) == read


@pytest.mark.parametrize(("first", "last"), DEFAULT_IGNORABLE)
def test_characters_that_unicode_calls_ignorable_do_not_split_words(first, last):
    kept = [code for code in range(first, last + 1) if normalize(f"foot{chr(code)}ball") != "football"]
    assert kept == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Istanbul", "Istanbul"),
        ("İstanbul", "istanbul"),
        ("I\u0307stanbul", "istanbul"),
        ("i\u0307stanbul", "istanbul"),
        ("KIYI ılık", "KIYI ılık"),  # dotless letters stay
    ],
)
def test_a_dotted_i_is_a_small_i_in_as_many_characters(written, read):
    found = undotted(written)
    assert (found.replace("\u00ad", ""), len(found)) == (read, len(written))


MARK = "\u0323"  # a dot below, which composes with no letter here


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (MARK * 30, MARK * 30),
        (MARK * 31, MARK * 30),
        (MARK * 1000 + "!", MARK * 30 + "!"),
        (MARK * 40 + "!" + MARK * 40, MARK * 30 + "!" + MARK * 30),  # each run by itself
        (MARK * 20 + "!" + MARK * 20, MARK * 20 + "!" + MARK * 20),
        (MARK * 40 + "q" + MARK * 40, MARK * 30 + "q" + MARK * 30),
        ("…" * 100, "..." * 100),  # no marks: punctuation stays, however much of it
    ],
)
def test_of_a_run_of_combining_marks_thirty_are_kept(written, kept):
    assert MAX_MARKS == 30
    assert normalize("q" + written) == "q" + kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Cup final\0and the bank rate", "cup final and the bank rate", id="NUL"),
        pytest.param("we’ve don't semi-final", "we ve don semi final", id="apostrophe and hyphen"),
        pytest.param("पिछला चुनाव, बारिश।", "पिछला चुनाव बारिश", id="Hindi"),
        pytest.param("من می\u200cخواهم", "من میخواهم", id="Persian"),
        pytest.param("İstanbul", "i\u0307stanbul", id="Turkish"),
        pytest.param("서울 축구", "서울 축구", id="Korean"),
        pytest.param("中国选举", "中 国 选 举", id="Chinese"),
        pytest.param("東京でサッカー", "東 京 で サ ッ カ ー", id="Japanese"),
        pytest.param("วันนี้", "วั น นี้", id="Thai"),
        pytest.param("ວັນນີ້", "ວັ ນ ນີ້", id="Lao"),
        pytest.param("កម្ពុជា", "ក ម្ ពុ ជា", id="Khmer"),
        pytest.param("မြန်မာ", "မြ န် မာ", id="Myanmar"),
        pytest.param("iPhone发布2024年", "iphone 发 布 2024 年", id="Latin within Chinese"),
        pytest.param("ab\u0e31", "ab \u0e31", id="mark of such a script on a Latin word"),
        pytest.param("а́ на́йден", "а́ на́йден", id="combining accent on Cyrillic"),
    ],
)
def test_tokens(text, expected):
    assert words(text) == expected.split(" ")


def test_half_a_character_separates_words():
    assert words("heavy\ud83drain") == ["heavy", "rain"]


@pytest.mark.parametrize("look_alike", ["pоlitics", "рolitics", "pοlitics"])  # Cyrillic о, р; Greek ο
def test_a_word_of_mixed_scripts_is_another_word(look_alike):
    assert hash_of(look_alike) != hash_of("politics")


def test_cyrillic_keeps_its_own_letters():
    assert words("Расход воды") == ["расход", "воды"]


@pytest.mark.parametrize("length", [MAX_TOKEN_LENGTH, MAX_TOKEN_LENGTH + 1])
@pytest.mark.parametrize("letter", ["x", "ж"])
def test_longest_word(letter, length):
    assert (words(letter * length) == [letter * length]) == (length == MAX_TOKEN_LENGTH)


@settings(deadline=None)
@given(ASCII_TEXTS, st.integers(1, 4))
def test_tokens_of_ascii_are_those_of_a_regular_expression(texts, min_token_length):
    found = words_by_document(texts, min_token_length)
    assert found == [reference_words(text, min_token_length) for text in texts]


@settings(deadline=None)
@given(ANY_TEXTS)
@example(["\ud83d", "\ude00"])  # halves of one character, in two documents
@example(["e", "\u0301"])  # what would compose, were it one text
def test_a_document_has_the_same_hashes_alone_and_in_a_batch(texts):
    assert hashes_by_document(texts) == [hashes_by_document([text])[0] for text in texts]


@pytest.mark.parametrize("hashed", ["hashes", "check_hashes"])
@pytest.mark.parametrize("neighbour", ["", "snow ", "Schnee fällt, 雪 "])
@pytest.mark.parametrize("gap", [0, 1, _BLOCK - 3, _BLOCK - 1, _BLOCK, 3 * _BLOCK - 2])
def test_a_hash_depends_on_the_token_only(hashed, neighbour, gap):
    """Neither its place in the chunk nor what else is there: block edges and ASCII paths included."""
    here = getattr(tokenize([neighbour + " " * gap + "rain"], min_token_length=2), hashed)()
    alone = getattr(tokenize(["rain"], min_token_length=2), hashed)()
    assert here[-1] == alone[0]


def plain_mixed(value: int) -> int:
    value ^= value >> 32
    value = value * 0xD6E8FEB86659FD93 % 2**64
    return value ^ value >> 32


def plain_hash(token: str, base: int) -> int:
    """The formula in plain Python: saved models hold such hashes, so that it may never change."""
    return plain_mixed(sum((ord(letter) + 1) * base**place for place, letter in enumerate(token)) % 2**64)


@pytest.mark.parametrize("token", ["rain", "a", "x" * MAX_TOKEN_LENGTH, "дождь", "雨"])
def test_hashes_are_those_of_plain_python(token):
    tokens = tokenize([token], min_token_length=1)
    assert tokens.hashes().tolist() == [plain_hash(token, 0x9E3779B97F4A7C15)]
    assert tokens.check_hashes().tolist() == [plain_hash(token, 0xC2B2AE3D27D4EB4F)]


def test_the_hash_of_an_ngram_is_that_of_plain_python():
    heavy, rain, tonight = (plain_hash(word, 0x9E3779B97F4A7C15) for word in ("heavy", "rain", "tonight"))
    two = plain_mixed((heavy * 0x9DDFEA08EB382D69 + rain) % 2**64)
    three = plain_mixed((two * 0x9DDFEA08EB382D69 + tonight) % 2**64)
    assert (hash_of("heavy rain", 2), hash_of("heavy rain tonight", 3)) == (two, three)


@pytest.mark.parametrize("token", ["ab", "ba", "a", "aa", "aaa", "a_", "ж", "жж", "0", "00"])
def test_hashes_tell_short_tokens_apart(token):
    others = {"ab", "ba", "a", "aa", "aaa", "a_", "ж", "жж", "0", "00"} - {token}
    assert hash_of(token) not in {hash_of(other) for other in others}


def test_check_hashes_tell_apart_what_hashes_do_not():
    tokens = tokenize([" ".join(TWINS)], min_token_length=2)
    assert len(set(tokens.hashes().tolist())) == 1
    assert len(set(tokens.check_hashes().tolist())) == 2


@settings(deadline=None)
@given(ASCII_TEXTS, st.integers(1, 3))
@example(["one two", "", "three", "four five six"], 3)
def test_ngrams_are_those_of_plain_python_and_cross_no_document(texts, order):
    tokens = tokenize(texts, min_token_length=2)
    ngrams = ngram_hashes(tokens.hashes(), order)
    inside = np.delete(ngrams, crossing_ngrams(tokens.indptr, order))
    expected = [
        hash_of(" ".join(document[at : at + order]), order)
        for document in map(reference_words, texts)
        for at in range(len(document) - order + 1)
    ]
    assert inside.tolist() == expected


def test_the_order_of_words_matters():
    assert hash_of("rate bank", 2) != hash_of("bank rate", 2)


@pytest.mark.parametrize("unit", ["Heavy rain hit the valley. ", "Überschwemmung im Tal, 大雨. "])
def test_a_text_of_ten_megabytes(unit):
    times = 10_000_000 // len(unit)
    hashes = tokenize([unit * times], min_token_length=2).hashes()
    assert np.array_equal(hashes, np.tile(tokenize([unit], min_token_length=2).hashes(), times))


@pytest.mark.parametrize("letter", ["x", "ж", "\u0e31"])  # the last is a mark on the character before it
def test_a_token_of_ten_megabytes_is_passed_over(letter):
    times = 10_000_000 // len(letter.encode())
    assert words("rain " + letter * times + " snow") == ["rain", "snow"]


@pytest.mark.parametrize(
    ("text", "bigrams"),
    [
        ("Heavy rain, tonight", ["heavy rain", "rain tonight"]),
        ("Starker Regenfall über Nacht", ["starker regenfall", "regenfall über", "über nacht"]),
        ("下雨了", ["下雨", "雨了"]),
        ("iPhone 发布 today", ["iphone发", "发布", "布today"]),
    ],
)
def test_words_are_joined_by_a_blank_and_characters_that_stand_alone_by_nothing(text, bigrams):
    tokens = tokenize([text], min_token_length=2)
    assert tokens.ngram_texts(np.arange(len(bigrams)), 2) == bigrams


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("rain \u0301x", "rain \u0301x"),
        ("中 \u0e31x", "中 \u0e31x"),  # without the blank the mark would join the character before it
        ("中 x", "中x"),
        ("ab 中 \u0e31x", "ab中 \u0e31x"),
    ],
)
def test_a_mark_at_the_start_of_a_word_is_kept_apart(text, whole):
    tokens = tokenize([text], min_token_length=1)
    assert tokens.ngram_texts(np.array([0]), len(tokens.start)) == [whole]


def test_characters_of_scripts_without_spaces_stand_alone():
    tokens = tokenize(["rain 中x กั"], min_token_length=1)
    assert tokens.stand_alone(np.arange(4)).tolist() == [False, True, False, True]
    assert tokens.stand_alone(np.array([3, 0])).tolist() == [True, False]
    assert tokenize(["rain"], min_token_length=1).stand_alone(np.array([0])).tolist() == [False]


TITLED = ["Cup final | rain tonight", "no title", "", " | all text", "title alone | ", "one | two | three"]


@pytest.mark.parametrize("other", ["", "é"])  # in one array of bytes, and of code points
def test_words_of_a_title_are_those_before_its_end(other):
    texts = [text.replace("|", TITLE_END) for text in TITLED]
    tokens = tokenize([*texts, other], min_token_length=2)
    words_and_where = zip(
        tokens.ngram_texts(np.arange(len(tokens.start)), 1),
        tokens.documents().tolist(),
        tokens.in_title().tolist(),
        strict=True,
    )
    assert list(words_and_where) == [
        ("cup", 0, True),
        ("final", 0, True),
        ("rain", 0, False),
        ("tonight", 0, False),
        ("no", 1, False),
        ("title", 1, False),
        ("all", 3, False),
        ("text", 3, False),
        ("title", 4, True),
        ("alone", 4, True),
        ("one", 5, True),
        ("two", 5, False),
        ("three", 5, False),
    ]


def test_a_text_without_a_title_has_no_word_in_one():
    assert not tokenize(["rain tonight", "snow"], min_token_length=2).in_title().any()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([_CHUNK], [1]),
        ([_CHUNK + 1, 0], [1, 1]),
        ([1, _CHUNK - 2], [2]),  # a NUL ends each text
        ([1, _CHUNK - 1], [1, 1]),
        ([10, 20, _CHUNK, 5], [2, 1, 1]),
        ([0, 0, 0], [3]),
        ([], []),
    ],
)
def test_a_chunk_ends_before_the_text_that_would_not_fit(sizes, expected):
    assert [len(part) for part in chunked("x" * size for size in sizes)] == expected


@given(st.lists(st.integers(0, 2 * _CHUNK), max_size=12).map(lambda sizes: ["x" * size for size in sizes]))
@settings(deadline=None, max_examples=30)
def test_chunks_hold_all_texts_in_order_and_are_small(texts):
    parts = list(chunked(texts))
    assert [text for part in parts for text in part] == texts
    assert all(len(part) == 1 or sum(map(len, part)) <= _CHUNK for part in parts)
