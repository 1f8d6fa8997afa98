from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.pages.page_bytes import decode_page, repaired_controls

TEXTS = {
    "german": "Windräder im Süden: Die Männer kämpften für größere Höfe, während Übung fehlte. " * 3,
    "chinese": "渡轮在船坞里停了一年之后，星期一终于回到了原来的码头，居民们在岸边欢迎它的船长和船员。" * 3,
    "japanese": "渡し船は一年ぶりに月曜日に元の桟橋に戻り、住民たちは岸辺で船長と乗組員を迎えた。" * 3,
    "korean": "나루터의 배는 일 년 만에 월요일에 다시 돌아왔고 주민들은 강가에서 선장을 맞이하였다고 한다. "
    * 3,
    "russian": "Паром вернулся в понедельник к своему причалу, и жители города встретили его на берегу реки. "
    * 2,
}
ENCODINGS = [
    ("german", "cp1252"),
    ("german", "utf-8"),
    ("german", "utf-16-le"),
    ("german", "utf-16-be"),
    ("chinese", "gb2312"),
    ("chinese", "gb18030"),
    ("chinese", "utf-8"),
    ("japanese", "shift_jis"),
    ("japanese", "euc_jp"),
    ("japanese", "iso2022_jp"),
    ("korean", "euc_kr"),
    ("russian", "cp1251"),
    ("russian", "koi8_r"),
    ("russian", "iso8859_5"),
]
DECLARED = [None, "utf-8", "iso-8859-1", "gb2312", "windows-1251", "no-such-encoding", "utf-16"]


def page(text: str, declared: str | None) -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    return f"<html><head>{meta}<title>x</title></head><body><p>{text}"


@pytest.mark.parametrize(("text", "encoding"), ENCODINGS)
@pytest.mark.parametrize("declared", DECLARED)
def test_whatever_is_declared_the_text_comes_out(text, encoding, declared):
    """Characters broken by a wrong or missing declaration; where it is not followed, that is said."""
    found = decode_page(page(TEXTS[text], declared).encode(encoding))
    assert found.text.endswith(TEXTS[text])
    single_bytes_or_pairs = encoding not in ("utf-8", "utf-16-le", "utf-16-be", "iso2022_jp")
    as_declared = (encoding, declared) in {
        ("cp1252", "iso-8859-1"),
        ("gb2312", "gb2312"),
        ("gb18030", "gb2312"),
        ("cp1251", "windows-1251"),
    }
    assert bool(found.doubt) == (single_bytes_or_pairs and not as_declared)


@pytest.mark.parametrize(("text", "encoding"), ENCODINGS)
def test_a_right_declaration_leaves_no_doubt(text, encoding):
    found = decode_page(page(TEXTS[text], encoding).encode(encoding))
    assert (found.text.endswith(TEXTS[text]), found.doubt) == (True, "")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_goes_before_the_declaration(mark, encoding):
    found = decode_page(mark + page(TEXTS["german"], "gb2312").encode(encoding))
    assert found.text == page(TEXTS["german"], "gb2312")


def test_what_the_server_declared_goes_before_what_the_page_declares():
    data = page(TEXTS["russian"], "koi8-r").encode("cp1251")
    assert decode_page(data, "windows-1251").encoding == "cp1251"


@pytest.mark.parametrize("language", ["pl", "cs"])
def test_the_language_tells_latin_encodings_apart(language):
    text = "Prom wrócił w poniedziałek do przystani, a mieszkańcy powitali załogę na brzegu. " * 3
    found = decode_page(f"<html lang='{language}'><p>{text}".encode("cp1250"))
    assert found.text.endswith(text)


def test_central_european_letters_are_found_without_a_language():
    text = "Łódź wróciła w poniedziałek, a mieszkańcy powitali załogę głośną pieśnią żeglarzy. " * 3
    assert decode_page(f"<html><p>{text}".encode("cp1250")).text.endswith(text)


@pytest.mark.parametrize("mark", ["£", "é", "“"])
def test_a_few_bytes_beyond_ascii_are_western(mark):
    found = decode_page(f"<html><p>Rain fell on the harbour. {mark} The ferry stayed.".encode("cp1252"))
    assert (found.encoding, mark in found.text) == ("cp1252", True)


def test_one_broken_byte_does_not_change_the_encoding_and_is_told():
    found = decode_page(page(TEXTS["german"], "utf-8").encode() + b"\xff")
    assert TEXTS["german"] in found.text
    assert "1 character could not be decoded" in found.doubt


def test_text_broken_before_it_was_saved_is_told():
    broken = TEXTS["german"].encode().decode("cp1252")
    assert "already broken when it was saved" in decode_page(page(broken, "utf-8").encode()).doubt


def test_nuls_go_and_what_follows_them_stays():
    assert decode_page(b"<p>Cup final</p>\x00<p>Rain\0 fell.</p>").text == "<p>Cup final</p><p>Rain fell.</p>"


def test_controls_that_mean_windows_1252_become_its_characters():
    assert repaired_controls("\x93Rain\x94 \x96 \x80 5\x81") == "“Rain” – € 5\x81"


@given(st.binary(max_size=400), st.sampled_from([*DECLARED, "utf-7", "hex", "rot13", "idna", '"utf-8"']))
def test_any_bytes_become_text(data, declared):
    found = decode_page(data, declared)
    assert "\0" not in found.text
    assert ("\ufffd" in found.text) <= bool(found.doubt)


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\x1b"), max_size=200
    )
)
def test_valid_utf8_is_read_as_it_is(text):
    assert decode_page(b"<html><body>..." + text.encode()).text == "<html><body>..." + text
