"""The service as a client meets it: a real server, and real requests."""

from __future__ import annotations

import json

import pytest

from topicml.article import Article

TEXT = "A late goal won the football league match."


def test_an_article_gets_the_answer_of_the_model(service, base_classifier):
    answer = service.ask("/v1/predict", {"text": TEXT, "title": "Cup final", "id": "a7"})
    expected = base_classifier.predict(Article(TEXT, title="Cup final"))
    assert answer.status == 200
    assert answer.json == {"id": "a7", **json.loads(json.dumps(expected.to_dict()))}


def test_a_list_gets_a_list_in_the_same_order(service, base_classifier):
    texts = [TEXT, "The bank cut its rate.", "", "Snow tonight."]
    answers = service.ask("/v1/predict", [{"text": text} for text in texts]).json
    assert [answer["label"] for answer in answers] == [
        found.label for found in base_classifier.predict(texts)
    ]
    assert [answer["reason"] for answer in answers][2] == "no_known_terms"
    assert service.ask("/v1/predict", []).json == []


@pytest.mark.parametrize("text", ["\ud800 goal", "a\0b", "\u202e\U0001f3c6 goal", ""])
def test_any_text_is_answered(service, base_classifier, text):
    answer = service.ask("/v1/predict", {"text": text})
    assert (answer.status, answer.json["reason"]) == (200, base_classifier.predict(text).reason)


def test_options_stand_in_the_query_or_beside_one_text(service):
    by_query = service.ask("/v1/predict?top_k=2&explain=true", [{"text": TEXT}]).json[0]
    by_body = service.ask("/v1/predict", {"text": TEXT, "top_k": 2, "explain": True}).json
    assert by_query == by_body
    assert len(by_body["probabilities"]) == 2


def test_explanations_are_those_of_the_model(service, multilabel_classifier):
    text = "Rain stopped the cup final in the first half."
    answer = service.ask("/v1/predict?model=desk&explain=1", {"text": text}).json
    labels = multilabel_classifier.predict(text).labels
    expected = [multilabel_classifier.explain(text, label).to_dict() for label in labels]
    assert len(labels) > 0
    assert answer["explanations"] == json.loads(json.dumps(expected))


def test_explain_takes_any_label(service, base_classifier):
    answer = service.ask("/v1/explain", {"text": TEXT, "label": "weather", "top": 3, "id": "b"}).json
    expected = json.loads(json.dumps(base_classifier.explain(TEXT, "weather", top=3).to_dict()))
    assert answer == {"id": "b", **expected, "fingerprint": base_classifier.fingerprint}


def test_models_are_asked_by_name(service, base_classifier, multilabel_classifier):
    assert [each["name"] for each in service.ask("/v1/models").json] == ["base", "desk"]
    by_default, by_name = service.ask("/v1/model").json, service.ask("/v1/model?model=desk").json
    assert by_default["fingerprint"] == base_classifier.fingerprint
    assert by_name["fingerprint"] == multilabel_classifier.fingerprint
    assert by_name["classes"] == list(multilabel_classifier.classes_)
    assert by_name["card"].startswith("# Model card")
    assert service.ask("/v1/predict?model=desk", {"text": TEXT}).json["fingerprint"] == by_name["fingerprint"]


