from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.support import made_up
from topicml.exceptions import TopicmlTypeError
from topicml.lifecycle.watch import watch
from topicml.lifecycle.watch_report import write_watch_report
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

EVIL = "<script>alert('1')</script>"


@pytest.fixture(scope="module")
def found():
    model = train(made_up(300), settings=TrainingSettings(search="none"), n_jobs=1)
    new = [replace(a, title=EVIL, text=f"{a.text} hurrikan", date="2024-05-01") for a in made_up(60, seed=1)]
    return watch(model, new, n_jobs=1)


@pytest.fixture
def page(found, tmp_path):
    write_watch_report(found, tmp_path / "watch.html", title="Does <desk> fit?")
    return (tmp_path / "watch.html").read_text("utf-8")


def test_it_has_the_verdict_and_what_it_rests_on(found, page):
    assert f"<b>{found.answer}</b>" in page
    for told in ("no labels seen", "90% interval", "2024-04-29 to 2024-05-05", "hurrikan", found.fingerprint):
        assert told in page


def test_it_needs_no_other_host(page):
    assert re.findall(r"""(?:src|href)=["'](?!#)|url\((?!#)|https?://""", page) == []
    assert "default-src 'none'" in page


def test_texts_are_text(page):
    assert EVIL not in page
    assert "Does &lt;desk&gt; fit?" in page


def test_the_same_result_gives_the_same_bytes(found, page, tmp_path):
    write_watch_report(found, tmp_path / "again.html", title="Does <desk> fit?")
    assert (tmp_path / "again.html").read_text("utf-8") == page


def test_anything_else_is_refused(tmp_path):
    with pytest.raises(TopicmlTypeError, match="expected the result of watch, found dict"):
        write_watch_report({}, tmp_path / "watch.html")
