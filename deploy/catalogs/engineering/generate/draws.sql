-- Draws: functions of an id and of what the draw is for, in integers.

-- Evenly distributed, 0 to 2^63 - 1.
CREATE FUNCTION pg_temp.h(i int8, k int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT hashint8extended(i, k) & 9223372036854775807 $$;

-- Nearly normal, mean 0, standard deviation 591: the sum of four evenly distributed numbers.
CREATE FUNCTION pg_temp.bell(x int8) RETURNS int8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT (x & 1023) + (x >> 10 & 1023) + (x >> 20 & 1023) + (x >> 30 & 1023) - 2046 $$;

-- Nearly log-normal: median * 2^(e / 1024). For a standard deviation of s of the natural logarithm, e = bell * s * 2.5.
CREATE FUNCTION pg_temp.scaled(median int8, e int8) RETURNS int8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE WHEN e >= 0 THEN (median * (1024 + (e & 1023)) << (e >> 10)::int) >> 10
                 ELSE median * (1024 + (e & 1023)) >> (10 - (e >> 10)::int) END $$;

CREATE FUNCTION pg_temp.seconds(s int8) RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT make_interval(secs => s) $$;

-- The instant after which nothing is known.
CREATE FUNCTION pg_temp.known(t timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN t < timestamptz '2026-09-28 00:00:00+00' THEN t END $$;

-- 40 hexadecimal digits, as git has them.
CREATE FUNCTION pg_temp.sha(i int8, k text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT md5(k || i) || left(md5(i || k), 8) $$;
