"""``topicml serve``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.terminal import say, warn
from topicml.exceptions import MissingExtraError
from topicml.formatting import counted, escaped

if TYPE_CHECKING:
    from topicml.serving.limits import ApiKeys
    from topicml.serving.models import ServedModels

_LOCAL = ("127.0.0.1", "::1", "localhost")

Host = Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 is open to other machines.")]
Port = Annotated[
    int, typer.Option("--port", "-p", min=0, max=65535, help="Port to listen on; 0: any free one.")
]
ApiKeyFile = Annotated[
    Path | None,
    typer.Option("--api-key-file", help="File with a key on each line; only who has one may ask."),
]


def _checked_size(text: str) -> int:
    from topicml.exceptions import TopicmlValueError
    from topicml.formatting import parse_size

    try:
        return parse_size(text)
    except TopicmlValueError as error:
        raise typer.BadParameter(str(error)) from None


def serve(
    folders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help="Folders of models, or NAME=FOLDER (default: $TOPICML_MODEL, else ./model).",
            show_default=False,
        ),
    ] = None,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    api_key_file: ApiKeyFile = None,
    max_body: Annotated[
        str, typer.Option("--max-body", metavar="SIZE", help="Size of a request's body at most.")
    ] = "10MB",
    max_articles: Annotated[
        int, typer.Option("--max-articles", min=1, help="Articles of a request at most.")
    ] = 1000,
    max_requests: Annotated[
        int, typer.Option("--max-requests", min=1, help="Requests answered at once; more get status 429.")
    ] = 256,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds until a request is given up.")
    ] = 30.0,
    grace: Annotated[
        int, typer.Option("--grace", min=0, help="Seconds for requests in hand after SIGTERM or Ctrl-C.")
    ] = 10,
    log_requests: Annotated[
        bool, typer.Option("--log-requests/--no-log-requests", help="Log a line for each request.")
    ] = True,
) -> None:
    """Serve models over HTTP, with a page for the desk.

    The first model answers where a request names none. A model that retrain replaces in its folder is taken
    up without a restart. The log is on stderr, in JSON, without texts of articles.
    """
    import logging

    from topicml.predict import resolve_model

    server = server_module()
    from topicml.serving.limits import Limits
    from topicml.serving.models import named_models

    named = named_models(folders or [str(resolve_model(None))])
    keys = keys_of(api_key_file, host)
    limits = Limits(_checked_size(max_body), max_articles, timeout, max_requests)
    with signals_left_to_the_server():
        server.serve(
            {name: resolve_model(folder) for name, folder in named.items()},
            host=host,
            port=port,
            limits=limits,
            keys=keys,
            grace=grace,
            log_level=logging.INFO if log_requests else logging.WARNING,
            told=tell,
        )


def server_module() -> ModuleType:
    """Return the module that serves, which needs the extra."""
    try:
        from topicml.serving import server
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"serving needs FastAPI, uvicorn and prometheus-client ({error.name} is missing): "
            "pip install 'topicml[serve]'"
        ) from error
    return server


def keys_of(api_key_file: Path | None, host: str) -> ApiKeys:
    """Return the keys of those who may ask; warn if everybody may, from other machines, too."""
    from topicml.serving.limits import ApiKeys

    keys = ApiKeys() if api_key_file is None else ApiKeys.read(api_key_file)
    if host not in _LOCAL and not keys:
        warn(f"{host} is open to other machines, and everybody may ask: give keys with --api-key-file")
    return keys


def tell(address: str, models: ServedModels) -> None:
    """Say on stderr what is served, and where."""
    for served in models:
        labels = counted(len(served.classifier.classes_), "label")
        say(f"model: {escaped(served.name)} ({labels}, {served.classifier.fingerprint})")
    say(f"listening on {address}")


@contextmanager
def signals_left_to_the_server() -> Iterator[None]:
    """Keep the thread that ends a command soon after a signal from ending requests in hand."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    before = signal.set_wakeup_fd(-1) if in_main_thread else -1
    try:
        yield
    finally:
        if in_main_thread:
            signal.set_wakeup_fd(before)
