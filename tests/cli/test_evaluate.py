from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

MEASURES = {"accuracy", "micro_f1", "macro_f1", "ece"}
COLOURED = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
WIDE_LABELS = ("Sport ⚽", "Économie", "天气")
BRACKETS = ("[sport]", "[/]", "[red]hot[/red]")


def as_csv(rows) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([["text", "label"], *([row["text"], row["label"]] for row in rows)])
    return stream.getvalue().encode()


@pytest.fixture
def evaluate(topicml, base_model_path):
    """Return a function that evaluates the base model."""
    return lambda *args, **how: topicml("evaluate", base_model_path, *args, **how)


@pytest.fixture
def rows(relabelled):
    return relabelled("sport", "economy", "weather")


def test_json_has_the_documented_fields(evaluate, write, rows):
    run = evaluate(write("a.jsonl", rows), "--json")
    [result] = run.rows
    assert run.returncode == 0
    own = {"coverage", "unknown_labels", "n_seen", "scores_without_seen", "without_copies"}
    assert result.keys() >= MEASURES | {"n", "intervals", "labels"} | own
    assert (result["n"], result["accuracy"], result["micro_f1"], result["macro_f1"]) == (24, 1, 1, 1)
    assert (result["coverage"], result["unknown_labels"]) == (1, {})
    assert MEASURES <= result["intervals"].keys() < result.keys()
    for measure, (low, high) in result["intervals"].items():
        assert 0 <= low <= high <= (np.inf if measure == "log_loss" else 1)
    assert result["labels"].keys() == {"economy", "sport", "weather"}
    for label in result["labels"].values():
        intervals = label.pop("intervals")
        assert label == {"precision": 1, "recall": 1, "f1": 1, "support": 8, "given": 8}
        assert intervals == {measure: [1, 1] for measure in ("precision", "recall", "f1")}


def test_the_format_of_the_data_changes_nothing(evaluate, write, rows):
    expected = evaluate(write("a.jsonl", rows), "--json").stdout
    assert evaluate(write("a.csv", as_csv(rows)), "--json").stdout == expected
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    assert evaluate("-", "--json", stdin=lines).stdout == expected


def test_what_is_odd_is_told_on_stderr_and_stdout_stays_json(evaluate, write):
    """A label that the model cannot give counts as missed, and so does a labelled row without text."""
    data = [
        {"text": "Cup final", "label": "sport"},
        {"text": "The striker joins an opera", "label": "[bold]art[/bold]"},
        {"text": "The striker paints", "label": "[bold]art[/bold]"},
        {"text": " ", "label": "sport"},
        {"text": "Rain"},
    ]
    run = evaluate(write("[i]a.jsonl", data), "--json", env=COLOURED)
    [result] = run.rows
    assert (run.returncode, result["n"]) == (0, 4)
    assert result["unknown_labels"] == {"[bold]art[/bold]": 2}
    art = result["labels"]["[bold]art[/bold]"]
    assert (art["precision"], art["recall"], art["f1"], art["support"]) == (0, 0, 0, 2)
    assert result["accuracy"] == pytest.approx(1 / 4)
    assert "note: the model does not know 1 label of the data: '[bold]art[/bold]' (2); " in run.stderr
    assert "left out: 1 x no label (" in run.stderr
    assert "[i]a.jsonl:5" in run.stderr
    assert "\x1b" not in run.stdout + run.stderr


def test_labels_that_only_the_model_knows(evaluate, write):
    run = evaluate(write("a.jsonl", [{"text": "Cup final", "label": "sport"}]), "--json")
    [result] = run.rows
    assert (run.returncode, result["accuracy"], result["macro_f1"]) == (0, 1, 1)
    weather = result["labels"]["weather"]
    assert (weather["precision"], weather["recall"], weather["f1"], weather["support"]) == (0, 0, 0, 0)
    assert weather["intervals"] == {"precision": None, "recall": None, "f1": None}
    assert result["absent_labels"] == {"economy": 0, "weather": 0}
    assert "note: 2 labels of the model do not occur in the data: 'economy', 'weather'\n" in run.stderr


