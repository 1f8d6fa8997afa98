"""Faults that users of other tools met in training, in labels and probabilities, each as its whole kind."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicml.article import Article, Problem, canonical
from topicml.batch.file import predict_file
from topicml.batch.rows import BatchOptions, predict_batch
from topicml.batch.spreadsheet import free_mark
from topicml.batch.writers import header, write_body
from topicml.evaluation.evaluate import evaluate
from topicml.model.calibration import Calibration
from topicml.model.persistence import load_classifier, save_classifier
from topicml.reading.columns import ReadOptions
from topicml.reading.readers import read_corpus
from topicml.training.settings import TrainingSettings
from topicml.training.train import train

LABELS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool).map(canonical)
)  # as the labels of every model are
BLANKS = st.text(" \t\u00a0", max_size=2)
TEXTS = st.lists(
    st.sampled_from(["Cup final", "Heavy rain in the league", "The bank cut jobs", "zxqv wug", "", " "])
    | st.text(max_size=20),
    max_size=8,
)
SCORES = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(np.array)

CHESS = (
    "Chess title defended in nine moves",
    "A school for chess opens",
    "Grandmasters drew all their games",
)


def answers(classifier, items, **options):
    return list(predict_batch(classifier, items, BatchOptions(**options), first_row=1))


def written(classifier, rows, path):
    """Write predicted rows as the name of the file says."""
    options = BatchOptions(output_format=path.suffix[1:], keep_text=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(header(options, classifier))
        write_body(rows, stream, options, classifier, ascii_only=False)
    return path


def label_column(classifier, kind):
    """Return how the labels of predicted rows are read."""
    mark = free_mark(classifier.classes_) if kind.startswith("csv") else None
    return ReadOptions(label_column="labels", label_separator=mark)


def ranked_cells(row):
    """Return the three most probable labels of a row of CSV, with their probabilities."""
    return [(row[f"label_{rank}"], float(row[f"probability_{rank}"])) for rank in (1, 2, 3)]


def saved_and_loaded(classifier, folder):
    save_classifier(classifier, folder)
    return load_classifier(folder)


def named_as_missed(result):
    """Return which labels a note says that no model knew while they were scored."""
    start = "labels with too few articles to score, so they count as missed: "
    found = [note.removeprefix(start) for note in result.notes if note.startswith(start)]
    return found[0] if found else None


def chess(n):
    return tuple(Article(text, labels=("chess",)) for text in CHESS[:n])


class TestLabelsInOneCell:
    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    @settings(max_examples=50)
    @given(
        classes=st.lists(LABELS, unique=True, min_size=3, max_size=3).map(sorted),
        sets=st.lists(st.lists(st.integers(0, 2), unique=True, max_size=3), min_size=1, max_size=4),
    )
    def test_label_sets_that_were_predicted_read_back_as_they_were(
        self, multilabel_classifier, tmp_path_factory, kind, classes, sets
    ):
        """Labels were joined by a mark on the way out, and came back as one label, or as others."""
        model = replace(multilabel_classifier, classes_=tuple(classes))
        items = [Article("Cup final", title=str(k)) for k in range(len(sets))]
        labelled = [tuple(classes[k] for k in members) for members in sets]
        rows = [
            replace(row, prediction=replace(row.prediction, labels=labels, label=next(iter(labels), None)))
            for row, labels in zip(answers(model, items), labelled, strict=True)
        ]
        path = written(model, rows, tmp_path_factory.mktemp("rows") / f"rows.{kind}")
        corpus = read_corpus(path, options=label_column(model, kind))
        # A cell without labels says that nobody has labelled the row; only a list says that none applies.
        none = None if kind == "csv" else ()
        assert [article.labels for article in corpus] == [labels or none for labels in labelled]

    @pytest.mark.parametrize("ending", ["csv", "csv.gz", "jsonl", "parquet"])
    def test_a_file_of_predictions_is_the_truth_that_was_predicted(
        self, multilabel_classifier, tmp_path, ending
    ):
        names = ("Arts|Stage", 'Politics; "city", or', "two\nlines")
        model = replace(multilabel_classifier, classes_=names)
        texts = ["Snow closed the stadium", "The bank cut its rate", "The painter opened a gallery", "Rain"]
        (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        options = BatchOptions(keep_text=True)
        predict_file(model, tmp_path / "in.jsonl", tmp_path / f"out.{ending}", options=options)
        truth = read_corpus(tmp_path / f"out.{ending}", options=label_column(model, ending))
        none = None if ending.startswith("csv") else ()
        assert [article.labels for article in truth] == [a.labels or none for a in model.predict(texts)]
        labelled = [article for article in truth if article.labels is not None]
        assert len({article.labels for article in labelled}) > 1
        assert evaluate(model, labelled, n_resamples=2).scores.accuracy == 1.0

    @settings(max_examples=50)
    @given(
        rows=st.lists(
            st.lists(st.tuples(BLANKS, st.sampled_from(["sport", "economy", ""]), BLANKS), min_size=1),
            min_size=1,
            max_size=4,
        ),
        separator=st.sampled_from([",", ";", "|", "//"]),
    )
    def test_blanks_and_nothing_between_separators_make_no_labels(self, tmp_path_factory, rows, separator):
        """The mark after a label became part of it, so that one label was there twice."""
        path = tmp_path_factory.mktemp("cells") / "train.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            cells = [separator.join(map("".join, row)) for row in rows]
            csv.writer(stream).writerows(
                [["text", "labels"], *([f"Text {k}", c] for k, c in enumerate(cells))]
            )
        corpus = read_corpus(path, options=ReadOptions(label_separator=separator))
        expected = Counter(label for row in rows for label in {label for _, label, _ in row} - {""})
        assert corpus.label_counts() == dict(sorted(expected.items()))

    def test_the_classes_of_such_a_file(self, tmp_path):
        path = tmp_path / "train.csv"
        path.write_text(
            'text,labels\nClub shares fall,"sport,economy"\nLeague sold,"sport, economy"\n'
            'Cup final,"sport,"\nBank lifts rate," economy ,"\n'
        )
        corpus = read_corpus(path, options=ReadOptions(label_separator=","), labelled=True)
        scores = train(corpus, n_jobs=1, fewest=4).scores
        assert {label: found.support for label, found in scores.labels.items()} == {"economy": 3, "sport": 3}


class TestRowsWithoutALabel:
    @pytest.mark.parametrize("threshold", [0.99, 1.0])
    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    @settings(max_examples=30)
    @given(texts=TEXTS)
    def test_a_text_that_no_label_fits_keeps_its_row(
        self, multilabel_classifier, tmp_path_factory, threshold, kind, texts
    ):
        """A text whose labels all stayed below the threshold left a blank line, without its id."""
        strict = replace(multilabel_classifier, thresholds=np.full(3, threshold))
        items = [Article(text, id=f"A{k}") for k, text in enumerate(texts)]
        path = written(strict, answers(strict, items), tmp_path_factory.mktemp("rows") / f"rows.{kind}")
        with path.open(encoding="utf-8", newline="") as stream:
            found = list(csv.DictReader(stream) if kind == "csv" else map(json.loads, stream))
        assert [row["id"] for row in found] == [item.id for item in items]
        for row, answer in zip(found, strict.predict(items), strict=True):
            assert (row["label"] or None) == answer.label
            assert bool(row["reason"]) == (not answer.labels)

    def test_that_none_fits_is_told_from_that_nothing_is_known(self, multilabel_classifier):
        strict = replace(multilabel_classifier, thresholds=np.full(3, 0.99))
        rows = answers(strict, [Article(text) for text in ("zxqv wug", "Cup final moved", "")])
        assert [row.prediction.labels for row in rows] == [(), (), ()]
        reasons = [row.prediction.reason for row in rows]
        assert reasons == ["no_known_terms", "no_label_reached", "no_known_terms"]

    def test_a_row_that_cannot_be_read_keeps_its_place(self, multilabel_classifier):
        items = [Article("Cup final"), Problem("broken JSON", "mend it", "a.jsonl", 2), Article("Rain")]
        assert [row.number for row in answers(multilabel_classifier, items)] == [1, 2, 3]


class TestIndependentLabels:
    NEWS = (
        ("Cup final goal", ("sport",)),
        ("League match goal", ("sport",)),
        ("Bank rate market", ("economy",)),
        ("Budget market tax", ("economy",)),
        ("Club shares market goal", ("sport", "economy")),
        ("League rights market match", ("sport", "economy")),
        ("Rain and wind", ("weather",)),
        ("Snow and hail", ("weather",)),
    )

    def test_two_labels_that_are_right_are_both_likely(self, tmp_path):
        """Probabilities that had to sum to 1 pushed each of two right labels below one half."""
        articles = [Article(text, labels=labels) for text, labels in self.NEWS]
        several = train(articles, n_jobs=1).classifier
        one = train([a for a in articles if len(a.labels) == 1], n_jobs=1).classifier
        for classifier in (several, saved_and_loaded(several, tmp_path / "several")):
            economy, sport, weather = classifier.predict_proba(["Club market shares and league goal"])[0]
            assert min(economy, sport) > 0.5 > weather
            assert economy + sport > 1
        for classifier in (one, saved_and_loaded(one, tmp_path / "one")):
            sums = classifier.predict_proba([text for text, _ in self.NEWS]).sum(axis=1)
            np.testing.assert_allclose(sums, 1, rtol=1e-12)

    @given(scores=SCORES, others=SCORES)
    def test_a_label_does_not_depend_on_the_scores_of_others(self, scores, others):
        curve = Calibration(np.array([1.0, 2.0, 0.5]), np.array([0.0, 1.0, -1.0]), multilabel=True)
        changed = np.array([scores[0], *others[1:]])
        assert curve.apply(scores[None])[0, 0] == curve.apply(changed[None])[0, 0]


class TestRareLabels:
    @pytest.mark.parametrize("target_type", ["multiclass", "multilabel"])
    def test_a_label_of_one_article_is_learned_and_named(self, base_articles, target_type):
        """One article of a label made stratifying fail, and the message did not say of which label."""
        settings = TrainingSettings(target_type=target_type)
        result = train((*base_articles, *chess(1)), settings=settings, n_jobs=1)
        assert named_as_missed(result) == "'chess' (1 article)"
        assert result.classifier.classes_ == ("chess", "economy", "sport", "weather")
        for first in (0, 8, 16):  # the others are stratified as ever
            assert np.ptp(np.bincount(result.folds[first : first + 8], minlength=5)) <= 1

    def test_copies_of_one_story_are_one_article_of_a_label(self, base_articles):
        copies = tuple(Article(text, labels=("chess",)) for text in ("Chess title won", "CHESS title won!"))
        assert named_as_missed(train((*base_articles, *copies), n_jobs=1)) == "'chess' (2 articles)"

    @pytest.mark.parametrize("n_folds", [2, 3, 7])
    @pytest.mark.parametrize("count", [2, 3])
    def test_of_few_articles_each_is_scored_by_a_model_that_saw_another(self, base_articles, count, n_folds):
        """A label of two articles was never drawn for the part that is scored, whatever the seed."""
        settings = TrainingSettings(n_folds=n_folds)
        result = train((*base_articles, *chess(count)), settings=settings, n_jobs=1)
        assert len(set(result.folds[24:].tolist())) == min(count, n_folds)
        assert result.scores.labels["chess"].support == count
        assert named_as_missed(result) is None


class TestCalibrationFolds:
    @settings(max_examples=10)
    @given(order=st.permutations(range(12)), cut=st.booleans())
    def test_in_any_order_of_the_rows_every_fit_knows_every_label(self, base_articles, order, cut):
        """Rows sorted by label left a fold without one, whose probabilities were then too low."""
        rows = [*base_articles[:4], *base_articles[8:12], *base_articles[16:20]]
        articles = [rows[k] for k in order if not (cut and k in (2, 3))]
        result = train(articles, settings=TrainingSettings(n_folds=3), n_jobs=1)
        labels = np.array([article.labels[0] for article in articles])
        for fold in range(3):
            assert set(labels[result.folds != fold]) == {"economy", "sport", "weather"}
        assert ((result.probabilities > 0) & (result.probabilities < 1)).all()
        expected = [(labels == label).sum() for label in ("economy", "sport", "weather")]
        assert (result.probabilities.sum(axis=0) > np.array(expected) / 2).all()


class TestProbabilities:
    TEXTS = ("zxqv blorf", "", "cup rate rain " * 3000, "Cup final tonight")

    @settings(max_examples=50)
    @given(intercept=SCORES)
    def test_scores_that_all_say_no_or_yes_give_probabilities(self, classifier, intercept):
        """Where every label said no, a division by their sum, 0, made probabilities NaN."""
        shifted = replace(classifier, intercept=intercept)
        probabilities = shifted.predict_proba(self.TEXTS)
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
        if not classifier.multilabel:
            np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
        for row, prediction in zip(probabilities, shifted.predict(self.TEXTS), strict=True):
            if not classifier.multilabel and not prediction.abstained:
                assert prediction.label == classifier.classes_[row.argmax()]

    def test_of_equal_labels_the_first_by_name_is_given(self, base_classifier):
        even = Calibration(np.zeros(3), np.zeros(3), multilabel=False)
        undecided = replace(base_classifier, calibration=even)
        answer = undecided.predict("Cup final tonight")
        assert (answer.label, list(answer.probabilities)) == ("economy", ["economy", "sport", "weather"])

    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    @settings(max_examples=30)
    @given(intercept=SCORES)
    def test_what_is_written_is_between_0_and_1_in_order_and_sums_to_1(
        self, base_classifier, kind, intercept
    ):
        """Rounded, a probability was above 1, which no column of a database took."""
        shifted = replace(base_classifier, intercept=intercept)
        stream = io.StringIO(newline="")
        items = [Article(text) for text in self.TEXTS]
        options = BatchOptions(output_format=kind)
        stream.write(header(options, shifted))
        write_body(answers(shifted, items), stream, options, shifted, ascii_only=False)
        lines = io.StringIO(stream.getvalue(), newline="")
        rows = list(csv.DictReader(lines) if kind == "csv" else map(json.loads, lines))
        for row, exact in zip(rows, shifted.predict_proba(self.TEXTS), strict=True):
            pairs = ranked_cells(row) if kind == "csv" else row["probabilities"]
            assert all(0 <= probability <= 1 for _, probability in pairs)
            assert sum(probability for _, probability in pairs) == pytest.approx(1, abs=1e-12)
            assert [label for label, _ in pairs] == [
                shifted.classes_[k] for k in np.argsort(-exact, kind="stable")
            ]
            assert float(row["probability"]) == pairs[0][1]

    def test_few_articles_make_no_model_sure_nor_tie_its_answers(self, classifier, base_articles):
        """Calibrated on few articles, scores became exact 0 and 1 and many equals, and labels changed."""
        texts = [article.text for article in base_articles]
        scores, probabilities = classifier.decision_function(texts), classifier.predict_proba(texts)
        assert ((probabilities > 0) & (probabilities < 1)).all()
        assert len(np.unique(probabilities)) == len(np.unique(scores))
        if classifier.multilabel:
            assert (probabilities.argsort(axis=0) == scores.argsort(axis=0)).all()
        else:
            assert (probabilities.argsort(axis=1) == scores.argsort(axis=1)).all()


class TestTwoLabels:
    @pytest.mark.parametrize("names", [("economy", "sport"), ("zoo", "art")], ids=str)
    def test_each_has_a_score_a_probability_and_reasons_of_its_own(self, base_articles, names):
        """Of two labels there was one column of scores, and reasons had the sign of the second by name."""
        of = dict(zip(("economy", "sport"), names, strict=True))
        articles = [replace(a, labels=(of[a.labels[0]],)) for a in base_articles if a.labels[0] in of]
        classifier = train(articles, n_jobs=1).classifier
        texts = ["Cup final tonight", "The bank lifts its interest rate"]
        assert classifier.decision_function(texts).shape == (2, 2)
        for text, label, other in zip(texts, names[::-1], names, strict=True):
            answer = classifier.predict(text)
            assert (answer.label, len(answer.probabilities)) == (label, 2)
            assert answer.probabilities[label] > 0.5 > answer.probabilities[other]
            assert answer.to_dict(top_k=2)["probabilities"][0] == [label, answer.probability]
            for_it, against_it = classifier.explain(text, label), classifier.explain(text, other)
            assert for_it.evidence[0].contribution > 0
            assert for_it.score == pytest.approx(-against_it.score)
            assert {e.term: e.contribution for e in for_it.evidence} == pytest.approx(
                {e.term: -e.contribution for e in against_it.evidence}
            )
