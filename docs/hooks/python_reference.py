"""The pages of all public Python names, made from the lists of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

import topicml
import topicml.batch
import topicml.predict

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_TITLES = {
    "articles": "Articles and files",
    "training": "Training",
    "models": "Models and predictions",
    "evaluation": "Evaluation",
    "lifecycle": "Models over time",
    "export": "Exports",
    "predict": "topicml.predict",
    "batch": "topicml.batch",
}
_PAGES = {  # by the part of the package that a name is from
    "article": "articles",
    "batch": "batch",
    "corpus": "articles",
    "evaluation": "evaluation",
    "exceptions": "models",
    "interop": "export",
    "lifecycle": "lifecycle",
    "model": "models",
    "pages": "articles",
    "predict": "models",
    "reading": "articles",
    "training": "training",
}


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add one page for each subject."""
    for name, title in _TITLES.items():
        text = "\n\n".join([f"# {title}", *(f"::: {public}" for public in _names()[name])])
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def _names() -> dict[str, list[str]]:
    """Return the public names of each page, classes first."""
    pages: dict[str, list[str]] = {name: [] for name in _TITLES}
    for name in topicml.__all__:
        home = getattr(topicml, name).__module__.split(".")[1]
        pages[_PAGES[home]].append(f"topicml.{name}")
    pages["predict"] += [f"topicml.predict.{name}" for name in topicml.predict.__all__]
    pages["batch"] += [f"topicml.batch.{name}" for name in topicml.batch.__all__]
    return pages
