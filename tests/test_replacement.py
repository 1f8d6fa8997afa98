from __future__ import annotations

from topicml.training.model_card import replacement_lines
from topicml.training.record import RECORD

NAMES = {"macro_f1": "macro F1"}


def test_a_model_that_replaced_none_has_no_line():
    assert replacement_lines({}, NAMES) == []


def test_both_scores_and_their_difference_stand_in_one_line():
    found = {"a": 0.75, "b": 0.7, "difference": -0.05, "interval": [-0.1, 0.02]}
    compared = {"measure": "macro_f1", "differences": {"macro_f1": found}, "n": 1}
    assert replacement_lines({RECORD: {"replaced": "abcdef012345678", "comparison": compared}}, NAMES) == [
        "- trained anew, in place of the model `abcdef012345`: macro F1 0.750 -> 0.700 "
        "(difference -0.050, 95 % interval -0.100 to +0.020) on 1 article held out"
    ]
