"""``python -m benchmarks.training``: what training reaches on public sets, and what it takes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from benchmarks.machine import heading
from benchmarks.optimism import measure_optimism, print_optimism
from benchmarks.training_quality import measure_quality, print_quality, print_trust
from benchmarks.training_seconds import print_seconds
from benchmarks.training_sets import SETS, Part, TrainingSet, read_parts

_TABLES = ("quality", "optimism", "seconds")
_SMALL = 7_000  # articles; five trainings of each set, for what is one average


def main() -> None:
    """Print the tables that are asked for, by default all."""
    arguments = _parser().parse_args()
    sets = [(one, parts) for one in SETS if one.name in arguments.sets and (parts := _read(one))]
    print(heading())
    if "quality" in arguments.tables:
        measured = [measure_quality(one, parts) for one, parts in sets]
        print_quality(measured)
        print_trust(measured)
    if "optimism" in arguments.tables:
        print_optimism([measure_optimism(one, parts[0].train) for one, parts in _small(sets)])
    if "seconds" in arguments.tables and sets:
        print_seconds(*sets[0], repeats=arguments.repeats)


def _read(one: TrainingSet) -> list[Part]:
    parts = read_parts(one)
    if not parts:
        print(f"no folder for {one.name}: passed over", file=sys.stderr)
    return parts


def _small(sets: Iterable[tuple[TrainingSet, list[Part]]]) -> list[tuple[TrainingSet, list[Part]]]:
    return [(one, parts) for one, parts in sets if len(parts) == 1 and len(parts[0].train) < _SMALL]


def _parser() -> argparse.ArgumentParser:
    names = [one.name for one in SETS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=main.__doc__)
    parser.add_argument(
        "--sets", nargs="+", choices=names, default=names, metavar="SET", help=", ".join(names)
    )
    parser.add_argument("--tables", nargs="+", choices=_TABLES, default=_TABLES)
    parser.add_argument("--repeats", type=int, default=3, help="of each timed training (default: 3)")
    return parser


if __name__ == "__main__":
    main()
