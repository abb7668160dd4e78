#!/bin/sh
# Gather and hash static files while the image is built. Production settings demand secrets: these are thrown away with the command.
set -eu
random() { python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(48)).decode())'; }
key() { python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'; }
SECRET_KEY=$(random) INDEX_KEY=$(key) FIELD_KEYS="{\"1\": \"$(key)\"}" \
  ALLOWED_HOSTS=build.invalid DATABASE_URL=postgresql://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 \
  python manage.py collectstatic --no-input --verbosity 0