@pytest.mark.parametrize(
    ("query", "body", "status", "field", "detail"),
    [
        ("", b"", 400, None, "found no body"),
        ("", b"{", 400, None, "line 1, column 2"),
        ("", b'{"text": NaN}', 400, None, "NaN"),
        ("", b'{"text": "\xff"}', 400, None, "UTF-8"),
        ("", b"[" * 9000, 400, None, "nested too deeply"),
        ("", b"1" * 5000, 400, None, "JSON"),
        ("", 3, 422, None, "an article or a list"),
        ("", {"title": "a"}, 422, "text", "the field text"),
        ("", {"text": 5}, 422, "text", "text in quotation marks, found 5"),
        ("", {"text": "a", "title": ["b"]}, 422, "title", "found a list"),
        ("", {"text": "a", "id": 7}, 422, "id", "found 7"),
        ("", {"text": "a", "titel": "b"}, 422, "titel", "did you mean 'title'"),
        ("", [{"text": "a"}, None], 422, "[1]", "found null"),
        ("", [{"text": "a"}, {"text": {}}], 422, "[1].text", "found an object"),
        ("", [{"text": "a", "top_k": 3}], 422, "[0].top_k", "options go into the query"),
        ("", {"text": "a", "top_k": 0}, 422, "top_k", "1 or more, found 0"),
        ("", {"text": "a", "top_k": 1.5}, 422, "top_k", "found 1.5"),
        ("", {"text": "a", "top_k": True}, 422, "top_k", "found True"),
        ("", {"text": "a", "explain": "yes"}, 422, "explain", "true or false"),
        ("?top_k=many", {"text": "a"}, 422, "top_k", "a whole number"),
        ("?topk=3", {"text": "a"}, 422, "topk", "did you mean 'top_k'"),
        ("?explain=maybe", {"text": "a"}, 422, "explain", "true or false"),
        ("?model=dsk", {"text": "a"}, 404, "model", "did you mean 'desk'"),
        ("", [{"text": "a"}] * 21, 413, None, "at most 20 articles"),
        ("", {"text": "a" * 20_000}, 413, None, "at most 20,000 bytes"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong_and_where(service, query, body, status, field, detail):
    answer = service.ask("/v1/predict" + query, body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (answer.json.get("field"), answer.json["status"]) == (field, status)
    assert detail in answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], None),
        ({"text": "a", "label": 3}, "label"),
        ({"text": "a", "label": "sprot"}, "label"),
        ({"text": "a", "top": 0}, "top"),
    ],
)
def test_a_wrong_request_for_an_explanation(service, body, field):
    answer = service.ask("/v1/explain", body)
    assert (answer.status, answer.json.get("field")) == (422, field)


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/v1/predict", 405), ("/v2/models/x", 404)])
def test_wrong_addresses(service, path, status):
    answer = service.ask(path)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


def test_health_says_which_models_answer(service, base_classifier, multilabel_classifier):
    assert service.ask("/health/live").json == {"status": "live"}
    loaded = {"base": base_classifier.fingerprint, "desk": multilabel_classifier.fingerprint}
    assert service.ask("/health/ready").json == {"status": "ready", "models": loaded}


def test_metrics_count_articles_and_requests(service):
    def count(line):
        lines = service.ask("/metrics").body.decode().splitlines()
        return sum(float(found.rsplit(" ", 1)[1]) for found in lines if found.startswith(line))

    articles, requests = 'topicml_articles_total{model="desk"}', 'topicml_requests_total{route="/v1/predict"'
    before = count(articles), count(requests)
    service.ask("/v1/predict?model=desk", [{"text": "a"}, {"text": "b"}])
    assert (count(articles) - before[0], count(requests) - before[1]) == (2, 1)
    service.ask("/health/live")
    assert count('topicml_requests_total{route="/health/live",status="200"}') > 0


def test_openapi_names_every_route_and_every_shape(service):
    spec = service.ask("/openapi.json").json
    assert {"/v1/predict", "/v1/explain", "/v1/model", "/v2/models/{name}/infer"} <= set(spec["paths"])
    named = {part.split('"')[0] for part in json.dumps(spec).split("#/components/schemas/")[1:]}
    assert named <= set(spec["components"]["schemas"])
    assert "HTTPValidationError" not in named, "errors have one shape"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_ask_no_other_host_and_allow_nothing_else(service, path):
    answer = service.ask(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert b"://" not in answer.body
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_the_log_has_a_line_of_json_for_each_request_and_no_text(serving, base_model_path):
    secret = "zyzzogeton"
    with serving(base_model_path) as service:
        service.ask("/v1/predict", {"text": secret, "title": secret, "id": secret})
        service.ask("/v1/predict", {"text": "a", secret: secret})
        service.ask(f"/{secret}?{secret}={secret}")
        assert service.end() == 0
    told = [json.loads(line) for line in service.log if line.startswith("{")]
    assert [line["status"] for line in told] == [200, 422, 404]
    assert {line["event"] for line in told} == {"request"}
    assert secret not in "".join(service.log)
