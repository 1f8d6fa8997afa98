"""Who gets which article at the label desk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from topicml.serving.desk_queue import Choice, DeskQueue


def queue(n=3, *, overlap=0.0):
    made = DeskQueue(overlap=overlap, claim_seconds=60)
    made.refill([Choice(position, f"reason {position}") for position in range(n)])
    return made


def test_two_people_get_different_articles_in_the_order_of_the_choice():
    found = queue()
    assert [found.claim("Ana", "1", 0), found.claim("Ben", "2", 0)] == [0, 1]


def test_who_asks_again_gets_the_same_article():
    found = queue()
    assert [found.claim("Ana", "1", 0), found.claim("Ana", "1", 30)] == [0, 0]


def test_one_name_in_two_browsers_gets_different_articles():
    found = queue()
    assert [found.claim("Ana", "1", 0), found.claim("Ana", "2", 0)] == [0, 1]


def test_who_leaves_gives_the_article_back_after_a_while():
    found = queue(1)
    found.claim("Ana", "1", 0)
    assert found.claim("Ben", "2", 59) is None
    assert found.claim("Ben", "2", 61) == 0


def test_who_comes_back_late_may_decide_unless_another_looks_at_it():
    found = queue(1)
    found.claim("Ana", "1", 0)
    assert found.may_decide(0, "Ana", "1", 100)
    found.claim("Ben", "2", 100)
    assert not found.may_decide(0, "Ana", "1", 101)


def test_what_is_decided_is_not_shown_again_whatever_is_chosen():
    found = queue(2)
    found.record(0, "Ana", ("sport",))
    found.refill([Choice(0, ""), Choice(1, "")])
    assert found.claim("Ben", "2", 0) == 1


def test_a_skipped_article_goes_to_another_person():
    found = queue(1)
    found.record(0, "Ana", None)
    assert found.claim("Ana", "1", 0) is None
    assert found.claim("Ben", "2", 0) == 0


def test_with_full_overlap_two_people_get_each_article_and_no_third():
    found = queue(1, overlap=1.0)
    assert [found.claim(name, name, 0) for name in ("Ana", "Ben", "Eva")] == [0, 0, None]
    found.record(0, "Ana", ("sport",))
    found.record(0, "Ben", ("sport",))
    found.release("Ana")
    found.release("Ben")
    assert found.claim("Eva", "Eva", 0) is None


def test_an_article_waits_for_its_second_person_when_others_are_chosen():
    found = queue(1, overlap=1.0)
    found.record(0, "Ana", ("sport",))
    found.refill([Choice(7, "")])
    assert [found.claim("Ben", "2", 0), found.claim("Ana", "1", 0)] == [0, 7]


def test_an_undone_article_is_shown_to_the_same_person_again():
    found = queue(2)
    found.claim("Ana", "1", 0)
    found.record(0, "Ana", ("sport",))
    found.release("1")
    found.take_back(0, "Ana", "1", 0)
    assert (found.claim("Ana", "1", 0), found.labels()) == (0, {})


def test_what_people_disagree_on_has_no_labels():
    found = queue(2, overlap=1.0)
    for name, label in (("Ana", "sport"), ("Ben", "art")):
        found.record(0, name, (label,))
        found.record(1, name, ("sport",))
    assert found.labels() == {1: ("sport",)}


def test_a_share_of_the_articles_is_for_two():
    found = queue(1000, overlap=0.2)
    first = {found.claim("Ana", f"a{k}", 0) for k in range(1)}
    for position in range(1000):
        found.record(position, "Ana", ("sport",))
    found.refill([])
    twice = 0
    while found.claim("Ben", "b", 0) is not None:
        found.record(found.claim("Ben", "b", 0), "Ben", ("sport",))
        found.release("b")
        twice += 1
    assert first == {0}
    assert 150 < twice < 250


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["next", "label", "skip", "leave"]))))
def test_nobody_looks_at_what_another_looks_at(steps):
    found, held, now = queue(4), {}, 0.0
    for name, step in steps:
        if step == "next":
            held[name] = found.claim(name, name, now)
        elif step == "leave" or held.get(name) is None:
            found.release(name)
            held.pop(name, None)
        else:
            found.record(held.pop(name), name, ("x",) if step == "label" else None)
            found.release(name)
        shown = [position for position in held.values() if position is not None]
        assert len(shown) == len(set(shown))
