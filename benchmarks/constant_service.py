"""A route that reads the same body as topicml's and answers a constant: what FastAPI takes by itself."""

from __future__ import annotations

import json
import socket

import uvicorn
from fastapi import FastAPI, Request, Response

__all__ = ["main"]

_ANSWER = {
    "label": "Global health",
    "labels": ["Global health"],
    "probability": 0.9419147962357264,
    "probabilities": [["Global health", 0.9419147962357264], ["Human rights", 0.2043906580849239]],
    "abstained": False,
    "reason": None,
    "known_terms": 0.45454545454545453,
    "fingerprint": "0123456789ab",
}

app = FastAPI()


@app.post("/v1/predict")
async def constant(request: Request) -> Response:
    """Read the body as JSON, and answer the same to all."""
    json.loads(await request.body())
    return Response(json.dumps(_ANSWER), media_type="application/json")


def main() -> None:
    """Serve it on a port that the system chooses, and say on which."""
    config = uvicorn.Config(app, access_log=False, log_level="error")
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # by which asyncio knows not to wait for ACKs
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
