from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.exceptions import CorpusError
from topicml.lifecycle.decided_labels import change_kind, decided_labels
from topicml.lifecycle.decisions import ACTIONS, Decision

LABELS = st.lists(st.sampled_from(["art", "chess", "sport"]), unique=True, max_size=3).map(tuple)
DECISIONS = st.builds(Decision, st.sampled_from([a for a in ACTIONS if a != "skip"]), LABELS, LABELS)


def label(*labels, origin=""):
    return Decision("label", labels, origin=origin)


def add(*labels):
    return Decision("add", labels)


def remove(*labels):
    return Decision("remove", removed=labels)


def replace(given, suggested):
    return Decision("replace", (suggested,), (given,))


KEEP = Decision("keep")


@pytest.mark.parametrize(
    ("before", "decisions", "expected"),
    [
        (None, [label("art")], ("art",)),
        (("sport",), [label("art")], ("art",)),
        (("sport",), [label("sport")], ("sport",)),
        (("sport",), [KEEP], ("sport",)),
        (None, [KEEP], None),
        (("sport",), [replace("sport", "art")], ("art",)),
        (("art",), [replace("sport", "art")], ("art",)),
        (None, [add("art")], ("art",)),
        (None, [remove("art")], None),
        (None, [add("art"), remove("sport")], ("art",)),
        (("sport",), [remove("sport")], None),
        (("sport",), [remove("art")], ("sport",)),
        (("sport",), [add("art"), remove("sport")], ("art",)),
        (("sport",), [label()], None),
        (("sport",), [label("art"), label("art")], ("art",)),
        (("sport",), [KEEP, label("sport")], ("sport",)),
        (("sport",), [label("art"), replace("sport", "art")], ("art",)),
    ],
)
def test_an_article_that_has_one_label_gets_one(before, decisions, expected):
    assert decided_labels(before, decisions, several=False) == expected


@pytest.mark.parametrize(
    ("before", "decisions", "expected"),
    [
        (("sport",), [add("art")], ("sport", "art")),
        (("sport", "art"), [remove("sport")], ("art",)),
        (("sport",), [remove("sport")], ()),
        (("sport", "art"), [replace("sport", "chess")], ("art", "chess")),
        (None, [label()], ()),
        (None, [add("sport"), add("art")], ("art", "sport")),
        (("art", "sport"), [label("sport", "art")], ("art", "sport")),
        (("sport",), [label("sport", "art"), label("art", "sport")], ("art", "sport")),
        (("sport",), [label("sport", "art"), add("art")], ("sport", "art")),
    ],
)
def test_an_article_that_may_have_several_gets_any_number(before, decisions, expected):
    assert decided_labels(before, decisions, several=True) == expected


@pytest.mark.parametrize(
    ("before", "decisions"),
    [
        (("sport",), [label("art"), label("chess")]),
        (("sport",), [KEEP, label("art")]),
        (("sport",), [KEEP, add("art")]),
        (("sport",), [KEEP, replace("sport", "art")]),
        (("sport",), [add("art"), remove("art")]),
        (("sport",), [label("art"), remove("art")]),
        (("sport",), [label("art"), add("chess")]),
        (("sport",), [replace("sport", "art"), replace("sport", "chess")]),
        (("sport",), [label(), add("art")]),
    ],
)
def test_contradictions_are_named_in_any_order(before, decisions):
    messages = set()
    for order in permutations(decisions):
        with pytest.raises(CorpusError, match="decisions contradict each other: ") as error:
            decided_labels(before, order, several=True)
        messages.add(str(error.value))
    assert len(messages) == 1


def test_a_contradiction_names_places_and_labels():
    first, second = label("art", origin="a.csv:2"), label("chess", origin="b.csv:7")
    with pytest.raises(CorpusError, match=r"a\.csv:2: label 'art'; b\.csv:7: label 'chess'"):
        decided_labels(None, [second, first], several=True)


@pytest.mark.parametrize("before", [("chess",), (), None])
def test_a_label_that_the_article_does_not_have_is_not_replaced(before):
    with pytest.raises(
        CorpusError, match=r"replace 'sport' by 'art', but its labels are (none|no label|'chess')"
    ):
        decided_labels(before, [replace("sport", "art")], several=True)


@pytest.mark.parametrize("decision", [add("art"), label("art", "sport")])
def test_two_labels_where_each_article_has_one_are_refused(decision):
    with pytest.raises(CorpusError, match=r"would have the labels .*, but each article of the data has one"):
        decided_labels(("sport",), [decision], several=False)


@given(st.none() | LABELS, st.lists(DECISIONS, min_size=1, max_size=3), st.booleans())
def test_the_order_of_decisions_does_not_matter(before, decisions, several):
    found = set()
    for order in permutations(decisions):
        try:
            found.add(decided_labels(before, order, several=several))
        except CorpusError:
            found.add("refused")
    assert len(found) == 1


@given(st.none() | LABELS, LABELS, st.booleans())
def test_what_is_decided_is_what_an_article_has(before, labels, several):
    decision = label(*labels if several else labels[:1])
    after = decided_labels(before, [decision], several=several)
    assert set(after or ()) == set(decision.labels)
    assert decided_labels(after, [decision], several=several) == after


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, ("art",), "labelled"),
        (None, (), "labelled"),
        (None, None, "kept"),
        (("art",), ("art",), "kept"),
        (("art",), ("sport",), "replaced"),
        (("art",), ("art", "sport"), "added"),
        (("art", "sport"), ("art",), "removed"),
        (("art",), None, "removed"),
        ((), ("art",), "added"),
    ],
)
def test_a_change_has_a_kind(before, after, kind):
    assert change_kind(before, after) == kind
