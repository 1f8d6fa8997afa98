from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import on_terminal
from topicml.model.persistence import save_classifier

LINES = b"Cup final\n\nBank rate cut\r\n   \nRain\x0csnow\nFog\rhail\nLast line without end"
TEXTS = ["Cup final", "", "Bank rate cut", "   ", "Rain\x0csnow", "Fog\rhail", "Last line without end"]
IDS = ["1344800117571260417", "00012", "9007199254740993", None, "a/b, c", "天"]
FIELDS = {
    *("label", "labels", "probability", "probabilities"),
    *("abstained", "reason", "known_terms", "fingerprint"),
}
ODD_LABELS = ("../up", "a, b/c;\n[d]", '"x"|y')
WIDE_LABELS = ("Sport ⚽", "Économie", "天气")
NARROW = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "dumb": {"NO_COLOR": "1", "TERM": "dumb"},
}


@pytest.fixture
def predict(topicml, base_model_path):
    """Return a function that predicts with the base model."""
    return lambda *args, **how: topicml("predict", "--model", base_model_path, *args, **how)


@pytest.fixture(scope="module")
def named(base_model_path, base_classifier):
    """The line that names the base model."""
    return f"model: {base_model_path} (3 labels, {base_classifier.fingerprint})\n"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "-"])
def test_one_row_for_each_row_in_order_with_its_id(predict, write, named, name):
    """A key that becomes a number loses its zeros, or its last digits."""
    rows = [
        '{"id": 1344800117571260417, "text": "Cup final"}',
        '{"id": "00012", "text": ""}',
        '{"id": 9007199254740993, "text": "Cup final", "label": "weather"}',
        '{"id": null, "text": "Cup final"}',
        '{"id": "a/b, c", "text": "qqq"}',
        '{"id": "天", "text": "Cup final"}',
    ]
    if name == "a.csv":
        table = [["id", "text"], *([row["id"], row["text"]] for row in map(json.loads, rows))]
        stream = io.StringIO()
        csv.writer(stream).writerows(table)
        run = predict(write(name, stream.getvalue()))
    elif name == "-":
        run = predict(name, stdin="\n".join(rows).encode())
    else:
        run = predict(write(name, "\n".join(rows)))
    assert run.returncode == 0
    assert [row["id"] for row in run.rows] == IDS
    assert [row["row"] for row in run.rows] == [1, 2, 3, 4, 5, 6]
    assert [row["label"] for row in run.rows] == ["sport", None, "sport", "sport", None, "sport"]
    assert all(row.keys() == FIELDS | {"row", "id"} for row in run.rows)
    assert run.stderr == f"{named}6 articles; 2 need review (the model is unsure)\n"


def test_the_environment_names_the_model_and_text_is_one_article(topicml, base_model_path, named):
    run = topicml(
        "predict", "--text", "Cup final", "--top-k", "2", env={"TOPICML_MODEL": str(base_model_path)}
    )
    [answer] = run.rows
    assert (run.returncode, run.stderr) == (0, named)
    assert answer.keys() == FIELDS
    assert (answer["label"], answer["labels"], answer["abstained"]) == ("sport", ["sport"], False)
    assert [label for label, _ in answer["probabilities"]][:1] == ["sport"]
    assert len(answer["probabilities"]) == 2


def test_one_text_goes_where_out_says(predict, tmp_path):
    """An option that is taken and then passed over loses the caller's answer without a word."""
    run = predict("--text", "Cup final", "--out", tmp_path / "a.jsonl")
    assert run.returncode == 2 or json.loads((tmp_path / "a.jsonl").read_text())["label"] == "sport"


