"""``topicml train --seed-words``: training without a labelled article."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topicml.cli.models import save_trained
from topicml.cli.options import WrongUsage
from topicml.cli.terminal import note, print_json, progress_bar, say
from topicml.formatting import counted, escaped, size_text
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.training.seeded_model import UnmeasuredResult
    from topicml.training.settings import TrainingSettings

NEEDS_ARCHIVE = "--seed-words needs an archive of articles to learn from: give --unlabelled FILE"

_WORK = (1.0, 2.0, 4.0, 1.0, 0.5)  # of reading, the steps of training, and saving


def train_on_seed_words(
    seed_words: Path | None,
    unlabelled: Sequence[Path] | None,
    out: Path,
    *,
    reading: ReadOptions,
    settings: TrainingSettings,
    label_shares: Mapping[str, float] | None,
    skip_bad_rows: bool,
    jobs: int,
    as_json: bool,
) -> None:
    """Train on an archive and the seed words of a file, save the model, and print what was found."""
    from topicml.cli.reports import print_problems, print_seed_report
    from topicml.model.record import ArchiveSource, TrainingRecord
    from topicml.reading.readers import read_corpus
    from topicml.training.seed_words import SeedWords
    from topicml.training.train import train

    if seed_words is None:
        raise WrongUsage(
            "expected DATA, files of labelled articles; without a labelled article, give --seed-words FILE "
            "and --unlabelled FILE"
        )
    if not unlabelled:
        raise WrongUsage(NEEDS_ARCHIVE)
    begin = time.perf_counter()
    seeds = SeedWords.read(seed_words)
    step = progress_bar(_WORK, ending=("saving",))
    step("reading")
    corpus = read_corpus(*unlabelled, options=reading.without_labels(), skip_bad_rows=skip_bad_rows)
    source = ArchiveSource(tuple(map(str, unlabelled)))
    result = train(
        unlabelled=corpus,
        seed_words=seeds,
        label_shares=label_shares,
        settings=settings,
        recorded=TrainingRecord(reading=reading.to_record(), archive_source=source).known(),
        n_jobs=jobs,
        progress=step,
    )
    save_trained(result, out, step)
    print_problems(corpus.problems)
    for text in result.notes:
        note(escaped(text))
    if as_json:
        seconds = time.perf_counter() - begin
        found = {"model": str(out), "fingerprint": result.classifier.fingerprint, "seconds": seconds}
        print_json({"measured": False, **result.seed_report.to_dict(), "notes": list(result.notes), **found})
    else:
        print_seed_report(result.seed_report)
        _say_where(result, out, unlabelled)


def _say_where(result: UnmeasuredResult, out: Path, unlabelled: Sequence[Path]) -> None:
    from topicml.model.folder import size_on_disk

    labels = counted(len(result.classifier.classes_), "label")
    say(f"model in {out} ({size_text(size_on_disk(out))}, {labels}), not measured")
    archive = " ".join(shlex.quote(str(path)) for path in unlabelled)
    say(f"to measure it: topicml suggest {archive} --to-measure 100 --out todo.csv")
