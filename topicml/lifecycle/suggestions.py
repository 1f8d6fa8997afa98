"""Articles that are worth labelling next, as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from topicml.article import Article, excerpt
from topicml.displays.tables import Table, html_view
from topicml.formatting import counted, percent, shortened, table_lines
from topicml.lifecycle.decisions import Task

_SHOWN = 20
_EXCERPT = 200
_LONGEST_GUESS = 20
_NARROWEST = 10


@dataclass(frozen=True, slots=True, repr=False)
class Suggestion:
    """An article that is worth labelling next.

    Parameters
    ----------
    article : Article
        With its own id, title and text.
    position : int
        Of the article in the archive, counted from 0.
    n_similar : int
        Articles that it stands for, itself among them.
    reason : str
        Why it was chosen.
    guess : tuple of str, optional
        The labels that the model gives it. None without a model; an empty tuple says that no label applies.
    probability : float, optional
        Of the guess, as the model says; of the most probable label where the guess is empty.
    """

    article: Article
    position: int
    n_similar: int
    reason: str
    guess: tuple[str, ...] | None = None
    probability: float | None = None

    def __repr__(self) -> str:
        guess = "" if self.guess is None else f", guess={self.guess!r}, probability={self.probability:.3f}"
        return f"Suggestion({excerpt(self.article, 60)!r}{guess}, reason={self.reason!r})"

    def _repr_html_(self) -> str:
        return html_view([excerpt(self.article, _EXCERPT), self.reason])

    @property
    def row(self) -> int:
        """The article's place in the archive, counted from 1."""
        return self.position + 1

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "row": self.row,
            "id": self.article.id,
            "title": self.article.title,
            "text": self.article.text,
            "guess": None if self.guess is None else list(self.guess),
            "probability": self.probability,
            "n_similar": self.n_similar,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Suggestions(Sequence[Suggestion]):
    """Articles that are worth labelling next, the most useful ones first.

    A sequence of `Suggestion`: it has a length, items and slices.

    Parameters
    ----------
    suggestions : tuple of Suggestion
        In the order in which they are best labelled.
    n_articles : int
        Articles that could be chosen.
    labels : tuple of str, default=()
        The labels that the model knows.
    notes : tuple of str, default=()
        Which articles were left out, and what else a reader should know.
    """

    suggestions: tuple[Suggestion, ...]
    n_articles: int
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.suggestions)

    @overload
    def __getitem__(self, index: int) -> Suggestion: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Suggestion, ...]: ...
    def __getitem__(self, index: int | slice) -> Suggestion | tuple[Suggestion, ...]:
        return self.suggestions[index]

    def __iter__(self) -> Iterator[Suggestion]:
        return iter(self.suggestions)

    def tasks(self) -> list[Task]:
        """Return the articles as `topicml.write_tasks` takes them."""
        return [
            Task(
                suggestion.article.text,
                suggestion.article.title,
                suggestion.article.id,
                suggestion.guess,
                suggestion.probability,
                suggestion.reason,
                self.labels,
            )
            for suggestion in self
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "n_articles": self.n_articles,
            "n_suggestions": len(self),
            "labels": list(self.labels),
            "notes": list(self.notes),
            "suggestions": [suggestion.to_dict() for suggestion in self],
        }

    def to_text(self, width: int = 80) -> str:
        """Return the result for people, in lines of `width` characters; the list ends after 20 rows."""
        lines = [self._found(), "", *table_lines(self._cells(width), right=self._right())]
        if len(self) > _SHOWN:
            lines.append(f"and {len(self) - _SHOWN} more")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Suggestions({len(self)} of {counted(self.n_articles, 'article')})"

    def _repr_html_(self) -> str:
        cells = tuple(map(tuple, self._cells(2 * _EXCERPT)))
        return html_view([self._found()], Table("Articles to label next", cells, self._right(), _EXCERPT))

    def _found(self) -> str:
        return f"{counted(len(self), 'article')} to label next, of {self.n_articles:,}"

    @property
    def _guessed(self) -> bool:
        return any(suggestion.guess is not None for suggestion in self)

    def _right(self) -> tuple[bool, ...]:
        return (True, True, *((False, True) if self._guessed else ()), False)

    def _cells(self, width: int) -> list[list[str]]:
        """Return the first rows as cells, the header first, with articles cut to the width."""
        rows = [["row", "similar", *(("guess", "prob") if self._guessed else ()), "article"]]
        for suggestion in self.suggestions[:_SHOWN]:
            guess = ", ".join(suggestion.guess or ()) or "no label"
            guessed = (shortened(guess, _LONGEST_GUESS), percent(suggestion.probability or 0.0))
            rows.append(
                [
                    str(suggestion.row),
                    str(suggestion.n_similar),
                    *(guessed if self._guessed else ()),
                    excerpt(suggestion.article, _EXCERPT),
                ]
            )
        taken = len(table_lines([[*row[:-1], "|"] for row in rows], right=self._right())[0]) - 1
        return [[*row[:-1], shortened(row[-1], max(width - taken, _NARROWEST))] for row in rows]