def test_lines_of_text(predict, named):
    run = predict("-", "--keep-text", "--top-k", "1", stdin=LINES)
    assert [row["text"] for row in run.rows] == TEXTS
    assert [row["label"] for row in run.rows] == ["sport", None, "economy", None, "weather", "weather", None]
    for row in (run.rows[1], run.rows[3]):
        assert (row["abstained"], row["reason"], row["labels"]) == (True, "no_known_terms", [])
    assert {len(row["probabilities"]) for row in run.rows} == {1}
    assert run.stderr == f"{named}7 articles; 3 need review (the model is unsure)\n"


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"id,text\n"), ("a.csv", b""), ("a.jsonl", b"\n"), ("-", b"")]
)
def test_no_rows_are_an_empty_result(predict, write, named, name, content):
    run = predict("-", stdin=content) if name == "-" else predict(write(name, content))
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == f"{named}0 articles; none need review\n"


def test_a_row_that_cannot_be_read_costs_one_row(predict, write, named):
    file = write("[b].jsonl", '{"text": "Cup final"}\n{"text": \n[]\n{"text": "Heavy rain tonight"}\n')
    run = predict(file, env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert run.returncode == 0
    assert [row.get("label") for row in run.rows] == ["sport", None, None, "weather"]
    assert [set(row) for row in run.rows[1:3]] == [{"row", "id", "error"}] * 2
    assert "[b].jsonl:2:10: broken JSON" in run.rows[1]["error"]
    assert run.stderr == f"{named}2 articles; none need review; 2 rows could not be read\n"
    strict = predict(file, "--strict")
    assert strict.returncode == 1
    assert strict.stderr.startswith(f"{named}error: ")
    assert "[b].jsonl:2:10: broken JSON" in strict.stderr
    assert strict.stderr.count("\n") == 2


def test_csv_reads_back_with_every_label(topicml, model_of, relabelled, write, tmp_path):
    file = write("a.jsonl", relabelled(*ODD_LABELS))
    args = ("predict", file, "--model", model_of(*ODD_LABELS))
    run = topicml(*args, "--format", "csv")
    to_file = topicml(*args, "--out", tmp_path / "out.csv")
    assert run.stdout.encode() == (tmp_path / "out.csv").read_bytes()
    assert (to_file.returncode, to_file.stdout, to_file.stderr) == (0, "", run.stderr)
    rows = list(csv.DictReader(io.StringIO(run.stdout, newline="")))
    assert [row["label"] for row in rows] == [row["label"] for row in relabelled(*ODD_LABELS)]
    for row in rows:
        assert {row[f"label_{rank}"] for rank in (1, 2, 3)} == set(ODD_LABELS)


@pytest.mark.parametrize("env", NARROW.values(), ids=NARROW)
def test_narrow_terminals_change_no_label(process, model_of, relabelled, write, tmp_path, env):
    file = write("a.jsonl", relabelled(*WIDE_LABELS))
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    args = ("predict", file, "--model", model_of(*WIDE_LABELS))
    run = process(*args, env=env, encoding=encoding)
    assert run.returncode == 0
    assert [row["label"] for row in run.rows] == [row["label"] for row in relabelled(*WIDE_LABELS)]
    assert "\x1b" not in run.stdout + run.stderr
    process(*args, "--out", tmp_path / "out.jsonl", env=env, encoding=encoding)
    assert "天气" in (tmp_path / "out.jsonl").read_text("utf-8")


def test_a_reader_that_has_enough_ends_it_quietly(shell, base_model_path, tmp_path):
    run = shell(
        "yes 'Cup final' | head -n 10000 > lines.txt\n"
        'topicml predict --model "$1" lines.txt | head -n 1\nexit "${PIPESTATUS[0]}"',
        base_model_path,
        cwd=tmp_path,
    )
    assert run.returncode in (0, 141)
    assert [row["row"] for row in run.rows] == [1]
    assert run.stderr.startswith("model: ")
    assert run.stderr.count("\n") == 1


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")]
    }


