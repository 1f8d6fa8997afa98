from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.model.explanation import Evidence, Explanation, stretches

TEXT = "heavy rain tonight"


def explanation_of(*evidence, text=TEXT):
    return Explanation(text, "weather", 0.5, 0.0, 0.0, evidence)


SPANS = st.tuples(st.integers(0, 17), st.integers(1, 18)).filter(lambda span: span[0] < span[1])
EVIDENCE = st.builds(
    Evidence,
    st.sampled_from(["a", "b", "c"]),
    st.floats(-1, 1),
    st.lists(SPANS, min_size=1, max_size=3).map(tuple),
)


def test_overlapping_terms_worked_by_hand():
    heavy_rain = Evidence("heavy rain", 0.5, ((0, 10),))
    rain = Evidence("rain", -1.5, ((6, 10),))
    assert [
        (part.text, part.strength, [found.term for found in part.evidence])
        for part in stretches(explanation_of(heavy_rain, rain))
    ] == [("heavy ", 0.5, ["heavy rain"]), ("rain", -1.0, ["rain", "heavy rain"]), (" tonight", 0.0, [])]


def test_a_term_that_overlaps_itself_lies_there_once():
    again = Evidence("rain rain", 1.0, ((0, 9), (5, 14)))
    cut = stretches(explanation_of(again, text="rain rain rain"))
    assert [(part.text, part.strength) for part in cut] == [("rain ", 1.0), ("rain", 1.0), (" rain", 1.0)]


@pytest.mark.parametrize("text", ["", "Rain"])
def test_a_text_without_terms_is_one_plain_stretch(text):
    assert "".join(part.text for part in stretches(explanation_of(text=text))) == text
    assert all(part.strength == 0 for part in stretches(explanation_of(text=text)))


@given(st.lists(EVIDENCE, max_size=6))
def test_stretches_are_the_text_and_know_what_lies_over_them(evidence):
    place = 0
    for part in stretches(explanation_of(*evidence)):
        end = place + len(part.text)
        assert part.text == TEXT[place:end] != ""
        lying = [found for found in evidence if any(s <= place and end <= e for s, e in found.spans)]
        assert sorted(map(repr, part.evidence)) == sorted(map(repr, lying))
        assert -1 <= part.strength <= 1
        place = end
    assert place == len(TEXT)
