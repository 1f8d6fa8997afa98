"""Errors of a request: raised anywhere while it is answered, sent as application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from topicml.exceptions import TopicmlError


class RequestError(TopicmlError, ValueError):
    """A request that is not answered.

    Parameters
    ----------
    status : int
        The status of the answer.
    detail : str
        What was expected, what was found, and what to do.
    field : str, default=""
        The place in the body or the query that is wrong, such as ``[3].text``.
    headers : mapping of str to str, optional
        Further headers of the answer.
    """

    def __init__(
        self, status: int, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.field = status, detail, field
        self.headers = dict(headers or {})


def problem(error: RequestError) -> dict[str, Any]:
    """Return an error as a client reads it; ``error`` is where the Open Inference Protocol looks.

    >>> problem(RequestError(422, "expected text, found 5", field="text"))["field"]
    'text'
    """
    where = {"field": error.field} if error.field else {}
    told = {"type": "about:blank", "title": HTTPStatus(error.status).phrase, "status": error.status}
    return {**told, "detail": error.detail, **where, "error": error.detail}


def problem_response(error: RequestError) -> Response:
    """Return the answer to a request that is not answered."""
    body = json.dumps(problem(error))
    return Response(body, error.status, error.headers, media_type="application/problem+json")
