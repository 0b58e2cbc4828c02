#include "storage/postgres/postgres_row_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "storage/postgres/load_transaction.h"
#include "storage/postgres/pqxx_status.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/hostile_tables.h"
#include "tests/testing/postgres_cluster.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr int kNumRows = 5000;

// One database with the hostile table, for all tests that only read it.
const std::string& EventsDatabase() {
  static const std::string conninfo = [] {
    const std::string database = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(database, HostileTablesSql(kNumRows));
    return database;
  }();
  return conninfo;
}

DatasetSpec EventsDataset() {
  DatasetSpec spec = TableDataset("events");
  spec.key = {"id"};
  spec.tenant = "tenant";
  spec.order_by = {"id"};
  spec.zones = {{"local_at", "Europe/Berlin"}, {"local_times", "America/St_Johns"}};
  return spec;
}

// The values of `expression` as CellText writes them, in the order of a load.
std::vector<std::string> Expected(const std::string& expression) {
  std::vector<std::string> texts;
  for (const auto& row :
       ExecuteSql(EventsDatabase(), "SELECT coalesce((" + expression +
                                        ")::text, 'NULL') FROM events ORDER BY tenant COLLATE "
                                        "\"C\", id")) {
    texts.push_back(row[0].value());
  }
  return texts;
}

class EveryTypeTest : public ::testing::Test {
 protected:
  static const Table& Loaded() {
    static const std::shared_ptr<const Table> table = [] {
      auto loaded = LoadDataset(EventsDatabase(), EventsDataset());
      EXPECT_TRUE(loaded.ok()) << loaded.status();
      return *std::move(loaded);
    }();
    return *table;
  }

  static void ExpectColumn(const std::string& column, const std::string& expression) {
    EXPECT_EQ(ColumnTexts(Loaded(), column), Expected(expression)) << column;
  }
};

TEST_F(EveryTypeTest, RowsAreOrderedByTenantInBytesThenByTheDeclaredOrder) {
  ExpectColumn("id", "id");
  ExpectColumn("tenant", "tenant");
  EXPECT_EQ(Loaded().num_rows(), static_cast<uint64_t>(kNumRows));
}

TEST_F(EveryTypeTest, NumbersAreExact) {
  ExpectColumn("flag", "flag::int");
  ExpectColumn("small", "small");
  ExpectColumn("medium", "medium");
  ExpectColumn("large", "large");
  ExpectColumn("real4", "real4");
  ExpectColumn("real8", "real8");
  ExpectColumn("cost", "(cost * 100)::numeric(40, 0)");
  ExpectColumn("wide", "(wide * 10000000000)::numeric(50, 0)");
}

TEST_F(EveryTypeTest, TextsAreExact) {
  ExpectColumn("title", "title");
  ExpectColumn("code", "code");
  ExpectColumn("padded", "rtrim(padded::text)");
  ExpectColumn("short_name", "short_name");
  ExpectColumn("mood", "mood");
  ExpectColumn("uid", "uid");
  ExpectColumn("doc", "doc");
  ExpectColumn("docb", "docb");
  ExpectColumn("raw", "encode(raw, 'escape')");
  ExpectColumn("Odd \"Name", "\"Odd \"\"Name\"");
}

TEST_F(EveryTypeTest, TimesAreExact) {
  ExpectColumn("day", "day - date '1970-01-01'");
  ExpectColumn("at", "(extract(epoch FROM at) * 1000000)::int8");
  ExpectColumn("span",
               "(extract(year FROM span) * 12 + extract(month FROM span))::int8 || '/' || "
               "extract(day FROM span)::int8 || '/' || (extract(hour FROM span) * 3600000000 + "
               "extract(minute FROM span) * 60000000 + extract(microseconds FROM span))::int8");
}

TEST_F(EveryTypeTest, LocalTimesBecomeInstantsAsPostgresAtTimeZoneDoes) {
  ExpectColumn("local_at",
               "(extract(epoch FROM local_at AT TIME ZONE 'Europe/Berlin') * 1000000)::int8");
}

