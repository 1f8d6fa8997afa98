"""How training fills a model's record."""

from __future__ import annotations

import os
import platform
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, Problem, corpus_fingerprint
from topicml.corpus.label_conflicts import summarize_copies
from topicml.corpus.rare_labels import FrequentLabels
from topicml.corpus.targets import Targets
from topicml.exceptions import TopicmlValueError
from topicml.model.record import (
    CalibrationErrors,
    RecordedArchive,
    RecordedLabelPromise,
    RecordedPromisedScores,
    RecordedScores,
    RecordedSizeCost,
    RecordedThreshold,
    RowCounts,
    TrainingRecord,
    TriedSettings,
)
from topicml.model.record_values import read_as
from topicml.training.decision_rule import DecisionRule
from topicml.training.settings import TrainingSettings
from topicml.training.size_budget import SizeCost
from topicml.training.tuning import Trial
from topicml.version import __version__

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
_PACKAGES = ("numpy", "scipy", "scikit-learn")


def record_of_data(
    kept: FrequentLabels,
    groups: NDArray[np.int64],
    problems: Sequence[Problem],
    given: TrainingSettings,
    trials: Sequence[Trial],
) -> TrainingRecord:
    """Return what is on record before the model is made; the settings are those that the caller gave."""
    articles = kept.articles
    return TrainingRecord(
        data_sha256=corpus_fingerprint(articles),
        n_articles=len(articles),
        dates=_dates(articles),
        created=_created(),
        rows=_rows(kept, groups, problems),
        settings_given=_on_record(given),
        tried=tuple(map(_tried, trials)),
        versions=_versions(),
    )


def record_of_archive(
    articles: Sequence[Article], settings: TrainingSettings, notes: Sequence[str]
) -> TrainingRecord:
    """Return what is on record about a model of articles without labels."""
    return TrainingRecord(
        data_sha256=corpus_fingerprint([replace(article, labels=None) for article in articles]),
        n_articles=len(articles),
        dates=_dates(articles),
        created=_created(),
        settings_given=_on_record(settings),
        settings=_on_record(settings),
        versions=_versions(),
        notes=tuple(notes),
    )


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in _PACKAGES}
    return {"topicml": __version__, "python": platform.python_version(), **packages}


def record_of_model(
    before: TrainingRecord,
    settings: TrainingSettings,
    rule: DecisionRule,
    targets: Targets,
    cost: SizeCost | None,
    notes: Sequence[str],
    archive: RecordedArchive | None = None,
) -> TrainingRecord:
    """Add what is known once the model is made."""
    promised = rule.scores_with_promises
    return replace(
        before,
        settings=_on_record(settings),
        scores_out_of_fold=read_as(RecordedScores, rule.scores.to_dict(), "scores_out_of_fold"),
        scores_with_promises=(
            None
            if promised is None
            else read_as(RecordedPromisedScores, promised.to_dict(), "scores_with_promises")
        ),
        calibration=CalibrationErrors(rule.calibration_report.before, rule.calibration_report.after),
        thresholds=_thresholds(rule, targets) if targets.multilabel else None,
        rare_labels=rule.rare_labels(targets),
        abstention=rule.abstention,
        min_precision=tuple(
            RecordedLabelPromise(one.label, one.n_given, **asdict(one.abstention))
            for one in rule.promises
            if one.label is not None
        ),
        promises=rule.notes,
        notes=tuple(notes),
        size_cost=None if cost is None else read_as(RecordedSizeCost, asdict(cost), "size_cost"),
        archive=archive,
    )


def _dates(articles: Sequence[Article]) -> tuple[str, str] | None:
    days = sorted(found[0] for article in articles if (found := _DAY.match(article.date or "")))
    return (days[0], days[-1]) if days else None


def _created() -> str | None:
    """Return the day that the caller says it is, since the clock would make other bytes each day."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise TopicmlValueError(
            f"SOURCE_DATE_EPOCH must be a number of seconds since 1970, found {seconds!r}"
        ) from None


def _rows(kept: FrequentLabels, groups: NDArray[np.int64], problems: Sequence[Problem]) -> RowCounts:
    copies = summarize_copies(kept.articles, groups)
    left_out = Counter(problem.kind for problem in problems if problem.left_out)
    if kept.n_dropped:
        left_out["label with too few articles"] = kept.n_dropped
    return RowCounts(
        used=len(kept.articles),
        left_out=left_out,
        dropped_labels=len(kept.labels) or None,
        noted=Counter(problem.kind for problem in problems if not problem.left_out),
        copies=copies.n_copies,
        copied_texts=copies.n_groups,
        conflicts=len(copies.conflicts),
    )


def _on_record(settings: TrainingSettings) -> dict[str, Any]:
    return {**asdict(settings), "features": settings.features.content()}


def _tried(trial: Trial) -> TriedSettings:
    settings = trial.settings
    value: dict[str, Any] = {settings.measure: trial.value}
    return TriedSettings(
        stage=trial.stage,
        n_articles=trial.n_articles,
        n_held_out=trial.n_held_out,
        max_terms=settings.max_terms,
        pruned_to=settings.pruned_to,
        C=settings.solver.C,
        class_weight=settings.solver.weighting,
        **settings.features.content(),
        **value,
    )


def _thresholds(rule: DecisionRule, targets: Targets) -> dict[str, RecordedThreshold]:
    low, high = rule.threshold_range.tolist()
    chosen = rule.thresholds.tolist()
    return {
        label: RecordedThreshold(chosen[k], (low[k], high[k])) for k, label in enumerate(targets.classes_)
    }
