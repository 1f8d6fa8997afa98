from __future__ import annotations

import json
import re
import shutil

import pytest

from topicml.predict import load_model

COLOURED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
BRACKETS = ("[sport]", "[/]", "[red]hot[/red]")
MEASURES = {"accuracy", "micro_f1", "macro_f1", "ece"}
ABOUT_THE_MODEL = {"model", "fingerprint", "seconds", "settings", "bytes", "size_cost"}


@pytest.fixture
def train(topicml, tmp_path):
    """Return a function that trains into the folder ``new``."""
    return lambda *args, **how: topicml("train", *args, "--out", tmp_path / "new", **how)


def assert_refused(run, *named: str) -> None:
    assert (run.returncode, run.stdout) == (1, ""), run
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("error: ")
    assert run.stderr.count("\n") == 1
    for name in named:
        assert name in run.stderr


def test_json_has_the_documented_fields_and_notes_go_to_stderr(train, write, relabelled, tmp_path):
    """Rows without text or label are counted and not learned from; labels are text, not markup."""
    odd = [{"text": "CONFIDENTIAL-7781"}, {"text": "", "label": "[/]"}, {"text": "Snow", "label": "[SPORT]"}]
    file = write("[bold]x.jsonl", [*relabelled(*BRACKETS), *odd])
    allowed = json.dumps([*BRACKETS, "[SPORT]", "absent"])
    run = train(file, "--labels", allowed, "--target", "multiclass", "--json", env=COLOURED)
    [result] = run.rows
    assert run.returncode == 0
    about_training = {"calibration", "promises", "scores_with_promises", "notes"}
    assert result.keys() == MEASURES | ABOUT_THE_MODEL | about_training | {"n", "intervals", "labels"}
    assert (result["n"], result["model"]) == (25, str(tmp_path / "new"))
    assert result["seconds"] > 0
    assert result["settings"]["labels"] == [*BRACKETS, "[SPORT]", "absent"]
    assert (result["settings"]["target_type"], result["settings"]["random_state"]) == ("multiclass", 0)
    assert result["intervals"].keys() == MEASURES
    assert {label: found["support"] for label, found in result["labels"].items()} == {
        **dict.fromkeys(BRACKETS, 8),
        "[SPORT]": 1,
    }
    assert all(
        found.keys() == {"precision", "recall", "f1", "support", "intervals"}
        for found in result["labels"].values()
    )
    assert f"left out: 1 x no label ({file}:25)\n" in run.stderr
    assert f"left out: 1 x empty text ({file}:26)\n" in run.stderr
    assert "labels that differ only by case are kept apart: '[SPORT]' (1), '[sport]' (8)\n" in run.stderr
    assert "1 allowed label without an article, so left out of the model: 'absent'" in run.stderr
    assert "\x1b" not in run.stdout + run.stderr
    assert "CONFIDENTIAL" not in run.stdout + run.stderr
    assert load_model(tmp_path / "new", verify=True).classes_ == tuple(sorted([*BRACKETS, "[SPORT]"]))


