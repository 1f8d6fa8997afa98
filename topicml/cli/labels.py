"""``topicml labels``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, Json, SkipBadRows
from topicml.cli.terminal import end_quietly_with_the_pipe, print_json, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.corpus.label_review import LabelReview


def labels(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Write a draft for --label-mapping to this file, all of it comments."
        ),
    ] = None,
    min_articles: Annotated[
        int, typer.Option("--min-articles", min=1, help="Labels with fewer articles are rare.")
    ] = 5,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Count labels; find similar names and rare labels.

    The file of --out is never overwritten, because a person may have edited it.
    """
    from topicml.cli.reports import print_problems
    from topicml.corpus.label_review import review_labels
    from topicml.reading.readers import read_corpus

    end_quietly_with_the_pipe()
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    review = review_labels(corpus, min_articles=min_articles)
    print_problems(corpus.problems)
    if out is not None:
        _write_draft(review, out)
    if as_json:
        print_json(
            {
                "n": review.n_articles,
                "n_unlabelled": review.n_unlabelled,
                "labels": review.counts,
                "alike": review.alike,
                "rare": review.rare,
            }
        )
        return
    print(review)
    if out is not None:
        say(f"draft in {escaped(str(out))}: remove the # from lines to use, then pass it to --label-mapping")


def _write_draft(review: LabelReview, out: Path) -> None:
    """Write a new file; one that exists may have been edited by a person, so it stays."""
    from topicml.corpus.label_review import mapping_draft
    from topicml.exceptions import TopicmlError

    text = "".join(f"{line}\n" for line in mapping_draft(review))
    try:
        # A lone surrogate, which no file can hold, becomes an escape in its comment.
        with out.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise TopicmlError(f"{out} exists already: give another name, or remove it first") from error
    except OSError as error:
        raise TopicmlError(f"cannot write {out}: {error.strerror or error}") from error
