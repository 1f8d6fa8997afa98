"""How the references of measures are asked."""

from __future__ import annotations

import pytest
import sklearn


@pytest.fixture(scope="module", autouse=True)
def _references_trust_their_arguments():
    """The measures of scikit-learn that ours are held against take longer to check than to compute."""
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        yield
