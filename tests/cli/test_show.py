from __future__ import annotations

from dataclasses import replace

import pytest

from topicml.training.saving import save_model

ODD_LABELS = ("../up", "a, b/c;\n[d]", "\x1b[31mred\x85")


def test_the_card_is_printed(topicml, model_of):
    run = topicml("show", model_of("sport", "economy", "weather"))
    assert (run.returncode, run.stderr) == (0, "")
    assert "\n\n# Model card\n" in run.stdout
    for told in (
        "one of 3 labels",
        "trained on 24 articles",
        "\n| accuracy | ",
        "\n| economy | ",
        "## Limits",
    ):
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
    assert [line.count("|") for line in labels] == [7, 7, 7]
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
    lines = run.stdout.partition("## Typical words for each label\n\n")[2].splitlines()
    assert [line.split(":")[0] for line in lines] == ["- economy", "- sport", "- weather"]
    for label, line in zip(base_classifier.classes_, lines, strict=True):
        told = ", ".join(f"{word} ({added:.2f})" for word, added in base_classifier.top_words(label, 3))
        assert line == f"- {label}: {told}"


def test_json_holds_typical_words_and_terms_only_if_asked(topicml, base_model_path, base_classifier):
    [told] = topicml("show", base_model_path, "--json", "--top-terms", "2").rows
    assert list(told["top_words"]) == list(told["top_terms"]) == ["economy", "sport", "weather"]
    assert [tuple(pair) for pair in told["top_words"]["sport"]] == list(base_classifier.top_words("sport", 2))
    assert [tuple(pair) for pair in told["top_terms"]["sport"]] == list(base_classifier.top_terms("sport", 2))
    assert "top_terms" not in topicml("show", base_model_path, "--json").rows[0]


def test_pieces_are_the_terms_themselves(topicml, base_model_path, base_classifier):
    run = topicml("show", base_model_path, "--top-terms", "2", "--pieces")
    terms = base_classifier.top_terms("sport", 2)
    assert "- sport: " + ", ".join(f"{term} ({value:.2f})" for term, value in terms) in run.stdout


def test_top_terms_of_odd_labels_steer_no_terminal(topicml, model_of):
    run = topicml("show", model_of(*ODD_LABELS), "--top-terms", "1")
    lines = run.stdout.partition("## Typical words for each label\n\n")[2].splitlines()
    assert len(lines) == 3
    assert not {"\x1b", "\x85"} & set(run.stdout)


def test_no_top_terms_are_wrong_usage(topicml, base_model_path):
    run = topicml("show", base_model_path, "--top-terms", "0")
    assert (run.returncode, run.stdout) == (2, "")


def test_it_begins_with_which_model_it_is(topicml, base_model_path, base_classifier):
    on_disk = sum(path.stat().st_size for path in base_model_path.iterdir())
    run = topicml("show", base_model_path)
    assert run.stdout.splitlines()[:4] == [
        f"base, fingerprint {base_classifier.fingerprint}",
        "3 labels, one for each article",
        "trained on 24 articles",
        f"{on_disk / 1000:.1f} kB on disk; {len(base_classifier.vectorizer)} terms, coefficients as int8",
    ]
    [described] = topicml("show", base_model_path, "--json").rows
    assert (described["bytes"], described["coef_dtype"]) == (on_disk, "int8")


def test_dates_of_articles_and_the_day_it_was_made_come_first(topicml, tmp_path, base_classifier):
    known = {"n_articles": 24, "dates": ["2015-01-03", "2022-12-30"], "created": "2026-11-30"}
    dated = replace(base_classifier, provenance={**base_classifier.provenance, **known})
    save_model(dated, tmp_path / "m")
    lines = topicml("show", tmp_path / "m").stdout.splitlines()
    assert lines[2] == "trained on 24 articles from 2015-01-03 to 2022-12-30; made on 2026-11-30"


def test_the_demo_model_has_a_name(topicml, tmp_path):
    run = topicml("show", "world-desk", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("world-desk, fingerprint ")
