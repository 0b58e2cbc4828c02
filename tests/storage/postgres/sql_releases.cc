#include "tests/storage/postgres/sql_releases.h"

#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr char kReleases[] = R"sql(
CREATE TYPE feeling AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE releases (
  number integer PRIMARY KEY, tenant varchar(20) NOT NULL, writer varchar(12), mood feeling,
  is_bot boolean, lines smallint, score real, cost numeric(9,2), ref uuid, day date,
  created_at timestamp, labels varchar(9)[], span interval, deployed_at timestamptz,
  retired_at timestamptz);
INSERT INTO releases
SELECT n, CASE WHEN n % 5 = 0 THEN 'other' ELSE 'acme' END,
  CASE WHEN n % 7 <> 0 THEN (ARRAY['Ann', 'zoe', 'Émile', 'new', 'BOB', ''])[n % 6 + 1] END,
  CASE WHEN n % 6 <> 0 THEN (ARRAY['glad', 'ok', 'sad'])[n % 3 + 1]::feeling END,
  CASE WHEN n % 3 <> 0 THEN n % 2 = 0 END, CASE WHEN n % 4 <> 0 THEN (n * 7 % 50 - 20) END,
  CASE WHEN n % 5 <> 0 THEN (n % 9) / 4.0 - 1 END,
  CASE WHEN n % 5 <> 0 THEN (n * 271 % 1000 - 200) / 100.0 END,
  CASE WHEN n % 4 <> 0 THEN md5((n % 7)::text)::uuid END,
  CASE WHEN n % 8 <> 0 THEN date '2024-03-28' + n % 14 END,
  timestamp '2024-03-26 22:00' + n * interval '97 minutes',
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN '{ui,api,ui}' ELSE '{bug,NULL}'::varchar(9)[] END,
  (ARRAY['720:00', '1 month', '24:00', '-1 day', NULL]::interval[])[n % 5 + 1],
  CASE WHEN n % 3 <> 0 THEN timestamptz '2024-03-25 12:00+00' + n * interval '101 minutes' END,
  CASE WHEN n % 4 <> 0 THEN timestamptz '2024-03-27 12:00+00' + n * interval '103 minutes' END
FROM generate_series(1, 150) AS n;
)sql";

}  // namespace

const SqlItems& SqlReleases() {
  static const SqlItems releases = [] {
    SqlItems made;
    made.conninfo = SqlItems::Get().conninfo;
    ExecuteSql(made.conninfo, kReleases);
    made.spec = QueryDataset("SELECT * FROM releases WHERE number <> 3  -- not the bad one");
    made.spec.name = "releases";
    made.spec.tenant = "tenant";
    made.spec.zones = {{"created_at", "Europe/Berlin"}};
    made.spec.key = {"number"};
    made.table = *LoadDataset(made.conninfo, made.spec);
    return made;
  }();
  return releases;
}

Dimensions DimensionsOfReleases() {
  return {{{"person", {{"d", "author"}, {"releases", "writer"}}},
           {"id", {{"d", "id"}, {"releases", "number"}}},
           {"at", {{"d", "closed_at"}, {"releases", "created_at"}}}}};
}

}  // namespace sextant
