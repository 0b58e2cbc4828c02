#include "tests/storage/postgres/sql_items.h"

#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

/// Rows with every type that the language computes with, NULLs everywhere but in the key, ties,
/// NaN, -0, empty lists, instants at changes of the clock in Berlin, spans that are instants, open
/// or turned around.
constexpr char kItems[] = R"sql(
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE items (
  id bigint PRIMARY KEY, tenant text NOT NULL, author text, note varchar(20), code char(4),
  mood mood, is_bot boolean, small smallint, lines integer, big bigint, ratio real,
  score double precision, cost numeric(12,2), ref uuid, day date, until date,
  created_at timestamptz, closed_at timestamptz, logged_at timestamp, labels text[],
  points integer[], seen_at timestamptz[], span interval, moods mood[], weights real[],
  local_times timestamp[]);
INSERT INTO items
SELECT n, (ARRAY['acme', 'Zeta', 'beta', 'acme'])[n / 7 % 4 + 1],
  CASE WHEN n % 11 <> 0 THEN (ARRAY['Ann', 'bob', 'Émile', 'zoe', 'Bob', ''])[n % 6 + 1] END,
  CASE WHEN n % 7 <> 0 THEN 'note ' || n % 9 END,
  CASE WHEN n % 5 <> 0 THEN (ARRAY['a', 'b ', 'abcd'])[n % 3 + 1] END,
  CASE WHEN n % 8 <> 0 THEN (ARRAY['sad', 'ok', 'glad'])[n % 3 + 1]::mood END,
  CASE WHEN n % 4 <> 0 THEN n % 2 = 0 END,
  CASE WHEN n % 13 <> 0 THEN (n * 37 % 200 - 100)::smallint END,
  CASE WHEN n % 9 <> 0 THEN (n * 7919 % 1000 - 300)::int END,
  CASE n WHEN 50 THEN 9223372036854775807 WHEN 51 THEN -9223372036854775807 - 1
         ELSE CASE WHEN n % 6 <> 0 THEN n * 104729 % 1000000 - 500000 END END,
  CASE WHEN n % 7 <> 0 THEN (n % 16) * 0.25 END,
  CASE n WHEN 70 THEN 'NaN' WHEN 71 THEN '-0' WHEN 72 THEN 'Infinity'
         ELSE CASE WHEN n % 10 <> 0 THEN (n * 31 % 64) / 8.0 - 3 END END,
  CASE WHEN n % 12 <> 0 THEN (n * 271 % 10000 - 2000) / 100.0 END,
  CASE WHEN n % 6 <> 0 THEN md5((n % 5)::text)::uuid END,
  CASE WHEN n % 8 <> 0 THEN date '2024-03-25' + n % 14 END,
  CASE WHEN n % 3 <> 0 THEN date '2024-03-27' + n % 17 END,
  CASE WHEN n % 17 <> 0 THEN timestamptz '2024-03-24 22:00+00' + n * interval '47 minutes' END,
  CASE WHEN n % 5 <> 0 THEN timestamptz '2024-03-25 12:00+00' + (n * 53 % 300) * interval '61 minutes' END,
  CASE WHEN n % 9 <> 0 THEN timestamp '2024-03-30 20:00' + n * interval '13 minutes' END,
  CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN '{bug,ui}' WHEN 3 THEN '{ui,ui,NULL}'
             ELSE ARRAY['Bug', 'x' || n % 2] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY[n % 3, 5, nullif(n % 3, 2)] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}'
             ELSE ARRAY[timestamptz '2024-03-26 00:00+00' + n * interval '31 minutes', NULL,
                        timestamptz '2024-03-26 05:00+00' + n * interval '31 minutes'] END,
  (ARRAY['1 month', '30 days', '29 days 24 hours', '-1 day', '-24:00', '0', NULL]::interval[])
    [n % 7 + 1],
  CASE n % 3 WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['glad', 'sad', NULL]::mood[] END,
  CASE n % 5 WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['-0', 0, 'NaN']::real[]
             WHEN 3 THEN ARRAY[n % 4, 0.1, NULL] END,
  CASE WHEN n % 6 <> 0 THEN ARRAY[timestamp '2024-03-30 20:00' + n * interval '13 minutes',
                                  timestamp '2024-10-27 01:30'] END
FROM generate_series(1, 400) AS n;
-- What the tenant acme sees, with texts that compare by bytes and local times as instants.
CREATE VIEW local_items AS
SELECT id, author COLLATE "C" AS author, CAST(note AS text) COLLATE "C" AS note, mood, is_bot,
  CAST(small AS bigint) AS small, CAST(lines AS bigint) AS lines, big,
  CAST(ratio AS double precision) AS ratio, score, cost, ref, day, until, created_at, closed_at,
  labels, points, seen_at
FROM items WHERE id <> 13 AND tenant = 'acme';
)sql";

SqlItems Make() {
  SqlItems items;
  items.conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(items.conninfo, kItems);
  items.spec = TableDataset("items");
  items.spec.zones = {{"logged_at", "Europe/Berlin"}};
  items.spec.tenant = "tenant";
  items.spec.key = {"id"};
  items.spec.where = "id <> 13";
  items.table = *LoadDataset(items.conninfo, items.spec);
  return items;
}

}  // namespace

const SqlItems& SqlItems::Get() {
  static const SqlItems items = Make();
  return items;
}

}  // namespace sextant
