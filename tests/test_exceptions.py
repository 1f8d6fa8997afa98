from __future__ import annotations

import pickle

import pytest

import topicml
from topicml import exceptions

BUILTINS = {
    "CorpusError": {ValueError},
    "NothingNewError": {exceptions.CorpusError},
    "ModelFormatError": {ValueError},
    "TopicmlTypeError": {TypeError},
    "TopicmlValueError": {ValueError},
    "UnkeptPromiseError": {ValueError},
    "NotFittedError": {ValueError, AttributeError},  # as scikit-learn's own
    "MissingExtraError": {ImportError},
    "UnexportableError": {ValueError},
}
OWN = {name: found for name, found in vars(exceptions).items() if isinstance(found, type)}


def test_each_belongs_to_the_family_and_is_the_builtin_that_a_caller_expects():
    found = {name: set(error.__bases__) - {topicml.TopicmlError} for name, error in OWN.items()}
    assert found.pop("TopicmlError") == {Exception}
    assert found == BUILTINS
    assert all(issubclass(error, topicml.TopicmlError) for error in OWN.values())


@pytest.mark.parametrize("error", OWN.values(), ids=OWN)
def test_the_message_of_one_arrives_from_another_process(error):
    """A worker's error is pickled: one whose message were lost on the way would tell nothing."""
    again = pickle.loads(pickle.dumps(error("a.csv:3: no text column")))
    assert (type(again), str(again)) == (error, "a.csv:3: no text column")
