# docker build -f dockerfiles/backend.Dockerfile .
FROM python:3.11-slim AS builder
WORKDIR /build
RUN python -m venv /venv
COPY requirements/ requirements/
RUN /venv/bin/pip install --no-cache-dir -r requirements/backend.txt

FROM python:3.11-slim AS runtime
RUN useradd --create-home --uid 1000 app
WORKDIR /app
COPY --from=builder /venv /venv
COPY shared/ /app/shared/
COPY backend/ /app/backend/
RUN mkdir /data && chown app /data
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    BACKEND_DATABASE=/data/backend.sqlite3
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["uvicorn", "backend.app.main:app", "--host", "0.0.0.0", "--port", "8000"]
