#!/bin/bash
# First start of the database container: the owner role (no superuser, so that row-level security binds it), the two fenced roles,
# the database. Run by the image's entrypoint as the superuser; the same as the embedded server does for itself.
set -euo pipefail
password=$(cat "${PORTAL_PASSWORD_FILE:-/run/secrets/portal_password}")
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$password" --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE portal LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE ROLE portal_scoped NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE portal_root NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT portal_scoped TO portal WITH INHERIT FALSE, SET TRUE;
GRANT portal_root TO portal WITH INHERIT FALSE, SET TRUE;
CREATE DATABASE portal OWNER portal;
ALTER DATABASE portal SET timezone TO 'Asia/Shanghai';
REVOKE CONNECT ON DATABASE portal FROM PUBLIC;
SQL
