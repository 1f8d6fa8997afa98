from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

DOCS = (Path(__file__).parents[2] / "docs" / "labels.md").read_text(encoding="utf-8")
COUNTS = {"Sport": 5, "SPORTS": 1, "Économie": 6, "economie": 1, "[bold]Chess": 2}


@pytest.fixture
def articles(write):
    rows = [{"text": f"{label} {n}", "label": label} for label, count in COUNTS.items() for n in range(count)]
    return write("a.jsonl", [*rows, {"text": "Nobody labelled it."}])


def block(language, number=0):
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)[number]


def test_the_table_shows_counts_rare_labels_and_names_that_are_alike(topicml, articles):
    run = topicml("labels", articles)
    assert run.returncode == 0
    assert run.stdout == (
        "5 labels in 15 articles\n\n"
        "label        articles\n"
        "Économie            6\n"
        "Sport               5\n"
        "[bold]Chess         2  rare\n"
        "SPORTS              1\n"
        "economie            1\n\n"
        "Similar names\n"
        "  'Économie' (6), 'economie' (1)\n"
        "  'Sport' (5), 'SPORTS' (1)\n"
    )
    assert run.stderr == f"left out: 1 x no label ({articles}:16)\n"


def test_json_tells_the_same(topicml, articles):
    [found] = topicml("labels", articles, "--json", "--min-articles", "7").rows
    assert found == {
        "n": 15,
        "n_unlabelled": 0,
        "labels": COUNTS,
        "alike": [["Économie", "economie"], ["Sport", "SPORTS"]],
        "rare": ["Sport", "SPORTS", "[bold]Chess"],
    }
    assert next(iter(found["labels"])) == "Économie"


def test_the_draft_changes_nothing_until_a_person_takes_a_suggestion(topicml, articles, tmp_path):
    draft = tmp_path / "labels.toml"
    run = topicml("labels", articles, "--out", draft)
    assert run.returncode == 0
    assert f"draft in {draft}" in run.stderr
    text = draft.read_text(encoding="utf-8")
    assert tomllib.loads(text) == {"drop": [], "rename": {}, "parents": {}, "codes": {}}
    assert '# "economie" = "Économie"  # 1 article into 6\n' in text
    assert '#   "[bold]Chess",  # 2 articles\n' in text


def test_a_file_that_is_there_is_not_written_over(topicml, articles, write):
    """A person may have reviewed it: no command may take that work away."""
    reviewed = write("labels.toml", 'drop = ["Chess"]\n')
    run = topicml("labels", articles, "--out", reviewed)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines()[-1].startswith(f"error: {reviewed} exists already")
    assert reviewed.read_text() == 'drop = ["Chess"]\n'


def test_a_draft_that_cannot_be_written_is_one_line(topicml, articles, tmp_path):
    run = topicml("labels", articles, "--out", tmp_path / "none" / "labels.toml")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines()[-1].startswith("error: cannot write ")


def test_labels_that_steer_a_terminal_or_fit_in_no_file_are_escaped(topicml, write, tmp_path):
    """A label is somebody else's text: neither the screen nor the draft may break by it."""
    label, other = 'red\x1b[31m"\n\x7f', "lone \ud800"
    file = write(
        "a.jsonl", [{"text": "x", "labels": [label]}, {"text": "y", "labels": [other, other.upper()]}]
    )
    run = topicml("labels", file, "--out", tmp_path / "labels.toml")
    assert run.returncode == 0
    assert "\x1b" not in run.stdout + run.stderr
    assert "\x7f" not in run.stdout
    assert tomllib.loads((tmp_path / "labels.toml").read_text(encoding="utf-8"))["drop"] == []


@pytest.mark.parametrize("args", [(), ("--min-articles", "0")])
def test_wrong_usage_exits_with_2(topicml, articles, args):
    run = topicml("labels", *([articles, *args] if args else []))
    assert (run.returncode, run.stdout) == (2, "")


