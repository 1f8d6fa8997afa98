from __future__ import annotations

import pytest

from topicml.reading.readers import read_corpus

ZONED = """text,label,date
Cup final,sport,2024-03-31T01:30:00+01:00
League match,sport,2024-03-31T00:45:00Z
Bank lifts rate,economy,2024-03-31T03:30:00+02:00
Budget cut,economy,2024-03-30
"""
MARKED = """text,label,split
Cup final,sport,train
Bank lifts rate,economy,train
League match,sport,validation
Budget cut,economy,Test
Coach resigns,sport,test
"""


def texts(path):
    return [article.text for article in read_corpus(path)]


@pytest.fixture
def split(topicml, tmp_path):
    """Return a function that splits into the folder ``parts``."""
    return lambda *args, **how: topicml("split", *args, "--out", tmp_path / "parts", **how)


def test_files_to_train_on_and_to_test_on(split, topicml, write, relabelled, tmp_path):
    run = split(write("a.jsonl", relabelled("sport", "economy", "weather")), "--test-size", "0.25")
    parts = tmp_path / "parts"
    assert run.returncode == 0
    assert run.stdout == f"{parts}/train.jsonl: 18 articles\n{parts}/test.jsonl: 6 articles\n"
    assert run.stderr == (
        "by chance: 0.25 of each label for testing, random state 0; 24 rows read, 24 used, 0 left out\n"
    )
    assert topicml("train", parts / "train.jsonl", "--out", tmp_path / "model").returncode == 0
    assert topicml("evaluate", tmp_path / "model", parts / "test.jsonl").returncode == 0


def test_json_is_one_object_and_overwriting_is_announced(split, write, relabelled, tmp_path):
    data = write("a.jsonl", relabelled("sport", "economy", "weather"))
    first, second = (split(data, "--test-size", "0.25", "--json") for _ in range(2))
    train, test = (tmp_path / "parts" / f"{part}.jsonl" for part in ("train", "test"))
    [found] = first.rows
    assert found["files"] == {"train": {"path": str(train), "n": 18}, "test": {"path": str(test), "n": 6}}
    assert (found["n_used"], found["n_left_out"]) == (24, 0)
    assert "overwriting" not in first.stderr
    assert second.stderr.startswith(f"note: overwriting {train}\nnote: overwriting {test}\n")


def test_the_same_bytes_each_time_and_others_with_another_seed(split, write, relabelled, tmp_path):
    data = write("a.jsonl", relabelled("sport", "economy", "weather"))
    found = []
    for seed in ("1", "1", "2"):
        assert split(data, "--random-state", seed).returncode == 0
        found.append((tmp_path / "parts/test.jsonl").read_bytes())
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("reverse", [False, True])
def test_by_time_the_order_is_by_instant(split, write, tmp_path, reverse):
    """Dates of different offsets, and of none, are compared; the order of the file plays no part."""
    header, *rows = ZONED.splitlines(keepends=True)
    run = split(
        write("a.csv", header + "".join(rows[::-1] if reverse else rows)),
        "--by",
        "time",
        "--test-size",
        "0.5",
    )
    assert run.returncode == 0
    assert sorted(texts(tmp_path / "parts/test.jsonl")) == ["Bank lifts rate", "League match"]


@pytest.mark.parametrize("reverse", [False, True])
def test_dates_that_cannot_be_read_are_named_by_row(split, write, tmp_path, reverse):
    bad = ["Rain tonight,weather,31/03/2024 02:00\n", "Snow,weather,\n"]
    data = write("a.csv", ZONED + "".join(bad[::-1] if reverse else bad))
    run = split(data, "--by", "time")
    assert (run.returncode, run.stdout) == (1, "")
    lines = run.stderr.splitlines()
    assert lines[0].startswith("error: 2 articles without a readable date; expected ISO 8601")
    assert {line.split(": ")[1] for line in lines[1:3]} == {"date '31/03/2024 02:00'", "date ''"}
    assert [line.split(": ")[0] for line in lines[1:3]] == [f"  {data}:6", f"  {data}:7"]
    assert not (tmp_path / "parts").exists()
    dropped = split(data, "--by", "time", "--undated", "drop", "--test-size", "0.5")
    assert (dropped.returncode, "; 6 rows read, 4 used, 2 left out\n" in dropped.stderr) == (0, True)
    assert sorted(texts(tmp_path / "parts/test.jsonl")) == ["Bank lifts rate", "League match"]


