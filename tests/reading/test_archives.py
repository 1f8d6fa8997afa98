from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article, Problem
from topicml.exceptions import CorpusError
from topicml.reading.readers import iter_articles, read_corpus

_NS = "http://schemas.openxmlformats.org/"
_TYPES = (
    f'<Types xmlns="{_NS}package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def relations(*targets):
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_NS}officeDocument/2006/relationships/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_NS}package/2006/relationships">{rows}</Relationships>'


def sheet_xml(rows):
    def cell(value):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'

    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    return f'<worksheet xmlns="{_NS}spreadsheetml/2006/main"><sheetData>{body}</sheetData></worksheet>'


def workbook(**sheets):
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1)
    )
    files = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_NS}spreadsheetml/2006/main" '
        f'xmlns:r="{_NS}officeDocument/2006/relationships"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1))
        ),
        **{f"xl/worksheets/sheet{n}.xml": sheet_xml(rows) for n, rows in enumerate(sheets.values(), 1)},
    }
    return zipped(files)


def zipped(files):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


ROWS = [["id", "text", "section"], ["007", "Rain tonight", "weather"], ["008", "Cup final", "sport"]]


@pytest.mark.parametrize("name", ["a.xlsx", "export.csv", "a.zip"])
def test_a_workbook_is_read_whatever_its_name_says(tmp_path, name):
    pytest.importorskip("fastexcel")
    path = tmp_path / name
    path.write_bytes(workbook(News=ROWS))
    corpus = read_corpus(path)
    assert [(a.id, a.text, a.labels) for a in corpus] == [
        ("007", "Rain tonight", ("weather",)),
        ("008", "Cup final", ("sport",)),
    ]
    assert corpus[1].origin == f"{path}:3"


def test_other_sheets_are_noted(tmp_path):
    pytest.importorskip("fastexcel")
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(Empty=[], News=ROWS, Old=ROWS))
    corpus = read_corpus(path)
    assert len(corpus) == 2
    [problem] = corpus.problems
    assert "only the sheet 'News' is read" in problem.message
    assert "'Old'" in problem.message


def test_the_files_of_an_archive_are_read_in_the_order_of_their_names(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(
        zipped(
            {
                "b/c.jsonl": '{"text": "Rain", "label": "weather"}\n',
                "a.csv": "text,label\nCup,sport\n",
                "__MACOSX/a.csv": "x",
                ".hidden.csv": "x",
                "photo.jpg": "x",
            }
        )
    )
    items = list(iter_articles(path))
    assert [(i.text, i.labels, i.origin) for i in items if isinstance(i, Article)] == [
        ("Cup", ("sport",), f"{path}/a.csv:2"),
        ("Rain", ("weather",), f"{path}/b/c.jsonl:1"),
    ]
    assert [i.path for i in items if isinstance(i, Problem)] == [f"{path}/photo.jpg"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"word/document.xml": "x"}, "a document of Word; save it as plain text"),
        ({"sport/1.txt": "Cup", "art/2.txt": "Opera"}, "a folder of texts, such as 'art/2.txt'; unpack it"),
    ],
)
def test_what_cannot_be_read_from_an_archive_says_what_to_do(tmp_path, files, message):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(files))
    with pytest.raises(CorpusError, match=f"a.zip: .*{message}"):
        list(iter_articles(path))


@given(st.data())
def test_no_damage_to_an_archive_is_a_raw_error(data):
    whole = zipped({"a.csv": "text,label\n" + "Cup,sport\n" * 20})
    place = data.draw(st.integers(4, len(whole) - 1))
    damaged = bytearray(whole[: data.draw(st.integers(4, len(whole)))])
    if place < len(damaged):
        damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        list(iter_articles(BytesIO(bytes(damaged))))
    except CorpusError as error:
        assert str(error)


def test_a_workbook_of_libreoffice(tmp_path):
    pytest.importorskip("fastexcel")
    named = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = (f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in ROWS)
    content = (
        f'<office:document-content xmlns:office="{named}:office:1.0" xmlns:table="{named}:table:1.0" '
        f'xmlns:text="{named}:text:1.0"><office:body><office:spreadsheet><table:table table:name="News">'
        f"{''.join(rows)}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest xmlns="{named}:manifest:1.0"/>')
        archive.writestr("content.xml", content)
    corpus = read_corpus(tmp_path / "a.ods")
    assert [(a.id, a.text, a.labels) for a in corpus] == [
        ("007", "Rain tonight", ("weather",)),
        ("008", "Cup final", ("sport",)),
    ]
    assert corpus[1].origin == f"{tmp_path / 'a.ods'}:3"
