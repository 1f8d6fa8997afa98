"""Split a corpus into training, validation and test articles, and write them to files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import number
from topicml.article import Article, place_of
from topicml.corpus.fields import field_values, parse_instant
from topicml.corpus.near_duplicates import group_near_duplicates
from topicml.corpus.stratification import draw_part
from topicml.corpus.targets import encode_labels
from topicml.displays.tables import html_view, table_of_rows
from topicml.exceptions import CorpusError, TopicmlError, TopicmlValueError
from topicml.files import open_output
from topicml.formatting import counted, listed, wrapped
from topicml.model.inputs import TextInput, as_articles, as_texts
from topicml.reading.corpus import Corpus
from topicml.reading.writing import article_line

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
Undated = Literal["error", "drop", "train"]

_SPELLINGS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_RULES = ("random", "time")
_LISTED = 20
_NAMED = 5  # in a note
_BEFORE_ALL = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Split:
    """A corpus split for training and testing.

    Parameters
    ----------
    train, validation, test : Corpus
        In the order of the input. `validation` is empty unless the data itself names one.
    part_of : tuple of {"train", "validation", "test"} or None
        Where each article of the input went; None for one that was left out.
    groups : tuple of int
        The story of each article of the input: copies share a number.
    rule : str
        How the split was made, in words.
    notes : tuple of str
        Remarks for the reader: labels with no test documents, copies that decided, articles left out.
    """

    train: Corpus
    validation: Corpus
    test: Corpus
    part_of: tuple[Part | None, ...]
    groups: tuple[int, ...]
    rule: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Split({self._sizes()})"

    def _repr_html_(self) -> str:
        rows = [
            {"part": part, "articles": len(corpus), "labels": len(corpus.label_counts())}
            for part in PARTS
            if (corpus := getattr(self, part))
        ]
        return html_view([self.rule, *self.notes], table_of_rows("Parts", rows))

    def _sizes(self) -> str:
        sizes = [(part, len(getattr(self, part))) for part in PARTS]
        told = ", ".join(f"{part}: {counted(size, 'article')}" for part, size in sizes if size)
        left_out = self.part_of.count(None)
        return f"{told}, left out: {left_out}" if left_out else told

    def __str__(self) -> str:
        """Return the rule, how many articles each part has, and the notes; a line each, wrapped."""
        lines = [self.rule, self._sizes()]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(line for text in lines for line in wrapped(text, hanging="  "))


def split_corpus(
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    by: str = "random",
    test_size: float = 0.2,
    test_value: str | None = None,
    undated: Undated = "error",
    random_state: int = 0,
) -> Split:
    """Split a corpus, so that a model can be measured on articles that it was not trained on.

    Copies of one story stay together, except in a split that the data itself defines.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        A Corpus or a list.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    by : str, default="random"
        - ``"random"``: at random, with each label's share kept, whether articles have one label or several.
          A label of one document stays in training; one of two or more is in both parts.
        - ``"time"``: the latest articles are for test, by the instant of their `date`. A date without
          a zone is taken as UTC, a day as its start. Articles of one instant stay together, so the
          cut is the one nearest to `test_size`. A story is dated by its earliest copy: a later one is
          in training, too.
        - ``"split"``: by the articles' own field of that name, which says train (training), validation
          (valid, val, dev, development) or test (testing), in any case. It is followed to the letter;
          copies in two parts are noted.
        - any other field, ``"source"`` or one of the metadata: articles whose field is `test_value`
          are for test. A story that others also have is in training.
    test_size : float, default=0.2
        Share of the articles that are for test, for ``"random"`` and ``"time"``.
    test_value : str, optional
        The value of the field that is for test.
    undated : {"error", "drop", "train"}, default="error"
        Where articles without a readable date go, for ``"time"``.
    random_state : int, default=0
        Random seed.

    Returns
    -------
    Split

    Raises
    ------
    CorpusError
        If one side would be empty, a date cannot be read, or a field or its value is missing or unknown.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If an argument is impossible.

    Examples
    --------
    >>> days = [Article(f"Day {day}", labels=("news",), date=f"2024-05-{day}") for day in range(10, 20)]
    >>> split = split_corpus(days, by="time", test_size=0.3)
    >>> [article.date for article in split.test]
    ['2024-05-17', '2024-05-18', '2024-05-19']
    >>> split.rule
    'by time: articles dated 2024-05-17 or later are for testing'
    """
    multilabel = isinstance(articles, Corpus) and articles.multilabel
    articles = as_articles(articles, labels)
    _check_arguments(articles, by, test_size, test_value, undated)
    groups = group_near_duplicates(list(as_texts(articles)), n_jobs=-1)
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
    if not 0 < number("test_size", test_size) < 1:
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
            f"{label} ({counted(there[label], 'article')})" for label in there if label not in here
        ]:
            notes.append(f"labels without an article for {part}: {listed(missing, _NAMED)}")
    return notes


@dataclass(frozen=True, slots=True)
class Parted:
    """What a rule says: the part of each article, None for one that is left out, the rule in words, notes."""

    part_of: Sequence[Part | None]
    rule: str
    notes: tuple[str, ...] = ()


def by_chance(
    articles: Sequence[Article], groups: NDArray[np.int64], test_size: float, random_state: int
) -> Parted:
    """Draw each label's share; copies stay together."""
    classes = sorted({label for article in articles for label in article.labels or ()})
    drawn = draw_part(encode_labels(articles, classes), groups, share=test_size, random_state=random_state)
    return Parted(
        _train_or_test(drawn),
        f"by chance: {test_size:.4g} of each label for testing, random state {random_state}",
    )


