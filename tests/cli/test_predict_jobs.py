"""Jobs as an operator meets them: killed, interrupted, continued, in several processes, on a live pipe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import BOUND, is_running, wait_until

N_ROWS = 24_000
SUMMARY = "\n24,000 articles; 6,000 need review (the model is unsure)\n"
TEXTS = ("Cup final", "Bank rate cut", "Heavy rain and snow", "qqq")
_MEASURED = """
import resource, sys
from topicml.cli.app import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "a.jsonl"
    rows = (json.dumps({"id": f"{row:06}", "text": TEXTS[row % 4] * 9}) for row in range(N_ROWS))
    path.write_text("\n".join(rows))
    return path


@pytest.fixture(scope="module")
def whole(topicml, base_model_path, source):
    """What a job that nothing happens to writes."""
    out = source.with_name("whole.jsonl.gz")
    run = topicml("predict", source, "--model", base_model_path, "--out", out)
    assert run.returncode == 0
    assert run.stderr.endswith(SUMMARY)
    return out.read_bytes()


@pytest.fixture
def start(base_model_path, tmp_path):
    """Return a function that starts ``topicml predict`` and does not wait for it."""
    running: list[subprocess.Popen] = []

    def start(*args: object, **how) -> subprocess.Popen:
        command = [
            sys.executable,
            "-m",
            "topicml",
            "predict",
            *map(str, args),
            "--model",
            str(base_model_path),
        ]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        process = subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE, **how)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def n_confirmed(out: Path) -> int:
    record = out.with_name(f".{out.name}.job")
    return record.read_bytes().count(b"\n") - 1 if record.exists() else 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the signal that nobody can answer is POSIX's")
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_killed_job_goes_on_and_ends_in_the_same_bytes(
    topicml, start, base_model_path, source, whole, tmp_path, jobs
):
    out = tmp_path / "out.jsonl.gz"
    job = start(source, "--out", out, "--jobs", jobs)
    wait_until(lambda: n_confirmed(out) >= 4 or job.poll() is not None)
    job.send_signal(signal.SIGKILL)
    assert job.wait(BOUND) == -signal.SIGKILL
    assert not out.exists()
    done = n_confirmed(out)
    resumed = ("--resume", "--jobs", str(4 - jobs))
    run = topicml("predict", source, "--model", base_model_path, "--out", out, *resumed)
    assert done < N_ROWS // 1000
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.endswith(SUMMARY)
    assert out.read_bytes() == whole


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in Linux's /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_its_job(start, source, tmp_path, end):
    """A worker that waits for the next batch of a job that is gone would wait forever."""
    out = tmp_path / "out.jsonl"
    job = start(source, "--out", out, "--jobs", 2)
    wait_until(lambda: n_confirmed(out) >= 3 or job.poll() is not None)
    children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
    workers = [int(pid) for pid in children]
    assert len(workers) >= 2
    job.send_signal(end)
    stderr = job.communicate(timeout=BOUND)[1].decode()
    wait_until(lambda: not any(map(is_running, workers)))
    if end == signal.SIGINT:
        assert stderr.endswith("\ninterrupted; run the same command with --resume to continue\n")
        assert job.returncode == 130
    assert out.with_name(".out.jsonl.partial").exists()


def test_a_changed_input_is_refused_in_one_line(topicml, base_model_path, write, tmp_path):
    file, out = write("a.jsonl", [{"text": "Cup final"}] * 1001 + [{"id": {}}]), tmp_path / "out.jsonl"
    args = ("predict", file, "--model", base_model_path, "--out", out)
    assert topicml(*args, "--strict").returncode == 1  # what it has written stays
    write("a.jsonl", [{"text": "Rain"}])
    run = topicml(*args, "--resume")
    assert run.returncode == 1
    *_, last = run.stderr.splitlines()
    assert last.startswith(f"error: cannot resume {out}: the input changed since")


def test_a_job_that_is_done_leaves_nothing_to_resume(topicml, base_model_path, write, tmp_path):
    out = tmp_path / "out" / "a.jsonl"
    out.parent.mkdir()
    args = ("predict", write("a.jsonl", [{"text": "Cup final"}]), "--model", base_model_path, "--out", out)
    first, again = topicml(*args), topicml(*args, "--resume")
    assert (first.returncode, again.returncode) == (0, 0)
    assert f"note: overwriting {out}" in again.stderr
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize(
    "args",
    [["--text", "x", "--resume"], ["a.jsonl", "--jobs", "0"], ["a.jsonl", "--jobs", "-2"], ["tables"]],
    ids=" ".join,
)
def test_wrong_usage(topicml, base_model_path, tmp_path, args):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("text\nRain\n")
    run = topicml("predict", "--model", base_model_path, *args, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")


def test_resume_needs_files(topicml, base_model_path, write):
    for args in (["-", "--out", "x"], [write("a.jsonl", "")]):
        run = topicml("predict", "--model", base_model_path, *args, "--resume")
        assert run.returncode == 1
        assert "\nerror: only a job from an existing file to a file can be resumed" in run.stderr


def test_a_folder_becomes_a_folder(topicml, base_model_path, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "in" / name).write_text("id,text\n1,Rain\n")
    args = ("predict", "in", "--model", base_model_path, "--out", "out")
    for more in ([], ["--resume"], ["--jobs", "2"]):
        run = topicml(*args, *more, cwd=tmp_path)
        assert (run.returncode, run.stdout) == (0, "")
        assert run.stderr.endswith("2 files: 2 articles; none need review\n")
    assert (tmp_path / "out" / "b.csv").read_text().splitlines()[1].startswith("1,1,,,,weather")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.skipif(os.name == "nt", reason="pipes cannot be asked there whether something waits")
def test_a_live_stream_is_answered_while_it_is_open(start, jobs):
    """Whoever writes a row and waits for its answer before the next would wait for ever."""
    job = start("-", "--jobs", jobs, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for row, text in enumerate(["Cup final", "Rain", "", "Bank rate"], 1):
        job.stdin.write(text.encode() + b"\n")
        job.stdin.flush()
        answer = json.loads(job.stdout.readline())
        assert (answer["row"], answer["abstained"]) == (row, not text)
    job.stdin.write(b"Snow")  # without its end
    out, stderr = job.communicate(timeout=BOUND)
    assert json.loads(out)["label"] == "weather"
    assert stderr.endswith(b"\n5 articles; 1 needs review (the model is unsure)\n")


def test_a_reader_that_has_enough_ends_many_processes_quietly(shell, base_model_path, source):
    run = shell(
        'topicml predict --jobs 2 --model "$1" "$2" | head -n 1\nexit "${PIPESTATUS[0]}"',
        base_model_path,
        source,
    )
    assert run.returncode != 0
    assert run.stderr.startswith("model: ")
    assert run.stderr.count("\n") == 1
    assert [row["row"] for row in run.rows] == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak differs between systems")
def test_memory_does_not_grow_with_the_file(base_model_path, source, tmp_path):
    lines = source.read_text().splitlines(keepends=True)
    lines[-1] += "\n"
    peaks = []
    for n_rows in (3_000, 30_000):
        (tmp_path / "a.jsonl").write_text("".join((lines * 2)[:n_rows]))
        args = ["predict", "a.jsonl", "--model", base_model_path, "--out", "out.jsonl.gz"]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        run = subprocess.run(
            [sys.executable, "-c", _MEASURED, *args],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            check=True,
            timeout=BOUND,
        )
        peaks.append(int(run.stderr.split()[-1]) / 1024)
    assert peaks[1] - peaks[0] < 10  # MB; the 27,000 rows more, held as articles, take 25