def test_the_table_shows_labels_as_they_are_and_a_model_is_replaced(
    topicml, write, relabelled, base_model_path, tmp_path
):
    out = shutil.copytree(base_model_path, tmp_path / "[bold]model")
    run = topicml("train", write("a.jsonl", relabelled(*BRACKETS)), "--out", out, env=COLOURED)
    assert run.returncode == 0
    words, labels = run.stdout.split("\n\n")
    assert (
        words.splitlines()[0]
        == "24 articles, 3 labels, one label each, scored by models that had not seen them"
    )
    assert re.search(r"^\d+ of 24 articles have the right label \(\d+%, 95% interval \d+% to ", words, re.M)
    assert len(words.splitlines()) == 4
    heading, header, *rows = labels.splitlines()
    assert (heading, header.split()) == (
        "Labels, weakest first",
        ["label", "precision", "recall", "F1", "95%", "interval", "articles"],
    )
    assert {row.split()[0] for row in rows} == set(BRACKETS)
    assert "before calibration" not in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80
    told = "; treat their scores with caution\n"
    assert (
        "note: 3 labels with fewer than 10 articles: [/] (8), [red]hot[/red] (8), [sport] (8)" + told
        in run.stderr
    )
    assert re.search(
        r"^settings: \d+ terms \(words and pairs of neighbouring words\), C = 1$", run.stderr, re.M
    )
    assert f"note: overwriting {out}\n" in run.stderr
    model = load_model(out, verify=True)
    where, after = run.stderr.splitlines()[-2:]
    assert re.fullmatch(
        rf"{re.escape(f'model in {out} (')}[\d.]+ kB, 3 labels, fingerprint {model.fingerprint}\), [\d.]+ s",
        where,
    )
    assert after == f"next: topicml predict FILE --model '{out}'"
    assert "\x1b" not in run.stdout + run.stderr
    assert model.classes_ == tuple(sorted(BRACKETS))


def test_narrow_terminals_show_escapes(process, write, relabelled, tmp_path):
    labels = ("Sport ⚽", "Économie", "天气")
    file = write("a.jsonl", [*relabelled(*labels), {"text": "Snow", "label": "économie"}])
    to = ("--out", tmp_path / "new")
    run = process("train", file, *to, env={"PYTHONIOENCODING": "ascii"}, encoding="ascii")
    assert run.returncode == 0
    assert "\n\\u5929\\u6c14 " in run.stdout
    assert "'\\xc9conomie' (8), '\\xe9conomie' (1)" in run.stderr
    assert "天气" in (tmp_path / "new" / "MODEL_CARD.md").read_text("utf-8")


def test_a_folder_with_other_files_is_refused_before_the_data_is_read(topicml, tmp_path):
    other = tmp_path / "[i]home" / "thesis.txt"
    other.parent.mkdir()
    other.write_text("years of work")
    run = topicml("train", tmp_path / "missing.csv", "--out", other.parent)
    assert_refused(run, "[i]home", "'thesis.txt'", "name a new or an empty folder")
    assert [path.read_text() for path in other.parent.iterdir()] == ["years of work"]
    assert_refused(topicml("train", tmp_path / "missing.csv", "--out", other), "thesis.txt")


def test_bad_rows_stop_it_with_their_places_unless_they_may_be_skipped(train, write, relabelled, tmp_path):
    good = "".join(json.dumps(row) + "\n" for row in relabelled("sport", "economy", "weather"))
    file = write("a.jsonl", f'{{"text": \n[1]\n{good}')
    run = train(file)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines()[0] == "error: 2 rows cannot be read:"
    assert f"  {file}:1:10: broken JSON: " in run.stderr
    assert f"  {file}:2: not an object: " in run.stderr
    assert run.stderr.splitlines()[-1].endswith("(--skip-bad-rows)")
    assert not (tmp_path / "new" / "model.json").exists()
    skipped = train(file, "--skip-bad-rows", "--json")
    assert (skipped.returncode, skipped.rows[0]["n"]) == (0, 24)
    assert f"left out: 1 x broken JSON ({file}:1:10)\n" in skipped.stderr


def test_no_rows_are_an_error(train, write, tmp_path):
    assert_refused(train("-"), "no rows with a text and a label in <stdin>")
    header = train(write("a.csv", "text,label\n"))
    assert_refused(header, "no rows with a text and a label in ", "a.csv")
    assert not (tmp_path / "new" / "model.json").exists()


