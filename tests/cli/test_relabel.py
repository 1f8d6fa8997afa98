from __future__ import annotations

import pytest

from topicml.reading.readers import read_corpus

ROWS = [
    {"id": "1", "title": "Cup final", "text": "A late goal.", "label": "weather", "desk": "x"},
    {"id": "2", "text": "Heavy rain.", "label": "weather"},
    {"id": "3", "text": "Own goal.", "label": "sport"},
    {"id": "4", "text": "Snow.", "label": None},
]
DECISIONS = "id,text,label,decision\n1,,sport,\n4,Snow.,,weather\n3,,,keep\n2,,,\n"


@pytest.fixture
def data(write):
    return write("a.jsonl", ROWS)


@pytest.fixture
def archive(write):
    return write("archive.jsonl", [{**row, "label": None} for row in ROWS])


@pytest.fixture
def done(write):
    return write("done.csv", DECISIONS)


def labels_in(path):
    return {article.id: article.labels for article in read_corpus(path)}


def test_labels_are_changed_in_another_file(topicml, data, done, tmp_path):
    before = data.read_bytes()
    run = topicml("relabel", data, done, "--out", tmp_path / "new.jsonl")
    assert (run.returncode, data.read_bytes()) == (0, before)
    new = ("sport",), ("weather",), ("sport",), ("weather",)
    assert labels_in(tmp_path / "new.jsonl") == dict(zip("1234", new, strict=True))
    assert read_corpus(tmp_path / "new.jsonl")[0].metadata == {"desk": "x"}
    assert run.stderr == f"4 articles in {tmp_path / 'new.jsonl'}\n"
    assert " ".join(run.stdout.split("\n\n")[0].split()) == (
        "3 articles decided: 1 labelled for the first time, 1 with another label, 1 unchanged; "
        "1 decision left open"
    )


def test_json_has_the_documented_fields(topicml, data, done, tmp_path):
    [found] = topicml("relabel", data, done, "--out", tmp_path / "new.csv", "--json").rows
    assert set(found) == {"n", "n_written", "counts", "labels", "changes"}
    assert (found["n"], found["n_written"], found["counts"]["labelled"]) == (4, 4, 1)
    assert found["changes"][0]["origin"] == f"{done}:2"


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "jsonl.gz"])
def test_the_name_says_the_format(topicml, data, done, tmp_path, ending):
    path = tmp_path / f"new.{ending}"
    assert topicml("relabel", data, done, "--out", path).returncode == 0
    assert labels_in(path)["1"] == ("sport",)


def test_of_an_archive_the_labelled_articles_are_written(topicml, archive, done, tmp_path):
    """Those that it is possible to train on."""
    run = topicml("relabel", archive, done, "--out", tmp_path / "new.jsonl")
    assert run.returncode == 0
    assert labels_in(tmp_path / "new.jsonl") == {"1": ("sport",), "4": ("weather",)}


@pytest.mark.parametrize(("option", "n"), [("--keep-unlabelled", 4), ("--drop-unlabelled", 2)])
def test_articles_without_a_label_are_kept_or_dropped_on_demand(topicml, archive, done, tmp_path, option, n):
    run = topicml("relabel", archive, done, "--out", tmp_path / "new.jsonl", option)
    assert (run.returncode, len(read_corpus(tmp_path / "new.jsonl"))) == (0, n)


def test_of_labelled_articles_all_are_written(topicml, data, write, tmp_path):
    run = topicml("relabel", data, write("done.csv", "id,label\n1,sport\n"), "--out", tmp_path / "new.jsonl")
    assert (run.returncode, len(read_corpus(tmp_path / "new.jsonl"))) == (0, 4)


