from __future__ import annotations

import base64
import re
import sys
from dataclasses import replace
from hashlib import sha256

import pytest
from lxml import html

from topicml.article import Article
from topicml.evaluation.evaluate import evaluate
from topicml.evaluation.report.page import write_report
from topicml.evaluation.result import told_measures
from topicml.exceptions import MissingExtraError, TopicmlError, TopicmlValueError
from topicml.metrics.resampling import Estimate

HOSTILE = "<script>document.title = 'run'</script>"


@pytest.fixture(scope="module")
def tree(page):
    return html.document_fromstring(page.read_text("utf-8"))


def table(tree, section, number=0):
    """Return the rows of a table, as texts."""
    found = tree.xpath(f"//section[@id='{section}']//table")[number]
    return [[cell.text_content() for cell in row.iter("th", "td")] for row in found.iter("tr")]


def test_all_sections_are_there_and_linked(tree):
    sections = ["scores", "labels", "confusions", "probabilities", "slices", "mistakes", "origins"]
    assert [section.get("id") for section in tree.iter("section")] == sections
    assert [link.get("href") for link in tree.xpath("//nav/a")] == [f"#{section}" for section in sections]


def test_what_is_measured_stands_in_it(tree, hostile_evaluation):
    shown = hostile_evaluation.without_copies
    accuracy = shown.measures["accuracy"]
    low, high = accuracy.interval
    assert table(tree, "scores")[1][:3] == ["accuracy", f"{accuracy.value:.3f}", f"{low:.3f} to {high:.3f}"]
    assert len(table(tree, "scores")) - 1 == len(told_measures(shown))
    assert {row[0] for row in table(tree, "labels")[1:]} == set(shown.labels)
    assert len(table(tree, "confusions")) - 1 == len(shown.confusions)
    assert len(table(tree, "probabilities")) - 1 == len(shown.coverage_curve)
    assert [row[0] for row in table(tree, "slices")[1:]] == [
        part.value or "(none)" for part in shown.slices["source"]
    ]


def test_labels_that_the_model_does_not_know_are_named_and_counted(tree, hostile_evaluation):
    assert dict(table(tree, "labels", 1)[1:]) == {
        label: str(count) for label, count in hostile_evaluation.without_copies.unknown_labels.items()
    }
    assert "The model does not know 2 labels of the data" in tree.xpath("string(//ul)")


def test_mistakes_come_with_the_words_that_led_to_them(tree):
    first, *_ = tree.xpath("//article")
    assert "predicted sport, labelled " in " ".join(first.xpath("string(p)").split())
    words = {word.lower() for word in first.xpath(".//span[@class='word']/bdi/text()")}
    marked = {word.lower() for word in first.xpath(".//div[@class='excerpt']/mark/text()")}
    assert "football league" in marked
    assert marked <= words
    assert not any("100%" in told for told in tree.xpath("//article//text()"))


def test_articles_that_were_trained_on_are_left_out(tree, hostile_evaluation):
    assert hostile_evaluation.n_seen == 24
    assert "24 of 27 articles also appear (exactly or nearly) in the training data" in tree.xpath(
        "string(//ul)"
    )
    assert "cross-validated scores in training: accuracy 0." in tree.xpath("string(//section[@id='scores'])")


def test_four_different_scores_come_first(tree):
    names = tree.xpath("//div[@class='tiles']/div/span[1]/text()")
    assert len(set(names)) == len(names) == 4
    assert names[0] == "label right"


def test_the_head_says_which_data_and_which_model(tree, base_classifier):
    head = " ".join(tree.xpath("string(//header)").split())
    assert f"fingerprint {base_classifier.fingerprint}; 3 labels, one for each article" in head
    assert "27 articles; dated 2023-01-02 to 2024-05-06" in head
    assert HOSTILE in head


def test_it_names_no_folder_of_the_machine(base_classifier, tmp_path):
    path = tmp_path / "secret" / "news.jsonl"
    articles = [
        Article("The cup final", labels=("weather",), origin=f"{path}:7", id="n7"),
        Article("Rain", labels=("weather",)),
    ]
    found = evaluate(base_classifier, articles, n_resamples=20)
    write_report(found, tmp_path / "a.html", model=base_classifier, articles=articles)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "news.jsonl:7, n7" in page
    assert "secret" not in page


def test_labels_of_few_articles_stand_apart(base_classifier, tmp_path):
    many = [Article(f"Heavy rain tonight in town {k}", labels=("weather",)) for k in range(10)]
    found = evaluate(base_classifier, [*many, Article("The cup final", labels=("sport",))], n_resamples=20)
    write_report(found, tmp_path / "a.html")
    tree = html.document_fromstring((tmp_path / "a.html").read_text("utf-8"))
    assert [row[0] for row in table(tree, "labels")[1:]] == ["weather"]
    assert {row[0] for row in table(tree, "labels", 1)[1:]} == {"economy", "sport"}
    assert not tree.xpath("//section[@id='labels']//svg")  # an interval without width looks like certainty