def test_several_labels_an_article(train, relabelled):
    rows = relabelled("sport", "economy", "weather")
    table = "text;section\n" + "".join(f"{row['text']};{row['label']}\n" for row in rows)
    table += "Snow closed the stadium before the league match.;sport|weather\nThe library is open.;|\n"
    read = ("-", "--input-format", "csv", "--label-separator", "|")
    refused = train(*read, "--target", "multiclass", stdin=table.encode())
    assert_refused(refused, "<stdin>:26 has the labels ['sport', 'weather']", "--target multilabel")
    run = train(*read, "--json", stdin=table.encode())
    [result] = run.rows
    assert (run.returncode, result["n"], result["settings"]["target_type"]) == (0, 26, "multilabel")
    assert {label: found["support"] for label, found in result["labels"].items()} == {
        "economy": 8,
        "sport": 9,
        "weather": 9,
    }


def test_labels_that_are_not_allowed_are_named(train, write, relabelled):
    file = write("a.jsonl", relabelled(*BRACKETS))
    run = train(file, "--labels", '["[sport]", "[/]"]')
    assert_refused(run, "labels that are not in the given list: '[red]hot[/red]' (8 articles)")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--labels", '["sport", "economy"'),
        ("--labels", "[sport],[/]"),
        ("--min-precision", "sport"),
        ("--min-precision", "sport=1.5"),
        ("--min-precision", "sport=nan"),
        ("--min-precision", "=0.9"),
        ("--random-state", "-1"),
        ("--max-size", "0"),
        ("--max-size", "two MB"),
        ("--random-state", "99999999999999999999"),
    ],
)
def test_an_impossible_value_is_no_traceback(train, write, relabelled, option, value):
    """What a library below says of a value is for its developers; a user needs the option's name."""
    run = train(write("a.jsonl", relabelled("sport", "economy", "weather")), option, value)
    assert run.returncode in (1, 2)
    assert "Traceback" not in run.stderr
    assert option in run.stderr


def test_how_the_articles_were_read_is_on_record(train, write, relabelled, tmp_path):
    rows = [{"story": row["text"], "desk": row["label"]} for row in relabelled("sport", "economy", "weather")]
    run = train(
        write("a.jsonl", rows), "--text-column", "story", "--label-column", "desk", "--no-fingerprints"
    )
    assert run.returncode == 0
    model = load_model(tmp_path / "new")
    assert model.provenance["reading"] == {"text_column": "story", "label_column": "desk"}
    assert model.fingerprints is None


class TestPromises:
    """Also of a label whose name holds the sign that ends it."""

    @pytest.fixture
    def file(self, relabelled, write):
        return write("a.jsonl", relabelled("sport", "a=b", "weather"))

    def test_those_that_cannot_be_kept_stop_it_with_what_can(self, train, file, tmp_path):
        """Regression (a label switched off): the model never gave it, and the scores looked fine."""
        run = train(file, "--min-precision", "a=b=0.99", "--abstain-precision", "0.98")
        assert_refused(
            run,
            "98% precision cannot be guaranteed for all answers from 24 articles; the highest that can is 0.",
            "99% precision cannot be guaranteed for 'a=b' from ",
            "--allow-unkept",
        )
        assert not (tmp_path / "new" / "model.json").exists()
        highest = re.findall(r"use --abstain-precision (\S+?)\. .* use --min-precision '(\S+)'", run.stderr)[
            0
        ]
        kept = train(file, "--abstain-precision", highest[0], "--min-precision", highest[1])
        assert kept.returncode == 0

    def test_what_is_allowed_sends_articles_to_a_person(self, train, file, tmp_path):
        promises = ("--min-precision", "a=b=0.99", "--min-precision", "weather=0.2", "--allow-unkept")
        run = train(file, *promises, "--json")
        [result] = run.rows
        assert run.returncode == 0
        assert result["settings"]["min_precision"] == [["a=b", 0.99], ["weather", 0.2]]
        assert [f"note: {note}" in run.stderr for note in result["promises"]] == [True, True]
        assert {"scores", "answered", "precision"} <= result["scores_with_promises"].keys()
        assert result["scores_with_promises"]["scores"]["labels"]["a=b"]["recall"] == 0
        articles = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
        found = load_model(tmp_path / "new").predict(articles)
        assert "a=b" not in {one.label for one in found}
        assert {one.reason for one in found if one.abstained} == {"low_confidence"}

    def test_scores_with_them_stand_beside_those_without(self, train, file):
        words, labels = train(file, "--min-precision", "sport=0.3").stdout.split("\n\n")
        assert re.search(r"^with promises, \d+ of 24 articles get a label \(", words, re.M)
        assert re.search(r"^with promises, \d+ of \d+ such articles have the right label", words, re.M)
        header = ["label", "precision", "promised", "recall", "promised", "F1", "articles"]
        assert labels.splitlines()[1].split() == header