def by_time(
    articles: Sequence[Article], groups: NDArray[np.int64], test_size: float, undated: Undated
) -> Parted:
    """Put the latest stories in the test part."""
    instants = [parse_instant(article.date or "") for article in articles]
    missing = [row for row, instant in enumerate(instants) if instant is None]
    if missing and undated == "error":
        raise CorpusError(_undated_message(articles, missing))
    dated = np.array([_BEFORE_ALL if instant is None else instant for instant in instants], np.int64)
    kept = np.ones(len(articles), bool)
    if undated == "drop":
        kept[missing] = False
    story = _earliest(np.where(kept, dated, np.iinfo(np.int64).max), groups)
    cut = _cut(dated[kept & (dated > _BEFORE_ALL)], story[kept], test_size)
    for_test = story >= cut
    first = min(
        article.date or "" for article, instant in zip(articles, instants, strict=True) if instant == cut
    )
    late = int((kept & ~for_test & (dated >= cut)).sum())
    notes = [undated_note(articles, missing, undated)] if missing else []
    if late:
        notes.append(f"{counted(late, 'article')} dated after the cut went to training with an earlier copy")
    parts = [
        part if keep else None for part, keep in zip(_train_or_test(for_test), kept.tolist(), strict=True)
    ]
    return Parted(parts, f"by time: articles dated {first} or later are for testing", tuple(notes))


