"""A corpus in parts: one to train on, one to test on, and no story in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from topicml.article import Article, Corpus
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted, wrapped
from topicml.model.inputs import as_articles
from topicml.near_duplicates import group_near_duplicates
from topicml.split_rules import PARTS, Part, Parted, Undated, by_chance, by_field, by_own_split, by_time


@dataclass(frozen=True, slots=True)
class Split:
    """A corpus in parts.

    Parameters
    ----------
    train, validation, test : Corpus
        In the order of the input. The validation part is empty unless the data itself names one.
    part_of : tuple of {"train", "validation", "test"} or None
        The part of each article of the input; None for one that was left out.
    groups : tuple of int
        The story of each article of the input: copies share a number.
    rule : str
        How the parts were made, in words.
    notes : tuple of str
        What a person should know: labels with no test documents, copies that decided, what was left out.
    """

    train: Corpus
    validation: Corpus
    test: Corpus
    part_of: tuple[Part | None, ...]
    groups: tuple[int, ...]
    rule: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return the rule, how many articles each part has, and the notes; a line each, wrapped."""
        sizes = [(part, len(getattr(self, part))) for part in PARTS]
        told = ", ".join(f"{part}: {counted(size, 'article')}" for part, size in sizes if size)
        left_out = self.part_of.count(None)
        lines = [self.rule, f"{told}, left out: {left_out}" if left_out else told]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(line for text in lines for line in wrapped(text, hanging="  "))


def split_corpus(
    articles: Iterable[Article],
    *,
    by: str = "random",
    test_size: float = 0.2,
    test_value: str | None = None,
    undated: Undated = "error",
    random_state: int = 0,
) -> Split:
    """Part a corpus, so that a model can be measured on articles that it was not trained on.

    Copies of one story are never parted, save by a split that the data itself holds.

    Parameters
    ----------
    articles : Corpus or iterable of Article
    by : str, default="random"
        - ``"random"``: by chance, each label by its share, whether articles bear one label or several.
          A label of one document stays in training; one of two or more is in both parts.
        - ``"time"``: the latest articles are for test, by the instant of their `date`. A date without
          a zone is taken as UTC, a day as its start. Articles of one instant are not parted, so the
          cut is the one nearest to `test_size`. A story is dated by its earliest copy: a later one is
          in training, too.
        - ``"split"``: by the articles' own field of that name, which says train (training), validation
          (valid, val, dev, development) or test (testing), in any case. It is followed to the letter;
          copies in two parts are noted.
        - any other field, ``"source"`` or one of the metadata: articles whose field is `test_value`
          are for test. A story that others have, too, is in training.
    test_size : float, default=0.2
        Share of the articles that are for test, for ``"random"`` and ``"time"``.
    test_value : str, optional
        The value of the field that is for test.
    undated : {"error", "drop", "train"}, default="error"
        What becomes of articles without a date that can be read, for ``"time"``.
    random_state : int, default=0

    Returns
    -------
    Split

    Raises
    ------
    CorpusError
        If a part would be empty, a date cannot be read, or a field or its value is not there or unknown.
    TopicmlTypeError
        If one of the values is no Article.
    TopicmlValueError
        If an argument is impossible.

    Examples
    --------
    >>> days = [Article(f"Day {day}", labels=("news",), date=f"2024-05-{day}") for day in range(10, 20)]
    >>> split = split_corpus(days, by="time", test_size=0.3)
    >>> [article.date for article in split.test]
    ['2024-05-17', '2024-05-18', '2024-05-19']
    >>> split.rule
    'by time: for test is what is dated from 2024-05-17 on'
    """
    multilabel = isinstance(articles, Corpus) and articles.multilabel
    articles = as_articles(articles)
    _check_arguments(articles, by, test_size, test_value, undated)
    groups = group_near_duplicates([article.full_text for article in articles], n_jobs=-1)
    if by == "random":
        parted = by_chance(articles, groups, test_size, random_state)
    elif by == "time":
        parted = by_time(articles, groups, test_size, undated)
    elif by == "split" and test_value is None:
        parted = by_own_split(articles, groups)
    else:
        parted = by_field(articles, groups, by, test_value)
    corpora = _corpora(articles, parted, multilabel=multilabel)
    return Split(
        **corpora,
        part_of=tuple(parted.part_of),
        groups=tuple(groups.tolist()),
        rule=parted.rule,
        notes=(*parted.notes, *_missing_labels(corpora["train"], corpora["test"])),
    )


def _check_arguments(
    articles: Sequence[Article], by: str, test_size: float, test_value: str | None, undated: str
) -> None:
    if not 0 < test_size < 1:
        raise TopicmlValueError(f"test_size must be above 0 and below 1, found {test_size!r}")
    if undated not in get_args(Undated):
        raise TopicmlValueError(f"undated must be one of {', '.join(get_args(Undated))}, found {undated!r}")
    if by in ("random", "time") and test_value is not None:
        raise TopicmlValueError(
            f"test_value goes with a field, found it with by={by!r}: name one, as by='source'"
        )
    if not articles:
        raise CorpusError("there are no articles to split")


def _corpora(articles: Sequence[Article], parted: Parted, *, multilabel: bool) -> dict[Part, Corpus]:
    several = multilabel or any(
        article.labels is not None and len(article.labels) != 1 for article in articles
    )
    corpora = {
        part: Corpus(
            tuple(article for article, own in zip(articles, parted.part_of, strict=True) if own == part),
            multilabel=several,
        )
        for part in PARTS
    }
    for part in ("train", "test"):
        if not corpora[part]:
            raise CorpusError(
                f"no article is left for {part} ({parted.rule}): choose another rule, or more articles"
            )
    return corpora


def _missing_labels(train: Corpus, test: Corpus) -> list[str]:
    in_train, in_test = train.label_counts(), test.label_counts()
    notes = []
    for part, here, there in (("test", in_test, in_train), ("training", in_train, in_test)):
        if missing := [
            f"{label} ({counted(there[label], 'document')})" for label in there if label not in here
        ]:
            notes.append(f"classes with no {part} documents: {', '.join(missing)}")
    return notes
