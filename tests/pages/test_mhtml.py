from __future__ import annotations

from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml import Article, read_pages
from topicml.article import Problem
from topicml.batch.saved_pages import iter_articles_and_pages
from topicml.exceptions import CorpusError
from topicml.files import Gauge
from topicml.pages.mhtml import main_part
from topicml.reading.columns import ReadOptions

URL = "https://www.harbour.example/africa/ferry"


def mhtml(html: str, charset: str = "utf-8", *, kind: str = "related") -> bytes:
    message = MIMEMultipart(kind)
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = URL
    page = MIMEText(html, "html", charset)
    page["Content-Location"] = URL
    message.attach(page)
    picture = MIMEImage(b"\x89PNG" * 50, "png")
    message.attach(picture)
    return message.as_bytes()


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.html"])
@pytest.mark.parametrize("charset", ["utf-8", "koi8-r"])
def test_the_page_is_read_and_not_its_wrapping(tmp_path, story_page, name, charset):
    """A file of MHTML that is named .html became an article of mail headers and Base64."""
    html = story_page(story=("Паром снова стоит у своего причала.",))
    (tmp_path / name).write_bytes(mhtml(html, charset))
    (article,) = read_pages(tmp_path / name)
    assert "Паром снова стоит у своего причала." in article.text
    assert "Content-" not in article.text
    assert (article.labels, article.metadata["url"]) == (("africa",), URL)


def test_the_part_that_is_named_as_the_start():
    data = mhtml("<p>The second").replace(b"multipart/related;", b'multipart/related; start="<b>";')
    first = b'Content-Type: text/html; charset="utf-8"'
    frame = b"Content-Type: text/html\nContent-ID: <a>\n\n<p>A frame\n--"
    boundary = data.split(b'boundary="')[1].split(b'"')[0]
    data = data.replace(b"--" + boundary + b"\n", b"--" + boundary + b"\n" + frame + boundary + b"\n", 1)
    assert main_part(data.replace(first, first + b"\nContent-ID: <b>")).data == b"<p>The second"


def test_a_file_that_is_cut_off_in_its_page_is_no_half_article(read):
    data = mhtml("<p>" + "Rain fell. " * 100)
    (problem,) = read(data[: data.index(b"image/png") - 600])
    assert isinstance(problem, Problem)
    assert "ends inside its page" in problem.message


def test_a_file_without_a_page():
    with pytest.raises(CorpusError, match="expected a page in this MHTML file, found none"):
        main_part(b"MIME-Version: 1.0\nContent-Type: text/plain\n\nRain")


@pytest.mark.parametrize(
    "html", ["", "<p>MIME-Version: 1.0", "Subject: rain\n\n<p>Rain", "<!-- \nMIME-Version: 1.0"]
)
def test_pages_are_none(html):
    assert main_part(html.encode()) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")))
def test_any_page_comes_out_as_it_went_in(html):
    assert main_part(mhtml(html)).data.decode("utf-8") == html


def test_pages_of_mhtml_are_predicted_too(tmp_path):
    (tmp_path / "a.mht").write_bytes(mhtml("<p>The ferry is back at its berth."))
    (article,) = iter_articles_and_pages(tmp_path / "a.mht", ReadOptions(), Gauge())
    assert isinstance(article, Article)
    assert article.text == "The ferry is back at its berth."