def test_many_labels_are_a_list_of_confusions_and_no_grid(base_classifier, tmp_path):
    unknown = [Article("The cup final", labels=(f"label {k}",)) for k in range(25)]
    write_report(
        evaluate(
            base_classifier, [*unknown[:1], Article("Rain", labels=("sport",)), *unknown], n_resamples=20
        ),
        tmp_path / "a.html",
    )
    tree = html.document_fromstring((tmp_path / "a.html").read_text("utf-8"))
    assert not tree.xpath("//section[@id='confusions']//svg")
    assert "label 0 → sport" in [row[0] for row in table(tree, "confusions")]


def test_model_and_data_can_be_found_again(tree, base_classifier):
    facts = " ".join(tree.xpath("string(//section[@id='origins'])").split())
    assert base_classifier.provenance["data_sha256"] in facts
    assert "2023-01-02 to 2024-05-06" in facts


def test_whatever_texts_and_labels_hold_is_shown_and_no_element(tree):
    """Title, facts, labels, fields, places and texts: each holds a script and a picture from elsewhere."""
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//img | //iframe | //object | //link | //form | //a[not(starts-with(@href, '#'))]")
    assert not tree.xpath("//@*[starts-with(name(), 'on') or name() = 'src']")
    shown = tree.xpath("string(//body)")
    for section in ("labels", "slices", "mistakes", "origins"):
        assert HOSTILE in tree.xpath(f"string(//section[@id='{section}'])")
    assert HOSTILE in tree.xpath("string(//h1)")
    assert HOSTILE in tree.xpath("string(//title)")
    assert "\u202e" not in shown
    assert "\x00" not in shown


def test_only_its_own_script_may_run_and_nothing_may_be_loaded(tree):
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    [script] = tree.xpath("//script/text()")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")


def test_it_names_no_address(tree):
    for element in tree.iter():
        for value in element.attrib.values():
            assert not re.search(r"(?i)https?:|//|@import|url\((?!#)", value)
    assert not re.search(r"(?i)https?:|@import|url\(", tree.xpath("string(//style)"))


def test_the_same_is_the_same_bytes(hostile_evaluation, base_classifier, hostile_articles, tmp_path):
    for name in ("a.html", "b.html"):
        write_report(hostile_evaluation, tmp_path / name, model=base_classifier, articles=hostile_articles)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_an_evaluation_alone_is_enough(multilabel_classifier, multilabel_articles, tmp_path):
    path = tmp_path / "report.html"
    write_report(evaluate(multilabel_classifier, multilabel_articles, n_resamples=20), path)
    tree = html.document_fromstring(path.read_text("utf-8"))
    assert tree.xpath("string(//title)") == "Evaluation"
    assert [section.get("id") for section in tree.iter("section")] == [
        "scores",
        "labels",
        "confusions",
        "probabilities",
        "origins",
    ]
    assert "average precision" in tree.xpath("string(//section[@id='labels']//thead)")


def test_without_a_mistake_no_confusions_are_drawn(base_classifier, base_articles, tmp_path):
    path = tmp_path / "report.html"
    found = evaluate(base_classifier, base_articles, n_resamples=20)
    write_report(found, path, model=base_classifier, articles=base_articles)
    tree = html.document_fromstring(path.read_text("utf-8"))
    assert not tree.xpath("//section[@id='confusions']//svg")
    assert "No label was mistaken for another." in tree.xpath("string(//section[@id='confusions'])")
    assert "0 of 24 articles were predicted wrong." in tree.xpath("string(//section[@id='mistakes'])")


def test_not_one_article_that_can_be_answered(base_classifier, tmp_path):
    articles = [Article("qqq", labels=("sport",)), Article("zzz", labels=("art",))]
    found = evaluate(base_classifier, articles, n_resamples=20)
    write_report(found, tmp_path / "report.html", model=base_classifier, articles=articles)
    assert "2 were left to a person" in (tmp_path / "report.html").read_text("utf-8")


def test_other_articles_than_were_measured_are_an_error(
    hostile_evaluation, base_classifier, base_articles, tmp_path
):
    with pytest.raises(TopicmlValueError, match="expected the 27 articles of the evaluation, found 24"):
        write_report(hostile_evaluation, tmp_path / "a.html", model=base_classifier, articles=base_articles)
    with pytest.raises(TopicmlValueError, match="n_mistakes must be 1 or more, found 0"):
        write_report(hostile_evaluation, tmp_path / "a.html", n_mistakes=0)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_an_error(hostile_evaluation, tmp_path):
    with pytest.raises(TopicmlError, match=r"cannot write .*missing/a.html"):
        write_report(hostile_evaluation, tmp_path / "missing" / "a.html")


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_without_the_extra_the_error_names_it(hostile_evaluation, tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'topicml\[report\]'"):
        write_report(hostile_evaluation, tmp_path / "a.html")
    assert not list(tmp_path.iterdir())


def test_scores_without_an_interval_are_a_dash(hostile_evaluation, tmp_path):
    measures = dict.fromkeys(hostile_evaluation.measures, Estimate(0.5, None))
    measures["accuracy"] = Estimate(0.5, (0.4, 0.6))
    write_report(replace(hostile_evaluation, measures=measures, without_copies=None), tmp_path / "a.html")
    rows = table(html.document_fromstring((tmp_path / "a.html").read_text("utf-8")), "scores")
    assert [row[1] for row in rows[1:3]] == ["0.500", "–"]
