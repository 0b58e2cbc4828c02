#include "tests/testing/hostile_tables.h"

namespace sextant {
namespace {

constexpr char kDefinition[] = R"sql(
BEGIN;
CREATE TYPE mood AS ENUM ('sad', 'happy');
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
COMMIT;
CREATE DOMAIN cost AS numeric(12, 2);
CREATE DOMAIN small_cost AS cost CHECK (VALUE < 100000);
CREATE DOMAIN labels AS text[];
CREATE TABLE events (
  gone_first text,
  id int8 PRIMARY KEY,
  tenant text,
  gone_middle numeric,
  flag bool, small int2, medium int4, large int8, real4 float4, real8 float8,
  cost small_cost, wide numeric(38, 10),
  title text, code varchar(20), padded char(8), short_name name,
  mood mood, uid uuid, doc json, docb jsonb,
  day date, local_at timestamp, at timestamptz, span interval, raw bytea,
  tags text[], labels labels, numbers int4[], large_numbers int8[], reals float8[],
  times timestamptz[], local_times timestamp[],
  address inet, period int4range, uids uuid[], moods mood[],
  "Odd ""Name" text,
  gone_last int
);
)sql";

// Each column is NULL in rows of its own.
constexpr char kRows[] = R"sql(
INSERT INTO events
SELECT
  'gone',
  i,
  CASE WHEN i % 13 <> 0 THEN (ARRAY['acme', 'Zeta', 'beta'])[1 + i % 3] END,
  1.5,
  CASE WHEN i % 5 <> 0 THEN i % 2 = 0 END,
  CASE WHEN i % 7 <> 0 THEN i % 30000 - 15000 END,
  CASE WHEN i % 11 <> 0 THEN i * 7919 END,
  CASE WHEN i % 6 <> 0 THEN i * 100000000003 - 9000000000000000000 END,
  CASE WHEN i % 9 <> 0 THEN i * 0.25 END,
  CASE WHEN i % 8 <> 0 THEN -i * 0.125 END,
  CASE WHEN i % 4 <> 0 THEN i * 0.37 - 100 END,
  CASE WHEN i % 10 <> 0 THEN i * 123456789012345678.0123456789 END,
  CASE WHEN i % 12 <> 0 THEN 'title ' || i END,
  CASE WHEN i % 14 <> 0 THEN 'code ' || i % 5 END,
  CASE WHEN i % 15 <> 0 THEN ' p' || i % 3 END,
  CASE WHEN i % 16 <> 0 THEN 'n' || i % 4 END,
  CASE WHEN i % 5 <> 1 THEN (ARRAY['sad', 'calm', 'happy'])[1 + i % 3]::mood END,
  CASE WHEN i % 5 <> 2 THEN md5(i::text)::uuid END,
  CASE WHEN i % 5 <> 3 THEN ('{"b": ' || i || ', "a":[1]}')::json END,
  CASE WHEN i % 5 <> 4 THEN ('{"b": ' || i || ', "a":[1]}')::jsonb END,
  CASE WHEN i % 7 <> 1 THEN date '1969-12-01' + i::int % 30000 END,
  CASE WHEN i % 7 <> 2 THEN timestamp '2024-03-30 22:00' + i * interval '13 minutes 0.000001 seconds' END,
  CASE WHEN i % 7 <> 3 THEN timestamptz '1899-12-31 23:00:00.5+00' + i * interval '37 days 1 second' END,
  CASE WHEN i % 7 <> 4 THEN make_interval(years => i::int % 3, months => -i::int % 5, days => i::int % 40,
                                          secs => -i * 0.5) END,
  CASE WHEN i % 7 <> 5 THEN ('raw' || i)::bytea END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY['t' || i % 3, NULL, 'caf' || chr(233)] END,
  CASE WHEN i % 6 <> 5 THEN ARRAY['l' || i % 7] END,
  CASE WHEN i % 3 <> 0 THEN ARRAY[i, NULL, -i] END,
  CASE WHEN i % 3 <> 1 THEN ARRAY(SELECT i * j FROM generate_series(1, i % 4) j) END,
  CASE WHEN i % 3 <> 2 THEN ARRAY[i * 0.5, NULL] END,
  CASE WHEN i % 8 <> 1 THEN ARRAY[timestamptz '2000-01-01 00:00+00' + i * interval '1 hour', NULL] END,
  CASE WHEN i % 8 <> 2 THEN ARRAY[timestamp '2024-07-01 00:00' + i * interval '1 hour'] END,
  CASE WHEN i % 8 <> 3 THEN ('10.0.' || i % 250 || '.1')::inet END,
  CASE WHEN i % 8 <> 4 THEN int4range(i::int, i::int + 5) END,
  CASE WHEN i % 8 <> 5 THEN ARRAY[md5(i::text)::uuid, NULL] END,
  CASE WHEN i % 8 <> 6 THEN ARRAY['sad', 'happy']::mood[] END,
  CASE WHEN i % 8 <> 7 THEN 'odd ' || i % 2 END,
  1
)sql";

constexpr char kAfterwards[] = R"sql(
ALTER TABLE events DROP COLUMN gone_first, DROP COLUMN gone_middle, DROP COLUMN gone_last;
ANALYZE events;
)sql";

}  // namespace

std::string HostileTablesSql(int num_rows) {
  return std::string(kDefinition) + kRows + " FROM generate_series(1::int8, " +
         std::to_string(num_rows) + ") AS i ORDER BY md5(i::text);" + kAfterwards;
}

}  // namespace sextant
