from __future__ import annotations

import json

from topicml.article import Article
from topicml.pages.collecting import CoverageCounter


def article(labels, used, **seen):
    return Article("x", labels=labels, metadata={"label_source": used, "sections_seen": json.dumps(seen)})


def test_sources_are_counted():
    counter = CoverageCounter()
    counter.add(article(("Sport",), "jsonld", jsonld=["Sport"], breadcrumb=["World", "Africa"]))
    counter.add(article(("Sport",), "jsonld", jsonld=["Sport"]))
    counter.add(article(("Rain",), "breadcrumb", breadcrumb=["Rain"]))
    counter.add(Article("x"))
    counter.leave_out()
    found = counter.result()
    assert (found.n_articles, found.n_left_out, found.n_labelled) == (4, 1, 3)
    table = {s.source: (s.n_pages, s.n_labelled, s.examples) for s in found.sources if s.n_pages}
    assert table == {"jsonld": (2, 2, ("Sport",)), "breadcrumb": (2, 1, ("Africa", "Rain"))}
    assert found.share(1) == 0.25


def test_nothing_is_counted():
    found = CoverageCounter().result()
    assert (found.n_articles, found.n_labelled, found.share(0)) == (0, 0, 0.0)
