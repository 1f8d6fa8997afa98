"""What a client asks for: its body and query, checked by hand because this is done for every request."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Never

from topicml.article import Article
from topicml.formatting import did_you_mean
from topicml.serving.problems import RequestError

_OF_ARTICLES = ("text", "title", "id")
_OF_PREDICTIONS = ("top_k", "explain")
_OF_EXPLANATIONS = ("label", "top")
_ONE_ARTICLE = (*_OF_ARTICLES, *_OF_PREDICTIONS)
_QUERY = ("model", *_OF_PREDICTIONS)
_TRUTH: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Articles to predict; `single` where the body is one article and not a list."""

    articles: tuple[Article, ...]
    single: bool
    top_k: int | None
    explain: bool


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """An article to explain a label of, the most probable one by default."""

    article: Article
    label: str | None
    top: int


def predict_request(body: bytes, query: Mapping[str, str], *, max_articles: int) -> PredictRequest:
    """Read a request for predictions; the options of one article may stand beside its text, too."""
    value = parsed(body)
    _refuse_unknown(query, _QUERY, "")
    options = {name: _from_query(name, query[name]) for name in _OF_PREDICTIONS if name in query}
    if isinstance(value, dict):
        _refuse_unknown(value, _ONE_ARTICLE, "")
        options |= {name: value[name] for name in _OF_PREDICTIONS if name in value}
        articles: tuple[Article, ...] = (_article(value, ""),)
    elif isinstance(value, list):
        check_count(len(value), max_articles)
        articles = tuple([_listed_article(item, f"[{place}]") for place, item in enumerate(value)])
    else:
        raise _wrong("an article or a list of articles", value, "")
    top_k, explain = options.get("top_k"), options.get("explain", False)
    if not isinstance(explain, bool):
        raise _wrong("true or false", explain, "explain")
    return PredictRequest(
        articles, isinstance(value, dict), None if top_k is None else _count(top_k, "top_k"), explain
    )


def explain_request(body: bytes) -> ExplainRequest:
    """Read a request for an explanation."""
    value = parsed(body)
    if not isinstance(value, dict):
        raise _wrong("an article", value, "")
    _refuse_unknown(value, (*_OF_ARTICLES, *_OF_EXPLANATIONS), "")
    label, top = value.get("label"), value.get("top", 10)
    if not isinstance(label, str | None):
        raise _wrong("the name of a label", label, "label")
    return ExplainRequest(_article(value, ""), label, _count(top, "top"))


def parsed(body: bytes) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    """Return what a body says in JSON; NaN and infinities are none."""
    try:
        return _DECODER.decode(body.removeprefix(b"\xef\xbb\xbf").decode())
    except RecursionError:
        raise RequestError(400, "expected JSON, found lists or objects nested too deeply") from None
    except UnicodeDecodeError:
        raise RequestError(400, "expected JSON in UTF-8, found other bytes") from None
    except json.JSONDecodeError as error:
        found = f"{error.msg} at line {error.lineno}, column {error.colno}" if body.strip() else "no body"
        raise RequestError(400, f"expected JSON, found {found}") from None
    except ValueError as error:  # a constant, or a number of thousands of digits
        raise RequestError(400, f"expected JSON, found {error}") from None


def check_count(n_articles: int, max_articles: int) -> None:
    """Refuse more articles than a request may have."""
    if n_articles > max_articles:
        raise RequestError(
            413,
            f"expected at most {max_articles:,} articles in a request, found {n_articles:,}: send them in "
            "several requests, or use topicml predict for files",
        )


def _listed_article(value: object, place: str) -> Article:
    if not isinstance(value, dict):
        raise _wrong("an article", value, place)
    _refuse_unknown(value, _OF_ARTICLES, f"{place}.")
    return _article(value, f"{place}.")


def _article(value: Mapping[str, Any], place: str) -> Article:
    if "text" not in value:
        raise RequestError(422, "expected an article with the field text, found none", field=f"{place}text")
    text, title, key = value["text"], value.get("title"), value.get("id")
    for name, found in (("text", text), ("title", title or ""), ("id", key or "")):
        if not isinstance(found, str):
            raise _wrong("text in quotation marks", found, place + name)
    return Article(text, title=title or "", id=key)


def _refuse_unknown(value: Mapping[str, Any], known: Collection[str], place: str) -> None:
    for name in value:
        if name not in known:
            hint = did_you_mean(name, known) or f"; known fields are {', '.join(known)}"
            hint += "; for a list, options go into the query" if name in _OF_PREDICTIONS else ""
            raise RequestError(422, f"unknown field{hint}", field=place + name[:60])


def _from_query(name: str, text: str) -> int | bool:
    """Return an option of the query as the body would have it."""
    if name == "explain":
        if text not in _TRUTH:
            raise _wrong("true or false", text, name)
        return _TRUTH[text]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise _wrong("a whole number of 1 or more", text, name)
    return int(text)


def _count(value: object, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong("a whole number of 1 or more", value, field)
    return value


def _wrong(expected: str, found: object, field: str) -> RequestError:
    """Return the error for a value of a wrong kind, in which no text of the body is repeated."""
    told = repr(found)[:30] if isinstance(found, int | float) else _KINDS[type(found)]
    return RequestError(422, f"expected {expected}, found {told}", field=field)


_KINDS = {type(None): "null", str: "other text", list: "a list", dict: "an object"}


def _refuse_constant(constant: str) -> Never:
    raise ValueError(f"{constant}, which is no number in JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