def test_the_split_of_the_data_itself(split, write, tmp_path):
    """No spelling of a part loses rows without a word."""
    run = split(write("a.csv", MARKED), "--by", "split")
    parts = tmp_path / "parts"
    assert (run.returncode, len(run.stdout.splitlines())) == (0, 3)
    assert run.stderr.endswith("; 5 rows read, 5 used, 0 left out\n")
    assert texts(parts / "train.jsonl") == ["Cup final", "Bank lifts rate"]
    assert texts(parts / "validation.jsonl") == ["League match"]
    assert texts(parts / "test.jsonl") == ["Budget cut", "Coach resigns"]


@pytest.mark.parametrize("value", ["holdout", "trian", ""])
def test_an_unknown_part_stops_it(split, write, value):
    run = split(write("a.csv", MARKED.replace("validation", value)), "--by", "split")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f'error: unknown split value "{value}" (1 row); expected one of train, ')


def test_one_outlet_is_left_out(split, write, tmp_path):
    rows = [
        {"text": f"Text {k}", "label": "news", "source": s}
        for k, s in enumerate(["BBC", "AFP", "BBC", "dpa"])
    ]
    run = split(write("a.jsonl", rows), "--by", "source", "--test-value", "BBC")
    assert run.returncode == 0
    assert texts(tmp_path / "parts/test.jsonl") == ["Text 0", "Text 2"]


def test_rows_that_cannot_be_used_are_counted_and_notes_told(split, write):
    rows = [{"text": f"Cup {k}", "label": "sport"} for k in range(8)]
    odd = [
        {"text": " ", "label": "sport"},
        {"text": "Rain"},
        {"text": "Chess", "label": "[bold]chess\n[/bold]"},
    ]
    run = split(write("a.jsonl", [*rows, *odd]))
    assert run.returncode == 0
    assert "left out: 1 x empty text (" in run.stderr
    assert "left out: 1 x no label (" in run.stderr
    assert "note: labels without an article for test: [bold]chess\\n[/bold] (1 article)\n" in run.stderr
    assert run.stderr.endswith("; 11 rows read, 9 used, 2 left out\n")


def test_bad_rows_stop_it_unless_they_may_be_skipped(split, write):
    data = write(
        "a.jsonl", '{"text": "Cup", "label": "sport"}\n{"text": "Match", "label": "sport"}\n{"text": \n'
    )
    assert split(data).returncode == 1
    skipped = split(data, "--skip-bad-rows")
    assert (skipped.returncode, skipped.stderr.endswith("3 rows read, 2 used, 1 left out\n")) == (0, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--test-size", "1"], "--test-size must be above 0 and below 1"),
        (["--test-size", "nan"], "--test-size must be above 0 and below 1"),
        (["--test-value", "BBC"], "--test-value goes with --by FIELD"),
        (["--undated", "keep"], "'keep' is not one of"),
    ],
)
def test_wrong_usage(split, write, relabelled, options, message):
    run = split(write("a.jsonl", relabelled("sport", "economy", "weather")), *options)
    assert (run.returncode, run.stdout) == (2, "")
    assert message in " ".join(run.stderr.split())


def test_it_does_not_write_over_what_it_reads(topicml, write, relabelled, tmp_path):
    data = write("train.jsonl", relabelled("sport", "economy", "weather"))
    before = data.read_bytes()
    run = topicml("split", data, "--out", tmp_path)
    assert (run.returncode, data.read_bytes()) == (2, before)
    assert "would overwrite the data" in " ".join(run.stderr.split())
