#!/bin/sh
# Delete the local data folder after a question; YES=1 answers it.
set -eu
cd "$(dirname "$0")/.."
data=${PORTAL_DATA:-.data}
[ -e "$data" ] || { echo "没有本地数据 · there is no local data"; exit 0; }
if [ "${YES:-}" != 1 ]; then
  printf '将删除 %s 中的全部数据，输入 yes 确认 · deletes all data in %s, type yes: ' "$data" "$data"
  read -r answer || answer=""
  [ "$answer" = yes ] || { echo "未删除 · nothing deleted"; exit 1; }
fi
# For root behind a closed folder the cluster lies outside and .data/pg is a link to it.
if [ -L "$data/pg" ]; then
  outside=$(dirname "$(readlink "$data/pg")")
  case $outside in /var/lib/cadre-portal/?*) rm -rf "$outside" ;; esac
fi
rm -rf "$data"
echo "已删除 · deleted"
