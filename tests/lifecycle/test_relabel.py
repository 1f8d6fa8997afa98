from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from topicml.article import Article
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.formatting import shortened
from topicml.lifecycle.decision_files import read_decisions
from topicml.lifecycle.decisions import DECISION_FORMATS, Decision, Task, guarded, labels_cell, write_tasks
from topicml.lifecycle.matching import EXCERPT
from topicml.lifecycle.relabel import relabel
from topicml.lifecycle.suspects import Suspect, Suspects, write_suspects
from topicml.reading.cells import cell_labels
from topicml.reading.corpus import Corpus

CUP = Article("A late goal.", title="Cup final", labels=("weather",), id="1", metadata={"desk": "x"})
RAIN = Article("Heavy rain.", labels=("weather",), id="2", origin="a.csv:3")
GOAL = Article("Own goal.", labels=("sport",))
NEWS = Corpus((CUP, RAIN, GOAL))
OPEN = Corpus(tuple(replace(article, labels=None) for article in NEWS))

ANY = st.text(st.characters(exclude_categories=["Cs"]))
LABEL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)


def labels_of(found):
    return [article.labels for article in found.corpus]


def test_labels_change_and_nothing_else():
    found = relabel(NEWS, [Decision("label", ("sport",), id="1")])
    assert found.corpus.articles == (replace(CUP, labels=("sport",)), RAIN, GOAL)
    assert NEWS[0].labels == ("weather",)


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (Decision("label", ("sport",), id="9", origin="t.csv:2"), r"t\.csv:2: no article has the id '9'"),
        (Decision("label", ("sprot",), id="1"), r"unknown label 'sprot'; did you mean 'sport'\?"),
        (Decision("add", ("sport",), id="1"), r"id '1'|1: it would have the labels 'weather', 'sport'"),
        (Decision("replace", ("weather",), ("sport",), place="a.csv:3"), None),
        (
            Decision("replace", ("sport",), ("art",), place="a.csv:3"),
            r"a\.csv:3 \(id '2'\): replace 'art' by",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_followed_is_named(decision, message):
    if message is None:
        assert relabel(NEWS, [decision]).counts()["kept"] == 1
    else:
        with pytest.raises(CorpusError, match=message):
            relabel(NEWS, [decision])


def test_all_faults_are_named_at_once():
    faults = [Decision("label", ("sport",), id=str(k), origin=f"t.csv:{k}") for k in range(10, 40)]
    with pytest.raises(CorpusError, match=r"30 faults in the decisions(?s:.*)t\.csv:29(?s:.*)and 10 more"):
        relabel(NEWS, faults)


def test_two_decisions_for_one_article_are_named_with_their_files():
    first = Decision("label", ("sport",), id="1", origin="a.csv:2")
    second = Decision("keep", text="Cup final A late goal.", origin="b.jsonl:9")
    with pytest.raises(
        CorpusError, match=r"1: decisions contradict .* a\.csv:2: label 'sport'; b\.jsonl:9: keep"
    ):
        relabel(NEWS, [first, second])


def test_new_labels_are_given_on_demand():
    decision = Decision("label", ("chess",), id="1")
    assert labels_of(relabel(NEWS, [decision], new_labels=True))[0] == ("chess",)


def test_an_archive_without_labels_knows_no_unknown_ones():
    found = relabel(OPEN, [Decision("label", ("chess",), id="1")])
    assert labels_of(found) == [("chess",), None, None]
    assert [article.id for article in found.labelled] == ["1"]
    assert not found.corpus.multilabel


def test_a_new_label_that_looks_misspelt_is_noted():
    """In an archive every label is new, so none is refused."""
    articles = [Article(f"text {k}", id=str(k)) for k in range(6)]
    given = ("sport", "sport", "sport", "sprot", "chess", "Sport")
    found = relabel(articles, [Decision("label", (label,), id=str(k)) for k, label in enumerate(given)])
    assert found.notes() == (
        "1 article got the label 'Sport', which is new; did you mean 'sport'?",
        "1 article got the label 'sprot', which is new; did you mean 'sport'?",
    )
    assert relabel(found.corpus, [Decision("label", ("sport",), id="4")]).notes() == ()


@pytest.mark.parametrize(
    ("label", "note"),
    [
        ("art; sport", "'art', 'sport' are labels, too; if these are several labels, read them with ';'"),
        ("sport, rain", "'sport' is a label, too; if these are several labels, read them with ','"),
        ("chess;rain", None),
        ("sportswear", None),
    ],
)
def test_several_labels_in_one_cell_are_noted(label, note):
    articles = [Article(f"text {k}", id=str(k)) for k in range(3)]
    decisions = [Decision("label", (one,), id=str(k)) for k, one in enumerate(("sport", "art", label))]
    found = [text.replace("label_separator=", "") for text in relabel(articles, decisions).notes()]
    assert [text.partition(" (--")[0] for text in found] == (
        [f"1 article got one label {label!r}, and {note}"] if note else []
    )


def test_several_labels_in_one_cell_are_named_and_lines_come_in_order():
    rows = [Article(one, labels=(one,), id=one) for one in ("art", "sport")]
    made = [Decision("label", ("art; sport",), id="art", origin=f"a.csv:{line}") for line in (10, 9)]
    with pytest.raises(CorpusError) as raised:
        relabel(rows, made)
    told = (
        "a.csv:9, a.csv:10: unknown label 'art; sport'; 'art', 'sport' are labels, too: read several labels "
    )
    assert f"{told}with label_separator=';' (--label-separator ';')" in str(raised.value)


def test_a_label_that_the_data_had_is_not_noted_for_its_name():
    articles = [Article("a", labels=("art",)), Article("b", labels=("art; sport",)), Article("c", id="c")]
    assert relabel(articles, [Decision("label", ("art; sport",), id="c")]).notes() == ()


def test_an_archive_may_get_several_labels_an_article():
    found = relabel(OPEN, [Decision("add", (label,), id="1") for label in ("chess", "art")])
    assert (labels_of(found)[0], found.corpus.multilabel) == (("art", "chess"), True)


def test_labels_are_compared_as_unicode_does():
    articles = [Article("Rain", labels=("caf\u00e9",)), CUP]
    assert labels_of(relabel(articles, [Decision("label", ("cafe\u0301",), id="1")]))[1] == ("caf\u00e9",)
    assert labels_of(relabel(articles, [Decision("remove", removed=("cafe\u0301",), text="Rain")]))[0] is None


def test_what_is_no_article_is_refused():
    with pytest.raises(TopicmlTypeError, match="expected an Article at position 0, found str"):
        relabel(["Rain"], [])


DECIDED = (
    Decision("label", ("sport",), id="1"),
    Decision("keep", id="2"),
    Decision("skip", text="Own goal."),
    Decision("skip", id="nobody"),
)


def test_it_counts_what_was_changed():
    found = relabel(NEWS, DECIDED)
    assert found.counts() == {"labelled": 0, "replaced": 1, "added": 0, "removed": 0, "kept": 1, "skipped": 2}
    assert found.label_changes() == {"sport": (1, 0), "weather": (0, 1)}
    [changed, kept] = found.to_dict()["changes"]
    assert changed == {
        "position": 0,
        "place": "1",
        "kind": "replaced",
        "before": ("weather",),
        "after": ("sport",),
        "origin": "",
    }
    assert kept["kind"] == "kept"
    assert json.loads(json.dumps(found.to_dict()))["labels"]["sport"] == {"given": 1, "taken": 0, "n": 2}


def test_it_says_what_was_changed():
    assert str(relabel(NEWS, DECIDED)).splitlines() == [
        "2 articles decided: 1 with another label, 1 unchanged; 2 decisions left open",
        "",
        "label    given  taken  now",
        "sport        1      0    2",
        "weather      0      1    1",
    ]
    assert str(relabel(NEWS, [])) == "No article decided"


def test_it_is_short_where_python_shows_it():
    found = relabel(NEWS, DECIDED)
    assert repr(found) == "Relabelled(3 articles: 1 replaced, 1 kept, 2 skipped)"
    assert found._repr_html_().count("<tr>") == 3


def test_many_labels_are_shown_in_part():
    articles = [Article(f"text {k}", labels=("old",), id=str(k)) for k in range(30)]
    found = relabel(
        articles, [Decision("label", (f"new {k}",), id=str(k)) for k in range(30)], new_labels=True
    )
    assert str(found).splitlines()[-1] == "and 11 more"


def test_suspects_come_back(tmp_path):
    rows = tuple(
        suspect_of(article, row, "weather", "sport", place=article.origin or "elsewhere.csv:1")
        for row, article in enumerate((CUP, RAIN))
    )
    write_suspects(Suspects(3, 3, 0.5, suspects=rows), tmp_path / "suspects.csv")
    fill(
        tmp_path / "suspects.csv", lambda row: {**row, "decision": "replace" if row["id"] == "1" else "keep"}
    )
    found = relabel(NEWS, read_decisions(tmp_path / "suspects.csv"))
    assert labels_of(found) == [("sport",), ("weather",), ("sport",)]


@given(
    st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5, unique_by=lambda own: shortened(own[0], EXCERPT))
)
def test_suspects_come_back_whatever_their_text_is(tmp_path_factory, texts):
    """They are listed with the beginning of their text, on one line, and here without id and place."""
    path = tmp_path_factory.mktemp("suspects") / "suspects.csv"
    articles = [Article(text, title, ("art",)) for text, title in texts if (title + text).strip()]
    rows = [
        suspect_of(article, row, "art", "sport", place=f"elsewhere.csv:{row}")
        for row, article in enumerate(articles)
    ]
    write_suspects(Suspects(9, 9, 0.5, suspects=tuple(rows)), path)
    if articles:
        fill(path, lambda row: {**row, "decision": "replace"})
    found = relabel(articles, read_decisions(path), new_labels=True)
    assert labels_of(found) == [("sport",)] * len(articles)


