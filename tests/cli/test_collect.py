from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import is_running, wait_until

SAVED = Path(__file__).parents[1] / "pages" / "saved"


def test_pages_become_a_corpus_and_the_table_is_printed(topicml, tmp_path):
    run = topicml("collect", SAVED, "--out", tmp_path / "a.jsonl", "--jobs", "2")
    assert run.returncode == 0
    header, *rows = (line.split() for line in run.stdout.splitlines())
    assert header == ["source", "pages", "share", "labels", "examples"]
    assert ["meta", "2", "40%", "1", "World;", "Science"] in rows
    assert ["none", "0", "0%"] in rows
    assert run.stderr.endswith(
        f"5 articles in {tmp_path / 'a.jsonl'}, 5 of them labelled\n2 pages left out, for the reasons above\n"
    )
    assert f"{SAVED / 'front.html'}: no article: it is a list of links to other pages\n" in run.stderr


def test_json(topicml, tmp_path):
    run = topicml(
        "collect",
        SAVED,
        "--out",
        tmp_path / "a.jsonl",
        "--json",
        "--labels-from",
        "meta, url",
        "--single-label",
    )
    assert (run.returncode, len(run.rows)) == (0, 1)
    assert (run.rows[0]["n_articles"], run.rows[0]["n_left_out"], run.rows[0]["n_labelled"]) == (5, 2, 4)
    assert [source["source"] for source in run.rows[0]["sources"]][:2] == ["jsonld", "meta"]


def test_what_is_collected_can_be_trained_on(topicml, tmp_path):
    for number in range(8):
        for section in ("africa", "diplomacy", "science"):
            (tmp_path / "in" / section).mkdir(parents=True, exist_ok=True)
            (page,) = (SAVED / section).iterdir()
            shutil.copy(page, tmp_path / "in" / section / f"{number}{page.suffix}")
    out = tmp_path / "a.jsonl.gz"
    assert (
        topicml("collect", tmp_path / "in", "--out", out, "--labels-from", "folder", "--jobs", "1").returncode
        == 0
    )
    assert topicml("check", out).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("none",), 1, "error: none: no such file or folder\n"),
        ((SAVED, "--labels-from", "title"), 1, "found 'title'"),
        ((SAVED, "--jobs", "0"), 2, "expected 1 or more processes, or -1"),
        ((SAVED / "front.html",), 1, "0 articles in"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_goes_wrong(topicml, tmp_path, arguments, status, message):
    run = topicml("collect", *arguments, "--out", tmp_path / "a.jsonl")
    assert run.returncode == status
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_files_that_are_no_pages_are_not_counted_as_pages(topicml, tmp_path):
    shutil.copytree(SAVED, tmp_path / "in")
    (tmp_path / "in" / "style.css").write_text("p {}")
    run = topicml("collect", tmp_path / "in", "--out", tmp_path / "a.jsonl")
    assert "skipped files: 1 file ending in '.css'" in run.stderr
    assert run.stderr.endswith("\n2 pages left out, for the reasons above\n")


def test_many_rare_labels_are_a_warning(topicml, tmp_path):
    for number in range(20):
        page = f"<meta name='section' content='Harbour {number}'><p>The ferry is back at berth {number}."
        (tmp_path / f"{number}.html").write_text(page)
    run = topicml("collect", tmp_path, "--out", tmp_path / "a.jsonl", "--jobs", "1")
    assert "warning: 20 of 20 labels have fewer than 5 articles; merge or drop them" in run.stderr


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in Linux's /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_its_command(tmp_path, end):
    """A worker read on for minutes after the command was killed."""
    (tmp_path / "in").mkdir()
    for number in range(40):
        shutil.copy(SAVED / "front.html", tmp_path / "in" / f"{number:02}.html")
    os.mkfifo(tmp_path / "in" / "20.htm")  # which keeps a worker waiting
    command = ["-m", "topicml", "collect", str(tmp_path / "in"), "--out", "a.jsonl", "--jobs", "2"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, *command], env=env, cwd=tmp_path, stderr=subprocess.PIPE) as job:
        try:
            assert b"00.html: no article" in job.stderr.readline()
            workers = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
            assert len(workers) >= 2
            job.send_signal(end)
            wait_until(lambda: not any(map(is_running, map(int, workers))))
        finally:
            job.kill()
    assert not (tmp_path / "a.jsonl").exists()