def test_a_locked_down_place(process, base_model_path, tmp_path):
    """A service has no home, no scratch space, and nothing that it may write to; nor is anything written."""
    model, here = tmp_path / "model", tmp_path / "here"
    shutil.copytree(base_model_path, model)
    here.mkdir()
    for path in (*model.iterdir(), model, here):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    before = snapshot(tmp_path)
    env = {"HOME": None, "TMPDIR": str(tmp_path / "nowhere"), "XDG_CACHE_HOME": None, "USER": None}
    run = process("predict", "-", "--model", model, stdin=b"Cup final\n", env=env, cwd=here)
    assert (run.returncode, [row["label"] for row in run.rows]) == (0, ["sport"])
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("args", [["--text", "x"], ["-"]])
def test_neither_scikit_learn_nor_scipy_is_imported(process, base_model_path, args):
    run = process("predict", "--model", base_model_path, *args, stdin=b"x\n", python=["-X", "importtime"])
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", run.stderr, re.MULTILINE))
    assert "topicml.predict" in imported
    assert not imported & {"sklearn", "scipy", "joblib", "polars"}


def test_out_is_gzipped_if_its_name_says_so(predict, tmp_path):
    out = tmp_path / "a.jsonl.gz"
    run = predict("-", "--out", out, stdin=LINES)
    assert (run.returncode, run.stdout) == (0, "")
    assert gzip.decompress(out.read_bytes()).decode() == predict("-", stdin=LINES).stdout


def test_out_that_cannot_be_written_is_one_line_and_leaves_nothing(
    predict, shell, base_model_path, named, tmp_path
):
    run = predict("-", "--out", tmp_path / "[none]" / "a.csv", stdin=LINES)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"{named}error: cannot write {tmp_path}/[none]/a.csv: No such file or directory\n"
    script = 'ulimit -f 1; topicml predict --model "$1" - --out full.jsonl'  # no file above 1024 bytes
    run = shell(script, base_model_path, stdin=LINES, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (1, f"{named}error: cannot write full.jsonl: File too large\n")
    assert not list(tmp_path.iterdir())


class TestTerminal:
    """A table where a person looks, rows where a program reads."""

    def test_rows_are_a_table(self, base_model_path, write):
        file = write("a.jsonl", [{"title": "Cup final", "text": "football"}, {"text": "qqq"}])
        shown = on_terminal("predict", file, "--model", base_model_path)
        header, ruler, first, second, *rest = shown
        assert header.split() == ["article", "sections"]
        assert set(ruler) == {"-", " "}
        assert re.fullmatch(r"Cup final +sport (over )?\d\d%", first)
        assert re.fullmatch(r"qqq +review: no word of this text is known to the", second)
        assert [line.strip() for line in rest] == ["model"]

    @pytest.mark.parametrize("args", [["--json"], ["--format", "jsonl"]])
    def test_json_is_there_for_the_asking(self, base_model_path, write, args):
        file = write("a.jsonl", [{"text": "Cup final"}])
        [first] = on_terminal("predict", file, "--model", base_model_path, *args)
        assert json.loads(first)["label"] == "sport"

    def test_one_text_is_a_line_or_two(self, base_model_path):
        answer, others = on_terminal("predict", "--model", base_model_path, "--text", "Cup final")
        assert re.fullmatch(r"section: sport (over )?\d\d%", answer)
        assert re.fullmatch(r"less probable: \w+ (under )?\d+%, \w+ (under )?\d+%", others)
        assert on_terminal("predict", "--model", base_model_path, "--text", "qqq") == [
            "for review: no word of this text is known to the model"
        ]


def test_a_table_may_be_asked_for_in_a_pipe(predict, write):
    file = write("a.jsonl", [{"text": "Cup final"}])
    run = predict(file, "--format", "table", env={"COLUMNS": "60"})
    assert run.stdout.splitlines()[0].split() == ["article", "sections"]
    assert len(run.stdout.splitlines()[1]) == 60


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.jsonl", "--json", "--format", "csv"], "--json means --format jsonl"),
        (["--text", "Rain", "--format", "csv"], "go with DATA, not with --text"),
        (["a.jsonl", "--text", "Rain"], "give either DATA"),
    ],
)
def test_options_that_contradict_are_refused(predict, args, message):
    run = predict(*args)
    assert run.returncode == 2
    assert message in " ".join(run.stderr.split())


