"""Let links that work on a code host work on the site, which has only some of the repository's files."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parents[2]
_PAGES = {  # outside docs/, by their place on the site
    "benchmarks.md": "benchmarks/README.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "corpus.md": "data/README.md",
    "notebooks.md": "notebooks/README.md",
    "security.md": "SECURITY.md",
}
_PLACES = {source: page for page, source in _PAGES.items()} | {"README.md": "README.md"}
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/."""
    for page, source in _PAGES.items():
        files.append(File.generated(config, page, content=(_ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Point each link at a page of the site; a link to a file that is no page becomes its text."""
    here = page.file.src_uri
    source = _PAGES.get(here, f"docs/{here}")

    def relinked(link: re.Match[str]) -> str:
        text, target, anchor = link.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        place = path.removeprefix("docs/") if path.startswith("docs/") else _PLACES.get(path)
        if place is None:
            return text if (_ROOT / path).exists() else link[0]
        return f"[{text}]({posixpath.relpath(place, posixpath.dirname(here) or '.')}{anchor or ''})"

    return _LINK.sub(relinked, markdown)
