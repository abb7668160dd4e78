#!/bin/sh
# Make the secrets that don't exist yet in deploy/secrets. Existing ones are never touched: a lost field key can't be replaced.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

word() { head -c 32 /dev/urandom | base64 | tr -d '/+=\n'; }
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

put() {
  if [ -e "$folder/$1" ]; then
    echo "kept     $folder/$1"
    return
  fi
  printf '%s' "$2" > "$folder/$1.new"
  # Readable inside the containers, which run as a user of their own; the folder keeps everybody else on this machine out.
  chmod 444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
  echo "made     $folder/$1"
}

put postgres_password "$(word)"
put portal_password "$(word)"
put redis_password "$(word)"
put database_url "postgresql://portal:$(cat "$folder/portal_password")@postgres:5432/portal"
put redis_url "redis://:$(cat "$folder/redis_password")@redis:6379/0"
put secret_key "$(word)$(word)"
put field_keys "{\"1\": \"$(key)\"}"
put index_key "$(key)"
put email_password ""
for name in tls_certificate tls_key; do
  [ -e "$folder/$name" ] || echo "missing  $folder/$name: put your certificate (PEM) there"
done
echo "Keep a copy of field_keys and index_key somewhere else: without them ID numbers and phones can't be read from any backup."
