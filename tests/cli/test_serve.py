"""What ``topicml serve`` refuses before it serves; tests/serving has the rest."""

from __future__ import annotations

import socket

import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve")


@pytest.fixture
def taken():
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_a_port_in_use(topicml, base_model_path, taken):
    run = topicml("serve", base_model_path, "--port", taken)
    assert (run.returncode, run.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1, port {taken}: " in run.stderr
    assert "choose another with --port" in run.stderr


def test_who_opens_it_to_others_without_keys_is_warned(topicml, base_model_path, taken):
    run = topicml(
        "serve", base_model_path, "--host", "0.0.0.0", "--port", taken
    )  # 0.0.0.0 includes 127.0.0.1
    assert "warning: 0.0.0.0 is open to other machines" in run.stderr
    assert run.returncode == 1


def test_a_host_that_is_not_this_machine(topicml, base_model_path):
    run = topicml("serve", base_model_path, "--host", "192.0.2.1", "--port", "0")
    assert (run.returncode, "cannot listen on 192.0.2.1" in run.stderr) == (1, True)


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["nothing"], 1, "no model at nothing"),
        (["a/desk", "b/desk"], 1, "two models have the name desk"),
        (["a b=desk"], 1, "expected a model's name of letters"),
        (["desk", "--max-body", "big"], 2, "big"),
        (["desk", "--max-requests", "0"], 2, "max-requests"),
        (["desk", "--port", "70000"], 2, "port"),
    ],
)
def test_wrong_arguments(topicml, tmp_path, args, status, message):
    run = topicml("serve", *args, cwd=tmp_path)
    assert (run.returncode, message in run.stderr) == (status, True), run.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot read API keys"), (b"# none\n\n", "found none"), (b"\xff", "not text in UTF-8")],
)
def test_a_file_of_keys_that_holds_none(topicml, base_model_path, tmp_path, content, message):
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    run = topicml("serve", base_model_path, "--api-key-file", tmp_path / "keys")
    assert (run.returncode, message in run.stderr) == (1, True)
