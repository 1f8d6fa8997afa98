from __future__ import annotations

import csv

import pytest

SPORT = "cup final league goal"
RAIN = "heavy rain storm wind"
KINDS = {"wrong", "one_too_many", "missing"}


@pytest.fixture
def data(write):
    """Two labels that are easy to tell, and one article under the wrong one."""
    rows = [{"text": f"{SPORT} {k}", "label": "sport"} for k in range(20)]
    rows += [{"text": f"{RAIN} {k}", "label": "weather"} for k in range(20)]
    return write("a.jsonl", [*rows, {"text": f"{RAIN} again", "label": "sport", "id": "wrong"}])


def test_json_has_the_documented_fields(topicml, data):
    run = topicml("suspects", data, "--json")
    [found] = run.rows
    assert run.returncode == 0
    assert (found["n"], found["n_suspects"], set(found["shares"])) == (41, 1, KINDS)
    [suspect] = found["suspects"]
    assert (suspect["place"], suspect["given"], suspect["suggested"]) == (f"{data}:41", "sport", "weather")
    assert [found[kind] for kind in ("wrong", "one_too_many", "missing")] == [[suspect], [], []]


def test_people_get_a_table_and_a_file(topicml, data, tmp_path):
    run = topicml("suspects", data, "--out", tmp_path / "s.csv")
    assert run.returncode == 0
    assert run.stdout.startswith("1 suspect label in 41 articles; about 1 of them ")
    assert f"1 suspect in {tmp_path / 's.csv'}; write your decisions" in run.stderr
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["row"], row["id"], row["decision"]) == ("41", "wrong", "")
    assert (row["kind"], row["given"], row["suggested"]) == ("wrong", "sport", "weather")


def test_a_multilabel_corpus_is_judged_label_by_label(topicml, data):
    run = topicml("suspects", data, "--target", "multilabel", "--json")
    [found] = run.rows
    assert found["n_labels"] == 82
    assert [(s["given"], s["suggested"]) for s in found["suspects"]] == [("sport", "weather")]


def test_the_settings_can_be_those_of_a_model(topicml, data, tmp_path):
    topicml("train", data, "--out", tmp_path / "m")
    run = topicml("suspects", data, "--model", tmp_path / "m", "--json")
    assert run.rows[0]["n_suspects"] == 1


def test_less_probable_errors_can_be_left_out(topicml, data):
    run = topicml("suspects", data, "--min-probability", "0.9999")
    assert run.stdout.startswith("No suspect labels in 41 articles\n")


def test_the_data_is_not_overwritten(topicml, data):
    before = data.read_bytes()
    run = topicml("suspects", data, "--out", data)
    assert (run.returncode, data.read_bytes()) == (2, before)
    assert "would overwrite the data" in run.stderr


def test_a_file_that_cannot_be_written_is_one_line(topicml, data, tmp_path):
    run = topicml("suspects", data, "--out", tmp_path / "none" / "s.csv")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