def test_nothing_is_written_where_nothing_is_labelled(topicml, archive, write, tmp_path):
    run = topicml("relabel", archive, write("none.csv", "id,label\n1,\n"), "--out", tmp_path / "new.jsonl")
    assert (run.returncode, (tmp_path / "new.jsonl").exists()) == (1, False)
    assert run.stderr == (
        "error: no article has a label, so nothing is written; --keep-unlabelled writes all\n"
    )


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ("id,label\n9,sport\n", "done.csv:2: no article has the id '9'"),
        ("id,label\n1,sport\n1,weather\n", "a.jsonl:1 (id '1'): decisions contradict each other: "),
        ("id,label\n1,sprot\n", "done.csv:2: unknown label 'sprot'; did you mean 'sport'?"),
        ("id,label,decision\n1,sport,weather\n", "done.csv:2: impossible decision: the label is 'sport'"),
    ],
    ids=["nobody", "two decisions", "unknown label", "a row that says two things"],
)
def test_what_cannot_be_followed_is_named_and_nothing_written(
    topicml, data, write, tmp_path, decisions, message
):
    run = topicml("relabel", data, write("done.csv", decisions), "--out", tmp_path / "new.jsonl")
    assert (run.returncode, run.stdout, (tmp_path / "new.jsonl").exists()) == (1, "", False)
    assert message in run.stderr


def test_new_labels_are_given_on_demand(topicml, data, write, tmp_path):
    decisions = write("done.csv", "id,label\n1,chess\n")
    assert "--new-labels" in topicml("relabel", data, decisions, "--out", tmp_path / "new.jsonl").stderr
    run = topicml("relabel", data, decisions, "--out", tmp_path / "new.jsonl", "--new-labels")
    assert (run.returncode, labels_in(tmp_path / "new.jsonl")["1"]) == (0, ("chess",))


@pytest.mark.parametrize("name", ["a.jsonl", "done.csv", "link.jsonl"])
def test_no_file_is_edited_in_place(topicml, data, done, tmp_path, name):
    (tmp_path / "link.jsonl").symlink_to(data)
    before = data.read_bytes(), done.read_bytes()
    run = topicml("relabel", data, done, "--out", tmp_path / name)
    assert (run.returncode, (data.read_bytes(), done.read_bytes())) == (2, before)
    assert "--out would overwrite" in run.stderr


def test_a_format_that_cannot_be_written_is_wrong_usage(topicml, data, done, tmp_path):
    run = topicml("relabel", data, done, "--out", tmp_path / "new.xlsx")
    assert run.returncode == 2
    assert "expected a name that ends in .jsonl or .csv" in " ".join(run.stderr.split())


def test_another_file_is_overwritten_with_a_word(topicml, data, done, tmp_path):
    (tmp_path / "new.jsonl").write_text("old")
    run = topicml("relabel", data, done, "--out", tmp_path / "new.jsonl")
    assert f"note: overwriting {tmp_path / 'new.jsonl'}\n" in run.stderr


def test_a_label_that_looks_misspelt_is_noted(topicml, archive, write, tmp_path):
    decisions = write("done.csv", "id,label\n1,sport\n2,sprot\n3,sport\n")
    run = topicml("relabel", archive, decisions, "--out", tmp_path / "new.jsonl")
    assert run.returncode == 0
    assert "note: 1 article got the label 'sprot', which is new; did you mean 'sport'?\n" in run.stderr


def test_several_labels_in_one_cell_are_noted_and_a_separator_splits_them(topicml, archive, write, tmp_path):
    decisions = write("done.csv", "id,label\n1,sport\n2,weather; sport\n3,weather\n")
    out = tmp_path / "new.jsonl"
    told = "note: 1 article got one label 'weather; sport', and 'weather', 'sport' are labels, too"
    assert told in topicml("relabel", archive, decisions, "--out", out).stderr
    run = topicml("relabel", archive, decisions, "--out", out, "--label-separator", ";")
    assert ("one label" in run.stderr, labels_in(out)["2"]) == (False, ("weather", "sport"))


def test_several_files_and_formats_are_read(topicml, data, done, write, tmp_path):
    labelled = [{"text": "Heavy rain.", "accept": ["sport"], "answer": "accept"}]
    run = topicml("relabel", data, done, write("p.jsonl", labelled), "--out", tmp_path / "new.jsonl")
    assert (run.returncode, labels_in(tmp_path / "new.jsonl")["2"]) == (0, ("sport",))


