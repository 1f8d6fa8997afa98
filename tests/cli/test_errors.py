from __future__ import annotations

import pytest

LABELS = ("sport", "economy", "weather")


@pytest.fixture
def data(write, relabelled):
    """The base articles, the first of which bears a wrong label."""
    rows = relabelled(*LABELS)
    rows[0]["label"] = "weather"
    return write("a.jsonl", rows)


def test_json_has_the_documented_fields(topicml, base_model_path, data):
    run = topicml("errors", base_model_path, data, "--json")
    [found] = run.rows
    assert run.returncode == 0
    assert found.keys() == {
        "n", "n_wrong", "n_abstained", "unknown_labels", "mistakes", "n_seen", "without_copies",
    }  # fmt: skip
    [mistake] = found["mistakes"]
    assert (mistake["position"], mistake["true"], mistake["given"]) == (0, ["weather"], ["sport"])
    assert mistake["wrong"].keys() == {"label", "probability", "supporting", "opposing", "characteristic"}
    assert mistake["place"] == f"{data}:1"


def test_people_read_what_led_to_each_mistake(topicml, base_model_path, data):
    run = topicml("errors", base_model_path, data, "--top", "1", "--terms", "2")
    assert run.returncode == 0
    assert "1 of 24 articles was predicted wrong.\n\npredicted sport, labelled weather (" in run.stdout
    for told in ("for sport: ", "for weather: ", "typical words for sport: "):
        assert told in run.stdout


def test_the_labels_of_the_data_may_be_mapped(topicml, base_model_path, write):
    data = write("a.jsonl", [{"text": "Cup final", "label": "SPORT"}, {"text": "All", "label": "Home"}])
    mapping = write("l.toml", 'drop = ["Home"]\n[rename]\n"SPORT" = "sport"\n')
    run = topicml("errors", base_model_path, data, "--label-mapping", mapping, "--json")
    assert (run.rows[0]["n"], run.rows[0]["n_wrong"]) == (1, 0)


def test_what_an_article_says_steers_no_terminal(topicml, base_model_path, write):
    data = write("a.jsonl", [{"text": "cup final \x1b[31m football", "label": "\x1b[2Jrain"}])
    run = topicml("errors", base_model_path, data)
    assert (run.returncode, "\x1b" in run.stdout) == (0, False)


@pytest.mark.parametrize("args", [("--top", "0"), ("--terms", "0")])
def test_impossible_numbers_are_wrong_usage(topicml, base_model_path, data, args):
    assert topicml("errors", base_model_path, data, *args).returncode == 2
