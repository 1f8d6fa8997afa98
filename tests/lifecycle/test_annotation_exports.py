"""Forms are those that the tools' documentation and code show; see the module's docstring."""

from __future__ import annotations

import pytest

from topicml.exceptions import CorpusError
from topicml.lifecycle.annotation_exports import decisions_of, tool_of

NEWS = {"text": "A late goal.", "title": "Cup final", "article_id": "a7"}


def choices(*labels, name="label"):
    return {
        "id": "Dx_aB91ISN",
        "from_name": name,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(labels)},
    }


def label_studio(*annotations, **other):
    return {"id": 1, "data": NEWS, "annotations": list(annotations), "predictions": [], **other}


def annotation(*results, **other):
    return {"id": 1001, "result": list(results), "was_cancelled": False, "completed_by": 10, **other}


def said(found):
    """What the decisions in an object say, without the article."""
    decisions = decisions_of(found, tool_of(found), "a.json:1")
    return [(decision.action, decision.labels or decision.removed) for decision in decisions]


@pytest.mark.parametrize(
    ("found", "tool"),
    [
        (label_studio(), "label-studio"),
        ({"text": "Rain", "id": 3, "label": "weather", "annotator": 1, "lead_time": 2.5}, "label-studio"),
        ({"text": "Rain", "label": "weather", "answer": "accept"}, "prodigy"),
        ({"text": "Rain", "_input_hash": 1, "options": []}, "prodigy"),
        ({"text": "Rain", "accept": ["weather"], "answer": "accept", "annotator": "Ana"}, "prodigy"),
        ({"id": 13, "text": "Rain", "label": ["weather"]}, "doccano"),
        ({"id": 13, "text": "Rain", "labels": ["weather"], "meta": {}}, "doccano"),
        ({"id": "a7", "label": "weather"}, None),
        ({"id": "a7", "label": ["weather"], "decision": "label"}, None),
    ],
)
def test_an_export_says_whose_it_is(found, tool):
    assert tool_of(found) == tool


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (label_studio(annotation(choices("sport"))), [("label", ("sport",))]),
        (label_studio(annotation(choices("sport", "art"))), [("label", ("sport", "art"))]),
        (label_studio(annotation(choices("sport"), choices("art"))), [("label", ("sport", "art"))]),
        (label_studio(annotation()), [("label", ())]),
        (label_studio(), [("skip", ())]),
        (label_studio(annotation(choices("sport"), was_cancelled=True)), [("skip", ())]),
        (
            label_studio(annotation(choices("sport")), annotation(choices("art"))),
            [("label", ("sport",)), ("label", ("art",))],
        ),
        (label_studio(annotation(choices("sport", name="topic"))), [("label", ("sport",))]),
        (
            label_studio(annotation(choices("sport"), choices("good", name="tone"))),
            [("label", ("sport",))],
        ),
        (label_studio(predictions=[{"result": [choices("sport")]}]), [("skip", ())]),
        (
            {"id": 1, "data": NEWS, "completions": [{"result": [choices("sport")], "skipped": True}]},
            [("skip", ())],
        ),
    ],
    ids=[
        *("one choice", "several choices", "choices in steps", "no choice", "nobody was there", "skipped"),
        *("two annotators", "another name", "two controls", "a prediction", "an old export"),
    ],
)
def test_label_studio_exports_annotations(found, expected):
    assert said(found) == expected


def of_label_studio_min(**chosen):
    return {**NEWS, "id": 1, **chosen, "annotator": 1, "annotation_id": 1001, "lead_time": 4.3}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (of_label_studio_min(label="sport"), ("label", ("sport",))),
        (of_label_studio_min(label={"choices": ["sport", "art"]}), ("label", ("sport", "art"))),
        (of_label_studio_min(sentiment="sport"), ("label", ("sport",))),
        (of_label_studio_min(), ("label", ())),
    ],
    ids=["one choice", "several choices", "another name", "no choice"],
)
def test_label_studio_exports_a_short_form(found, expected):
    assert said(found) == [expected]


