from __future__ import annotations

import gzip
import json

import pytest

MIXED = (
    '{"text": "Cup final", "label": "sport"}\n'
    '{"text": "CONFIDENTIAL-7781", "label":\n'
    "[1]\n"
    '{"text": {"a": 1}, "label": "x"}\n'
    '{"text": " ", "label": "sport"}\n'
    '{"text": "Rain"}\n'
)
FATAL = [
    ("2:39", "broken JSON"),
    ("3", "not an object"),
    ("4", "impossible value"),
]
LEFT_OUT = [("5", "empty text"), ("6", "no label")]


def test_every_problem_is_listed_with_its_place(topicml, write):
    file = write("[bold]x.jsonl", MIXED)
    run = topicml("check", file, env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert run.returncode == 1
    expected = [f"{file}:{place}: {kind}: " for place, kind in FATAL + LEFT_OUT]
    for line, start in zip(run.stdout.splitlines(), expected, strict=True):
        assert line.startswith(start)
    assert "\n3 errors, 2 warnings; errors stop training\n" in run.stderr
    assert "CONFIDENTIAL" not in run.stdout


def test_json_is_one_object_that_says_the_same(topicml, write):
    file = write("a.jsonl", MIXED)
    run = topicml("check", file, "--json")
    assert run.returncode == 1
    [found] = run.rows
    assert (found["n_errors"], found["n_warnings"]) == (3, 2)
    problems = found["problems"]
    assert [row["kind"] for row in problems] == [kind for _, kind in FATAL + LEFT_OUT]
    assert [row["fatal"] for row in problems] == [True] * 3 + [False] * 2
    assert [(row["line"], row["column"]) for row in problems] == [
        (2, 39),
        *((n, None) for n in (3, 4, 5, 6)),
    ]
    assert {row["path"] for row in problems} == {str(file)}
    assert run.stderr == topicml("check", file).stderr


def test_what_is_only_left_out_does_not_stop_training(topicml, write):
    file = write("a.csv", "text,label\nCup final,sport\n,sport\nRain,\n")
    run = topicml("check", file)
    assert run.returncode == 0
    assert [line.split(": ")[1] for line in run.stdout.splitlines()] == ["empty text", "no label"]
    assert "\n2 warnings, no errors\n" in run.stderr


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "-"])
def test_nothing_is_wrong(topicml, write, relabelled, name):
    content = "".join(json.dumps(row) + "\n" for row in relabelled("a", "b", "c")).encode()
    if name == "-":
        run = topicml("check", name, stdin=content)
    else:
        run = topicml("check", write(name, gzip.compress(content) if name.endswith(".gz") else content))
    assert (run.returncode, run.stdout) == (0, "")
    kind, verdict, outcome = run.stderr.splitlines()
    assert kind.endswith(": a stream: JSON, or one article per line" if name == "-" else "")
    assert kind.endswith(": JSON Lines" + ", compressed" * name.endswith(".gz")) or name == "-"
    assert verdict == "nothing is wrong"
    assert outcome == (
        "topicml train would learn 3 labels from 24 articles with one label each: 'a' 8, 'b' 8, 'c' 8"
    )


def test_json_of_a_clean_file_is_one_object_too(topicml, write, relabelled):
    """Regression: it printed nothing at all, which no reader of JSON takes."""
    file = write("a.jsonl", relabelled("a", "b", "c"))
    run = topicml("check", file, "--json")
    counts = {"n_errors": 0, "n_warnings": 0, "n_copies": 0, "n_groups": 0}
    training = {"n_articles": 24, "target": "multiclass", "labels": {"a": 8, "b": 8, "c": 8}}
    files = [{"path": str(file), "format": "JSON Lines"}]
    expected = {"problems": [], **counts, "files": files, "notes": [], "training": training}
    assert (run.returncode, run.rows) == (0, [expected])


def test_files_that_cannot_be_read_are_problems_among_others(topicml, write, tmp_path):
    good = write("good.csv", "text,label\nCup final,sport\n")
    headless = write("headless.csv", "Cup final,sport\n")
    empty = write("empty.csv", "text,label\n")
    encoded = write("latin.csv", b"text,label\nD\xe9j\xe0 vu,sport\n")
    files = (tmp_path / "missing.csv", good, headless, empty, encoded)
    run = topicml("check", *files)
    assert run.returncode == 1
    assert [line.split(": ")[:2] for line in run.stdout.splitlines()] == [
        [str(files[0]), "unreadable file"],
        [str(headless), "unreadable file"],
        [str(empty), "no rows"],
        [f"{encoded}:2:2", "wrong encoding"],
        [str(encoded), "no rows"],
    ]
    assert "Traceback" not in run.stderr


def test_a_problem_stays_on_one_line(topicml, write):
    """One line is one problem, whatever a cell or a name holds."""
    file = write("two\nlines\x1b[31m.csv", 'text,label\n"never closed\nCup final,sport\n')
    run = topicml("check", file)
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert len(lines) == sum(
        int(part.split()[0]) for part in run.stderr.splitlines()[1].split("; ")[0].split(", ")
    )
    assert all("two\\nlines\\x1b[31m.csv:" in line for line in lines)
    assert "\x1b" not in run.stdout


