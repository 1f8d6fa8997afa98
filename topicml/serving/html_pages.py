"""Pages for people: the one at /, and the list of routes at /docs. Nothing comes from another host."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from topicml.formatting import html_safe
from topicml.model.prediction import REASONS

_INLINE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem}"
    "code,pre{font-family:ui-monospace,monospace}pre{overflow:auto;padding:.5rem;border:1px solid #8886}"
    "summary{cursor:pointer;padding:.4rem 0}"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the headers that let it do what it needs and nothing else."""

    html: str

    @property
    def headers(self) -> dict[str, str]:
        """Allow the page's own script and style, by their hashes, and requests to this service."""
        none, sources = " 'none'", {"style": "", "script": ""}
        for kind, content in _INLINE.findall(self.html):
            sources[kind] += f" 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
        policy = (
            f"default-src 'none'; script-src{sources['script'] or none}; style-src{sources['style']}; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }


def front_page() -> Page:
    """Return the page at /, which is told in words why a model may not answer."""
    html = files("topicml.serving").joinpath("page.html").read_text(encoding="utf-8")
    return Page(html.replace("const REASONS = {};", f"const REASONS = {json.dumps(dict(REASONS))};"))


def desk_page() -> Page:
    """Return the page of the label desk, with the style of the page at /."""
    folder = files("topicml.serving")
    style = dict(_INLINE.findall(folder.joinpath("page.html").read_text(encoding="utf-8")))["style"]
    html = folder.joinpath("desk.html").read_text(encoding="utf-8")
    return Page(html.replace("/* the style of page.html */", style))


def docs_page(spec: Mapping[str, Any]) -> Page:
    """Return the routes of an OpenAPI description and the shapes of bodies as a page without a script."""
    operations = "".join(_operations(spec))
    shapes = "".join(
        f"<details><summary><code>{html_safe(name)}</code></summary>{_code(schema)}</details>"
        for name, schema in spec["components"]["schemas"].items()
    )
    return Page(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>topicml: routes</title><style>{_STYLE}</style>"
        f"<main><h1>topicml {html_safe(spec['info']['version'])}</h1>"
        '<p>All routes. The same for programs: <a href="openapi.json">openapi.json</a>. '
        f'<a href="./">The page for people</a>.</p>'
        f"<h2>Routes</h2>{operations}<h2>Shapes</h2>{shapes}</main></html>"
    )


def _operations(spec: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":  # of the path
                continue
            told = {
                name: operation[name]
                for name in ("parameters", "requestBody", "responses")
                if name in operation
            }
            yield (
                f"<details><summary><code>{method.upper()} {html_safe(path)}</code> "
                f"{html_safe(operation['summary'])}</summary>{_code(told)}</details>"
            )


def _code(value: object) -> str:
    return f"<pre>{html_safe(json.dumps(value, indent=2))}</pre>"
