from __future__ import annotations

import pytest

from topicml.exceptions import TopicmlValueError
from topicml.model.feature_settings import FeatureSettings


@pytest.mark.parametrize(
    ("settings", "orders", "char_orders"),
    [
        (FeatureSettings(), [1, 2], []),
        (FeatureSettings((2, 5), (2, 8)), [2, 3, 4, 5], [2, 3, 4, 5, 6, 7, 8]),
        (FeatureSettings(None, (3, 3)), [], [3]),
    ],
)
def test_ranges_are_lists_of_orders_with_both_ends(settings, orders, char_orders):
    assert (list(settings.orders), list(settings.char_orders)) == (orders, char_orders)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ngram_range": None}, "are both None: there would be no terms"),
        ({"ngram_range": (0, 1)}, r"^ngram_range must be .* with 1 <= low <= high <= 5, found \(0, 1\)"),
        ({"ngram_range": (2, 1)}, r"^ngram_range must .*, found \(2, 1\)"),
        ({"ngram_range": (1, 6)}, r"^ngram_range must .*, found \(1, 6\)"),
        ({"char_ngram_range": (1, 3)}, r"^char_ngram_range must be .* with 2 <= .* <= 8, found \(1, 3\)"),
        ({"char_ngram_range": (3, 9)}, r"^char_ngram_range must .*, found \(3, 9\)"),
        ({"title_weight": 0}, "title_weight must be from 1 to 10, found 0"),
        ({"title_weight": 11}, "title_weight must be from 1 to 10, found 11"),
        ({"min_token_length": 0}, "min_token_length must be 1 or more, found 0"),
        ({"min_token_length": 65}, "min_token_length must be from 1 to 64, found 65"),
    ],
    ids=str,
)
def test_what_is_out_of_bounds_is_refused(wrong, message):
    with pytest.raises(TopicmlValueError, match=message):
        FeatureSettings(**wrong)
