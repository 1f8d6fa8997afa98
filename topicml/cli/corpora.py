"""Labelled articles for a command: read and mapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.article import Article, Problem
from topicml.cli.options import MeasureName
from topicml.cli.terminal import end_line, note, remark, say
from topicml.exceptions import CorpusError, ModelFormatError
from topicml.formatting import counted, listed
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import TargetType
    from topicml.corpus.label_mapping import LabelMapping, MappedArticles
    from topicml.metrics.names import Measure
    from topicml.model.record import ArchiveSource
    from topicml.reading.corpus import Corpus
    from topicml.training.settings import TrainingSettings

_LISTED = 5
SettingsOf = Annotated[
    Path | None,
    typer.Option("--model", "-m", help="Use this model's settings (default: those that train would choose)."),
]
MeasureOf = Annotated[
    MeasureName | None,
    typer.Option("--measure", help="Measure to use (default: macro_f1, or the model's).", show_default=False),
]


def read_labelled(
    data: Sequence[Path],
    reading: ReadOptions,
    *,
    label_mapping: Path | None,
    skip_bad_rows: bool,
    target: TargetType | None,
    keep_empty: bool = False,
) -> tuple[Corpus, LabelMapping]:
    """Read labelled articles under a label mapping; without a target type the corpus has its own."""
    from topicml.reading.readers import read_corpus

    corpus = read_corpus(
        *data, options=reading, labelled=True, keep_empty=keep_empty, skip_bad_rows=skip_bad_rows
    )
    return mapped(corpus, label_mapping, multilabel=None if target is None else target == "multilabel")


def read_archive(
    source: ArchiveSource, data: Sequence[Path], reading: ReadOptions, *, skip_bad_rows: bool
) -> list[Article]:
    """Read unlabelled articles: those of the archive's files, and rows of the data that have no label."""
    from topicml.reading.readers import read_corpus

    if source.rows_without_label and Path("-") in data:
        raise CorpusError("rows without a label cannot be used from stdin, which is read once: name a file")
    files = [Path(file) for file in source.files]
    found: list[Article] = []
    if files:
        found += read_corpus(*files, options=reading.without_labels(), skip_bad_rows=skip_bad_rows)
    if source.rows_without_label:
        rows = read_corpus(*data, options=reading, skip_bad_rows=skip_bad_rows)
        found += [article for article in rows if article.labels is None]
    return [article for article in found if article.full_text.strip()]


def mapped(
    corpus: Corpus, file: Path | None, *, multilabel: bool | None = None
) -> tuple[Corpus, LabelMapping]:
    """Return the corpus with its labels mapped, and the mapping; say what changed.

    Articles that this leaves out are among the problems. `multilabel` is None where the corpus decides.
    """
    from topicml.corpus.label_mapping import LabelMapping, read_label_mapping
    from topicml.reading.corpus import Corpus

    if file is None:
        return corpus, LabelMapping()
    mapping = read_label_mapping(file)
    found = mapping.apply(corpus, multilabel=corpus.multilabel if multilabel is None else multilabel)
    end_line()
    _say_what_changed(found, file)
    if corpus.articles and not found.articles:
        raise CorpusError(f"{file}: no article is left: every label is dropped")
    left_out = tuple(_left_out(article, file) for article in found.left_out)
    several = corpus.multilabel or bool(found.parents_added)
    return Corpus(found.articles, corpus.problems + left_out, several), mapping


def _left_out(article: Article, file: Path) -> Problem:
    labels = article.labels or ()
    named = listed(map(repr, labels), _LISTED)
    which = f"its only label, {named}, is" if len(labels) == 1 else f"its labels, {named}, are"
    return Problem(
        "labels dropped",
        f"{which} dropped by {file}; it is left out",
        article.origin or article.id or "?",
        fatal=False,
    )


def _say_what_changed(found: MappedArticles, file: Path) -> None:
    for done, counts in (
        ("renamed", found.renamed),
        ("dropped", found.dropped),
        ("added as parents", found.parents_added),
    ):
        if counts:
            remark(f"labels {done}: {_listed(f'{label!r} ({count})' for label, count in counts.items())}")
    if found.n_unlabelled:
        say(f"{counted(found.n_unlabelled, 'article')} kept without a label: all their labels are dropped")
    if found.unused:
        note(f"{file} names labels that no article has: {_listed(map(repr, found.unused))}")


def _listed(names: Iterable[str]) -> str:
    return listed(names, _LISTED)


def settings_for(
    corpus: Corpus,
    model: Path | None,
    *,
    target: TargetType | None,
    measure: Measure | None = None,
    random_state: int,
) -> TrainingSettings:
    """Return the settings to measure with: those of a model, or those from which train begins its search."""
    from topicml.model.record import TrainingRecord
    from topicml.predict import load_model
    from topicml.training.settings import TrainingSettings

    if model is None:
        kind = target or ("multilabel" if corpus.multilabel else None)
        return TrainingSettings(target_type=kind, measure=measure or "macro_f1", random_state=random_state)
    classifier = load_model(model)
    found = TrainingRecord.read(classifier.provenance).settings
    if found is None:
        raise ModelFormatError(
            f"{model}: the model does not record its settings; leave out --model to search for settings"
        )
    chosen = TrainingSettings.recorded(found)
    return replace(
        chosen,
        search="none",
        max_size=None,  # what it led to is among the others
        target_type=target or classifier.target_type,
        measure=measure or chosen.measure,
        random_state=random_state,
    )
