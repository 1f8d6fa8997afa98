"""Labels that are probably wrong, found by models that did not see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from topicml.arguments import number
from topicml.article import Article, excerpt, place_of
from topicml.corpus.targets import encode_labels
from topicml.displays.tables import Table, html_view
from topicml.exceptions import TopicmlValueError
from topicml.files import open_output
from topicml.formatting import counted, shortened, table_lines
from topicml.lifecycle.decisions import spreadsheet_rows
from topicml.lifecycle.label_errors import ERROR_KINDS, ErrorKind, LabelErrors, estimate_label_errors
from topicml.metrics.resampling import Estimate
from topicml.model.inputs import TextInput, as_articles
from topicml.steps import Steps
from topicml.training.settings import TrainingSettings, as_settings
from topicml.training.train import TrainingResult, choose_settings, train

MIN_PROBABILITY = 0.1
"""Errors this probable are worth a look: with planted errors, two in five suspects or more were wrong."""

_SHOWN = 20
_FEW_ARTICLES = 5000  # below which models are trained on nine in ten articles, and not on four in five
_MANY_FOLDS = 10
_EXCERPT = 200
_NARROWEST = 14
_LONGEST_ID = 14
_IN_NOTEBOOKS = 80
_COLUMNS = (
    "row",
    "id",
    "place",
    "kind",
    "given",
    "suggested",
    "error_probability",
    "probability",
    "given_probability",
    "title",
    "text",
)
_TITLES: Mapping[ErrorKind, str] = MappingProxyType(
    {
        "wrong": "Wrong: to be replaced by another label",
        "one_too_many": "One too many: to be removed",
        "missing": "Missing: to be added",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Suspect:
    """A label that is probably wrong.

    Parameters
    ----------
    position : int
        Of the article in the corpus, counted from 0.
    place : str
        Where it was read; else its id; else its row, counted from 1.
    given : str or None
        The label that the article has and probably should not have. None if one is probably missing.
    suggested : str or None
        The label that it probably should have. None if `given` is probably one too many.
    probability : float
        Of the suggestion, as a model says that had not seen the article: of the suggested label, or that
        the given one does not apply.
    given_probability : float
        The same, of what the corpus says.
    kind : {"wrong", "one_too_many", "missing"}
    error_probability : float
        The estimated probability that the labels hold this error.
    id : str, optional
        The article's own.
    title : str
    text : str
        How the article's text begins.
    """

    position: int
    place: str
    given: str | None
    suggested: str | None
    probability: float
    given_probability: float
    kind: ErrorKind
    error_probability: float
    id: str | None = None
    title: str = ""
    text: str = ""

    def __repr__(self) -> str:
        change = shortened(f"{self.place}: given {self.given!r}, suggested {self.suggested!r}", 300)
        return f"Suspect({change}, error_probability={self.error_probability:.3f})"

    @property
    def row(self) -> int:
        """The article's place in the corpus, counted from 1."""
        return self.position + 1

    @property
    def excerpt(self) -> str:
        """How the article begins, its title first."""
        return excerpt(Article(self.text, self.title), _EXCERPT)


