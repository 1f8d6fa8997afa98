"""``python -m benchmarks.serving``: requests a second of ``topicml serve``, and what holds under load.

The service runs in one process, the clients in another, on the same cores. Beside it, in turn, runs a FastAPI
route that reads the same body and answers a constant.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.load import Load, ask_all, request_bytes
from benchmarks.machine import heading
from benchmarks.markdown import number, print_section, ratio
from topicml.model.persistence import load_classifier, save_classifier
from topicml.reading.readers import read_corpus

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]
_CLIENTS = (1, 16, 64)
_LENGTH = 3000  # characters of an article
_CONSTANT = "a constant from FastAPI"


def main() -> None:
    """Measure, and print Markdown tables."""
    arguments = _parser().parse_args()
    requests = _requests(arguments.data)
    print(heading(("topicml", "numpy", "fastapi", "uvicorn", "h11", "httptools")))
    services = {"topicml": _serve(arguments.model), _CONSTANT: ["-m", "benchmarks.constant_service"]}
    _print_speed(services, requests, n=arguments.requests, repeats=arguments.repeats)
    if arguments.swaps:
        _print_swaps(arguments.model, requests, n_swaps=arguments.swaps)
    if arguments.soak:
        _print_soak(arguments.model, requests, n=arguments.soak)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=main.__doc__)
    parser.add_argument("--model", type=Path, default=_ROOT / "models/world-desk", help="the model to serve")
    parser.add_argument("--data", type=Path, default=_ROOT / "data/world_desk.jsonl", help="articles to send")
    parser.add_argument("--requests", type=int, default=3000, help="requests of each run (default: 3000)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each service (default: 5)")
    parser.add_argument("--swaps", type=int, default=100, help="times the model is replaced (default: 100)")
    parser.add_argument("--soak", type=int, default=200_000, help="requests of the soak (default: 200,000)")
    return parser


def _serve(model: Path) -> list[str]:
    return ["-m", "topicml", "serve", str(model), "--port", "0", "--no-log-requests"]


def _requests(data: Path) -> list[bytes]:
    """Return requests with articles of one length: each text is repeated until it is long enough."""
    texts = [article.full_text for article in read_corpus(data)]
    bodies = [json.dumps({"text": (text * (_LENGTH // len(text) + 1))[:_LENGTH]}) for text in texts if text]
    return [request_bytes("/v1/predict?top_k=3", body.encode()) for body in bodies]


@contextmanager
def _running(command: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Start a service, and give its port and its process's number."""
    process = subprocess.Popen(
        [sys.executable, *command], cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines = iter(process.stdout)
    try:
        address = next(found for line in lines if (found := re.search(r"listening on .*:(\d+)", line)))
        threading.Thread(target=lambda: list(lines), daemon=True).start()
        yield int(address[1]), process.pid
    finally:
        process.terminate()
        process.wait()


def _print_speed(services: dict[str, list[str]], requests: Sequence[bytes], *, n: int, repeats: int) -> None:
    runs: dict[tuple[int, str], list[Load]] = {}
    for _ in range(repeats):
        for clients in _CLIENTS:
            for name, command in services.items():
                with _running(command) as (port, _):
                    ask_all(port, requests, 200, clients=clients)  # what is made at the first requests
                    load = ask_all(port, requests, n, clients=clients)
                runs.setdefault((clients, name), []).append(load)
    rows = [
        [
            f"{clients} client{'s' if clients > 1 else ''}, {name}",
            number(median(load.per_second for load in loads)),
            ratio(
                median(load.per_second for load in loads),
                median(load.per_second for load in runs[clients, _CONSTANT]),
            ),
            *(number(median(load.milliseconds(share) for load in loads)) for share in (0.5, 0.99)),
            str(sum(load.n_errors for load in loads)),
        ]
        for (clients, name), loads in runs.items()
    ]
    header = ["", "requests a second", "of the constant", "median ms", "99th percentile ms", "errors"]
    print_section(f"Requests with an article of {_LENGTH:,} characters", header, rows)


def _print_swaps(model: Path, requests: Sequence[bytes], *, n_swaps: int) -> None:
    """Replace the model again and again under load; each answer is whole, and of one of the two models."""
    first = load_classifier(model)
    second = replace(first, provenance={**first.provenance, "n_articles": 1})
    known = {one.fingerprint for one in (first, second)}
    seen: set[str] = set()

    def check(body: bytes) -> bool:
        seen.add(json.loads(body)["fingerprint"])
        return seen <= known

    with TemporaryDirectory() as folder:
        path = Path(folder) / "desk"
        save_classifier(first, path)
        with _running(_serve(path)) as (port, _):
            taken_up, n_errors, n = 0, 0, 0
            for _, one in zip(range(n_swaps), cycle((second, first))):
                save_classifier(one, path)
                for _ in range(100):
                    seen.clear()
                    load = ask_all(port, requests, 64, clients=16, check=check)
                    n_errors, n = n_errors + load.n_errors, n + 64
                    if seen == {one.fingerprint}:
                        taken_up += 1
                        break
    header = ["", "replaced", "taken up", "requests", "errors"]
    print_section(
        "A model that is replaced under load",
        header,
        [["topicml", str(n_swaps), str(taken_up), f"{n:,}", str(n_errors)]],
    )


def _print_soak(model: Path, requests: Sequence[bytes], *, n: int) -> None:
    rows = []
    with _running(_serve(model)) as (port, pid):
        for part in range(5):
            load = ask_all(port, requests, n // 5, clients=64)
            rows.append(
                [
                    f"{(part + 1) * (n // 5):,}",
                    number(load.per_second),
                    f"{_megabytes(pid):.1f}",
                    str(load.n_errors),
                ]
            )
    print_section("Soak, 64 clients", ["requests so far", "requests a second", "resident MB", "errors"], rows)


def _megabytes(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
