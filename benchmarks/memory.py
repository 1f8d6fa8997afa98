"""``python -m benchmarks.memory``: what training and prediction take, by the size of the corpus."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.child import Usage, run
from benchmarks.machine import heading
from benchmarks.markdown import number, print_section

_DEFAULT_SIZES = (10_000, 100_000)


def main() -> None:
    """Measure time and peak memory of training and prediction on made-up articles of about 3 kB."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory",
        description=main.__doc__,
        epilog="A million articles take 4 GB in the folder for temporary files (TMPDIR).",
    )
    parser.add_argument(
        "--sizes", type=_sizes, default=_DEFAULT_SIZES, help="articles (default: 10000,100000)"
    )
    sizes = parser.parse_args().sizes
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the temporary files go then, too
    rows = [row for n_articles in sizes for row in _measured(n_articles)]
    print(heading())
    print_section(
        "Memory and time, made-up articles of about 3 kB",
        ("work", "articles", "MB of text", "seconds", "peak MB, largest process", "peak MB, all processes"),
        rows,
        note="Whole commands, start of Python included: `topicml train FILE`, `topicml predict FILE --out`.",
    )


def _measured(n_articles: int) -> Iterator[list[str]]:
    """Write the articles, train, predict; everything in a folder that goes when it is done."""
    python = [sys.executable, "-m"]
    with TemporaryDirectory(prefix="topicml-memory-") as name:
        folder = Path(name)
        data, model, log = folder / "articles.jsonl", folder / "model", folder / "log"
        print(f"{n_articles:,} articles: writing", file=sys.stderr)
        run([*python, "benchmarks.made_up", str(n_articles), str(data)], log)
        commands = {
            "train": ["train", str(data), "--out", str(model)],
            "predict": ["predict", str(data), "--model", str(model), "--out", str(folder / "out.jsonl")],
        }
        for work, arguments in commands.items():
            print(f"{n_articles:,} articles: {work}", file=sys.stderr)
            usage = run([*python, "topicml", *arguments], log)
            yield [work, f"{n_articles:,}", number(data.stat().st_size / 1e6), *_cells(usage)]


def _cells(usage: Usage) -> list[str]:
    together = None if usage.all_processes is None else usage.all_processes / 1e6
    return [number(usage.seconds), number(usage.largest_process / 1e6), number(together)]


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part) for part in text.split(","))
    if min(sizes) < 10:
        raise argparse.ArgumentTypeError(f"expected 10 articles or more, found {min(sizes)}")
    return sizes


if __name__ == "__main__":
    main()
