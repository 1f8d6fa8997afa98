"""Numbers for Prometheus: requests, articles, batches and models; never a text."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from topicml.model.prediction import Prediction
from topicml.serving.models import Outcome, ServedModel, ServedModels

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)


class Metrics:
    """What is counted from the start of a service on."""

    def __init__(self, models: ServedModels) -> None:
        self._models = models
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "topicml_requests", "Requests answered.", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "topicml_request_seconds", "Seconds to answer.", ["route"], buckets=_SECONDS, registry=registry
        )
        self._counted: dict[tuple[str, int], tuple[Counter, Histogram]] = {}  # finding these takes longer
        self.in_hand = Gauge("topicml_requests_in_hand", "Requests being answered.", registry=registry)
        self._articles = Counter("topicml_articles", "Articles predicted.", ["model"], registry=registry)
        self._to_a_person = Counter(
            "topicml_articles_left_to_a_person",
            "Articles that the model left to a person.",
            ["model", "reason"],
            registry=registry,
        )
        self.together = Histogram(
            "topicml_batch_articles", "Articles predicted in one call.", buckets=_SIZES, registry=registry
        )
        self._model = Gauge(
            "topicml_model_info", "1 for the model that answers.", ["model", "fingerprint"], registry=registry
        )
        self._loads = Counter(
            "topicml_model_loads", "Models taken from their folders.", ["model", "outcome"], registry=registry
        )
        for model in models:
            self.model_loaded(model, "loaded")

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        if (route, status) not in self._counted:
            self._counted[route, status] = (self._requests.labels(route, status), self._seconds.labels(route))
        count, observed = self._counted[route, status]
        count.inc()
        observed.observe(seconds)

    def predicted(self, model: str, predictions: Sequence[Prediction]) -> None:
        """Count predictions."""
        self._articles.labels(model).inc(len(predictions))
        reasons = Tally(found.reason for found in predictions if found.reason)
        for reason, n in reasons.items():
            self._to_a_person.labels(model, reason).inc(n)

    def model_loaded(self, model: ServedModel, outcome: Outcome) -> None:
        """Count a model that was loaded, or could not be."""
        self._loads.labels(model.name, outcome).inc()
        if outcome == "loaded":
            self._model.clear()
            for one in self._models:
                self._model.labels(one.name, one.classifier.fingerprint).set(1)

    def exposed(self) -> bytes:
        """Return all numbers in the text format of Prometheus."""
        return generate_latest(self._registry)
