"""Run the service on a port, until it is asked to end."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn

from topicml.exceptions import TopicmlError
from topicml.serving.app import create_app
from topicml.serving.desk import Desk
from topicml.serving.limits import ApiKeys, Limits
from topicml.serving.logs import log_in_json
from topicml.serving.models import ServedModels

_BACKLOG = 2048
_IDLE = 30  # seconds after which a connection without a request is closed


def serve(  # noqa: PLR0913  (what to serve, where, to whom, and what of it is told)
    folders: Mapping[str, Path],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    keys: ApiKeys | None = None,
    grace: int = 10,
    log_level: int = logging.INFO,
    desk: Desk | None = None,
    told: Callable[[str, ServedModels], None] | None = None,
) -> None:
    """Serve models over HTTP until SIGTERM or Ctrl-C; requests in hand are still answered then.

    Parameters
    ----------
    folders : mapping of str to Path
        The models' folders by name; the first one answers where no name is given.
    host : str, default="127.0.0.1"
        Address to listen on.
    port : int, default=8000
        Port to listen on; 0 lets the system choose one.
    limits : Limits, optional
        What a request may take.
    keys : ApiKeys, optional
        Who may ask; by default everybody.
    grace : int, default=10
        Seconds for requests in hand to be answered at the end.
    log_level : int, default=logging.INFO
        From which level on to log; requests are logged at INFO.
    desk : Desk, optional
        A label desk to show at ``/desk``.
    told : callable, optional
        Called with the address and the models once the port is open.

    Raises
    ------
    ModelFormatError
        If a model cannot be loaded.
    TopicmlError
        If the port cannot be had.
    """
    models = ServedModels(folders)
    with _listening(host, port) as listener:
        log_in_json(log_level)
        config = uvicorn.Config(
            create_app(models, limits=limits, keys=keys, desk=desk),
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=grace,
        )
        if told is not None:
            told(_address(listener), models)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # the server passes on the signal after which it has ended in order
            return


def _listening(host: str, port: int) -> socket.socket:
    """Open a port, so that a fault of it is known before anything is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named, asyncio sends small answers at once; else each waits 40 ms for an ACK.
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":  # on Windows it would share a port that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TopicmlError(
            f"cannot listen on {host}, port {port}: {reason}; choose another with --port or --host"
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