TEST_F(EveryTypeTest, ListsAreExact) {
  ExpectColumn("tags", "'{' || array_to_string(tags, ',', 'NULL') || '}'");
  ExpectColumn("labels", "'{' || array_to_string(labels, ',', 'NULL') || '}'");
  ExpectColumn("numbers", "'{' || array_to_string(numbers, ',', 'NULL') || '}'");
  ExpectColumn("large_numbers", "'{' || array_to_string(large_numbers, ',', 'NULL') || '}'");
  ExpectColumn("reals", "'{' || array_to_string(reals, ',', 'NULL') || '}'");
  ExpectColumn("times", "'{' || (extract(epoch FROM times[1]) * 1000000)::int8 || ',NULL}'");
  ExpectColumn("local_times",
               "'{' || (extract(epoch FROM local_times[1] AT TIME ZONE 'America/St_Johns') * "
               "1000000)::int8 || '}'");
}

TEST_F(EveryTypeTest, TypesWithoutAFormHereBecomeText) {
  ExpectColumn("address", "address::text");
  ExpectColumn("period", "period::text");
  ExpectColumn("uids", "'{' || array_to_string(uids::text[], ',', 'NULL') || '}'");
  ExpectColumn("moods", "'{' || array_to_string(moods::text[], ',', 'NULL') || '}'");
}

TEST_F(EveryTypeTest, DroppedColumnsDoNotAppear) {
  EXPECT_FALSE(Loaded().schema().Find("gone_first").has_value());
  EXPECT_FALSE(Loaded().schema().Find("gone_middle").has_value());
  EXPECT_EQ(Loaded().schema().num_fields(), 35u);
}

TEST_F(EveryTypeTest, TheTenantColumnIsMarked) {
  const Schema& schema = Loaded().schema();
  EXPECT_EQ(schema.tenant_column(), schema.Find("tenant"));
}

TEST(PostgresRowSourceTest, AQueryGivesTheSameRowsAsItsTable) {
  DatasetSpec spec = QueryDataset("SELECT * FROM events; ");
  spec.include = {"id", "title"};
  spec.order_by = {"id"};
  const auto table = LoadDataset(EventsDatabase(), spec);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_rows(), static_cast<uint64_t>(kNumRows));
}

TEST(PostgresRowSourceTest, WhereKeepsItsRowsOnly) {
  DatasetSpec spec = EventsDataset();
  spec.zones.clear();
  spec.include = {"id"};
  spec.where = "events.id <= 10 OR id = 4999 -- the last";
  const auto table = LoadDataset(EventsDatabase(), spec);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_rows(), 11u);
}

TEST(PostgresRowSourceTest, AnEmptyTableIsComplete) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database, "CREATE TABLE empty (a int, b text[])");
  const auto table = LoadDataset(database, TableDataset("empty"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_rows(), 0u);
}

TEST(PostgresRowSourceTest, APartitionedTableIsReadWhole) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database,
             "CREATE TABLE parts (a int) PARTITION BY RANGE (a);"
             "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);"
             "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (10) TO (20);"
             "INSERT INTO parts SELECT generate_series(0, 19)");
  const auto table = LoadDataset(database, TableDataset("parts"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_rows(), 20u);
}

TEST(PostgresRowSourceTest, MaterializedViewsAreReadWithoutALock) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database, "CREATE MATERIALIZED VIEW m AS SELECT generate_series(1, 7) AS a");
  const auto table = LoadDataset(database, TableDataset("m"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->num_rows(), 7u);
}

TEST(PostgresRowSourceTest, HostileNamesAreReadAsTheyAre) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(
      database,
      "CREATE SCHEMA \"s.1\"; CREATE TABLE \"s.1\".\"t\"\"; --\" (\"a b\" int, \"select\" text, "
      "\"\"\"\" int); INSERT INTO \"s.1\".\"t\"\"; --\" VALUES (1, 'x', 2)");
  DatasetSpec spec = TableDataset("\"s.1\".\"t\"\"; --\"");
  spec.tenant = "select";
  spec.order_by = {"\"", "a b"};
  const auto table = LoadDataset(database, spec);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(ColumnTexts(**table, "\""), std::vector<std::string>{"2"});
}

TEST(PostgresRowSourceTest, NaNInNumericNamesDatasetColumnAndRow) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database,
             "CREATE TABLE t (a int, c numeric(10, 2)); INSERT INTO t SELECT i, CASE i WHEN 7 THEN "
             "'NaN'::numeric ELSE i END FROM generate_series(1, 10) i");
  DatasetSpec spec = TableDataset("t");
  spec.order_by = {"a"};
  const auto table = LoadDataset(database, spec);
  EXPECT_TRUE(absl::IsFailedPrecondition(table.status()));
  EXPECT_THAT(MessageOf(table.status()),
              HasSubstr("dataset 'd': column 'c', row 7 of the stream: NaN"));
}

