#!/bin/sh
# Restore what deploy/backup.sh made. REPLACES the present database and adds the files.
#   deploy/restore.sh /srv/backup/portal-20260101-023000             into the containers
#   deploy/restore.sh /srv/backup/portal-20260101-023000 embedded    into the embedded database of this checkout
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "usage: deploy/restore.sh FOLDER [embedded]" >&2; exit 2; }
source=$(cd "$1" && pwd)
mode=${2:-compose}
(cd "$source" && sha256sum --check --quiet SHA256SUMS)
if [ "${YES:-}" != 1 ]; then
  printf '将用 %s 替换现有全部数据，输入 yes 确认 · replaces all present data, type yes: ' "$source"
  read -r answer || answer=""
  [ "$answer" = yes ] || { echo "未恢复 · nothing restored"; exit 1; }
fi

recreate='DROP DATABASE IF EXISTS portal WITH (FORCE)'
create='CREATE DATABASE portal OWNER portal'
if [ "$mode" = embedded ]; then
  eval "$(.venv/bin/python -m apps.core.embedded where)"
  "$PG_BIN/psql" --no-psqlrc -q -v ON_ERROR_STOP=1 -c "$recreate" -c "$create" "$PG_MAINTENANCE_URL"
  "$PG_BIN/pg_restore" --exit-on-error --dbname "$PG_SUPERUSER_URL" "$source/database.dump"
  mkdir -p "$MEDIA_ROOT"
  tar -C "$MEDIA_ROOT" -xf "$source/media.tar"
  .venv/bin/python manage.py migrate --no-input
else
  docker compose stop proxy web worker beat
  docker compose exec -T postgres psql --no-psqlrc -q -v ON_ERROR_STOP=1 -U postgres -c "$recreate" -c "$create" -c 'REVOKE CONNECT ON DATABASE portal FROM PUBLIC' postgres
  docker compose exec -T postgres pg_restore --exit-on-error -U postgres --dbname portal < "$source/database.dump"
  docker compose run --rm -T --no-deps web tar -C /data/media -xf - < "$source/media.tar"
  docker compose run --rm migrate
  docker compose up -d
fi
echo "已恢复 · restored. Now: manage.py verify_audit"
