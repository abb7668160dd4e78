#!/bin/sh
# The web server process. No access log: addresses of pages hold search terms, and the portal logs its requests itself.
exec gunicorn cadre_portal.wsgi:application --bind 0.0.0.0:8000 --worker-class gthread \
  --workers "${WEB_WORKERS:-3}" --threads "${WEB_THREADS:-8}" --timeout 120 --graceful-timeout 30 \
  --max-requests 5000 --max-requests-jitter 500 --worker-tmp-dir /dev/shm --no-control-socket
