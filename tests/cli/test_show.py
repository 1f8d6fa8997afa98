from __future__ import annotations

import pytest

ODD_LABELS = ("../up", "a, b/c;\n[d]", "\x1b[31mred\x85")


def test_the_card_is_printed(topicml, model_of):
    run = topicml("show", model_of("sport", "economy", "weather"))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("# Model card\n")
    for told in ("one label of 3", "- 24 articles", "\n| accuracy | ", "\n| economy | ", "## Limits"):
        assert told in run.stdout


def test_json_says_what_the_model_is(topicml, base_model_path, base_classifier):
    run = topicml("show", base_model_path, "--json", env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    [description] = run.rows
    assert (run.returncode, run.stderr) == (0, "")
    assert description["classes"] == ["economy", "sport", "weather"]
    assert description["target_type"] == "multiclass"
    assert description["n_terms"] == len(base_classifier.vectorizer)
    assert description["provenance"]["n_articles"] == 24


def test_labels_stay_on_one_line_and_steer_no_terminal(topicml, model_of):
    run = topicml("show", model_of(*ODD_LABELS))
    assert run.returncode == 0
    labels = [line for line in run.stdout.splitlines() if line.endswith(" | 8 |")]
    assert [line.count("|") for line in labels] == [6, 6, 6]
    assert any("a, b/c; [d]" in line for line in labels)
    assert not {"\x1b", "\x85"} & set(run.stdout)
    assert topicml("show", model_of(*ODD_LABELS), "--json").rows[0]["classes"] == sorted(ODD_LABELS)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_narrow_terminals_show_escapes(topicml, model_of, encoding):
    model = model_of("Sport ⚽", "Économie", "天气")
    run = topicml("show", model, env={"PYTHONIOENCODING": encoding}, encoding=encoding)
    assert run.returncode == 0
    assert "| \\u5929\\u6c14 |" in run.stdout


def test_a_damaged_model_exits_with_1(topicml, damaged_model):
    run = topicml("show", damaged_model)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"error: {damaged_model}/")
    assert run.stderr.count("\n") == 1


def test_a_file_is_no_model(topicml, write):
    run = topicml("show", write("model.json", "{}"))
    assert (run.returncode, run.stdout) == (1, "")
    assert "expected a folder with a model.json, found a file there" in run.stderr