def test_conflicting_labels_are_listed_and_equal_copies_counted_apart(topicml, write, relabelled):
    """Regression (contradictions in the data): training goes on, so the exit status is 0."""
    rows = relabelled("sport", "economy", "weather")
    shares = [{"text": "Club shares fall", "label": label} for label in ("sport", "economy", "economy")]
    file = write("a.jsonl", [*rows, *shares, {**rows[0], "text": rows[0]["text"].upper()}])
    run = topicml("check", file)
    places = ", ".join(f"{file}:{line}" for line in (25, 26, 27))
    message = f"1 text with conflicting labels: sport 1, economy 2 ({places})"
    assert (run.returncode, run.stdout) == (0, f"{file}:25: conflicting labels: {message}\n")
    copies = "1 article repeats another with the same labels"
    assert "\n1 warning, no errors\n" in run.stderr
    assert run.stderr.endswith(f"\n{copies}\n")
    [found] = topicml("check", file, "--json").rows
    [conflict] = found["problems"]
    assert (conflict["kind"], conflict["message"]) == ("conflicting labels", message)
    assert (conflict["path"], conflict["line"]) == (str(file), 25)
    assert (found["n_copies"], found["n_groups"]) == (1, 1)


@pytest.fixture
def leaking(write, relabelled):
    """Articles of which each of one label begins with its section, under two names of that label."""
    rows = relabelled("Sport", "Economy", "Weather")
    for number, row in enumerate(rows[:8]):
        row["text"] = f"More sport\n{row['text']}"
        row["label"] = "SPORT" if number % 2 else "Sport"
    return write("leaking.jsonl", rows)


def test_words_that_give_a_label_away_are_listed_and_do_not_stop_training(topicml, write, relabelled):
    rows = [{**row, "text": f"{row['label']}: {row['text']}"} for row in relabelled("a", "[b]", "c")]
    file = write("a.jsonl", rows)
    run = topicml("check", file)
    assert run.returncode == 0
    assert run.stdout.splitlines()[:1] == [
        f"{file}:9: leak: '[b]': the first line begins with '[b]:' in 8 of its 8 articles and in 0 others; "
        "remove it from the text, or the model learns the page instead of the story"
    ]
    assert "\n3 warnings, no errors\n" in run.stderr
    found = topicml("check", file, "--json").rows[0]["problems"]
    assert [(row["kind"], row["path"]) for row in found] == [("leak", f"{file}:{n}") for n in (9, 1, 17)]
    assert not any(row["fatal"] or row["left_out"] for row in found)


def test_a_leak_that_a_mapping_brings_to_light_is_listed(topicml, leaking, write):
    mapping = write("labels.toml", '[rename]\n"SPORT" = "Sport"\n')
    assert topicml("check", leaking).stdout == ""
    run = topicml("check", leaking, "--label-mapping", mapping)
    assert run.stdout.count(": leak: 'Sport': the first line is 'More sport' in 8 of its 8 articles") == 1


def test_a_leak_that_is_there_before_the_mapping_is_listed_once(topicml, write, relabelled):
    rows = [{**row, "text": f"{row['label']}: {row['text']}"} for row in relabelled("a", "b", "c")]
    mapping = write("labels.toml", '[rename]\n"a" = "d"\n"b" = "e"\n"c" = "e"\n')
    run = topicml("check", write("a.jsonl", rows), "--label-mapping", mapping)
    assert [line.split(": ")[2] for line in run.stdout.splitlines()] == ["'a'", "'b'", "'c'"]


def test_articles_whose_labels_are_dropped_are_problems_among_others(topicml, write, relabelled):
    file = write("a.jsonl", [*relabelled("a", "b", "c"), {"text": "", "label": "a"}])
    mapping = write("labels.toml", 'drop = ["c"]\n')
    run = topicml("check", file, "--label-mapping", mapping, "--json")
    assert run.returncode == 0
    problems = run.rows[0]["problems"]
    assert [row["kind"] for row in problems] == ["empty text"] + ["labels dropped"] * 8
    assert "its only label, 'c', is dropped by " in problems[1]["message"]


def test_many_rare_labels_are_a_warning_that_does_not_stop_training(topicml, write):
    rows = [{"text": f"a story about number {k}", "label": f"keyword {k}"} for k in range(20)]
    run = topicml("check", write("a.jsonl", rows))
    assert (run.returncode, run.stdout) == (0, "")
    assert "warning: 20 of 20 labels have fewer than 5 articles; merge or drop them" in run.stderr


def test_notes_on_labels_texts_and_dates_are_printed(topicml, write):
    rows = [
        {"text": "<p>Rain</p>", "label": ["all", "sport"], "date": "05/01/2024"},
        {"text": "Cup final", "label": ["all", "sport\u200b"]},
    ]
    run = topicml("check", write("a.jsonl", rows))
    assert run.returncode == 0
    assert r"labels that look the same are kept apart: 'sport' (1), 'sport\u200b' (1)" in run.stderr
    assert "every article has the label 'all': its F1 of 1.000 says nothing" in run.stderr
    assert "1 text holds HTML, the first at " in run.stderr
    assert "1 date cannot be read, the first at " in run.stderr


def test_what_training_would_do_is_said_where_it_would_stop(topicml, write):
    run = topicml("check", write("a.jsonl", [{"text": "Rain", "label": "weather"}, {"text": "Cup"}]))
    assert "would stop: it needs two labels or more, found 1 label in 1 article; 1 row left out" in run.stderr


def test_a_file_called_like_standard_input_is_a_file(topicml, tmp_path):
    (tmp_path / "-").write_text('{"text": "Rain", "label": "weather"}\n')
    run = topicml("check", "./-", "--input-format", "jsonl", cwd=tmp_path)
    assert "found 1 label in 1 article" in run.stderr
