"""Examples of each command and the page of the docs about it, for the end of its help."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "train": (
            "topicml train articles.jsonl --out desk",
            "topicml train archive.csv --text-column body --label-column section",
            "topicml train articles.jsonl --abstain-precision 0.9",
        ),
        "retrain": (
            "topicml retrain desk all_articles.jsonl",
            "topicml retrain desk all_articles.jsonl --test fixed_test.jsonl",
            "topicml retrain desk --undo",
        ),
        "demo": ("topicml demo", "topicml demo --write demo"),
        "predict": (
            'topicml predict --model desk --text "The central bank raised its rate."',
            "topicml predict --model desk articles.jsonl --out predicted.csv",
            "cat articles.jsonl | topicml predict --model desk -",
        ),
        "explain": (
            'topicml explain --model desk --text "The central bank raised its rate."',
            "topicml explain --model desk articles.jsonl --label Economy",
        ),
        "serve": (
            "topicml serve desk",
            "topicml serve sport=models/sport models/economy --port 9000",
            "topicml serve desk --host 0.0.0.0 --api-key-file keys.txt",
        ),
        "show": ("topicml show desk", "topicml show desk --top-terms 10"),
        "export": (
            "topicml export desk --to onnx --out desk.onnx",
            "topicml export desk --to sklearn --out desk.joblib",
        ),
        "evaluate": (
            "topicml evaluate desk test.jsonl",
            "topicml evaluate desk test.jsonl --by source --by year --all",
            "topicml evaluate desk test.jsonl --report report.html",
        ),
        "errors": ("topicml errors desk test.jsonl", "topicml errors desk test.jsonl --top 50"),
        "compare": (
            "topicml compare old_desk new_desk test.jsonl",
            "topicml compare old_desk new_desk test.jsonl --fail-if-worse",
        ),
        "watch": (
            "topicml watch desk this_week.jsonl",
            "topicml watch desk archive.jsonl --since 2024-03-01 --report watch.html",
        ),
        "backtest": ("topicml backtest articles.jsonl", "topicml backtest articles.jsonl --window 30"),
        "learning-curve": (
            "topicml learning-curve articles.jsonl",
            "topicml learning-curve articles.jsonl --halvings 3 --folds 10",
        ),
        "collect": (
            "topicml collect saved_pages --out articles.jsonl",
            "topicml collect crawl.warc.gz --out articles.jsonl --labels-from jsonld,url",
        ),
        "check": ("topicml check articles.jsonl", "topicml check archive.csv --json"),
        "labels": ("topicml labels articles.jsonl", "topicml labels articles.jsonl --out labels.toml"),
        "split": (
            "topicml split articles.jsonl --out parts",
            "topicml split articles.jsonl --out parts --by time --test-size 0.1",
        ),
        "suspects": (
            "topicml suspects articles.jsonl",
            "topicml suspects articles.jsonl --out suspects.csv",
        ),
        "suggest": (
            "topicml suggest archive.jsonl --out todo.csv",
            "topicml suggest archive.jsonl --model desk --n 100 --out todo.csv",
        ),
        "desk": (
            "topicml desk archive.jsonl --labels sport,economy --out decisions.jsonl",
            "topicml desk archive.jsonl --model desk --out decisions.jsonl --overlap 0.1",
        ),
        "relabel": (
            "topicml relabel articles.jsonl suspects.csv --out corrected.jsonl",
            "topicml relabel archive.jsonl todo.csv --out labelled.jsonl",
        ),
    }
)

DOCS: Mapping[str, str] = MappingProxyType(
    {
        "train": "training",
        "retrain": "retraining",
        "demo": "training",
        "predict": "prediction",
        "explain": "explanations",
        "serve": "serving",
        "show": "models",
        "export": "export",
        "evaluate": "evaluation",
        "errors": "errors",
        "compare": "evaluation",
        "watch": "watch",
        "backtest": "ageing",
        "learning-curve": "ageing",
        "collect": "pages",
        "check": "input",
        "labels": "labels",
        "split": "evaluation",
        "suspects": "errors",
        "suggest": "suggest",
        "desk": "desk",
        "relabel": "relabel",
    }
)
"""The page of docs/ about each command."""
