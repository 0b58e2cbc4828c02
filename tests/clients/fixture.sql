-- What the clients of tests/clients ask about: every type that a cell can have, and texts that a CSV must quote.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA clinic;
CREATE TYPE clinic.urgency AS ENUM ('routine', 'soon', 'now');
CREATE FUNCTION pg_temp.h(i int8, k int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT hashint8extended(i, k) & 9223372036854775807 $$;
CREATE TABLE clinic.visits AS
SELECT i AS id, (1 + pg_temp.h(i, 1) % 2)::int4 AS account_id,
  (ARRAY['north', 'south, old', 'the "annex"', E'two\nlines', 'Köln', '', ' padded ', NULL])[1 + (pg_temp.h(i, 2) % 8)::int] AS place,
  (ARRAY['routine', 'soon', 'now'])[1 + (pg_temp.h(i, 3) % 3)::int]::clinic.urgency AS urgency,
  timestamptz '2024-01-01' + pg_temp.h(i, 4) % 31622400 * interval '1 second' AS started_at,
  CASE WHEN pg_temp.h(i, 5) % 9 > 0 THEN timestamptz '2024-01-01' + pg_temp.h(i, 4) % 31622400 * interval '1 second'
    + pg_temp.h(i, 6) % 90000000000 * interval '1 microsecond' END AS ended_at,
  CASE WHEN pg_temp.h(i, 7) % 7 > 0 THEN (pg_temp.h(i, 8) % 1000000)::numeric / 100 - 2000 END::numeric(12, 2) AS amount,
  CASE WHEN pg_temp.h(i, 9) % 7 > 0 THEN (pg_temp.h(i, 10) % 1000003)::float8 / 1000003 END AS weight,
  (pg_temp.h(i, 11) % 2000)::int4 - 1000 AS pieces,
  CASE WHEN pg_temp.h(i, 12) % 5 > 0 THEN pg_temp.h(i, 12) % 2 = 0 END AS is_return,
  date '2024-01-01' + (pg_temp.h(i, 13) % 5)::int AS billed_on,
  CASE WHEN pg_temp.h(i, 14) % 6 > 0 THEN ARRAY(SELECT (ARRAY['x', 'y', 'z, w', 'v'])[1 + (pg_temp.h(i, 20 + j) % 4)::int]
    FROM generate_series(1, (pg_temp.h(i, 15) % 4)::int) j) END AS tags
FROM generate_series(1::int8, 20000) i;
ALTER TABLE clinic.visits ADD PRIMARY KEY (id);
VACUUM (ANALYZE, FREEZE) clinic.visits;
