"""Put news articles into sections: train, predict, explain, evaluate.

The names below are imported when they are first used, so that prediction does not pay for training:
``import topicml.predict`` takes NumPy and the standard library only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Article": "article",
    "Backtest": "lifecycle.backtest",
    "Comparison": "evaluation.comparison",
    "Corpus": "reading.corpus",
    "Decision": "lifecycle.decisions",
    "Errors": "evaluation.mistakes",
    "Evaluation": "evaluation.result",
    "Explanation": "model.explanation",
    "FittedClassifier": "model.classifier",
    "LearningCurve": "lifecycle.learning_curve",
    "Prediction": "model.prediction",
    "Predictions": "model.predictions",
    "ReadOptions": "reading.columns",
    "Relabelled": "lifecycle.relabel",
    "RetrainingResult": "lifecycle.retraining",
    "Split": "corpus.splitting",
    "Suggestion": "lifecycle.suggestions",
    "Suggestions": "lifecycle.suggestions",
    "Suspects": "lifecycle.suspects",
    "Task": "lifecycle.decisions",
    "TopicClassifier": "interop.estimator",
    "TopicmlError": "exceptions",
    "TrainingResult": "training.train",
    "TrainingSettings": "training.settings",
    "UnmeasuredResult": "training.seeded_model",
    "Watch": "lifecycle.watch_result",
    "backtest": "lifecycle.backtest",
    "bring_back": "lifecycle.previous_models",
    "compare": "evaluation.comparison",
    "evaluate": "evaluation.evaluate",
    "export_model": "interop.pipeline",
    "find_errors": "evaluation.mistakes",
    "learning_curve": "lifecycle.learning_curve",
    "load_model": "predict",
    "read_corpus": "reading.readers",
    "read_decisions": "lifecycle.decision_files",
    "read_pages": "pages.collecting",
    "relabel": "lifecycle.relabel",
    "retrain": "lifecycle.retraining",
    "save_model": "training.saving",
    "split_corpus": "corpus.splitting",
    "suggest": "lifecycle.suggest",
    "suspect_labels": "lifecycle.suspects",
    "to_onnx": "interop.onnx_export",
    "to_sklearn": "interop.pipeline",
    "train": "training.train",
    "watch": "lifecycle.watch",
    "write_corpus": "lifecycle.corpus_file",
    "write_report": "evaluation.report.page",
    "write_tasks": "lifecycle.decisions",
    "write_watch_report": "lifecycle.watch_report",
    "__version__": "version",
}

_DOORS = ("batch", "predict")  # modules that need no import of their own

__all__ = [  # kept equal to the keys above by a test; checkers want it spelled out
    "Article",
    "Backtest",
    "Comparison",
    "Corpus",
    "Decision",
    "Errors",
    "Evaluation",
    "Explanation",
    "FittedClassifier",
    "LearningCurve",
    "Prediction",
    "Predictions",
    "ReadOptions",
    "Relabelled",
    "RetrainingResult",
    "Split",
    "Suggestion",
    "Suggestions",
    "Suspects",
    "Task",
    "TopicClassifier",
    "TopicmlError",
    "TrainingResult",
    "TrainingSettings",
    "UnmeasuredResult",
    "Watch",
    "backtest",
    "bring_back",
    "compare",
    "evaluate",
    "export_model",
    "find_errors",
    "learning_curve",
    "load_model",
    "read_corpus",
    "read_decisions",
    "read_pages",
    "relabel",
    "retrain",
    "save_model",
    "split_corpus",
    "suggest",
    "suspect_labels",
    "to_onnx",
    "to_sklearn",
    "train",
    "watch",
    "write_corpus",
    "write_report",
    "write_tasks",
    "write_watch_report",
]

if TYPE_CHECKING:
    from topicml.article import Article
    from topicml.corpus.splitting import Split, split_corpus
    from topicml.evaluation.comparison import Comparison, compare
    from topicml.evaluation.evaluate import evaluate
    from topicml.evaluation.mistakes import Errors, find_errors
    from topicml.evaluation.report.page import write_report
    from topicml.evaluation.result import Evaluation
    from topicml.exceptions import TopicmlError
    from topicml.interop.estimator import TopicClassifier
    from topicml.interop.onnx_export import to_onnx
    from topicml.interop.pipeline import export_model, to_sklearn
    from topicml.lifecycle.backtest import Backtest, backtest
    from topicml.lifecycle.corpus_file import write_corpus
    from topicml.lifecycle.decision_files import read_decisions
    from topicml.lifecycle.decisions import Decision, Task, write_tasks
    from topicml.lifecycle.learning_curve import LearningCurve, learning_curve
    from topicml.lifecycle.previous_models import bring_back
    from topicml.lifecycle.relabel import Relabelled, relabel
    from topicml.lifecycle.retraining import RetrainingResult, retrain
    from topicml.lifecycle.suggest import suggest
    from topicml.lifecycle.suggestions import Suggestion, Suggestions
    from topicml.lifecycle.suspects import Suspects, suspect_labels
    from topicml.lifecycle.watch import watch
    from topicml.lifecycle.watch_report import write_watch_report
    from topicml.lifecycle.watch_result import Watch
    from topicml.model.classifier import FittedClassifier
    from topicml.model.explanation import Explanation
    from topicml.model.prediction import Prediction
    from topicml.model.predictions import Predictions
    from topicml.pages.collecting import read_pages
    from topicml.predict import load_model
    from topicml.reading.columns import ReadOptions
    from topicml.reading.corpus import Corpus
    from topicml.reading.readers import read_corpus
    from topicml.training.saving import save_model
    from topicml.training.seeded_model import UnmeasuredResult
    from topicml.training.settings import TrainingSettings
    from topicml.training.train import TrainingResult, train
    from topicml.version import __version__ as __version__


def __getattr__(name: str) -> Any:  # noqa: ANN401  (PEP 562: whatever the name stands for)
    if name in _DOORS:
        return import_module(f"topicml.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'topicml' has no attribute {name!r}")
    try:
        home = import_module(f"topicml.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        from topicml.exceptions import MissingExtraError  # noqa: PLC0415  (importing topicml imports nothing)

        advice = f"needs {error.name}, which an install without dependencies lacks: pip install topicml"
        raise MissingExtraError(f"topicml.{name} {advice}") from error
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_DOORS})