def suspect_of(article, row, given, suggested, *, place):
    """A suspect as `suspect_labels` makes it."""
    title, text = shortened(article.title, 200), shortened(article.text, 200)
    return Suspect(row, place, given, suggested, 0.9, 0.1, "wrong", 0.8, article.id, title, text)


def fill(path, change, **dialect):
    """Save a table as a spreadsheet does after a person has changed its rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [change(row) for row in csv.DictReader(file, dialect="excel")]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), dialect="excel", **dialect)
        writer.writeheader()
        writer.writerows(rows)


@st.composite
def decided(draw):
    """Articles with ids, or with texts of their own, and the labels that a person gives each."""
    texts = draw(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5, unique_by=plain))
    ids = draw(st.lists(ANY.filter(bool), min_size=len(texts), max_size=len(texts), unique=True))
    articles = [
        Article(text, title, id=id_ if draw(st.booleans()) or not (text + title).strip() else None)
        for (text, title), id_ in zip(texts, ids, strict=True)
    ]
    labels = st.lists(LABEL, min_size=1, unique_by=lambda label: cell_labels([label], ""), max_size=3)
    return articles, [cell_labels(draw(labels), "") for _ in articles]


def plain(text_and_title):
    return " ".join(f"{text_and_title[1]} {text_and_title[0]}".split())


def answer_csv(path, labels, **dialect):
    given = iter(labels)
    fill(path, lambda row: {**row, "label": guarded(labels_cell(next(given)))}, **dialect)


def answer_label_studio(path, labels):
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for number, (task, own) in enumerate(zip(tasks, labels, strict=True)):
        choice = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": list(own)}}
        task |= {"id": number, "annotations": [{"result": [choice], "was_cancelled": False}]}
    path.write_text(json.dumps(tasks), encoding="utf-8")


def answer_label_studio_min(path, labels):
    tasks = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        {**task["data"], "id": k, "label": own[0] if len(own) == 1 else {"choices": own}, "annotator": 1}
        for k, (task, own) in enumerate(zip(tasks, labels, strict=True))
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")


def answer_prodigy(path, labels):
    answer_lines(path, labels, lambda own: {"accept": own, "answer": "accept", "_task_hash": 5})


def answer_doccano(path, labels):
    answer_lines(path, labels, lambda own: {"label": own, "id": 1, "Comments": []})


def answer_lines(path, labels, answer):
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    rows = [{**json.loads(line), **answer(own)} for line, own in zip(lines, labels, strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


ANSWERS = {
    "csv": answer_csv,
    "csv with semicolons": lambda path, labels: answer_csv(path, labels, delimiter=";"),
    "label-studio": answer_label_studio,
    "label-studio, short": answer_label_studio_min,
    "prodigy": answer_prodigy,
    "doccano": answer_doccano,
}


def test_every_format_is_answered_below():
    assert {name.split(",")[0].split(" ")[0] for name in ANSWERS} == set(DECISION_FORMATS)


@pytest.mark.parametrize("form", ANSWERS)
@given(decided())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_a_person_decides_is_what_comes_back(tmp_path_factory, form, found):
    articles, labels = found
    path = tmp_path_factory.mktemp("tasks") / "todo.csv"
    path = path if form.startswith("csv") else path.with_suffix(".json")
    tasks = [Task(a.text, a.title, a.id, guess=("guess",), labels=("guess",)) for a in articles]
    write_tasks(path, tasks, format=form.split(",")[0].split(" ")[0])
    ANSWERS[form](path, labels)
    assert labels_of(relabel(articles, read_decisions(path))) == labels


@pytest.mark.parametrize("form", DECISION_FORMATS)
@given(decided())
def test_a_file_that_nobody_has_filled_decides_nothing(tmp_path_factory, form, found):
    articles, _ = found
    path = tmp_path_factory.mktemp("tasks") / ("todo.csv" if form == "csv" else "todo.json")
    write_tasks(path, [Task(a.text, a.title, a.id, guess=("guess",)) for a in articles], format=form)
    result = relabel(articles, read_decisions(path))
    assert (list(result.corpus), result.changes, result.n_skipped) == (articles, (), len(articles))


@given(st.lists(st.sampled_from([CUP, RAIN, GOAL, *OPEN])), st.booleans())
def test_no_decisions_change_nothing(articles, multilabel):
    corpus = Corpus(tuple(articles), (), multilabel)
    assert relabel(corpus, []).corpus == corpus


def test_the_order_of_files_does_not_matter(tmp_path):
    paths = []
    for name, label in (("a.csv", "sport"), ("b.csv", "chess"), ("c.csv", "art")):
        paths.append(tmp_path / name)
        paths[-1].write_text(f"id,decision,label\n1,add,{label}\n", encoding="utf-8")
    found = {relabel(OPEN, read_decisions(order)).corpus.articles[0].labels for order in permutations(paths)}
    assert found == {("art", "chess", "sport")}
