# The service alone: NumPy and what serves, without what only training needs. Mount a model's folder at /model.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir "numpy>=2.0" "threadpoolctl>=3.1" "typer>=0.26" \
    "fastapi>=0.115" "uvicorn>=0.31" "prometheus-client>=0.21" \
 && /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
ENTRYPOINT ["topicml", "serve", "--host", "0.0.0.0"]
CMD ["/model"]
