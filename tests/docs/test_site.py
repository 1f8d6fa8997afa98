"""The site that `make docs` builds: strictly, without a network, with every name and no dead link."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer

import topicml.batch
import topicml.predict
from topicml.cli.app import app

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mkdocs") is None, reason="the site is built by the dependency group docs"
)

_ROOT = Path(__file__).parents[2]
_NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
_LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}


class _Page(HTMLParser):
    """What a page links to, what it loads, and the places within it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value)
            if (tag, name) in _LOADED:
                self.loaded.append(value)
            if name in ("href", "src"):
                self.links.append(value)


_page = cache(_Page)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--site-dir",
            str(folder),
        ],  # --quiet would hide warnings
        cwd=_ROOT,
        env={**os.environ, **_NO_NETWORK, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_no_link_is_dead(site):
    dead = [
        f"{file.relative_to(site)}: {link}"
        for file in site.rglob("*.html")
        if file.name != "404.html"  # its links are those of a server's root
        for link in _page(file).links
        if not urlsplit(link).scheme and not _leads_somewhere(file, link)
    ]
    assert not dead


def _leads_somewhere(file: Path, link: str) -> bool:
    path, anchor = unquote(urlsplit(link).path), unquote(urlsplit(link).fragment)
    target = (file.parent / path).resolve() if path else file
    if not target.is_file():
        return target.is_dir()
    return target.suffix != ".html" or anchor in _page(target).anchors


def test_nothing_is_loaded_from_another_host(site):
    loaded = {link for file in site.rglob("*.html") for link in _page(file).loaded}
    assert [link for link in sorted(loaded) if urlsplit(link).netloc] == []


def test_every_public_name_has_its_place(site):
    public = {
        *(f"topicml.{name}" for name in topicml.__all__),
        *(f"topicml.predict.{name}" for name in topicml.predict.__all__),
        *(f"topicml.batch.{name}" for name in topicml.batch.__all__),
    }
    anchors = set().union(*(_page(file).anchors for file in (site / "reference").glob("*.html")))
    assert public - anchors == set()


def test_every_option_of_every_command_is_explained(site):
    text = (site / "commands.html").read_text(encoding="utf-8")
    commands = typer.main.get_command(app).commands
    assert set(commands) - _page(site / "commands.html").anchors == set()
    options = {
        option
        for command in commands.values()
        for parameter in command.params
        if not getattr(parameter, "hidden", False)
        for option in parameter.opts
        if option.startswith("--")
    }
    assert [option for option in sorted(options) if option not in text] == []
