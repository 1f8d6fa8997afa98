"""Training on seed words from the command line, and the way from there to an honest figure."""

from __future__ import annotations

import csv
import json

import pytest

from tests.training.seeded import EVEN, SEEDS


@pytest.fixture
def archive(write):
    return write("archive.jsonl", [{"id": one.id, "text": one.text} for one in EVEN[0]])


@pytest.fixture
def sections(tmp_path):
    path = tmp_path / "sections.toml"
    path.write_text("\n".join(f"{label} = {json.dumps(words)}" for label, words in SEEDS.items()))
    return path


@pytest.fixture
def seeded(topicml, archive, sections, tmp_path):
    def run(*options):
        out = tmp_path / "desk"
        return topicml("train", "--unlabelled", archive, "--seed-words", sections, "--out", out, *options)

    return run


def test_people_see_words_sections_and_articles(seeded):
    run = seeded()
    assert run.returncode == 0
    lines = run.stdout.splitlines()
    assert lines[0] in SEEDS
    assert lines.index("Seed words") > max(k for k, line in enumerate(lines) if line == "most doubtful:")
    assert any(line.startswith("The seed words single out ") for line in lines[-8:])
    assert any(line.startswith("Not measured: no article has a label.") for line in lines)
    assert any(line.split()[:2] == ["art", "painting"] for line in lines)
    assert [line for line in lines if line in SEEDS] == sorted(SEEDS)
    assert (lines.count("surest:"), lines.count("most doubtful:")) == (3, 3)
    assert max(map(len, (line for line in lines if line.startswith("  ")))) <= 80
    assert "not measured" in run.stderr
    assert "--to-measure 100" in run.stderr


def test_no_score_is_printed(seeded):
    said = seeded().stdout
    assert not [word for word in ("accuracy", "F1", "precision", "right") if word in said]


def test_json_has_all_of_it(seeded):
    [found] = seeded("--json").rows
    assert found["measured"] is False
    assert [section["label"] for section in found["sections"]] == sorted(SEEDS)
    assert {"words", "surest", "most_doubtful", "suggested"} <= found["sections"][0].keys()
    assert (found["shares_of"], found["notes"]) == ("even", [])


def test_show_and_the_card_say_that_it_is_not_measured(topicml, seeded, tmp_path):
    seeded()
    shown = topicml("show", tmp_path / "desk").stdout
    assert "trained on 120 articles without a label, by seed words" in shown
    assert shown.count("ot measured") >= 2


def test_several_labels_an_article(topicml, seeded, tmp_path):
    assert seeded("--target", "multilabel").returncode == 0
    [shown] = topicml("show", tmp_path / "desk", "--json").rows
    assert (shown["target_type"], shown["provenance"]["measured"]) == ("multilabel", False)


def test_from_seed_words_to_an_honest_figure(topicml, seeded, archive, tmp_path):
    """The whole way: seed words, articles drawn at random, a person's labels, a measure with its interval."""
    seeded()
    todo, labelled = tmp_path / "todo.csv", tmp_path / "labelled.jsonl"
    assert topicml("suggest", archive, "--to-measure", "50", "--out", todo).returncode == 0
    with todo.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), {row["guess"] for row in rows}) == (50, {""})
    with todo.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "label": EVEN[1][int(row["id"])]} for row in rows)
    decided = topicml("relabel", archive, todo, "--drop-unlabelled", "--out", labelled)
    assert decided.returncode == 0, decided.stderr
    [measured] = topicml("evaluate", tmp_path / "desk", labelled, "--json").rows
    assert (measured["n"], measured["n_seen"]) == (50, 0)
    assert measured["accuracy"] > 0.9


def test_a_few_labelled_articles_beside_them_measure_it(topicml, archive, sections, write, tmp_path):
    rows = [
        {"text": article.text + " report", "label": section}
        for article, section in zip(EVEN[0][:30], EVEN[1][:30], strict=True)
    ]
    data = write(
        "labelled.jsonl", [{**row, "text": f"{row['text']} number{k}"} for k, row in enumerate(rows)]
    )
    run = topicml(
        "train",
        data,
        "--unlabelled",
        archive,
        "--seed-words",
        sections,
        "--out",
        tmp_path / "desk",
        "--json",
    )
    [found] = run.rows
    assert found["n"] == 30
    assert any("that the seed words single out count as labelled" in note for note in found["notes"])


def test_the_words_that_are_not_found_are_named_with_the_file(topicml, archive, sections, tmp_path):
    sections.write_text(sections.read_text() + '\ntennis = ["racket", "volley"]\n')
    run = topicml("train", "--unlabelled", archive, "--seed-words", sections, "--out", tmp_path / "desk")
    assert run.returncode == 1
    assert "sections.toml: section 'tennis'" in run.stderr
    assert "'racket' or 'volley'" in run.stderr
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("art = [", "sections.toml is not TOML"),
        ('art = ["painting"]', "expected two sections or more, found 1 section"),
        ('art = ["painting"]\nchess = []', "section 'chess' has no words"),
        ('art = ["painting"]\nchess = ["Painting"]', "'art' and 'chess' share the word 'Painting'"),
    ],
)
def test_a_file_that_cannot_be_meant_is_an_error(topicml, archive, sections, tmp_path, content, told):
    sections.write_text(content)
    run = topicml("train", "--unlabelled", archive, "--seed-words", sections, "--out", tmp_path / "desk")
    assert (run.returncode, run.stdout) == (1, "")
    assert told in run.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "expected DATA, files of labelled articles"),
        (["--unlabelled", "archive.jsonl"], "give --seed-words FILE and --unlabelled FILE"),
        (["--seed-words", "s.toml"], "needs an archive of articles"),
    ],
)
def test_what_is_missing_is_named(topicml, options, told):
    run = topicml("train", *options)
    assert run.returncode == 2
    assert told in " ".join(run.stderr.split())