class TestLabelMapping:
    """``--label-mapping`` of the commands that learn from labels or measure with them."""

    @pytest.fixture
    def news(self, write, relabelled):
        """Eight articles each of sport, economy and weather, with one more on a home page."""
        rows = relabelled("Sport", "Wirtschaft", "Weather")
        rows[0]["label"] = "SPORT"
        return write("news.jsonl", [*rows, {"text": "All of it at a glance", "label": "Home"}])

    @pytest.fixture
    def mapping(self, write):
        return write(
            "labels.toml",
            'drop = ["Home"]\n[rename]\n"SPORT" = "Sport"\n"Wirtschaft" = "Economy"\n"Nobody" = "Sport"\n'
            '[codes]\n"Sport" = "medtop:15000000"\n',
        )

    def test_training_learns_the_new_labels_and_the_model_knows_their_codes(
        self, topicml, news, mapping, tmp_path
    ):
        run = topicml("train", news, "--label-mapping", mapping, "--out", tmp_path / "m", "--json")
        assert run.returncode == 0
        [result] = run.rows
        assert {label: s["support"] for label, s in result["labels"].items()} == dict.fromkeys(
            ("Economy", "Sport", "Weather"), 8
        )
        *told, rare, chosen = run.stderr.splitlines()
        assert told == [
            "labels renamed: 'SPORT' (1), 'Wirtschaft' (8)",
            "labels dropped: 'Home' (1)",
            f"note: {mapping} names labels that no article has: 'Nobody'",
            f"left out: 1 x labels dropped ({news}:25)",
        ]
        assert rare.startswith(
            "note: 3 labels with fewer than 10 articles: Economy (8), Sport (8), Weather (8); "
        )
        assert chosen.startswith("settings: ")
        [described] = topicml("show", tmp_path / "m", "--json").rows
        assert described["provenance"]["label_mapping"]["drop"] == ["Home"]
        asked = ("--model", tmp_path / "m", "--text", "The football team won the league cup final.")
        assert topicml("predict", *asked).rows[0]["codes"] == ["medtop:15000000"]

    def test_a_target_of_many_labels_keeps_what_bears_none(self, topicml, news, mapping, tmp_path):
        asked = ("--label-mapping", mapping, "--target", "multilabel")
        run = topicml("train", news, *asked, "--out", tmp_path / "m", "--json")
        assert run.rows[0]["n"] == 25
        assert "1 article kept without a label: all their labels are dropped\n" in run.stderr
        assert "left out" not in run.stderr

    def test_parents_make_the_target_multilabel(self, topicml, news, write, tmp_path):
        file = write("p.toml", '[parents]\n"Weather" = "Nature"\n')
        run = topicml("train", news, "--label-mapping", file, "--out", tmp_path / "m", "--json")
        assert run.rows[0]["settings"]["target_type"] == "multilabel"
        assert run.rows[0]["labels"]["Nature"]["support"] == 8
        assert "labels added as parents: 'Nature' (8)\n" in run.stderr

    def test_evaluation_compares_with_the_new_labels(self, topicml, write, base_model_path):
        file = write("a.jsonl", [{"text": "Cup final", "label": "SPORT"}, {"text": "All", "label": "Home"}])
        mapping = write("l.toml", 'drop = ["Home"]\n[rename]\n"SPORT" = "sport"\n')
        run = topicml("evaluate", base_model_path, file, "--label-mapping", mapping, "--json")
        assert (run.rows[0]["n"], run.rows[0]["unknown_labels"]) == (1, {})
        assert f"left out: 1 x labels dropped ({file}:2)\n" in run.stderr

    @pytest.mark.parametrize("command", ["train", "evaluate", "check"])
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ('[rename]\n"A" = "B"\n"B" = "A"\n', "[rename] 'A' is in a circle"),
            ('drop = ["Home", "SPORT", "Sport", "Weather", "Wirtschaft"]\n', "no article is left"),
        ],
    )
    def test_a_mapping_that_cannot_be_meant_is_an_error(
        self, topicml, news, write, base_model_path, tmp_path, command, content, told
    ):
        file = write("bad.toml", content)
        first = {"train": ["--out", tmp_path / "m"], "evaluate": [base_model_path], "check": []}[command]
        run = topicml(command, *first, news, "--label-mapping", file)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr.splitlines()[-1].startswith(f"error: {file}: {told}")


def test_the_example_of_the_documentation_runs(topicml, tmp_path):
    (tmp_path / "labels.toml").write_text(block("toml"), encoding="utf-8")
    (tmp_path / "articles.jsonl").write_text(block("json"), encoding="utf-8")
    for number in (0, 1):
        command = block("sh", number).split()
        assert command[0] == "topicml"
        run = topicml(*command[1:], cwd=tmp_path)
        assert run.returncode == 0
    assert block("text").splitlines() == run.stdout.splitlines() + run.stderr.splitlines()
    assert all(json.loads(line) for line in block("json").splitlines())