def _earliest(instants: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Date each story by its earliest copy."""
    earliest = np.full(groups.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(earliest, groups, instants)
    return earliest[groups]


def _cut(instants: NDArray[np.int64], story: NDArray[np.int64], test_size: float) -> int:
    """Return the instant, of those that part the stories, that leaves the share nearest to the one wanted."""
    begins = np.unique(story)
    begins = begins[begins > _BEFORE_ALL]
    if not (story == _BEFORE_ALL).any():
        begins = begins[1:]  # with all in the test part nothing would be left to train on
    if not len(begins):
        found = "one instant" if len(instants) else "no date"
        raise CorpusError(
            f"a split by time needs stories with two dates or more, found {found}: split by chance"
        )
    n_test = len(story) - np.searchsorted(np.sort(story), begins)
    # Of two that are as near, the later: fewer articles for test, more to learn from.
    return int(begins[::-1][np.abs(n_test - test_size * len(story))[::-1].argmin()])


def _undated_message(articles: Sequence[Article], missing: Sequence[int]) -> str:
    dates = (f"  {place_of(articles[row], row)}: date {articles[row].date or ''!r}" for row in missing)
    return "\n".join(
        [
            f"{counted(len(missing), 'article')} without a readable date; expected ISO 8601, as "
            "2024-03-31 or 2024-03-31T01:30:00+01:00:",
            listed(dates, _LISTED, between="\n", more="\n  and {} more"),
            "mend them, or say undated='drop' or undated='train' (--undated drop, --undated train)",
        ]
    )


def undated_note(articles: Sequence[Article], missing: Sequence[int], undated: Undated) -> str:
    """Say which articles have no date that can be read, and what became of them."""
    done = "left out" if undated == "drop" else "taken as older than all others, so in training"
    places = listed((place_of(articles[row], row) for row in missing), _NAMED, more=", ...")
    return f"{counted(len(missing), 'article')} without a readable date, {done}: {places}"


def by_own_split(articles: Sequence[Article], groups: NDArray[np.int64]) -> Parted:
    """Take each article's part from its field ``split``."""
    values = field_values(articles, "split", others=_RULES)
    parts = [_SPELLINGS.get(value.strip().casefold()) for value in values]
    unknown = Counter(value for value, part in zip(values, parts, strict=True) if part is None)
    if unknown:
        found = (f'"{value}" ({counted(count, "row")})' for value, count in sorted(unknown.items()))
        raise CorpusError(
            f"unknown split value {listed(found, _LISTED)}; expected one of "
            f"{', '.join(_SPELLINGS)}, in any case"
        )
    in_training = {group for group, part in zip(groups.tolist(), parts, strict=True) if part == "train"}
    notes = []
    for part in ("validation", "test"):
        of_part = groups[[own == part for own in parts]].tolist()
        if seen := sum(group in in_training for group in of_part):
            notes.append(f"{seen:,} of {len(of_part):,} {part} articles are also in training")
    return Parted(parts, "by the data's own field 'split'", tuple(notes))


def by_field(
    articles: Sequence[Article], groups: NDArray[np.int64], field: str, test_value: str | None
) -> Parted:
    """Put the articles that have one value of a field in the test part."""
    values = field_values(articles, field, others=_RULES)
    counts = Counter(values)
    if test_value is None or test_value not in counts:
        found = (f"{value!r} ({counted(count, 'row')})" for value, count in counts.most_common())
        wanted = "name the value" if test_value is None else f"no article has the value {test_value!r}"
        raise CorpusError(
            f"a split by {field!r} needs one value for testing: {wanted}, test_value=... (--test-value); "
            f"found {listed(found, _LISTED, more=', and {} more values')}"
        )
    chosen = np.array([value == test_value for value in values])
    elsewhere = np.isin(groups, groups[~chosen])
    shared = int((chosen & elsewhere).sum())
    note = f"{counted(shared, 'article')} of {test_value!r} went to training: other values have copies"
    return Parted(
        _train_or_test(chosen & ~elsewhere),
        f"by the field {field!r}: {test_value!r} is for testing",
        (note,) if shared else (),
    )


def _train_or_test(for_test: NDArray[np.bool_]) -> list[Part | None]:
    return ["test" if drawn else "train" for drawn in for_test.tolist()]


def split_paths(folder: Path) -> tuple[Path, ...]:
    """Return the files that a split may have in a folder.

    >>> [path.name for path in split_paths(Path("parts"))]
    ['train.jsonl', 'validation.jsonl', 'test.jsonl']
    """
    return tuple(folder / f"{part}.jsonl" for part in PARTS)


def write_split(split: Split, folder: str | Path) -> list[Path]:
    """Write ``train.jsonl``, ``test.jsonl`` and, if there is such a part, ``validation.jsonl``.

    `topicml.read_corpus` reads the same articles back, but for their `origin`. The same split gives the
    same bytes. A file takes its name when it is whole.

    Parameters
    ----------
    split : Split
        Of articles as they are read: labels without outer white space, no lone surrogates.
    folder : str or Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CorpusError
        If a metadata field has the name of another column, so that the two would be confused.
    TopicmlError
        If the folder cannot be written, or holds a part that this split does not have.
    """
    folder = Path(folder)
    parts = dict(zip(split_paths(folder), (split.train, split.validation, split.test), strict=True))
    contents = {
        path: "".join(article_line(article, label_list=corpus.multilabel) for article in corpus)
        for path, corpus in parts.items()
        if corpus
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TopicmlError(f"cannot write {folder}: {error.strerror or error}") from error
    for path, corpus in parts.items():
        if not corpus and path.exists():
            raise TopicmlError(f"{path} belongs to another split: remove it, or name another folder")
    for path, content in contents.items():
        with open_output(path) as stream:
            stream.write(content)
    return list(contents)
