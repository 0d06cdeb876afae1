-- As a superuser, once: sudo -u postgres psql -f database.sql. docs/operations.md says what the server needs in production.
-- Nodes come as sluice, which is no superuser: the connections that are reserved are for people.
CREATE ROLE sluice LOGIN;
-- What serves a tenant takes one of these, and sees that tenant's rows alone.
CREATE ROLE sluice_tenant NOLOGIN;
CREATE ROLE sluice_accept NOLOGIN;
-- The statistics are for `sluice doctor`, which looks for standbys.
GRANT pg_read_all_stats, sluice_tenant, sluice_accept TO sluice;
CREATE DATABASE sluice OWNER sluice;