def test_brackets_in_labels_are_shown_as_they_are(topicml, model_of, relabelled, write):
    file = write("[bold]x.jsonl", relabelled(*BRACKETS))
    run = topicml("evaluate", model_of(*BRACKETS), file, env=COLOURED)
    assert run.returncode == 0
    assert "\x1b" not in run.stdout + run.stderr
    table = run.stdout.splitlines()
    assert {line.split()[0] for line in table[-3:]} == set(BRACKETS)
    assert {line.split()[-1] for line in table[-3:]} == {"8"}


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"NO_COLOR": "1", "TERM": "dumb"},
    ],
    ids=["ascii", "cp1252", "C", "dumb"],
)
def test_narrow_terminals_show_escapes(process, model_of, relabelled, write, env):
    encoding = env.get("PYTHONIOENCODING", "ascii" if "LC_ALL" in env else "utf-8")
    file = write("a.jsonl", [*relabelled(*WIDE_LABELS), {"text": "Rain", "label": "Météo 🌧"}])
    run = process("evaluate", model_of(*WIDE_LABELS), file, env=env, encoding=encoding)
    assert run.returncode == 0
    for label in ("天气", "Économie", "Sport ⚽", "Météo 🌧"):
        assert label.encode(encoding, "backslashreplace").decode(encoding) in run.stdout
    assert "\x1b" not in run.stdout + run.stderr


def test_bad_rows_stop_it_unless_they_may_be_skipped(evaluate, write):
    file = write("a.jsonl", '{"text": "Cup final", "label": "sport"}\n{"text": \n')
    run = evaluate(file)
    assert (run.returncode, run.stdout) == (1, "")
    assert "a.jsonl:2:10: broken JSON" in run.stderr
    assert "--skip-bad-rows" in run.stderr
    skipped = evaluate(file, "--skip-bad-rows", "--json")
    assert (skipped.returncode, skipped.rows[0]["n"]) == (0, 1)
    assert "left out: 1 x broken JSON (" in skipped.stderr


def test_a_damaged_model_is_one_line(topicml, write, rows, damaged_model):
    run = topicml("evaluate", damaged_model, write("a.jsonl", rows))
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"error: {damaged_model}/")
    assert run.stderr.count("\n") == 1


def test_by_fields_of_the_data(evaluate, write, rows):
    dated = [{**row, "source": f"[b]{k % 2}", "date": f"20{20 + k % 3}-05-01"} for k, row in enumerate(rows)]
    file = write("a.jsonl", dated)
    shown = evaluate(file, "--by", "source", "--by", "year", env=COLOURED)
    assert shown.returncode == 0
    assert "\x1b" not in shown.stdout
    [source, year] = re.findall(r"\nBy (source|year)", shown.stdout)
    assert (source, year) == ("source", "year")
    assert re.search(r"^\[b\]1 +12 +1\.000 +1\.000–1\.000 ", shown.stdout, re.MULTILINE)
    [result] = evaluate(file, "--by", "source", "--by", "year", "--json").rows
    assert [part["value"] for part in result["slices"]["source"]] == ["[b]0", "[b]1"]
    assert [(part["value"], part["n"]) for part in result["slices"]["year"]] == [
        ("2020", 8),
        ("2021", 8),
        ("2022", 8),
    ]


def test_a_field_that_no_article_has_is_one_line(evaluate, write, rows):
    run = evaluate(write("a.jsonl", rows), "--by", "desk")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "error: no article has the field 'desk'; expected year, month, length or one of the fields 'source'\n"
    )


def test_the_tables_name_measures_labels_and_confusions(evaluate, write, relabelled):
    """One mistake in 24: it stands in the table, and nothing is told of confusions without any."""
    swapped = relabelled("sport", "economy", "weather")
    swapped[0]["label"] = "economy"
    shown = evaluate(write("a.jsonl", swapped)).stdout
    assert re.search(r"^macro F1 0\.9\d\d \(0\.\d{3} to 1\.000\)$", shown, re.MULTILINE)
    assert re.search(r"^economy +sport +1 +0\.111 ", shown, re.MULTILINE)
    perfect = evaluate(write("b.jsonl", relabelled("sport", "economy", "weather"))).stdout
    assert "confusions" not in perfect


def test_texts_that_the_model_was_trained_on_are_told_and_scored_apart(evaluate, write, rows):
    """Regression (copies across train and test): the score partly measured memory, and nobody was told."""
    copies = [{**row, "text": f"{row['text'].upper()}\u00a0"} for row in rows[:5]]
    data = write("a.jsonl", [*copies, {"text": "Football cup", "label": "economy"}])
    run = evaluate(data)
    assert run.returncode == 0
    head, told, right, *_ = run.stdout.splitlines()
    assert head.startswith("1 article, ")
    assert told.startswith("5 of 6 articles are in the training data, exactly or nearly; they say nothing ")
    assert right.startswith("0 of 1 article has the right label (0%")
    as_json = evaluate(data, "--json")
    assert "warning: 5 of 6 articles are in the training data, exactly or nearly\n" in as_json.stderr
    [result] = as_json.rows
    assert (result["n"], result["n_seen"], result["without_copies"]["n"]) == (6, 5, 1)
    assert (result["accuracy"], result["without_copies"]["accuracy"]) == (pytest.approx(5 / 6), 0)
    assert result["without_copies"].keys() == result.keys()
    assert result["scores_without_seen"]["accuracy"] == 0


