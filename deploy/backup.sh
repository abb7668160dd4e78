#!/bin/sh
# Back up database and uploaded files into a new folder below the one named.
#   deploy/backup.sh /srv/backup             of the running containers (docker compose)
#   deploy/backup.sh /srv/backup embedded    of the embedded database of this checkout
# The dump is taken as superuser, because row-level security binds the owner role too. Keys are not in it: see deploy/README.md.
set -eu
umask 077
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { echo "usage: deploy/backup.sh FOLDER [embedded]" >&2; exit 2; }
target="$1/portal-$(date +%Y%m%d-%H%M%S)"
mkdir -p "$1"
mkdir "$target.part"

if [ "${2:-compose}" = embedded ]; then
  eval "$(.venv/bin/python -m apps.core.embedded where)"
  "$PG_BIN/pg_dump" --format=custom --file "$target.part/database.dump" "$PG_SUPERUSER_URL"
  mkdir -p "$MEDIA_ROOT"
  tar -C "$MEDIA_ROOT" -cf "$target.part/media.tar" .
else
  docker compose exec -T postgres pg_dump --format=custom -U postgres portal > "$target.part/database.dump"
  docker compose exec -T web tar -C /data/media -cf - . > "$target.part/media.tar"
fi
(cd "$target.part" && sha256sum database.dump media.tar > SHA256SUMS)
mv "$target.part" "$target"
echo "$target"