TEST(PostgresRowSourceTest, ADeclaredNumericThatWouldRoundIsRefused) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database, "CREATE TABLE t AS SELECT 1.25::numeric AS c UNION ALL SELECT 1.234");
  DatasetSpec spec = TableDataset("t");
  spec.types = {{"c", "numeric(18,2)"}};
  EXPECT_THAT(MessageOf(LoadDataset(database, spec).status()), HasSubstr("more decimals"));
  spec.types = {{"c", "numeric(18,4)"}};
  const auto table = LoadDataset(database, spec);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(ColumnTexts(**table, "c"), ::testing::UnorderedElementsAre("12500", "12340"));
}

TEST(PostgresRowSourceTest, AnErrorLateInTheStreamIsAnErrorOfTheLoad) {
  const auto table = LoadDataset(
      EventsDatabase(),
      QueryDataset("SELECT 1 / (250000 - i) AS q FROM generate_series(1, 300000) AS i"));
  EXPECT_EQ(SqlstateOf(table.status()), "22012");
  EXPECT_THAT(MessageOf(table.status()), HasSubstr("dataset 'd': source 's': COPY: PostgreSQL"));
}

TEST(PostgresRowSourceTest, RowsHiddenByPoliciesAreAnError) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database,
             "CREATE ROLE policy_reader LOGIN; CREATE TABLE t AS SELECT 1 AS a;"
             "ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO policy_reader");
  const auto table = LoadDataset(database + " user=policy_reader", TableDataset("t"));
  EXPECT_TRUE(absl::IsFailedPrecondition(table.status()));
  EXPECT_THAT(MessageOf(table.status()), HasSubstr("row-level security"));
}

TEST(PostgresRowSourceTest, ATableTruncatedAfterTheSnapshotIsReadWhole) {
  const std::string database = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(database, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
  const DatasetSpec spec = TableDataset("t");
  const auto session = OpenTestSession(database);
  const auto target = ResolveTarget(*session, spec, {});
  ASSERT_TRUE(target.ok()) << target.status();
  const auto leader = LoadTransaction::Lead(*session, target->relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THROW(ExecuteSql(database, "SET lock_timeout = 50; TRUNCATE t"), std::runtime_error);
  ExecuteSql(database, "DELETE FROM t");
  auto plan = PlanSource(*session, spec, target->origin, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  PostgresRowSource source(*session, "d", *std::move(plan));
  const auto builder = TableBuilder::Create(source.schema(), TestBudget());
  const auto read = source.ReadAll(**builder, [](const ReadStatistics&) {}, {});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->rows, 1000u);
}

TEST(PostgresRowSourceTest, ProgressIsReportedAndGrows) {
  const auto session = OpenTestSession(EventsDatabase());
  const DatasetSpec spec = QueryDataset("SELECT generate_series(1, 50000) AS a");
  const auto target = ResolveTarget(*session, spec, {});
  ASSERT_TRUE(target.ok()) << target.status();
  auto plan = PlanSource(*session, spec, target->origin, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  PostgresRowSource source(*session, "d", *std::move(plan));
  EXPECT_GT(source.expected_rows(), 0u);
  const auto builder = TableBuilder::Create(source.schema(), TestBudget());
  std::vector<uint64_t> reported;
  const auto read = source.ReadAll(
      **builder, [&](const ReadStatistics& progress) { reported.push_back(progress.rows); }, {});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_GE(reported.size(), 5u);
  EXPECT_TRUE(std::is_sorted(reported.begin(), reported.end()));
}

TEST(PostgresRowSourceTest, AStopRequestEndsALoad) {
  const auto session = OpenTestSession(EventsDatabase());
  const DatasetSpec spec = QueryDataset("SELECT generate_series(1, 100000000) AS a");
  const auto target = ResolveTarget(*session, spec, {});
  ASSERT_TRUE(target.ok()) << target.status();
  auto plan = PlanSource(*session, spec, target->origin, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  PostgresRowSource source(*session, "d", *std::move(plan));
  const auto builder = TableBuilder::Create(source.schema(), TestBudget());
  std::stop_source stop;
  const auto read = source.ReadAll(
      **builder, [&](const ReadStatistics&) { stop.request_stop(); }, stop.get_token());
  EXPECT_TRUE(absl::IsCancelled(read.status())) << read.status();
  EXPECT_TRUE(session->Query("asking", "SELECT 1", {}).ok());
}

}  // namespace
}  // namespace sextant
