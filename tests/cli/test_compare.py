from __future__ import annotations

import re
from dataclasses import replace

import pytest

from topicml.model.persistence import save_classifier
from topicml.training.train import train

LABELS = ("sport", "economy", "weather")


@pytest.fixture(scope="module")
def model_path(base_classifier, tmp_path_factory):
    """The base model, which does not know what it was trained on."""
    folder = tmp_path_factory.mktemp("models") / "forgetful"
    save_classifier(replace(base_classifier, fingerprints=None), folder)
    return folder


@pytest.fixture(scope="module")
def worse_model(base_articles, tmp_path_factory):
    """The folder of a model that has half of its articles' labels wrong."""
    turned = dict(zip(LABELS, (*LABELS[1:], LABELS[0]), strict=True))
    wrong = [replace(a, labels=(turned[a.labels[0]],)) if k % 2 else a for k, a in enumerate(base_articles)]
    folder = tmp_path_factory.mktemp("models") / "worse"
    save_classifier(replace(train(wrong, n_jobs=1).classifier, fingerprints=None), folder)
    return folder


@pytest.fixture
def data(write, relabelled):
    return write("a.jsonl", relabelled(*LABELS))


def test_json_has_the_documented_fields(topicml, model_path, worse_model, data):
    run = topicml("compare", model_path, worse_model, data, "--json")
    [found] = run.rows
    assert run.returncode == 0
    assert (found["verdict"], found["measure"], found["n"]) == ("worse", "macro_f1", 24)
    assert found["differences"].keys() == {"macro_f1", "accuracy", "micro_f1"}
    assert found["differences"]["accuracy"].keys() == {"a", "b", "difference", "interval", "p_value"}
    assert found["labels"].keys() == found["support"].keys() == set(LABELS)
    assert found["disagreements"][0].keys() == {"position", "id", "truth", "a", "b"}


def test_people_read_the_verdict_first(topicml, model_path, worse_model, data):
    run = topicml("compare", model_path, worse_model, data, "--measure", "accuracy")
    assert run.returncode == 0
    assert run.stdout.startswith("B is worse than A (accuracy, 24 articles)\n\nmeasure ")
    assert "McNemar's test: p = " in run.stdout
    assert re.search(
        r"^smallest difference in accuracy this test set could detect \(80% power\): 0\.\d{3}$",
        run.stdout,
        re.M,
    )
    assert re.search(
        r"^articles with different labels: \d\d; the first 10 \(--json lists all\):$", run.stdout, re.M
    )
    listed = run.stdout.splitlines()[-40:]
    assert all(re.fullmatch(rf"{re.escape(str(data))}:\d+", line) for line in listed[::4])
    for k, name in enumerate(("true", "A", "B"), 1):
        assert [line.split()[0] for line in listed[k::4]] == [name] * 10
        assert {line.split(maxsplit=1)[1] for line in listed[k::4]} <= set(LABELS)


@pytest.mark.parametrize(("turned", "status"), [(False, 3), (True, 0)])
@pytest.mark.parametrize("measure", ["macro_f1", "accuracy", "micro_f1"])
def test_it_fails_for_a_worse_model_alone(topicml, model_path, worse_model, data, turned, status, measure):
    models = (worse_model, model_path) if turned else (model_path, worse_model)
    run = topicml("compare", *models, data, "--fail-if-worse", "--measure", measure, "--json")
    assert (run.returncode, run.rows[0]["verdict"]) == (status, "better" if turned else "worse")
    assert ("B is worse than A" in run.stderr) == (not turned)


def test_no_difference_is_no_failure(topicml, model_path, data):
    run = topicml("compare", model_path, model_path, data, "--fail-if-worse")
    assert (run.returncode, "no difference shown" in run.stdout) == (0, True)
    assert "note: the models differ on only 0 stories" in run.stderr


def test_articles_that_a_model_was_trained_on_give_no_verdict(topicml, base_model_path, model_path, data):
    """Regression: a model that was retrained on all data was called better on data that it knew by heart."""
    run = topicml("compare", model_path, base_model_path, data)
    assert run.returncode == 0
    assert run.stdout.startswith("no verdict: 24 of 24 articles were in the training data of model B\n")
    assert "better" not in run.stdout
    gate = topicml("compare", model_path, base_model_path, data, "--fail-if-worse")
    assert gate.returncode == 1
    assert "error: too few of the articles are new to both models" in gate.stderr


def test_where_some_were_trained_on_the_verdict_is_about_the_others(
    topicml, base_model_path, worse_model, write, relabelled
):
    known = relabelled(*LABELS)
    fresh = [
        {**row, "text": f"{row['text'].split('.')[0]} and {k} more words that are new here"}
        for k, row in enumerate(known)
    ]
    run = topicml("compare", base_model_path, worse_model, write("b.jsonl", [*known, *fresh]), "--json")
    [found] = run.rows
    assert (found["n_given"], found["n"]) == (48, 48 - found["n_in_training"]["A"])
    assert found["n_in_training"]["A"] >= 24
    assert found["verdict"] != "no verdict"
    shown = topicml("compare", base_model_path, worse_model, write("b.jsonl", [*known, *fresh])).stdout
    assert (
        f"\nleft out: {found['n_in_training']['A']} of 48 articles, which are in training data (A: " in shown
    )


def test_labels_that_one_model_knows_alone_are_told(topicml, model_path, model_of, data):
    other = model_of("sport", "economy", "[red]art[/red]")
    run = topicml("compare", model_path, other, data, "--json", env={"FORCE_COLOR": "1"})
    assert run.returncode == 0
    assert "note: labels that only model B knows: [red]art[/red]\n" in run.stderr


def test_the_labels_of_the_data_may_be_mapped(topicml, model_path, write):
    data = write("a.jsonl", [{"text": "Cup final", "label": "SPORT"}, {"text": "All", "label": "Home"}])
    mapping = write("l.toml", 'drop = ["Home"]\n[rename]\n"SPORT" = "sport"\n')
    run = topicml("compare", model_path, model_path, data, "--label-mapping", mapping, "--json")
    assert (run.rows[0]["n"], run.rows[0]["differences"]["accuracy"]["a"]) == (1, 1)


def test_models_that_cannot_be_compared_are_one_line(topicml, model_path, model_of, data):
    run = topicml("compare", model_path, model_of("a", "b", "c"), data)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert run.stderr.startswith("error: the models have no label in common: ")


def test_a_damaged_model_is_one_line(topicml, model_path, damaged_model, data):
    run = topicml("compare", model_path, damaged_model, data, "--fail-if-worse")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert run.stderr.startswith(f"error: {damaged_model}/")


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "b"], ["a", "b", "c", "--measure", "f1"]])
def test_wrong_usage(topicml, arguments):
    run = topicml("compare", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
