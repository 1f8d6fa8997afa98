"""``python -m benchmarks.prediction``: how fast answers come, beside all peers that are installed."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.answers import print_answer_tables
from benchmarks.by_set import SetResult, measure_set
from benchmarks.child import Usage
from benchmarks.compiled_loop import megabytes_per_second
from benchmarks.contenders import Contender, all_contenders, ratio_columns, with_ratios
from benchmarks.data_sets import DataSet, data_folder, read_data_sets
from benchmarks.machine import heading
from benchmarks.markdown import number, print_section
from benchmarks.matrix import print_matrix_table

_SETS = ("20newsgroups_bydate", "huffpost_2018_20k")  # whole posts, and headlines with a sentence
_MUCH = 1_000_000_000  # bytes of JSON Lines
_MEASURE = """
import sys, json
from dataclasses import asdict
from pathlib import Path
from benchmarks.child import run
print(json.dumps(asdict(run(sys.argv[2:], Path(sys.argv[1])))))
"""
_LIBRARIES = (
    *("topicml", "numpy", "scipy", "sklearn", "joblib"),
    *("fasttext", "vowpalwabbit", "localdesk"),
)


def main() -> None:
    """Train every contender once, and measure how it answers."""
    arguments = _parser().parse_args()
    contenders = [one for one in all_contenders() if one.name not in arguments.without]
    with TemporaryDirectory(prefix="topicml-prediction-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        results = []
        for data_set in read_data_sets([data_folder(one) for one in _SETS]):
            (folder / data_set.name).mkdir()
            results.append(
                measure_set(
                    data_set, contenders, folder / data_set.name, trainings=1, repeats=arguments.repeats
                )
            )
        if not results:
            print("There is no data to measure on.")
            return
        print(heading(_LIBRARIES))
        _print_speeds(results, contenders)
        largest = results[0]
        print_matrix_table(largest.data_set, repeats=arguments.repeats)
        _print_bound(largest.data_set)
        print_answer_tables(largest, contenders, repeats=arguments.repeats)
        if not arguments.quick:
            _print_memory(largest, folder)


def _print_speeds(results: Sequence[SetResult], contenders: Sequence[Contender]) -> None:
    columns = [contender.name for contender in contenders]
    sizes = [(result, len(result.data_set.test)) for result in results]
    print_section(
        "Prediction, documents a second (more is better)",
        ("test part", *columns, *ratio_columns(columns)),
        [
            (f"{result.data_set.name}, {n:,}", *with_ratios(result.documents_per_second, columns))
            for result, n in sizes
        ],
        note="From texts in memory to labels, all cores; topicml's answers also hold probabilities.",
    )
    print_section(
        "Accuracy of the same models (more is better)",
        ("test part", *columns),
        [
            (
                result.data_set.name,
                *(
                    f"{result.scores['accuracy'][name]:.4f}" if name in result.saved else "–"
                    for name in columns
                ),
            )
            for result in results
        ],
    )


def _print_bound(data_set: DataSet) -> None:
    speed = megabytes_per_second(data_set.train_texts())
    print_section(
        "The bound: a plain loop in C++ over the same bytes, one core",
        ("work", "MB a second"),
        [("words and pairs of words, hashed, looked up, counted", number(speed))],
        note="No weights and no Unicode: bytes that are not ASCII separate words.",
    )


def _print_memory(result: SetResult, folder: Path) -> None:
    """Predict a file of a gigabyte by the command, and say what the largest process took."""
    data, out, model = folder / "much.jsonl", folder / "out.jsonl", result.saved["topicml"]
    size = _write_much(result.data_set.test_texts(), data)
    command = [sys.executable, "-m", "topicml", "predict"]
    alone = _usage([*command, "--text", "rain", "--model", str(model)], folder / "log")
    usage = _usage([*command, str(data), "--model", str(model), "--out", str(out)], folder / "log")
    print_section(
        f"Predicting {size / 1e9:.2f} GB of JSON Lines by `topicml predict FILE --out`",
        ("seconds", "peak MB", "peak MB of answering one word", "difference"),
        [
            [
                number(usage.seconds),
                *(number(mb) for mb in (usage.largest_process / 1e6, alone.largest_process / 1e6)),
                number((usage.largest_process - alone.largest_process) / 1e6),
            ]
        ],
        left=0,
    )


def _usage(command: Sequence[str], log: Path) -> Usage:
    """Run a command from a small process: one that is started inherits the size of its parent as a peak."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(log), *command], check=True, capture_output=True, text=True
    )
    return Usage(**json.loads(done.stdout))


def _write_much(texts: Sequence[str], file: Path) -> int:
    written = row = 0
    with file.open("wb") as stream:
        while written < _MUCH:
            line = json.dumps({"id": row, "text": texts[row % len(texts)]}).encode() + b"\n"
            written += stream.write(line)
            row += 1
    return written


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prediction", description=main.__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="times each thing is measured (default: 3)")
    parser.add_argument(
        "--without",
        nargs="+",
        default=[],
        metavar="NAME",
        help="contenders to leave out: LocalDesk takes minutes",
    )
    parser.add_argument("--quick", action="store_true", help="leave the gigabyte out")
    return parser


if __name__ == "__main__":
    main()
