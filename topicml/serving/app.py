"""The application: its routes, and what each answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from topicml.exceptions import TopicmlValueError
from topicml.model.classifier import FittedClassifier
from topicml.model.prediction import Prediction
from topicml.serving import schemas
from topicml.serving.batching import Batcher
from topicml.serving.bodies import PredictRequest, explain_request, predict_request
from topicml.serving.desk import Desk
from topicml.serving.guard import Guard
from topicml.serving.html_pages import docs_page, front_page
from topicml.serving.limits import ApiKeys, Limits
from topicml.serving.metrics import CONTENT_TYPE, Metrics
from topicml.serving.models import ServedModel, ServedModels, keep_fresh
from topicml.serving.open_inference import infer_answer, infer_request, model_metadata
from topicml.serving.problems import RequestError, problem_response
from topicml.training.model_card import describe, model_card
from topicml.version import __version__

_CHECK_SECONDS = 1.0  # between two looks at the folders of the models; a look takes microseconds
_FACTS = "topicml.facts"


def create_app(
    models: ServedModels,
    *,
    limits: Limits | None = None,
    keys: ApiKeys | None = None,
    desk: Desk | None = None,
) -> ASGIApp:
    """Return the application that serves models, for any ASGI server.

    Parameters
    ----------
    models : ServedModels
        The models to serve.
    limits : Limits, optional
        What a request may take.
    keys : ApiKeys, optional
        Who may ask; by default everybody.
    desk : Desk, optional
        A label desk, which is then at ``/desk``.

    Returns
    -------
    ASGI application
    """
    limits, metrics = limits or Limits(), Metrics(models)
    service = Service(models, limits, metrics)
    routes = [
        _BodyRoute("/v1/predict", service.predict, methods=["POST"]),
        _BodyRoute("/v1/explain", service.explain, methods=["POST"]),
        _BodyRoute("/v2/models/{name}/infer", service.infer, methods=["POST"]),
        *(
            _BodyRoute(path, answer, methods=["POST"])
            for path, answer in (desk.answers if desk else {}).items()
        ),
        Mount("", _read_only(service, desk)),
    ]
    running = service.running if desk is None else partial(_both_running, service, desk)
    router = Router(routes, redirect_slashes=False, lifespan=running)
    return Guard(router, limits=limits, keys=keys or ApiKeys(), metrics=metrics)


@asynccontextmanager
async def _both_running(service: Service, desk: Desk, app: object) -> AsyncIterator[None]:
    async with service.running(app), desk.running():
        yield


def _read_only(service: Service, desk: Desk | None) -> FastAPI:
    """Return the application of the routes without bodies."""
    app = FastAPI(title="topicml", version=__version__, openapi_url=None, responses=schemas.ANY_ERROR)
    app.add_exception_handler(RequestError, _on_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_wrong_parameter)
    for path, get, summary in (
        ("/v1/model", service.model, "What a model is: its fingerprint, labels, dates, record and card."),
        ("/v1/models", service.models, "The models by name; the first one answers where none is named."),
        ("/v2/models/{name}", service.v2_model, "Inputs and outputs of a model (Open Inference Protocol)."),
        ("/v2/models/{name}/ready", service.v2_model_ready, "Whether a model answers."),
        ("/v2", service.v2_server, "What serves here (Open Inference Protocol)."),
        ("/v2/health/live", service.v2_live, "Whether the service runs (Open Inference Protocol)."),
        ("/v2/health/ready", service.v2_ready, "Whether the models answer (Open Inference Protocol)."),
        ("/health/live", service.live, "Whether the service runs."),
        ("/health/ready", service.ready, "Whether the models answer."),
        ("/metrics", service.metrics, "Numbers for Prometheus."),
    ):
        app.add_api_route(path, get, methods=["GET"], summary=summary, response_model=None)
    pages: dict[str, Callable[..., Any]] = {
        "/": service.page,
        "/docs": service.docs,
        "/openapi.json": service.openapi,
    }
    for path, page in {**pages, **({} if desk is None else {"/desk": desk.page})}.items():
        app.add_api_route(path, page, methods=["GET"], include_in_schema=False, response_model=None)
    return app


class _BodyRoute(Route):
    """A route that reads its body itself, without FastAPI, which takes half the time."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leave itself in the scope for the counts and the log, as FastAPI's routes do."""
        match, found = super().matches(scope)
        return Match.NONE if match == Match.NONE else Match.FULL, {**found, "route": self}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse another method."""
        if scope["method"] != "POST":
            raise _wrong_method(scope["method"], {"Allow": "POST"})
        await self.app(scope, receive, send)


class Service:
    """What the routes answer."""

    def __init__(self, models: ServedModels, limits: Limits, metrics: Metrics) -> None:
        self._models, self._limits, self._metrics = models, limits, metrics
        self._batcher = Batcher(metrics.together.observe)
        self._page = front_page()

    @asynccontextmanager
    async def running(self, _app: object) -> AsyncIterator[None]:
        """Look after the models for as long as the server runs."""
        fresh = keep_fresh(self._models, seconds=_CHECK_SECONDS, told=self._metrics.model_loaded)
        task = asyncio.create_task(fresh)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self._batcher.close()

    async def predict(self, request: Request) -> Response:
        """Answer with the sections of one article, or of each article of a list."""
        query = _query(request.scope["query_string"])
        served = self._models.get(query.get("model"))
        classifier = served.classifier  # the one that answers all of this request
        asked = predict_request(await request.body(), query, max_articles=self._limits.articles)
        predictions = await self._batcher.predict(classifier, asked.articles)
        self._note(request, served, classifier, predictions)
        answers = _answers(classifier, asked, predictions)
        if asked.explain:
            for article, prediction, answer in zip(asked.articles, predictions, answers, strict=True):
                labels = prediction.labels or (prediction.ranked(1)[0][0],)
                answer["explanations"] = [
                    (await asyncio.to_thread(classifier.explain, article, label)).to_dict()
                    for label in labels
                ]
        return _json(answers[0] if asked.single else answers)

    async def explain(self, request: Request) -> Response:
        """Answer with the words of an article that spoke for and against a label."""
        served = self._models.get(request.query_params.get("model"))
        classifier = served.classifier
        asked = explain_request(await request.body())
        try:
            explanation = await asyncio.to_thread(
                classifier.explain, asked.article, asked.label, top=asked.top
            )
        except TopicmlValueError as error:
            raise RequestError(422, str(error), field="label") from error
        request.scope[_FACTS].update(model=served.name, fingerprint=classifier.fingerprint, articles=1)
        key = {} if asked.article.id is None else {"id": asked.article.id}
        return _json({**key, **explanation.to_dict(), "fingerprint": classifier.fingerprint})

    async def infer(self, request: Request) -> Response:
        """Answer as platforms ask that speak the Open Inference Protocol."""
        name = request.path_params["name"]
        served = self._models.get(name)
        classifier = served.classifier
        asked = infer_request(await request.body(), max_articles=self._limits.articles)
        predictions = await self._batcher.predict(classifier, asked.articles)
        self._note(request, served, classifier, predictions)
        return _json(infer_answer(asked, name, classifier, predictions))

    async def model(self, model: str | None = None) -> Response:
        """Answer with what a model is."""
        served = self._models.get(model)
        classifier = served.classifier
        card = await asyncio.to_thread(model_card, classifier)
        return _json({"name": served.name, **describe(classifier), "card": card})

    async def models(self) -> Response:
        """Answer with the names of the models, and how many labels each has."""
        return _json(
            [
                {
                    "name": served.name,
                    "fingerprint": served.classifier.fingerprint,
                    "target_type": served.classifier.target_type,
                    "n_classes": len(served.classifier.classes_),
                }
                for served in self._models
            ]
        )

    async def v2_server(self) -> Response:
        """Answer with what serves here."""
        return _json({"name": "topicml", "version": __version__, "extensions": []})

    async def v2_model(self, name: str) -> Response:
        """Answer with the inputs and outputs of a model."""
        return _json(model_metadata(name, self._models.get(name).classifier))

    async def v2_model_ready(self, name: str) -> Response:
        """Answer whether a model is there: all that are there are loaded."""
        return _json({"name": self._models.get(name).name, "ready": True})

    async def v2_live(self) -> Response:
        """Answer that the service runs."""
        return _json({"live": True})

    async def v2_ready(self) -> Response:
        """Answer that the models are loaded, as they are before the service starts."""
        return _json({"ready": True})

    async def live(self) -> Response:
        """Answer that the service runs."""
        return _json({"status": "live"})

    async def ready(self) -> Response:
        """Answer that the models are loaded, with the fingerprint of each."""
        loaded = {served.name: served.classifier.fingerprint for served in self._models}
        return _json({"status": "ready", "models": loaded})

    async def metrics(self) -> Response:
        """Answer with the numbers."""
        return Response(self._metrics.exposed(), media_type=CONTENT_TYPE)

    async def page(self) -> Response:
        """Answer with the page for people."""
        return HTMLResponse(self._page.html, headers=self._page.headers)

    async def docs(self, request: Request) -> Response:
        """Answer with the list of routes for people."""
        page = docs_page(schemas.completed(request.app))
        return HTMLResponse(page.html, headers=page.headers)

    async def openapi(self, request: Request) -> Response:
        """Answer with the list of routes for programs."""
        return _json(schemas.completed(request.app))

    def _note(
        self,
        request: Request,
        served: ServedModel,
        classifier: FittedClassifier,
        predictions: Sequence[Prediction],
    ) -> None:
        self._metrics.predicted(served.name, predictions)
        request.scope[_FACTS].update(
            model=served.name, fingerprint=classifier.fingerprint, articles=len(predictions)
        )


@lru_cache(maxsize=64)
def _query(text: bytes) -> QueryParams:
    """Parse a query, which is the same for most requests of a client."""
    return QueryParams(text)


def _answers(
    classifier: FittedClassifier, asked: PredictRequest, predictions: Sequence[Prediction]
) -> list[dict[str, Any]]:
    answers = []
    for article, prediction in zip(asked.articles, predictions, strict=True):
        codes = classifier.label_codes(prediction.labels)
        key = {} if article.id is None else {"id": article.id}
        answer = prediction.to_dict(top_k=asked.top_k)
        answers.append({**key, **answer, **({} if codes is None else {"codes": codes})})
    return answers


def _json(value: object) -> Response:
    """Return an answer in ASCII, which carries any text, also half of a surrogate pair."""
    return Response(json.dumps(value), media_type="application/json")


async def _on_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101  (FastAPI's type is wider)
    return problem_response(error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (FastAPI's type is wider)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return problem_response(_wrong_method(request.method, error.headers))
    return problem_response(RequestError(error.status_code, "nothing is here; /docs lists what is"))


def _wrong_method(method: str, headers: Mapping[str, str] | None) -> RequestError:
    return RequestError(405, f"{method} is not answered here; /docs lists what is", headers=headers)


async def _on_wrong_parameter(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (FastAPI's type is wider)
    first = error.errors()[0]
    return problem_response(RequestError(422, str(first["msg"]), field=str(first["loc"][-1])))