@dataclass(frozen=True, slots=True, repr=False)
class Suspects:
    """The labels of a corpus that are probably wrong.

    Parameters
    ----------
    n : int
        Articles that were judged: those held out.
    n_labels : int
        Labels that were judged: as many as articles for multiclass, each article's with each label of the
        corpus for multilabel.
    macro_f1 : float
        Out-of-fold, of the models that judge. The weaker they are, the more suspects are their own mistakes.
    shares : dict of str to float
        The estimated share of articles with an error of each kind.
    suspects : tuple of Suspect
        One for an article at most: first the labels that are wrong, then those that are one too many, then
        those that are missing, each the most probable error first.
    macro_f1_interval : (float, float), optional
        95% bootstrap interval of `macro_f1`.
    """

    n: int
    n_labels: int
    macro_f1: float
    shares: dict[ErrorKind, float] = field(default_factory=dict)
    suspects: tuple[Suspect, ...] = ()
    macro_f1_interval: tuple[float, float] | None = None

    @property
    def wrong(self) -> tuple[Suspect, ...]:
        """The suspects whose label is to be replaced by another."""
        return self._of("wrong")

    @property
    def one_too_many(self) -> tuple[Suspect, ...]:
        """The suspects with a label to be removed."""
        return self._of("one_too_many")

    @property
    def missing(self) -> tuple[Suspect, ...]:
        """The suspects that lack a label."""
        return self._of("missing")

    @property
    def n_expected(self) -> float:
        """How many of the suspects are expected to be errors."""
        return float(sum(suspect.error_probability for suspect in self.suspects))

    def _of(self, kind: ErrorKind) -> tuple[Suspect, ...]:
        return tuple(suspect for suspect in self.suspects if suspect.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "n": self.n,
            "n_labels": self.n_labels,
            "n_suspects": len(self.suspects),
            "n_expected": self.n_expected,
            "macro_f1": self.macro_f1,
            "macro_f1_interval": self.macro_f1_interval and list(self.macro_f1_interval),
            "shares": dict(self.shares),
            "suspects": self.rows(),
            **{kind: [_row(suspect) for suspect in self._of(kind)] for kind in ERROR_KINDS},
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each suspect, for a table or a file."""
        return [_row(suspect) for suspect in self.suspects]

    def pairs(self) -> dict[tuple[str | None, str | None], int]:
        """Count the suspects by given and suggested label, the most frequent first."""
        counts: dict[tuple[str | None, str | None], int] = {}
        for suspect in self.suspects:
            pair = suspect.given, suspect.suggested
            counts[pair] = counts.get(pair, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def to_text(self, width: int = 80) -> str:
        """Return the result for people, in lines of `width` characters; each list ends after 20 rows."""
        lines = self._found()
        for kind, title in _TITLES.items():
            if suspects := self._of(kind):
                lines += ["", f"{title} ({len(suspects)})", *_table(kind, suspects[:_SHOWN], width)]
                if len(suspects) > _SHOWN:
                    lines.append(f"and {len(suspects) - _SHOWN} more")
        return "\n".join(lines)

    def _found(self) -> list[str]:
        n = len(self.suspects)
        found = f"{counted(n, 'suspect label') if n else 'No suspect labels'} in {counted(self.n, 'article')}"
        about = f"{self.n_expected:.0f}"
        are = "is" if about == "1" else "are"
        expected = f"; about {about} of them {are} expected to be wrong" if n else ""
        judges = Estimate(self.macro_f1, self.macro_f1_interval)
        return [f"{found}{expected}", f"Macro F1 of the models that judge: {judges}"]

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        kinds = ", ".join(f"{len(self._of(kind))} {kind.replace('_', ' ')}" for kind in ERROR_KINDS)
        return f"Suspects({kinds}, in {counted(self.n, 'article')}, macro F1 {self.macro_f1:.3f})"

    def _repr_html_(self) -> str:
        return html_view(
            self._found(), *(_view(kind, self._of(kind)) for kind in ERROR_KINDS if self._of(kind))
        )


def suspect_labels(
    articles: Iterable[TextInput],
    result: TrainingResult | None = None,
    *,
    labels: Iterable[object] | None = None,
    settings: TrainingSettings | None = None,
    min_probability: float = MIN_PROBABILITY,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
) -> Suspects:
    """Find the labels of a training corpus that are probably wrong.

    Every article is judged by a model that has seen neither it nor a copy of it. From these models'
    probabilities and the given labels, `topicml.lifecycle.label_errors` estimates for each article how
    probable an error is: a label in place of another or, in a multilabel corpus, one too many or one
    missing. On data with planted errors the estimate was more often too low than too high.

    A suspicion is a question for a person. A label that is wrong in most articles of a kind is learned as
    right and not found.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled.
    result : TrainingResult, optional
        Result of training on exactly these articles; by default models are trained here.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    settings : TrainingSettings, optional
        Where the search for settings starts, as for `topicml.train`; with ``search="none"`` they are used as
        they are. Below 5,000 articles, models are then trained on nine in ten of the articles, unless
        `n_folds` says otherwise.
    min_probability : float, default=0.1
        Suspects with a lower probability of an error are left out; with 0 every article is listed.
    n_jobs : int, default=-1
        Processes to use. The result does not depend on it.
    progress : callable, optional
        Called with a line before each step.
    verbose : bool, default=False
        Print the steps on stderr as they begin.

    Returns
    -------
    Suspects

    Raises
    ------
    CorpusError
        If there are no articles, labels or terms to learn from.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If `result` is of other articles, both it and `settings` are given, or `min_probability` is not
        between 0 and 1.

    Examples
    --------
    >>> sport = [Article(f"cup final number {k}", labels=("sport",)) for k in range(20)]
    >>> rain = [Article(f"heavy rain warning {k}", labels=("weather",)) for k in range(20)]
    >>> wrong = Article("heavy rain warning again", labels=("sport",))
    >>> found = suspect_labels([*sport, *rain, wrong], n_jobs=1)
    >>> [(suspect.row, suspect.given, suspect.suggested) for suspect in found.wrong]
    [(41, 'sport', 'weather')]
    """
    listed = as_articles(articles, labels)
    if not 0 <= number("min_probability", min_probability) <= 1:
        raise TopicmlValueError(f"min_probability must be between 0 and 1, found {min_probability}")
    if result is None:
        result = _trained(listed, settings, n_jobs=n_jobs, report=Steps.of(progress, verbose=verbose))
    elif settings is not None:
        raise TopicmlValueError("give settings or a result, not both: settings are for training")
    _check_same(listed, result)
    model = result.classifier
    held_out = np.flatnonzero(result.folds >= 0)
    Y = encode_labels([listed[row] for row in held_out.tolist()], model.classes_)
    errors = estimate_label_errors(Y, result.probabilities, multilabel=model.multilabel)
    found = (_suspect(listed, int(row), k, errors, result) for k, row in enumerate(held_out.tolist()))
    kept = [suspect for suspect in found if suspect.error_probability >= min_probability]
    return Suspects(
        n=len(held_out),
        n_labels=Y.size if model.multilabel else len(held_out),
        macro_f1=result.scores.macro_f1,
        macro_f1_interval=result.scores.intervals.get("macro_f1"),
        shares=dict(zip(ERROR_KINDS, errors.shares.tolist(), strict=True)),
        suspects=tuple(
            sorted(kept, key=lambda suspect: (ERROR_KINDS.index(suspect.kind), -suspect.error_probability))
        ),
    )


def _trained(
    articles: Sequence[Article],
    settings: TrainingSettings | None,
    *,
    n_jobs: int,
    report: Steps,
) -> TrainingResult:
    """Train by the settings that `train` would choose, on as many articles at a time as is affordable."""
    report("choosing settings")
    chosen = choose_settings(articles, as_settings(settings).without_promises(), n_jobs=n_jobs)
    if chosen.n_folds is None and len(articles) < _FEW_ARTICLES:
        chosen = replace(chosen, n_folds=_MANY_FOLDS)
    return train(articles, settings=chosen, n_jobs=n_jobs, progress=report)


def _check_same(articles: Sequence[Article], result: TrainingResult) -> None:
    trained_on = result.classifier.classes_
    labels = {label for article in articles for label in article.labels or ()}
    if len(result.folds) != len(articles) or labels != set(trained_on):
        raise TopicmlValueError(
            f"the result comes from {len(result.folds)} articles with the labels {list(trained_on)!r}, found "
            f"{len(articles)} articles with {sorted(labels)!r}: give the articles that it was trained on"
        )


def _suspect(
    articles: Sequence[Article], row: int, k: int, errors: LabelErrors, result: TrainingResult
) -> Suspect:
    """Name the error that is the most probable one in an article, the k-th of those judged."""
    best = int(errors.probabilities[k].argmax())
    kind, article, classes = ERROR_KINDS[best], articles[row], result.classifier.classes_
    out, in_place = int(errors.least_given[k]), int(errors.most_missing[k])
    p_out, p_in = result.probabilities[k, [out, in_place]].tolist()
    chances = {"wrong": (p_in, p_out), "one_too_many": (1 - p_out, p_out), "missing": (p_in, 1 - p_in)}
    return Suspect(
        row,
        place_of(article, row),
        None if kind == "missing" else classes[out],
        None if kind == "one_too_many" else classes[in_place],
        *chances[kind],
        kind,
        float(errors.probabilities[k, best]),
        article.id,
        shortened(article.title, _EXCERPT),
        shortened(article.text, _EXCERPT),
    )


def write_suspects(found: Suspects, path: str | Path) -> None:
    """Write suspects as CSV, gzipped if the name says so: a row for each, with a header.

    The last column, ``decision``, is empty. A person writes into it ``keep`` (the labels are right),
    ``replace`` (the given label by the suggested one), ``remove`` (the given label), ``add`` (the suggested
    one), ``skip`` (undecided) or the name of the label that belongs in the place of the given one.
    `topicml.read_decisions` reads the file back, and `topicml.relabel` follows the decisions.

    Probabilities have four digits. The file begins with a byte order mark, so that spreadsheets read it as
    UTF-8. Text that a spreadsheet would run as a formula begins with an apostrophe.

    Raises
    ------
    TopicmlError
        If the file cannot be written.
    """
    with open_output(Path(path)) as stream:
        rows = ([*(_cell(row[name]) for name in _COLUMNS), ""] for row in found.rows())
        spreadsheet_rows(stream, [*_COLUMNS, "decision"], rows)


def _row(suspect: Suspect) -> dict[str, Any]:
    return {"row": suspect.row, **asdict(suspect)}


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _cells(kind: ErrorKind, suspects: Sequence[Suspect]) -> list[list[str]]:
    """Return the cells of a list, the header first and the article last."""
    labels = ("given", "suggested") if kind == "wrong" else ("suggested" if kind == "missing" else "given",)
    rows = [["row", "id", "error", *labels, "article"]]
    for suspect in suspects:
        named = [(suspect.given if name == "given" else suspect.suggested) or "" for name in labels]
        rows.append(
            [str(suspect.row), suspect.id or "", f"{suspect.error_probability:.0%}", *named, suspect.excerpt]
        )
    return rows


def _table(kind: ErrorKind, suspects: Sequence[Suspect], width: int) -> list[str]:
    """Return a list as lines of `width` characters, with labels and articles cut only as far as needed."""
    cells = _cells(kind, suspects)
    right = [True, False, True, *[False] * (len(cells[0]) - 3)]
    for row in cells:
        row[1] = shortened(row[1], _LONGEST_ID)
    for_labels = width - _taken([row[:3] for row in cells]) - _NARROWEST
    widest = max(for_labels // (len(cells[0]) - 4) - 2, _NARROWEST // 2)
    for row in cells:
        row[3:-1] = [shortened(cell, widest) for cell in row[3:-1]]
    for_article = max(width - _taken([row[:-1] for row in cells]), _NARROWEST // 2)
    for row in cells:
        row[-1] = shortened(row[-1], for_article)
    return table_lines(cells, right=right)


def _taken(rows: Sequence[Sequence[str]]) -> int:
    """Return how many characters columns take, with the blanks behind the last one; the header is ASCII."""
    return len(table_lines([[*row, "|"] for row in rows], right=[False] * (len(rows[0]) + 1))[0]) - 1


def _view(kind: ErrorKind, suspects: Sequence[Suspect]) -> Table:
    cells = [[*row[:-1], shortened(row[-1], _IN_NOTEBOOKS)] for row in _cells(kind, suspects[:_SHOWN])]
    right = (True, False, True, *[False] * (len(cells[0]) - 3))
    more = f", the first {_SHOWN} are shown" if len(suspects) > _SHOWN else ""
    return Table(f"{_TITLES[kind]} ({len(suspects)}{more})", tuple(map(tuple, cells)), right, 40)
