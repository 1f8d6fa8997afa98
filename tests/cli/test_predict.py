from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import stat
from pathlib import Path

import pytest

LINES = b"Cup final\n\nBank rate cut\r\n   \nRain\x0csnow\nFog\rhail\nLast line without end"
TEXTS = ["Cup final", "", "Bank rate cut", "   ", "Rain\x0csnow", "Fog\rhail", "Last line without end"]
IDS = ["1344800117571260417", "00012", "9007199254740993", None, "a/b, c", "天"]
FIELDS = {"label", "labels", "probability", "probabilities", "abstained", "reason", "known_terms"}
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


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "-"])
def test_one_row_for_each_row_in_order_with_its_id(predict, write, name):
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
    assert run.stderr == "6 rows, 2 of them for a person\n"


def test_the_environment_names_the_model_and_text_is_one_article(topicml, base_model_path):
    run = topicml(
        "predict", "--text", "Cup final", "--top-k", "2", env={"TOPICML_MODEL": str(base_model_path)}
    )
    [answer] = run.rows
    assert (run.returncode, run.stderr) == (0, "")
    assert answer.keys() == FIELDS
    assert (answer["label"], answer["labels"], answer["abstained"]) == ("sport", ["sport"], False)
    assert [label for label, _ in answer["probabilities"]][:1] == ["sport"]
    assert len(answer["probabilities"]) == 2


def test_one_text_goes_where_out_says(predict, tmp_path):
    """An option that is taken and then passed over loses the caller's answer without a word."""
    run = predict("--text", "Cup final", "--out", tmp_path / "a.jsonl")
    assert run.returncode == 2 or json.loads((tmp_path / "a.jsonl").read_text())["label"] == "sport"


def test_lines_of_text(predict):
    run = predict("-", "--keep-text", "--top-k", "1", stdin=LINES)
    assert [row["text"] for row in run.rows] == TEXTS
    assert [row["label"] for row in run.rows] == ["sport", None, "economy", None, "weather", "weather", None]
    for row in (run.rows[1], run.rows[3]):
        assert (row["abstained"], row["reason"], row["labels"]) == (True, "no_known_terms", [])
    assert {len(row["probabilities"]) for row in run.rows} == {1}
    assert run.stderr == "7 rows, 3 of them for a person\n"


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"id,text\n"), ("a.csv", b""), ("a.jsonl", b"\n"), ("-", b"")]
)
def test_no_rows_are_an_empty_result(predict, write, name, content):
    run = predict("-", stdin=content) if name == "-" else predict(write(name, content))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "0 rows, 0 of them for a person\n")


def test_a_row_that_cannot_be_read_costs_one_row(predict, write):
    file = write("[b].jsonl", '{"text": "Cup final"}\n{"text": \n[]\n{"text": "Heavy rain tonight"}\n')
    run = predict(file, env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert run.returncode == 0
    assert [row.get("label") for row in run.rows] == ["sport", None, None, "weather"]
    assert [set(row) for row in run.rows[1:3]] == [{"row", "id", "error"}] * 2
    assert "[b].jsonl:2:10: broken JSON" in run.rows[1]["error"]
    assert run.stderr == "4 rows, 0 of them for a person, 2 unreadable\n"
    strict = predict(file, "--strict")
    assert strict.returncode == 1
    assert strict.stderr.startswith("error: ")
    assert "[b].jsonl:2:10: broken JSON" in strict.stderr
    assert strict.stderr.count("\n") == 1


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
        assert json.loads(row["labels"]) == [row["label"]]
        assert {label for label, _ in json.loads(row["probabilities"])} == set(ODD_LABELS)


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


@pytest.mark.parametrize("env", NARROW.values(), ids=NARROW)
def test_csv_on_narrow_terminals_holds_json(process, model_of, relabelled, write, env):
    r"""An escape such as ``\xc9``, right in a text for people, is not one that JSON knows."""
    file = write("a.jsonl", relabelled(*WIDE_LABELS))
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    run = process(
        "predict", file, "--model", model_of(*WIDE_LABELS), "--format", "csv", env=env, encoding=encoding
    )
    rows = csv.DictReader(io.StringIO(run.stdout, newline=""))
    expected = [[row["label"]] for row in relabelled(*WIDE_LABELS)]
    assert [json.loads(row["labels"]) for row in rows] == expected


def test_a_reader_that_has_enough_ends_it_quietly(shell, base_model_path, tmp_path):
    run = shell(
        "yes 'Cup final' | head -n 10000 > lines.txt\n"
        'topicml predict --model "$1" lines.txt | head -n 1\nexit "${PIPESTATUS[0]}"',
        base_model_path,
        cwd=tmp_path,
    )
    assert run.returncode in (0, 141)
    assert [row["row"] for row in run.rows] == [1]
    assert run.stderr == ""


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


def test_out_that_cannot_be_written_is_one_line_and_leaves_nothing(predict, shell, base_model_path, tmp_path):
    run = predict("-", "--out", tmp_path / "[none]" / "a.csv", stdin=LINES)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"error: cannot write {tmp_path}/[none]/a.csv: No such file or directory\n"
    script = 'ulimit -f 1; topicml predict --model "$1" - --out full.jsonl'  # no file above 1024 bytes
    run = shell(script, base_model_path, stdin=LINES, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (1, "error: cannot write full.jsonl: File too large\n")
    assert not list(tmp_path.iterdir())
