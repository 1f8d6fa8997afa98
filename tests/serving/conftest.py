"""A service in a process of its own, and requests to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import pytest

from tests.command_line import BOUND
from topicml.model.persistence import save_classifier

pytest.importorskip("fastapi", reason="serving needs the extra serve")

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Service:
    """``topicml serve`` on a port that the system chose; its log is read as it is written."""

    def __init__(self, *args, command="serve"):
        command = [sys.executable, "-m", "topicml", command, "--port", "0", *map(os.fspath, args)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env
        )
        self._lines: Queue[str | None] = Queue()
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.address = self.line("listening on").split()[-1]

    def _read(self):
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def line(self, part):
        """Return the next line of the log that has this part."""
        while (line := self._lines.get(timeout=BOUND)) is not None:
            self.log.append(line)
            if part in line:
                return line
        raise AssertionError(f"no line with {part!r} in {self.log}")

    def connection(self):
        """Return a connection of its own."""
        return HTTPConnection(urlsplit(self.address).netloc, timeout=BOUND)

    def ask(self, path, body=None, *, method=None, headers=None):
        """Return the answer to a request; a body that is not bytes is sent as JSON."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = self.connection()
        connection.request(method or ("GET" if body is None else "POST"), path, raw, headers or {})
        found = connection.getresponse()
        answer = Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        connection.close()
        return answer

    def end(self, number=signal.SIGTERM):
        """Send a signal unless it has ended, read the rest of its log, and return the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=BOUND)
        if self.process.stderr.closed:
            return status
        self._reader.join(timeout=BOUND)
        while (line := self._lines.get(timeout=BOUND)) is not None:
            self.log.append(line)
        self.process.stderr.close()
        return status


@contextmanager
def running(*args, command="serve"):
    """Run a service, and end it whatever happens."""
    service = Service(*args, command=command)
    try:
        yield service
    finally:
        service.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def serving():
    """Return a context manager that runs a service of its own."""
    return running


@pytest.fixture(scope="session")
def service(base_model_path, tmp_path_factory, multilabel_classifier):
    """A service of two models, ``base`` and ``desk``, that no test changes."""
    folder = tmp_path_factory.mktemp("models") / "desk"
    save_classifier(multilabel_classifier, folder)
    small = ("--max-body", "20kB", "--max-articles", "20", "--timeout", "20")
    with running(base_model_path, f"desk={folder}", *small) as found:
        yield found
        assert found.end() == 0


@pytest.fixture(scope="module")
def chromium():
    """A browser for one module; Playwright keeps an event loop, so it does not outlive it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pages are tested with Playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