def test_no_model_says_what_to_type(topicml, tmp_path):
    run = topicml("predict", "--text", "Rain", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: no model: name its folder (--model FOLDER")


def test_the_model_that_training_wrote_answers(topicml, base_model_path, tmp_path):
    shutil.copytree(base_model_path, tmp_path / "model")
    run = topicml("predict", "--text", "Cup final", cwd=tmp_path)
    assert run.rows[0]["label"] == "sport"
    assert run.stderr.startswith("model: model (3 labels, ")


def test_the_demo_model_by_its_name(topicml, tmp_path):
    run = topicml("predict", "--text", "Talks", "--model", "world-desk", cwd=tmp_path)
    assert run.stderr.startswith("model: shipped demo model world-desk (12 labels, ")


def test_replacing_a_file_is_said(predict, write, tmp_path):
    file, out = write("a.jsonl", [{"text": "Cup final"}]), tmp_path / "out.jsonl"
    assert "overwriting" not in predict(file, "--out", out).stderr
    assert f"note: overwriting {out}\n" in predict(file, "--out", out).stderr


def test_a_label_is_always_given_where_it_is_wanted(topicml, multilabel_classifier, write, tmp_path):
    strict = replace(multilabel_classifier, thresholds=np.full(3, 1.1))
    save_classifier(strict, tmp_path / "strict")
    args = ("predict", write("a.jsonl", [{"text": "Cup final"}]), "--model", tmp_path / "strict")
    plain, always = topicml(*args), topicml(*args, "--always-label")
    assert (plain.rows[0]["labels"], plain.rows[0]["reason"]) == ([], "no_label_reached")
    assert plain.stderr.endswith("1 article; 1 needs review (without a label)\n")
    assert (always.rows[0]["labels"], always.rows[0]["reason"]) == (["sport"], None)
    assert always.stderr.endswith("1 article; none need review\n")


@pytest.mark.parametrize("name", ["out.tsv", "out.xlsx"])
def test_other_tables_are_refused_with_the_name_that_works(predict, write, tmp_path, name):
    run = predict(write("a.jsonl", [{"text": "Cup final"}]), "--out", tmp_path / name)
    assert run.returncode == 1
    assert f"cannot write {name}: name it .csv for a spreadsheet" in run.stderr


def test_saved_pages_are_predicted_by_their_story(topicml, base_model_path, tmp_path):
    pytest.importorskip("trafilatura")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("<nav>Economy</nav><p>The cup final was a goal fest.")
    (tmp_path / "pages" / "b.txt").write_text("The bank raised the rate.")
    run = topicml("predict", tmp_path / "pages", "--model", base_model_path, "--format", "jsonl")
    assert [(row["id"], "error" in row) for row in run.rows] == [("a.html", False), ("b.txt", False)]


def test_a_file_without_a_readable_row_is_an_error(topicml, base_model_path, write):
    file = write("a.jsonl", '{"text": \n{"text": [}\n')
    run = topicml("predict", file, "--model", base_model_path)
    assert run.returncode == 1
    assert len(run.rows) == 2
    assert run.stderr.endswith(
        f"\nerror: {file}: no row could be read; for the reasons: topicml check {file}\n"
    )


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_half_a_character_is_noted(topicml, write, base_model_path, command):
    """Regression: it was replaced without the word that check and evaluate have for it."""
    file = write("a.jsonl", '{"text": "Cup final \\ud83d"}\n')
    run = topicml(command, file, "--model", base_model_path)
    assert run.returncode == 0
    assert f"noted: 1 x half a character ({file}:1)" in run.stderr
