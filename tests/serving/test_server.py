"""How the service starts and ends."""

from __future__ import annotations

import json
import signal
import socket

import pytest

ONE = {"text": "A late goal won the match."}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_a_request_in_hand_end(serving, base_model_path, number):
    raw = json.dumps(ONE).encode()
    with serving(base_model_path, "--max-requests", "1") as service:
        connection = service.connection()
        connection.putrequest("POST", "/v1/predict")
        connection.putheader("Content-Length", str(len(raw)))
        connection.endheaders(raw[:5])
        while service.ask("/v1/predict", ONE).status != 429:
            pass  # the request has not arrived yet
        service.process.send_signal(number)
        with pytest.raises(ConnectionError):
            while True:  # until nobody new is let in
                socket.create_connection((connection.host, connection.port)).close()
        connection.send(raw[5:])
        assert connection.getresponse().status == 200
        connection.close()
        assert service.end(number) == 0


def test_what_does_not_end_in_the_time_of_grace_is_ended(serving, base_model_path):
    with serving(base_model_path, "--grace", "0", "--max-requests", "1") as service:
        connection = service.connection()
        connection.putrequest("POST", "/v1/predict")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"{")
        while service.ask("/v1/predict", ONE).status != 429:
            pass
        assert service.end() == 0
        connection.close()
        assert "Traceback" not in "".join(service.log)


def test_after_a_kill_the_same_port_can_be_had_at_once(serving, base_model_path):
    with serving(base_model_path) as service:
        port = service.address.rpartition(":")[2]
        assert service.ask("/v1/predict", ONE).status == 200
        assert service.end(signal.SIGKILL) == -signal.SIGKILL
    with serving(base_model_path, "--port", port) as again:
        assert again.ask("/v1/predict", ONE).status == 200