def test_ids_of_label_studio_itself_are_no_ids_of_articles():
    found = {"id": 1, "text": "Rain", "label": "weather", "annotator": 1}
    [decision] = decisions_of(found, "label-studio", "a.json:1")
    assert (decision.id, decision.text) == (None, "Rain")


def test_ids_in_the_data_of_label_studio_are_the_articles():
    found = {"id": 1, "data": {"id": "a7", "text": "Rain"}, "annotations": []}
    assert [decision.id for decision in decisions_of(found, "label-studio", "a.json:1")] == ["a7"]


@pytest.mark.parametrize(
    "found",
    [
        label_studio(annotation(choices("sport", name="topic"), choices("good", name="tone"))),
        of_label_studio_min(topic="sport", tone="good"),
    ],
)
def test_one_of_several_controls_must_be_named(found):
    with pytest.raises(
        CorpusError, match=r"one control with choices, found 'topic', 'tone'; name .* 'label'"
    ):
        said(found)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"accept": ["sport"], "answer": "accept"}, ("label", ("sport",))),
        ({"accept": ["sport", "art"], "answer": "accept"}, ("label", ("sport", "art"))),
        ({"accept": [], "answer": "accept"}, ("label", ())),
        ({"accept": ["sport"], "answer": "reject"}, ("skip", ())),
        ({"accept": ["sport"], "answer": "ignore"}, ("skip", ())),
        ({"accept": ["sport"]}, ("skip", ())),
        ({"label": "sport", "answer": "accept"}, ("add", ("sport",))),
        ({"label": "sport", "answer": "reject"}, ("remove", ("sport",))),
        ({"label": "sport", "answer": "ignore"}, ("skip", ())),
    ],
    ids=str,
)
def test_prodigy_exports_answers(given, expected):
    assert said({**NEWS, "_task_hash": 1, **given}) == [expected]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer": "accept"}, "a list under 'accept' or a label under 'label', found neither"),
        ({"answer": "yes", "label": "sport"}, "expected accept, reject or ignore as the answer, found 'yes'"),
    ],
)
def test_what_prodigy_does_not_write_is_named(given, message):
    with pytest.raises(CorpusError, match=message):
        said({**NEWS, **given})


def test_prodigy_keeps_ids_beside_the_text():
    found = {"text": "Rain", "meta": {"id": "a7"}, "label": "weather", "answer": "accept"}
    assert [decision.id for decision in decisions_of(found, "prodigy", "a.jsonl:1")] == ["a7"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"id": 13, **NEWS, "label": ["sport"], "Comments": []}, ("label", ("sport",))),
        ({"id": 13, **NEWS, "label": ["sport", "art"]}, ("label", ("sport", "art"))),
        ({"id": 13, "text": "Rain", "labels": ["weather"], "meta": {}}, ("label", ("weather",))),
        ({"id": 13, **NEWS, "label": []}, ("skip", ())),
    ],
    ids=["one label", "two labels", "an old export", "no label"],
)
def test_doccano_exports_labels(found, expected):
    assert said(found) == [expected]


def test_doccano_keeps_the_ids_of_articles_as_metadata():
    """Its own ids are numbers of its database."""
    for found in ({"id": 13, **NEWS, "label": []}, {"id": 13, "text": "", "labels": [], "meta": NEWS}):
        assert [decision.id for decision in decisions_of(found, "doccano", "a.jsonl:1")] == ["a7"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"text": "Rain", "annotations": [{"label": 3, "user": 1}]}, "found the numbers of labels"),
        ({"text": "Rain", "label": [[0, 2, "ORG"]]}, "found a list in it"),
    ],
)
def test_labels_of_doccano_that_are_no_text_are_named(found, message):
    with pytest.raises(CorpusError, match=message):
        list(decisions_of(found, "doccano", "a.jsonl:1"))


@pytest.mark.parametrize("label", ['["sport"]', "[sport]", "#N/A", "{'a'}"])
def test_a_label_is_what_was_chosen_whatever_it_spells(label):
    assert said(label_studio(annotation(choices(label)))) == [("label", (label,))]
    assert said(of_label_studio_min(label=label)) == [("label", (label,))]
    assert said({**NEWS, "label": label, "answer": "accept"}) == [("add", (label,))]
