from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicml.article import Article
from topicml.corpus.label_mapping import LabelMapping, read_label_mapping
from topicml.corpus.label_review import mapping_draft, name_key, review_labels


def articles(**counts):
    return [Article("...", labels=(label,)) for label, count in counts.items() for _ in range(count)]


class TestNameKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Politics", "POLITICS"),
            ("Économie", "economie"),
            ("Straße", "STRASSE"),
            ("Sport", "Sports"),
            ("Movie", "movies"),
            ("Country", "Countries"),
            ("Church", "churches"),
            ("Cyber-security", "Cyber security"),
            ("Cybersecurity", "cyber security"),
            ("Arts & Culture", "Arts and Culture"),
            ("Arts/Culture", "Arts, Culture"),
            ("Kunst und Kultur", "Kunst & Kultur"),
            ("Women's rights", "Womens rights"),
            ("  World   news", "World news"),
            ("World\u00a0news", "World_news"),
            ("ＡＩ", "ai"),
        ],
    )
    def test_names_of_one_section_have_one_key(self, one, other):
        assert name_key(one) == name_key(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("C", "C++"),
            ("C", "C#"),
            ("Politics", "Policy"),
            ("Art", "Arts desk"),
            ("US", "USA"),
            ("And", "Y"),
            ("की", "के"),  # two words of Hindi that differ by a vowel sign
            ("か", "が"),
            ("-", "!"),
            ("Boss", "Bos"),
        ],
    )
    def test_names_of_different_sections_have_different_keys(self, one, other):
        assert name_key(one) != name_key(other)

    @given(st.text())
    def test_any_name_has_a_key_that_case_does_not_change(self, label):
        assert name_key(label.casefold()) == name_key(label)


class TestReviewLabels:
    def test_the_commonest_come_first(self):
        review = review_labels(articles(b=6, a=6, c=7))
        assert list(review.counts.items()) == [("c", 7), ("a", 6), ("b", 6)]

    def test_names_that_are_alike_stand_together(self):
        review = review_labels(articles(Sports=2, SPORT=1, Sport=5, Chess=9))
        assert review.alike == (("Sport", "Sports", "SPORT"),)

    def test_rare_labels_are_counted_with_those_that_are_alike(self):
        review = review_labels(articles(Sport=3, SPORT=2, Chess=4, Go=5), min_articles=5)
        assert review.rare == ("Chess",)

    def test_articles_without_a_label_are_counted(self):
        review = review_labels([*articles(a=1), Article("x", labels=()), Article("y")])
        assert (review.n_articles, review.n_unlabelled) == (3, 2)

    def test_an_article_counts_for_each_of_its_labels(self):
        assert review_labels([Article("x", labels=("a", "b"))]).counts == {"a": 1, "b": 1}


class TestMappingDraft:
    LABELS = (
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5).map(str.strip).filter(bool)
    )

    def written(self, labels, folder: Path, change=lambda line: line) -> LabelMapping:
        review = review_labels([Article("x", labels=(label,)) for label in labels], min_articles=2)
        path = folder / "labels.toml"
        path.write_text("".join(change(line) + "\n" for line in mapping_draft(review)), "utf-8", newline="\n")
        return read_label_mapping(path)

    @given(st.lists(LABELS))
    def test_as_it_is_it_changes_nothing(self, tmp_path_factory, labels):
        assert self.written(labels, tmp_path_factory.mktemp("draft")) == LabelMapping()

    @given(st.lists(LABELS))
    def test_with_every_suggestion_taken_it_can_be_read(self, tmp_path_factory, labels):
        def taken(line):
            return re.sub(r'^#\s+(?=".*(?:,  #|  # ))', "", line)

        mapping = self.written(labels, tmp_path_factory.mktemp("draft"), taken)
        review = review_labels([Article("x", labels=(label,)) for label in labels], min_articles=2)
        assert mapping.drop == set(review.rare)
        expected = {other: first for first, *others in review.alike for other in others}
        assert mapping.rename == {old: new for old, new in expected.items() if new not in review.rare}

    def test_a_code_must_be_filled_in(self):
        draft = list(mapping_draft(review_labels(articles(Sport=5, SPORT=1, Chess=1))))
        assert [line for line in draft if line.endswith('= ""')] == ['# "Sport" = ""']


def test_it_prints_counts_what_is_rare_and_what_is_nearly_the_same():
    names = ["Arts"] * 5 + ["arts", "two\nlines"]
    articles = [Article("Text", labels=(name,)) for name in names]
    assert str(review_labels([*articles, Article("Text", labels=())])).splitlines() == [
        "3 labels in 8 articles",
        "1 article without a label",
        "",
        "label       articles",
        "Arts               5",
        "arts               1",
        "two\\nlines         1  rare",
        "",
        "Similar names",
        "  'Arts' (5), 'arts' (1)",
    ]
