from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from sklearn.exceptions import DataConversionWarning

from topicml.exceptions import CorpusError, TopicmlError, TopicmlTypeError, TopicmlValueError
from topicml.interop.target_forms import read_target

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))  # NumPy cuts a final NUL off


def assigned(form, labels):
    """Return the matrix of which article bears which label."""
    return np.array([[name in row for name in form.names] for row in labels], bool).reshape(len(labels), -1)


class TestRoundTrip:
    @given(st.lists(WORDS, min_size=2, max_size=9).filter(lambda y: len(set(y)) > 1))
    def test_text(self, y):
        form, labels = read_target(y)
        assert (form.kind, form.target_type) == ("labels", "multiclass")
        assert labels == [(label,) for label in y]
        assert form.restore(assigned(form, labels)).tolist() == y

    @given(st.lists(st.integers(-(2**62), 2**62), min_size=2, max_size=9).filter(lambda y: len(set(y)) > 1))
    def test_whole_numbers(self, y):
        form, labels = read_target(y)
        assert form.classes_.tolist() == sorted(set(y))
        assert form.restore(assigned(form, labels)).tolist() == y

    @given(st.lists(st.sets(WORDS), min_size=1, max_size=9).filter(any))
    def test_lists_of_labels(self, y):
        form, labels = read_target(y)
        assert (form.kind, form.target_type) == ("lists", "multilabel")
        assert form.restore(assigned(form, labels)) == [tuple(sorted(row)) for row in y]

    @given(st.lists(st.tuples(*[st.integers(0, 1)] * 12), min_size=1, max_size=5))
    def test_indicator_matrix(self, y):
        form, labels = read_target(np.array(y, np.int8))
        assert (form.kind, form.target_type) == ("indicator", "multilabel")
        restored = form.restore(assigned(form, labels))
        assert restored.dtype == np.int8
        assert restored.tolist() == [list(row) for row in y]


class TestForms:
    @pytest.mark.parametrize("form", [list, tuple, iter, np.array, lambda y: np.array(y, object)])
    def test_one_label_each(self, form):
        assert read_target(form(["b", "a", "b"]))[1] == [("b",), ("a",), ("b",)]

    @pytest.mark.parametrize("row", [list, tuple, set, frozenset])
    @pytest.mark.parametrize("whole", [list, tuple, iter])
    def test_lists_of_labels(self, row, whole):
        assert read_target(whole([row("a"), row("ba"), row("")]))[1] == [("a",), ("a", "b"), ()]

    def test_an_array_of_lists(self):
        y = np.empty(2, object)
        y[:] = [["a"], ["a", "b"]]
        assert read_target(y)[1] == [("a",), ("a", "b")]

    def test_lists_that_are_all_of_one_length_are_still_lists(self):
        assert read_target([["a"], ["b"]])[0].kind == "lists"
        assert read_target([["a", "b"], ["b", "c"]])[1] == [("a", "b"), ("b", "c")]

    def test_a_label_given_twice_is_one(self):
        form, labels = read_target([["a", "a"], ["b"]])
        assert form.classes_.tolist() == ["a", "b"]
        assert set(labels[0]) == {"a"}

    @pytest.mark.parametrize("form", [list, np.array, coo_array])
    def test_indicator_matrices(self, form):
        assert read_target(form([[1, 0], [1, 1]]))[1] == [("0",), ("0", "1")]

    def test_a_column_is_taken_with_a_warning_as_scikit_learn_does(self):
        with pytest.warns(DataConversionWarning, match="column-vector"):
            assert read_target(np.array([[3], [4]]))[1] == [("3",), ("4",)]


class TestRefused:
    @pytest.mark.parametrize(
        ("y", "message"),
        [
            (None, "requires y to be passed, but the target y is None"),
            ([0.5, 1.5, 2.5], "Unknown label type: continuous"),
            (np.array([["a", "b"], ["b", "c"]]), "Unknown label type: multiclass-multioutput"),
            (np.array([object(), object()]), "Unknown label type: unknown"),
            ([None, None], "Unknown label type: unknown"),
            ([0.0, 2.0**63], "Unknown label type: continuous"),
            ([1.0, float("nan")], "Input y contains NaN"),
            ([1.0, float("inf")], "Input y contains NaN or infinity"),
            ([b"a", None], "Unknown label type: unknown"),
            ([b"a", b"b"], "Unknown label type: bytes"),
            ([[None, None]], "Unknown label type: unknown"),
            ([[1], [2, 3]], "y cannot be read as labels"),
            (["a", "a"], "found one class in y: .*'a'"),
            ([1, 1], "found one class in y: .*1"),
        ],
    )
    def test_what_cannot_be_labels(self, y, message):
        with pytest.raises(TopicmlValueError, match=message):
            read_target(y)

    @pytest.mark.parametrize("y", ["ab", b"ab", 3])
    def test_what_holds_none(self, y):
        with pytest.raises(TopicmlTypeError, match="y must hold a label for each article, found"):
            read_target(y)

    @pytest.mark.parametrize("wrong", [None, float("nan"), 3, b"a"])
    @pytest.mark.parametrize("form", [list, lambda y: np.array(y, object)])
    def test_a_missing_label_does_not_become_text(self, wrong, form):
        """NumPy writes NaN beside text as "nan": a class of that name would be learned."""
        with pytest.raises(TopicmlTypeError, match="at position 1 of y"):
            read_target(form(["a", wrong, "b"]))

    @pytest.mark.parametrize("wrong", [None, float("nan"), "a"])
    def test_a_missing_list(self, wrong):
        with pytest.raises(TopicmlTypeError, match="expected a list of labels at position 1 of y"):
            read_target([["a"], wrong, ["b"]])

    @pytest.mark.parametrize("y", [[], np.empty(0), np.empty((0, 3), int)])
    def test_no_articles(self, y):
        with pytest.raises(CorpusError, match="no articles to train on"):
            read_target(y)

    @pytest.mark.filterwarnings("ignore:A column-vector y:sklearn.exceptions.DataConversionWarning")
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner),
        )
    )
    def test_anything_is_read_or_refused(self, y):
        try:
            form, labels = read_target(y)
        except TopicmlError:
            return
        assert {label for row in labels for label in row} <= set(form.names)
