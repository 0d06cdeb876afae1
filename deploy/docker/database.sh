#!/bin/bash
# Run by the image of PostgreSQL when its volume is empty. The role is no superuser: the reserved connections are for people.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v password="$(cat /run/secrets/sluice_password)" <<'SQL'
CREATE ROLE sluice LOGIN PASSWORD :'password';
CREATE ROLE sluice_tenant NOLOGIN;
CREATE ROLE sluice_accept NOLOGIN;
GRANT pg_read_all_stats, sluice_tenant, sluice_accept TO sluice;
CREATE DATABASE sluice OWNER sluice;
SQL
