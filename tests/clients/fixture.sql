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
    FROM generate_series(1, (pg_temp.h(i, 15) % 4)::int) j) END AS tags,
  CASE WHEN pg_temp.h(i, 30) % 4 > 0 THEN md5((pg_temp.h(i, 30) % 4)::text)::uuid END AS desk,
  (ARRAY['1 mon -3 days', '04:05:06.789', '-2 years', NULL])[1 + (pg_temp.h(i, 31) % 4)::int]::interval AS notice,
  (ARRAY['\x00ff', '\x', '\x22', NULL])[1 + (pg_temp.h(i, 32) % 4)::int]::bytea AS stamp,
  CASE WHEN pg_temp.h(i, 33) % 7 > 0 THEN (pg_temp.h(i, 34)::numeric * 1000003 - 4e24) / 1e5 END::numeric(30, 5) AS exact,
  (pg_temp.h(i, 35) % 7)::int2 AS floor, (pg_temp.h(i, 36) % 1000)::float4 / 7 AS ratio
FROM generate_series(1::int8, 20000) i;
ALTER TABLE clinic.visits ADD PRIMARY KEY (id);
-- More rows than a chunk has, and no two texts alike.
CREATE TABLE clinic.readings AS
SELECT i AS id, CASE WHEN i % 1000 > 0 THEN 'reading ' || i END AS label, CASE WHEN i % 3 > 0 THEN i / 7.0 END::numeric(12, 4) AS level
FROM generate_series(1::int8, 70000) i;
VACUUM (ANALYZE, FREEZE) clinic.visits, clinic.readings;
