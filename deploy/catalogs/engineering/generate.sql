-- Fills the tables of schema.sql with three years of two tenants, 2023-10-02 to 2026-09-28.
--   psql -d engineering -v pull_requests=10000 -f generate.sql     (300000: the large one; 10000 by default)
-- Two issues for three pull requests, and of all else what such a number brings about. Four fifths belong to tenant 1.
-- Hash based and computed in integers: the same rows on every run, machine and version of PostgreSQL (>= 13).
-- What has not happened by the end of the three years is NULL. A few rows are wrong on purpose, as real ones are:
-- merged before opened, released before merged, reviewed before asked, finished before started.
\set ON_ERROR_STOP on
\if :{?pull_requests}
\else
\set pull_requests 10000
\endif
SET client_min_messages = warning;
SET timezone = 'UTC';
SET work_mem = '256MB';
SET jit = off;
BEGIN;
\ir generate/draws.sql
\ir generate/people.sql
\ir generate/pull_requests.sql
\ir generate/activity.sql
\ir generate/releases.sql
\ir generate/deployments.sql
\ir generate/checks.sql
\ir generate/issues.sql
COMMIT;
VACUUM (ANALYZE, FREEZE);
