"""docs/training.md tells every option of ``topicml train``; its Python runs as a doctest."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from topicml.cli.app import app
from topicml.reading.columns import ReadOptions

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def options() -> list[str]:
    [command] = [found for name, found in get_command(app).commands.items() if name == "train"]
    return [
        name for one in command.params for name in (*one.opts, *one.secondary_opts) if name.startswith("-")
    ]


def test_the_table_names_every_option_and_no_other(options):
    """Regression: two options that came later were told nowhere on the page."""
    table = (DOCS / "training.md").read_text("utf-8").partition("| option |")[2].partition("\n\n")[0]
    named = {
        word for row in table.splitlines() for word in row.split("|")[1:2] for word in word.split("`")[1::2]
    }
    reading = {f"--{name.replace('_', '-')}" for name in ReadOptions.__dataclass_fields__}
    assert reading <= set(options)
    assert named - {"option"} == set(options) - reading
