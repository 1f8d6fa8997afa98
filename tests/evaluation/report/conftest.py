"""A browser without a window, driven over a pipe, that says what a page shows and what it asks for."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
from base64 import b64decode

import pytest

from topicml.article import Article
from topicml.evaluation.evaluate import evaluate
from topicml.evaluation.report.page import write_report

_PATIENCE = 60  # seconds, lest a browser that hangs hang the tests


class Browser:
    """Chromium, spoken to in its DevTools protocol: JSON messages that end with a zero byte."""

    def __init__(self, program, profile):
        self._to_read, to_browser = os.pipe()
        from_browser, self._to_write = os.pipe()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
        # The browser reads its commands from descriptor 3 and answers on 4.
        script = f'exec "$0" "$@" 3<&{self._to_read} 4>&{self._to_write}'
        self._process = subprocess.Popen(
            [
                "bash",
                "-c",
                script,
                program,
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                *options,
                *quiet,
            ],
            pass_fds=(self._to_read, self._to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(self._to_read)
        os.close(self._to_write)
        self._out, self._in = os.fdopen(to_browser, "wb", 0), os.fdopen(from_browser, "rb", 0)
        self._number, self._rest, self.events = 0, b"", []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def _message(self):
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], _PATIENCE)[0], "the browser does not answer"
            read = os.read(self._in.fileno(), 1 << 16)
            assert read, "the browser has ended"
            self._rest += read
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def _ask(self, method, session=None, **params):
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        self._out.write(json.dumps(asked | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._message()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def ask(self, method, **params):
        """Return the answer to a command about the page."""
        return self._ask(method, self._session, **params)

    def open(self, path, *, width=1200, height=900):
        """Show a file and wait until it is loaded."""
        self.events.clear()
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.ask("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def run(self, expression):
        """Return the value of a JavaScript expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def requested(self):
        """Return the addresses that the page has asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self):
        """Return what the browser has to complain of: errors of scripts, what the page's policy forbade."""
        told = [
            event["params"]["entry"]["text"] for event in self.events if event["method"] == "Log.entryAdded"
        ]
        return told + [str(event) for event in self.events if event["method"] == "Runtime.exceptionThrown"]

    def picture(self):
        """Return the whole page as PNG."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return b64decode(answer["data"])

    def close(self):
        """End the browser."""
        self._ask("Browser.close")
        self._process.wait(timeout=30)
        self._out.close()
        self._in.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser; tests that need one are skipped where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    browser = Browser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


HOSTILE = "<script>document.title = 'run'</script><img src=http://example.org/a.png onerror=\"alert(1)\">"


@pytest.fixture(scope="session")
def hostile_articles(base_articles):
    """Articles with one mistake, whose text and labels would be run or loaded if they were not escaped."""
    sure = "The football league cup final."
    return [
        *base_articles,
        Article(f"{HOSTILE} {sure}", labels=("economy",), source=HOSTILE, id=HOSTILE, date="2024-05-06"),
        Article(f"{sure} \x00\u202e\ud800", labels=(HOSTILE,), source="b", date="2023-01-02"),
        Article("qqq", labels=("art",), source="b"),
    ]


@pytest.fixture(scope="session")
def hostile_evaluation(base_classifier, hostile_articles):
    return evaluate(base_classifier, hostile_articles, by="source", n_resamples=50)


@pytest.fixture(scope="session")
def page(hostile_evaluation, base_classifier, hostile_articles, tmp_path_factory):
    """The file of a report that holds all sections."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(
        hostile_evaluation,
        path,
        model=base_classifier,
        articles=hostile_articles,
        title=f"Of {HOSTILE}",
        facts={"data": HOSTILE},
    )
    return path
