"""``python -m benchmarks``: topicml beside its peers, as Markdown tables on standard output."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.answers import print_answer_tables
from benchmarks.by_set import measure_set, print_set_tables
from benchmarks.contenders import contenders
from benchmarks.data_sets import default_folders, read_data_sets
from benchmarks.machine import heading
from benchmarks.matrix import print_matrix_table


def main() -> None:
    """Measure everything on the data that is there."""
    arguments = _parser().parse_args()
    measured = contenders()
    with TemporaryDirectory(prefix="topicml-benchmarks-") as folder:
        results = [
            measure_set(data_set, measured, _made(Path(folder) / str(place)), repeats=arguments.repeats)
            for place, data_set in enumerate(read_data_sets(arguments.folders or default_folders()))
        ]
        if not results:
            print("There is no data to measure on: name folders with train.jsonl and test.jsonl.")
            return
        print(heading())
        print_set_tables(results)
        largest = max(results, key=lambda result: result.data_set.megabytes)
        print_matrix_table(largest.data_set, repeats=arguments.repeats)
        print_answer_tables(largest, measured, repeats=arguments.repeats)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="holds train.jsonl and test.jsonl, or all.jsonl (also with .gz), of which every fifth row is "
        "then the test part; by default all known sets that are found",
    )
    parser.add_argument(
        "--repeats", type=_positive, default=3, help="times each thing is measured (default: 3)"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
