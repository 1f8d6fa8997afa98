from __future__ import annotations

import pytest

from topicml.exceptions import TopicmlValueError
from topicml.serving.limits import Limits


@pytest.mark.parametrize("name", ["body_bytes", "articles", "seconds", "requests"])
def test_a_limit_is_above_nothing(name):
    with pytest.raises(TopicmlValueError, match=f"{name} must be above 0, found 0"):
        Limits(**{name: 0})
