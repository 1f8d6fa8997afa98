"""Which articles a decision is about: those with its id and its text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from topicml.article import Article
from topicml.exceptions import CorpusError
from topicml.formatting import escaped, shortened
from topicml.lifecycle.decisions import CUT, Decision

_Rows: TypeAlias = "Mapping[str, list[int]]"
_Excerpt: TypeAlias = "tuple[str, str]"

EXCERPT = 200
"""Cells of a text by which it is found where the decision does not have the whole of it."""

_BEGIN = 20  # characters: fewer than any excerpt has that was cut
_ENOUGH = 500  # characters, which in hardly any script fit into an excerpt
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Articles:
    """Articles by id, place and text, as decisions name them; white space does not matter."""

    articles: Sequence[Article]
    by_id: _Rows
    by_place: _Rows
    by_text: _Rows
    by_excerpt: Mapping[_Excerpt, list[int]]

    @classmethod
    def wanted(cls, articles: Sequence[Article], decisions: Iterable[Decision]) -> Articles:
        """Note the articles that decisions ask for, in one pass over all.

        Most articles are passed over by how they begin, without a look at the rest.
        """
        listed = list(decisions)
        ids = {decision.id for decision in listed}
        places = {decision.place for decision in listed} - {""}
        texts = {_whole(decision) for decision in listed} - {""}
        begins = set(map(_begin, texts))
        excerpts = {_excerpt(decision) for decision in listed if _is_cut(decision)}
        cut_begins = {text[:_BEGIN] for _, text in excerpts}
        found = cls(articles, *(defaultdict(list) for _ in range(4)))
        for row, article in enumerate(articles):
            if article.id is not None and article.id in ids:
                found.by_id[article.id].append(row)
            if article.origin in places:
                found.by_place[article.origin].append(row)
            for text in {article.full_text, article.text}:
                if _begin(text) in begins and (plain := _plain(text)) in texts:
                    found.by_text[plain].append(row)
            begin = escaped(_begin(article.text))[:_BEGIN]
            if begin in cut_begins and (excerpt := _excerpt(article)) in excerpts:
                found.by_excerpt[excerpt].append(row)
        return found

    def of(self, decision: Decision) -> list[int]:
        """Return the rows of a decision's article, and of its copies if the decision does not say which.

        It is an error if there is none, or several that are no copies of each other.
        """
        named = self.by_id.get(decision.id or "", []) or self.by_place.get(decision.place, [])
        if not _whole(decision):
            return self._copies(named, decision)
        alike = self._alike(decision)
        rows = [row for row in named if row in alike] or sorted(alike)
        if not rows and named:
            which = decision.id or decision.place
            raise CorpusError(
                f"the article {which!r} has another text than {_text(decision)}; give the data that the "
                "decision was made on, or empty the decision's title and text to go by its id alone"
            )
        return self._copies(rows, decision)

    def _alike(self, decision: Decision) -> set[int]:
        """Return the rows whose text is the decision's, as far as that goes."""
        whole = _whole(decision)
        if whole in self.by_text or not _is_cut(decision):
            return set(self.by_text.get(whole, []))
        begin = _plain(decision.text.removesuffix(CUT))
        rows = self.by_excerpt.get(_excerpt(decision), [])
        if len(begin) <= EXCERPT:
            return set(rows)
        return {row for row in rows if _plain(self.articles[row].text).startswith(begin)}

    def _copies(self, rows: list[int], decision: Decision) -> list[int]:
        if not rows:
            raise CorpusError(f"no article has {_named(decision)}")
        texts = (_plain(self.articles[row].full_text) for row in rows)
        first = next(texts)
        if any(text != first for text in texts):  # the first that differs is enough, however many there are
            raise CorpusError(
                f"{len(rows):,} articles with different texts have {_named(decision)}; give each its own id"
            )
        return rows


def _named(decision: Decision) -> str:
    """Return the id and the text by which a decision names its article."""
    known = [f"the id {decision.id!r}"] if decision.id else []
    known += [f"the text {_text(decision)}"] if _whole(decision) else []
    return " or ".join(known) or "an empty id and an empty text: the decision does not say which it is about"


def _text(decision: Decision) -> str:
    return repr(shortened(f"{decision.title} {decision.text}", _SHOWN))


def _begin(text: str) -> str:
    """Return how a text begins, as `_plain` has it."""
    return " ".join(text.split(maxsplit=_BEGIN)[:_BEGIN])[:_BEGIN]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _whole(decision: Decision) -> str:
    return _plain(f"{decision.title} {decision.text}")


def _is_cut(decision: Decision) -> bool:
    return decision.place != "" or decision.text.endswith(CUT) or decision.title.endswith(CUT)


def _excerpt(found: Decision | Article) -> _Excerpt:
    return _shortened(found.title), _shortened(found.text)


def _shortened(text: str) -> str:
    """Shorten a text as `shortened` does, and only look at how a long one begins where that will do."""
    begin = _plain(text[:_ENOUGH])
    found = shortened(begin, EXCERPT)
    return found if len(text) <= _ENOUGH or found != escaped(begin) else shortened(text, EXCERPT)