def test_where_all_were_trained_on_the_scores_are_said_to_say_nothing(evaluate, write, rows):
    run = evaluate(write("a.jsonl", rows))
    assert run.stdout.splitlines()[1] == (
        "all 24 articles are in the training data, exactly or nearly, so the scores say nothing about new "
        "articles"
    )
    assert evaluate(write("a.jsonl", rows), "--json").rows[0]["without_copies"] is None


def test_main_scores_come_in_words_and_the_others_are_asked_for(evaluate, write, relabelled):
    data = [
        {**row, "text": f"{row['text']} Number {k}."}
        for k, row in enumerate(relabelled("sport", "economy", "weather"))
    ]
    shown = evaluate(write("a.jsonl", data)).stdout
    assert re.search(r"^\d+ of \d+ articles have the right label \(\d+%, 95% interval ", shown, re.MULTILINE)
    assert "no article was left to a person\n" in shown
    assert "log loss" not in shown
    every = evaluate(write("a.jsonl", data), "--all").stdout
    assert re.search(r"^log loss +0\.\d{3} ", every, re.MULTILINE)


def test_labels_with_nothing_in_common_are_an_error_that_names_both(evaluate, write):
    run = evaluate(write("a.jsonl", [{"text": "Cup final", "label": "[art]"}]))
    assert (run.returncode, run.stdout) == (1, "")
    assert "the articles have '[art]'; the model knows 'economy', 'sport', 'weather'" in run.stderr


def test_without_any_there_is_no_warning(evaluate, write):
    run = evaluate(write("a.jsonl", [{"text": "Cup final", "label": "sport"}]), "--json")
    assert "warning" not in run.stderr
    assert (run.rows[0]["n_seen"], run.rows[0]["scores_without_seen"]) == (0, None)


def test_a_report_is_written_beside_what_is_printed(evaluate, write, rows, tmp_path):
    file, report = write("a.jsonl", rows), tmp_path / "report.html"
    plain = evaluate(file, "--json")
    run = evaluate(file, "--json", "--report", report)
    assert (run.returncode, run.stdout) == (0, plain.stdout)
    assert run.stderr.endswith(f"written: {report}\n")
    page = report.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Evaluation of base on a.jsonl</title>" in page
    assert file.name in page


def test_a_report_takes_no_place_of_the_data(evaluate, write, rows):
    file = write("a.jsonl", rows)
    before = file.read_bytes()
    run = evaluate(file, "--report", file)
    assert (run.returncode, run.stdout) == (2, "")
    assert "--report would overwrite the data" in run.stderr
    assert file.read_bytes() == before


def test_a_report_that_cannot_be_written_is_one_line(evaluate, write, rows, tmp_path):
    run = evaluate(write("a.jsonl", rows), "--report", tmp_path / "missing" / "report.html")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith(f"error: cannot write {tmp_path}/missing/report.html: ")


def test_without_the_extra_a_report_is_refused_before_any_work(process, base_model_path, tmp_path):
    """The data is not there, and what is told is that jinja2 is not."""
    (tmp_path / "jinja2.py").write_text("raise ImportError")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"}
    files = (tmp_path / "missing.jsonl", "--report", tmp_path / "report.html")
    run = process("evaluate", base_model_path, *files, env=env)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "error: a report needs jinja2: pip install 'topicml[report]'\n"


def test_of_many_unknown_labels_the_first_are_told_and_the_others_counted(evaluate, write):
    data = [{"text": f"The striker paints {k}", "label": f"art {k}"} for k in range(9)]
    run = evaluate(write("a.jsonl", [*data, {"text": "Cup", "label": "sport"}]), "--json")
    assert run.returncode == 0
    [note] = [line for line in run.stderr.splitlines() if "does not know" in line]
    assert "9 labels of the data: 'art 0' (1), " in note
    assert note.endswith("'art 4' (1), and 4 more (--json lists them); their articles count as wrong")
    assert len(note) <= 300
