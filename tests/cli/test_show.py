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
def test_narrow_terminals_show_escapes(process, model_of, encoding):
    model = model_of("Sport ⚽", "Économie", "天气")
    run = process("show", model, env={"PYTHONIOENCODING": encoding}, encoding=encoding)
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


def test_top_terms_are_a_line_for_each_label(topicml, base_model_path, base_classifier):
    run = topicml("show", base_model_path, "--top-terms", "3")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.partition("## Terms that speak most for a label\n\n")[2].splitlines()
    assert [line.split(":")[0] for line in lines] == ["- economy", "- sport", "- weather"]
    for label, line in zip(base_classifier.classes_, lines, strict=True):
        told = ", ".join(f"{term} ({weight:.2f})" for term, weight in base_classifier.top_terms(label, 3))
        assert line == f"- {label}: {told}"


def test_json_holds_top_terms_only_if_asked(topicml, base_model_path, base_classifier):
    [told] = topicml("show", base_model_path, "--json", "--top-terms", "2").rows
    assert list(told["top_terms"]) == ["economy", "sport", "weather"]
    assert [tuple(pair) for pair in told["top_terms"]["sport"]] == list(base_classifier.top_terms("sport", 2))
    assert "top_terms" not in topicml("show", base_model_path, "--json").rows[0]


def test_top_terms_of_odd_labels_steer_no_terminal(topicml, model_of):
    run = topicml("show", model_of(*ODD_LABELS), "--top-terms", "1")
    lines = run.stdout.partition("## Terms that speak most for a label\n\n")[2].splitlines()
    assert len(lines) == 3
    assert not {"\x1b", "\x85"} & set(run.stdout)


def test_no_top_terms_are_wrong_usage(topicml, base_model_path):
    run = topicml("show", base_model_path, "--top-terms", "0")
    assert (run.returncode, run.stdout) == (2, "")


def test_size_and_storage_are_told(topicml, base_model_path, base_classifier):
    on_disk = sum(path.stat().st_size for path in base_model_path.iterdir())
    run = topicml("show", base_model_path)
    told = run.stdout.partition("\n## Size\n\n")[2].splitlines()
    assert told[:2] == [
        f"- {on_disk / 1000:.1f} kB on disk",
        f"- {len(base_classifier.vectorizer)} terms, coefficients as int8",
    ]
    [described] = topicml("show", base_model_path, "--json").rows
    assert (described["bytes"], described["coef_dtype"]) == (on_disk, "int8")
