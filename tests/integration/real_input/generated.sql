-- Rows of the shape of the real commits, for machines that do not have those: the same on every machine.
SET timezone = 'UTC';
CREATE FUNCTION pg_temp.h(i int8, k int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT hashint8extended(i, k) & 9223372036854775807 $$;
INSERT INTO commits
SELECT i, 'org/repository-' || pg_temp.h(i, 1) % 41, substr(md5(i::text), 1, 12), 'author-' || pg_temp.h(i, 2) % 2000,
       'author-' || pg_temp.h(i, 3) % 2000, at - (pg_temp.h(i, 4) % 90000) * interval '1 second', at, (pg_temp.h(i, 5) % 3)::int2,
       (pg_temp.h(i, 6) % 120)::int4, CASE WHEN pg_temp.h(i, 7) % 3 = 0 THEN (pg_temp.h(i, 7) % 40000)::int4 END,
       (ARRAY['feat', 'fix', 'docs', 'test', '', NULL, NULL])[1 + pg_temp.h(i, 8) % 7],
       CASE WHEN pg_temp.h(i, 9) % 1000 > 0 THEN (pg_temp.h(i, 9) % 5000)::int4 END,
       CASE WHEN pg_temp.h(i, 9) % 1000 > 0 THEN (pg_temp.h(i, 10) % 3000)::int4 END,
       CASE WHEN pg_temp.h(i, 9) % 1000 > 0 THEN (pg_temp.h(i, 11) % 60)::int4 END,
       CASE pg_temp.h(i, 12) % 9 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN '{cc,h,cc}' WHEN 3 THEN '{py,NULL}'
            WHEN 4 THEN '{py}' WHEN 5 THEN '{rs,toml}' WHEN 6 THEN '{go}' WHEN 7 THEN '{md}' ELSE '{c,h}' END::text[],
       (pg_temp.h(i, 13) % 3)::int2, pg_temp.h(i, 14) % 11 = 0,
       CASE WHEN pg_temp.h(i, 15) % 5 > 0 THEN 'v' || (at::date - date '2005-01-01') / 30 END,
       CASE WHEN pg_temp.h(i, 15) % 5 > 0 THEN at + (pg_temp.h(i, 16) % 4000000 - 20000) * interval '1 second' END
FROM (SELECT i, timestamptz '2005-01-01 00:00:00+00' + i * interval '11003 seconds' + pg_temp.h(i, 17) % 11000 * interval '1 second' AS at
      FROM generate_series(1, 60000) AS i) AS times;