def test_rare_labels_are_left_out_if_asked_and_warned_of_if_many(train, write, relabelled):
    rare = [{"text": f"Story number {k} of many.", "label": f"keyword {k}"} for k in range(25)]
    file = write("a.jsonl", [*relabelled("sport", "economy", "weather"), *rare])
    run = train(file, "--json")
    assert "warning: 25 of 28 labels have fewer than 5 articles; " in run.stderr
    assert "--min-articles 5" in run.stderr
    assert max(map(len, run.stderr.splitlines())) <= 300
    run = train(file, "--min-articles", "5", "--json")
    [result] = run.rows
    assert (run.returncode, result["n"], len(result["labels"])) == (0, 24, 3)
    assert "warning" not in run.stderr
    assert "25 labels with fewer than 5 articles ('keyword 0' (1), " in run.stderr
    assert ", and 20 more), and 25 articles with no other label\n" in run.stderr


def test_a_promise_for_an_unknown_label_is_refused_with_those_that_are_known(train, relabelled, write):
    run = train(write("a.jsonl", relabelled("sport", "a", "b")), "--min-precision", "sports=0.9")
    assert_refused(run, "no article has: 'sports'", "any of 'a', 'b', 'sport'")


def test_a_size_is_kept_and_its_cost_told(train, write, relabelled, tmp_path):
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    plain = train(file)
    assert (plain.returncode, "to fit into" in plain.stderr) == (0, False)
    run = train(file, "--max-size", "16 kB", "--json")
    [result] = run.rows
    assert run.returncode == 0
    on_disk = sum(path.stat().st_size for path in (tmp_path / "new").iterdir())
    assert on_disk == result["bytes"] <= 16_000
    assert result["settings"]["max_size"] == result["size_cost"]["max_size"] == 16_000
    assert result["size_cost"]["difference"].keys() >= {"a", "b", "difference", "interval"}
    assert "note: to fit into 16.0 kB, " in run.stderr
    assert "macro F1 " in run.stderr
    assert "95% interval " in run.stderr


def test_a_mapping_of_labels_that_goes_on_record_is_part_of_the_size(train, write, relabelled, tmp_path):
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    codes = "".join(f'"{label}" = "{"x" * 600}"\n' for label in ("sport", "economy", "weather"))
    run = train(file, "--label-mapping", write("labels.toml", f"[codes]\n{codes}"), "--max-size", "17kB")
    assert run.returncode == 0, run
    folder = tmp_path / "new"
    assert "x" * 600 in (folder / "model.json").read_text("ascii")
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 17_000


def test_a_size_that_is_too_small_is_refused_with_the_smallest_possible(train, write, relabelled, tmp_path):
    file = write("a.jsonl", relabelled("sport", "economy", "weather"))
    run = train(file, "--max-size", "1kB")
    assert_refused(run, "max_size is 1,000, but the smallest model", "100 terms", "allow ")
    assert "or leave out 960 bytes of article fingerprints (fingerprints=False, --no-f" in run.stderr
    without = train(file, "--max-size", "1kB", "--no-fingerprints")
    assert_refused(without, "max_size is 1,000, but the smallest model")
    assert "leave out" not in without.stderr
    assert not (tmp_path / "new" / "model.json").exists()
