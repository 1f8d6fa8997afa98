from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import typer

from topicml.article import Article
from topicml.cli.options import Data, TopK, reads_articles
from topicml.exceptions import TopicmlValueError
from topicml.reading.columns import INPUT_FORMATS, ReadOptions
from topicml.reading.readers import iter_articles


@pytest.fixture
def parse():
    """Return a function that parses a command line and returns what reaches the command."""
    seen = {}

    def command(data: Data, *, reading: ReadOptions, top_k: TopK = None) -> None:
        """Say what was asked."""
        seen.update(data=data, reading=reading, top_k=top_k)

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(reads_articles(command))

    def parse(*args: str) -> dict:
        app(args, standalone_mode=False)
        return seen

    return parse


def test_without_options_files_are_read_by_convention(parse):
    assert parse("a.csv") == {"data": [Path("a.csv")], "reading": ReadOptions(), "top_k": None}


def test_the_own_options_of_a_command_reach_it(parse):
    assert parse("--top-k", "3", "a.csv", "b.csv")["top_k"] == 3


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        *((f"--{role}-column", f"{role}_column", "desk; [x]") for role in ("text", "title", "label")),
        *((f"--{role}-column", f"{role}_column", "Ressort") for role in ("id", "date", "source")),
        ("--label-separator", "label_separator", ";"),
        ("--delimiter", "delimiter", "\t"),
        ("--encoding", "encoding", "cp1252"),
        ("--input-format", "input_format", "csv"),
    ],
)
def test_each_option_reaches_the_reader(parse, option, field, value):
    assert parse("a", option, value)["reading"] == ReadOptions(**{field: value})


def test_every_choice_of_the_reader_is_an_option(parse, capsys):
    parse("--help")
    told = capsys.readouterr().out
    for field in fields(ReadOptions):
        assert f"  --{field.name.replace('_', '-')} " in told


@pytest.mark.parametrize("input_format", INPUT_FORMATS)
def test_every_format_of_the_reader_can_be_asked_for(parse, input_format):
    assert parse("a", "--input-format", input_format)["reading"].input_format == input_format


def test_options_read_what_they_name(parse, tmp_path):
    file = tmp_path / "a.data"
    file.write_bytes("nr|Ressort|Inhalt\n007|Économie, Sport|Déjà vu\n".encode("cp1252"))
    choices = ("--label-column", "Ressort", "--text-column", "Inhalt", "--id-column", "nr")
    form = ("--label-separator", ",", "--delimiter", "|", "--encoding", "cp1252", "--input-format", "csv")
    [article] = iter_articles(file, parse(str(file), *choices, *form)["reading"])
    assert article == Article("Déjà vu", labels=("Économie", "Sport"), id="007", origin=article.origin)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--delimiter", "::", "one character"),
        ("--encoding", "klingon", "unknown encoding 'klingon'"),
        ("--label-separator", " ", "label separator"),
    ],
)
def test_an_impossible_choice_is_named(parse, option, value, message):
    with pytest.raises(TopicmlValueError, match=message):
        parse("a", option, value)


class TestModelFirst:
    """Commands that take MODEL first take --model, too; what stands on the line is data then."""

    @pytest.fixture
    def data(self, write, relabelled):
        return write("recent.jsonl", relabelled("sport", "economy", "weather"))

    @pytest.mark.parametrize("command", ["evaluate", "errors"])
    def test_the_model_may_be_an_option(self, topicml, base_model_path, data, command):
        expected = topicml(command, base_model_path, data, "--json")
        assert expected.returncode == 0
        for order in (("--model", base_model_path, data), (data, "-m", base_model_path)):
            assert topicml(command, *order, "--json") == expected

    def test_two_models_may_be_options(self, topicml, base_model_path, model_of, data):
        other = model_of("sport", "economy", "art")
        expected = topicml("compare", base_model_path, other, data, "--json")
        assert topicml("compare", "-m", base_model_path, "-m", other, data, "--json") == expected
        assert topicml("compare", "-m", base_model_path, other, data, "--json") == expected

    def test_commands_without_data_take_it_as_an_option(self, topicml, base_model_path):
        assert topicml("show", "--model", base_model_path, "--json").rows[0]["bytes"] > 0

    @pytest.mark.parametrize("command", ["evaluate", "errors", "retrain"])
    def test_swapped_arguments_are_told(self, topicml, base_model_path, data, command):
        run = topicml(command, data, base_model_path)
        assert (run.returncode, run.stdout) == (2, "")
        assert f"'{data}' is a file of articles, not a model" in run.stderr
        assert f"did you mean `topicml {command} {base_model_path} {data}`?" in run.stderr

    @pytest.mark.parametrize("command", ["predict", "explain"])
    def test_a_model_in_place_of_articles_is_told(self, topicml, base_model_path, data, command):
        for given, line in (([data], data), ([], "DATA")):
            run = topicml(command, base_model_path, *given)
            assert (run.returncode, run.stdout) == (2, "")
            assert f"'{base_model_path}' is a model, not articles: did you mean " in run.stderr
            assert f"`topicml {command} {line} --model {base_model_path}`?" in run.stderr
        two = topicml(command, data, data)
        assert (two.returncode, two.stdout) == (2, "")
        assert f"Got unexpected extra argument ({data})" in two.stderr

    def test_models_behind_the_data_are_told(self, topicml, base_model_path, data):
        run = topicml("compare", base_model_path, data, base_model_path)
        assert run.returncode == 2
        assert f"`topicml compare {base_model_path} {base_model_path} {data}`" in run.stderr

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("show",), "Missing argument 'MODEL'."),
            (("show", "-m", "a", "b"), "Got unexpected extra argument (b)"),
            (("evaluate", "-m", "a"), "Missing argument 'DATA...'."),
            (("evaluate", "-m", "a", "-m", "b", "c"), "--model was given 2 times, expected at most 1"),
            (("compare", "a"), "Missing argument 'B'."),
        ],
    )
    def test_wrong_usage(self, topicml, arguments, told):
        run = topicml(*arguments)
        assert (run.returncode, run.stdout) == (2, "")
        assert told in run.stderr
