# docker build -f dockerfiles/auth.Dockerfile .
FROM python:3.11-slim
RUN useradd --create-home --uid 1000 app
WORKDIR /app
COPY requirements requirements
RUN pip install --no-cache-dir -r requirements/auth.txt
COPY shared shared
COPY auth_service auth_service
RUN mkdir /data && chown app /data
ENV PYTHONUNBUFFERED=1 \
    AUTH_DATABASE=/data/auth.sqlite3
USER app
EXPOSE 8001
CMD ["uvicorn", "auth_service.main:app", "--host", "0.0.0.0", "--port", "8001"]
