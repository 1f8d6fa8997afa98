"""Models over HTTP: predictions, explanations, a page for the desk. FastAPI, uvicorn, prometheus-client."""
