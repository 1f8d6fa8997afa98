"""Who may ask, and how much: what is refused, and that the service goes on."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

ONE = {"text": "A late goal won the match."}


@pytest.fixture
def half_sent():
    """Return a function that begins a request, and returns its connection and what is left to send."""
    connections = []

    def half_sent(service, body=ONE):
        raw = json.dumps(body).encode()
        connection = service.connection()
        connections.append(connection)
        connection.putrequest("POST", "/v1/predict")
        connection.putheader("Content-Length", str(len(raw)))
        connection.endheaders(raw[:5])
        return connection, raw[5:]

    yield half_sent
    for connection in connections:
        connection.close()


def answers(service):
    return service.ask("/v1/predict", ONE).status == 200


def test_with_a_key_file_only_keys_in_it_open(serving, base_model_path, tmp_path):
    keys = tmp_path / "keys.txt"
    keys.write_text("# the site\nfirst-key\n\nsecond-key\n")
    with serving(base_model_path, "--api-key-file", keys) as service:

        def status(path="/v1/predict", body=ONE, **headers):
            return service.ask(path, body, headers=headers).status

        refused = service.ask("/v1/predict", ONE)
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert status(Authorization="Bearer first-key") == 200
        assert status(Authorization="bearer second-key") == 200
        assert status(**{"X-API-Key": "second-key"}) == 200
        wrong = (
            {"Authorization": "Bearer # the site"},
            {"Authorization": "Basic first-key"},
            {"X-API-Key": ""},
        )
        assert [status(**headers) for headers in wrong] == [401, 401, 401]
        assert [status(path, None) for path in ("/", "/docs", "/health/ready", "/v2/health/live")] == [
            200
        ] * 4
        assert [status(path, None) for path in ("/metrics", "/v1/model", "/v2/models/base")] == [401] * 3


def test_too_many_requests_at_once_are_asked_to_come_again(serving, base_model_path, half_sent):
    with serving(base_model_path, "--max-requests", "1") as service:
        first, rest = half_sent(service)
        while (second := service.ask("/v1/predict", ONE)).status == 200:
            pass  # the first one has not arrived yet
        assert (second.status, second.headers["retry-after"]) == (429, "1")
        assert service.ask("/health/live").status == 200
        first.send(rest)
        assert first.getresponse().status == 200
        assert answers(service)


def test_a_body_that_does_not_come_is_given_up(serving, base_model_path, half_sent):
    with serving(base_model_path, "--timeout", "1.5") as service:
        connection, _ = half_sent(service)
        answer = connection.getresponse()
        assert (answer.status, "did not arrive in 1.5 seconds" in answer.read().decode()) == (408, True)
        assert answers(service)


def test_an_answer_that_takes_too_long_is_given_up(serving, base_model_path):
    with serving(base_model_path, "--timeout", "1") as service:
        long = [{"text": "The league cup final and the bank rate. " * 150}] * 1000
        answer = service.ask("/v1/predict?explain=1", long)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert "longer than 1 seconds" in answer.json["detail"]


def test_a_body_without_an_end_is_cut_off_while_it_arrives(service):
    connection = service.connection()
    connection.putrequest("POST", "/v1/predict")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    sent = 0
    with suppress(ConnectionError):  # the service has ended the connection
        while sent < 100_000_000:
            connection.send(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
            sent += 0x10000
    connection.close()
    assert sent < 50_000_000
    assert answers(service)


def test_a_long_body_is_refused_before_it_is_sent(service):
    connection = service.connection()
    connection.putrequest("POST", "/v1/predict")
    connection.putheader("Content-Length", str(100_000_000))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (413, "close")
    connection.close()


def test_a_client_that_leaves_is_no_failure_of_the_service(serving, base_model_path, half_sent):
    with serving(base_model_path) as service:
        connection, _ = half_sent(service)
        connection.close()
        told = json.loads(service.line('"request'))
        assert (told["event"], told["status"]) == ("request", 400)
        assert answers(service)


def test_bytes_that_are_no_http_are_refused_and_the_service_goes_on(service):
    connection = service.connection()
    connection.connect()
    connection.sock.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    assert b"400" in connection.sock.recv(100)
    connection.close()
    assert answers(service)
