from __future__ import annotations

import pytest

from topicml.article import Article
from topicml.lifecycle.suggestions import Suggestion, Suggestions


def suggestions(n: int, *, guessed: bool) -> Suggestions:
    """Some suggestions, with guesses of a model or without."""
    guess = (("sport",), 0.5) if guessed else (None, None)
    found = tuple(
        Suggestion(Article(f"text number {k} " * 20, id=f"a{k}"), 10 * k, n - k, "because", *guess)
        for k in range(n)
    )
    return Suggestions(found, 240, ("art", "sport") if guessed else ())


@pytest.mark.parametrize("guessed", [False, True])
@pytest.mark.parametrize("width", [40, 80])
def test_people_see_lines_of_their_width(guessed, width):
    lines = suggestions(30, guessed=guessed).to_text(width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "30 articles to label next, of 240"
    assert lines[-1] == "and 10 more"


@pytest.mark.parametrize(("guessed", "head"), [(False, []), (True, ["guess", "prob"])])
def test_guesses_are_shown_where_there_are_any(guessed, head):
    found = suggestions(3, guessed=guessed)
    assert found.to_text().splitlines()[2].split() == ["row", "similar", *head, "article"]
    assert found.to_text().splitlines()[3].split()[:2] == ["1", "3"]


def test_an_empty_guess_is_no_label():
    found = Suggestions((Suggestion(Article("Rain"), 0, 1, "because", (), 0.3),), 1, ("art",))
    assert "no label   30%  Rain" in str(found)


def test_tasks_carry_what_is_known():
    [task, _] = suggestions(2, guessed=True).tasks()
    assert (task.id, task.guess, task.probability, task.reason) == ("a0", ("sport",), 0.5, "because")
    assert task.labels == ("art", "sport")


def test_the_dictionary_has_all():
    found = suggestions(2, guessed=True).to_dict()
    assert (found["n_articles"], found["n_suggestions"], found["labels"]) == (240, 2, ["art", "sport"])
    assert found["suggestions"][1] == {
        "row": 11,
        "id": "a1",
        "title": "",
        "text": "text number 1 " * 20,
        "guess": ["sport"],
        "probability": 0.5,
        "n_similar": 1,
        "reason": "because",
    }


def test_it_is_a_sequence():
    found = suggestions(4, guessed=False)
    assert list(found) == [found[0], *found[1:]]
    assert repr(found) == "Suggestions(4 of 240 articles)"
    assert found._repr_html_().count("<tr>") == 5


def test_one_says_what_it_is():
    [one] = suggestions(1, guessed=True)
    assert repr(one).endswith("guess=('sport',), probability=0.500, reason='because')")