def test_the_format_of_decisions_can_be_named(topicml, data, write, tmp_path):
    rows = write("d.jsonl", [{"id": 3, "text": "Heavy rain.", "label": "sport"}])
    out = tmp_path / "new.jsonl"
    run = topicml("relabel", data, rows, "--out", out, "--format", "doccano")
    assert (run.returncode, labels_in(out)["2"]) == (0, ("sport",))


def test_columns_of_the_data_are_not_those_of_the_decisions(topicml, write, done, tmp_path):
    data = write("a.csv", "id|body|desk\n1|A late goal.|weather\n4|Snow.|sport\n2|Rain|sport\n3|Goal|sport\n")
    named = ("--text-column", "body", "--label-column", "desk", "--delimiter", "|")
    run = topicml("relabel", data, done, "--out", tmp_path / "new.jsonl", *named)
    assert (run.returncode, labels_in(tmp_path / "new.jsonl")["1"]) == (0, ("sport",))


def test_a_separator_lets_articles_have_several_labels(topicml, write, tmp_path):
    data = write("a.csv", "id,text,label\n1,A late goal.,sport\n2,Rain,weather\n")
    decisions = write("done.csv", "id,label\n1,sport; weather\n")
    options = ("--out", tmp_path / "new.csv", "--label-separator", ";")
    assert topicml("relabel", data, decisions, *options).returncode == 0
    assert labels_in(tmp_path / "new.csv") == {"1": ("sport", "weather"), "2": ("weather",)}


def test_rows_that_cannot_be_read_can_be_left_out(topicml, write, done, tmp_path):
    data = write(
        "a.jsonl", "".join(f'{{"id": {k}, "text": "{k}", "label": "sport"}}\n' for k in range(5)) + "{"
    )
    done.write_text("id,label\n1,sport\n")
    options = ("relabel", data, done, "--out", tmp_path / "new.jsonl")
    assert topicml(*options).returncode == 1
    run = topicml(*options, "--skip-bad-rows")
    assert (run.returncode, "left out: 1 x broken JSON" in run.stderr) == (0, True)


@pytest.mark.parametrize("form", ["csv", "label-studio", "prodigy", "doccano"])
def test_suggested_articles_come_back(topicml, write, tmp_path, form):
    """The whole way: suggest, a file that nobody has filled, relabel."""
    archive = write("archive.jsonl", [{"id": str(k), "text": f"rain {k} wind {k % 7}"} for k in range(30)])
    todo = tmp_path / "todo"
    todo = todo.with_suffix(".csv" if form == "csv" else ".jsonl")
    assert topicml("suggest", archive, "--n", "4", "--out", todo, "--format", form).returncode == 0
    run = topicml("relabel", archive, todo, "--out", tmp_path / "new.jsonl", "--keep-unlabelled")
    assert (run.returncode, run.stdout) == (0, "No article decided; 4 decisions left open\n")


def test_decisions_about_suspects_are_followed(topicml, write, tmp_path):
    """The whole way: suspects, a person in a spreadsheet, relabel."""
    rows = [{"text": f"cup final league goal {k}", "label": "sport"} for k in range(20)]
    rows += [{"text": f"heavy rain storm wind {k}", "label": "weather"} for k in range(20)]
    data = write("a.jsonl", [*rows, {"text": "heavy rain storm wind again", "label": "sport"}])
    topicml("suspects", data, "--out", tmp_path / "s.csv")
    text = (tmp_path / "s.csv").read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    assert text.count("\n") == 2
    (tmp_path / "s.csv").write_text(text.removesuffix("\n") + "replace\n")
    run = topicml("relabel", data, tmp_path / "s.csv", "--out", tmp_path / "new.jsonl")
    assert (run.returncode, read_corpus(tmp_path / "new.jsonl")[40].labels) == (0, ("weather",))
