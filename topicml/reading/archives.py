"""Tables inside ZIP files: archives of files, and spreadsheets."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

from topicml.article import Problem
from topicml.exceptions import CorpusError, MissingExtraError
from topicml.reading.columns import ReadOptions, Row, find_columns

if TYPE_CHECKING:
    import polars as pl

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# What zipfile raises: a wrong place of a file, for one, is a number that no file can be read at.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(OSError, RuntimeError, ValueError, OverflowError),
)
_ReadMember = Callable[[IO[bytes], str], Iterable[Row | Problem]]


def read_zip(
    source: Path | BytesIO,
    path: str,
    options: ReadOptions,
    *,
    read_member: _ReadMember,
    known: Callable[[str], bool],
) -> Iterator[Row | Problem]:
    """Read a spreadsheet, or the files of a known format in an archive, in the order of their names.

    Other files are problems (``fatal=False``), save for hidden ones.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            names = sorted(archive.namelist())
            if is_spreadsheet(archive):
                yield from read_spreadsheet(source, path, options)
                return
            _refuse_document(names)
            _refuse_folder_of_texts(names)
            for name in names:
                if is_hidden(name):
                    continue
                place = f"{path}/{name}"
                if known(name):
                    with archive.open(name) as member:
                        yield from read_member(member, place)
                else:
                    message = "expected .jsonl, .json, .csv, .tsv, .parquet or .txt"
                    yield Problem("skipped file", message, place, fatal=False)
    except (CorpusError, MissingExtraError):
        raise
    except DAMAGE as error:
        raise CorpusError(f"cannot be read as ZIP: {error}; unpack it, and name the files in it") from error


def is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Return whether a ZIP file is a workbook of Excel (.xlsx) or LibreOffice (.ods)."""
    names = archive.namelist()
    return "xl/workbook.xml" in names or ("mimetype" in names and archive.read("mimetype").startswith(_ODS))


def read_spreadsheet(source: Path | BytesIO, path: str, options: ReadOptions) -> Iterator[Row | Problem]:
    """Read the first sheet of a workbook that is not empty; its first row names the columns.

    Rows are numbered as in the sheet. Other sheets that are not empty are noted.
    """
    sheets = {name: sheet for name, sheet in _sheets(source).items() if sheet.width and sheet.height}
    if not sheets:
        return
    (first, table), *others = sheets.items()
    columns = find_columns(table.columns, options)
    if others:
        named = ", ".join(repr(name) for name, _ in others)
        message = f"only the sheet {first!r} is read; save the others, {named}, as files of their own"
        yield Problem("other sheets", message, path, fatal=False, left_out=False)
    for values, number in zip(table.iter_rows(named=True), count(2), strict=False):
        yield columns.row_of_values(values, path, number)


def _sheets(source: Path | BytesIO) -> dict[str, pl.DataFrame]:
    try:
        import fastexcel  # noqa: PLC0415  (an extra, which polars reads with)
        import polars as pl  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "reading spreadsheets needs polars and fastexcel: pip install 'topicml[tables]'; or save "
            "the sheet as CSV in UTF-8"
        ) from error
    try:
        return pl.read_excel(source, sheet_id=0, infer_schema_length=None, raise_if_empty=False)
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError, OSError, ValueError) as error:
        raise CorpusError(f"cannot be read as a spreadsheet: {error}; save the sheet as CSV") from error


def _refuse_document(names: list[str]) -> None:
    if "word/document.xml" in names:
        raise CorpusError("the file is a document of Word; save it as plain text")


def _refuse_folder_of_texts(names: Iterable[str]) -> None:
    texts = [name for name in names if "/" in name and name.lower().endswith(".txt") and not is_hidden(name)]
    if len(texts) > 1:
        raise CorpusError(
            f"the archive holds a folder of texts, such as {texts[0]!r}; unpack it, and name the folder"
        )


def is_hidden(name: str) -> bool:
    """Return whether a name in an archive is a folder's, or one that people do not see."""
    return name.endswith("/") or any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
