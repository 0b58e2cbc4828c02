// A table as organisations have them: three tenants in a shuffled heap, dropped columns, NULLs in
// every column, lists, ICU collation, a session zone of half hours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/column/tenant_scope.h"
#include "tests/integration/load/load_fixture.h"
#include "tests/integration/load/value_texts.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kNumRows = 3000;

// Each column is NULL in rows of its own.
constexpr char kMakeEvents[] = R"sql(
CREATE TYPE severity AS ENUM ('low', 'High', 'critical');
CREATE TABLE events (
  gone_first int, id int8 NOT NULL, account text, flag bool, gone_middle text, small int2,
  number int4, ratio4 float4, ratio float8, cost numeric(12,2), weight numeric(30,6), team text,
  title text, code char(6), level severity, uid uuid, body json, facts jsonb, day date,
  local_time timestamp, instant timestamptz, spent interval, raw bytea, labels text[],
  counts int8[], scores float8[], visits timestamptz[], gone_last int);
INSERT INTO events
SELECT g, g, CASE WHEN g % 101 = 0 THEN NULL ELSE (ARRAY['zeta', 'Äpfel', 'acme'])[1 + g % 3] END,
  CASE WHEN g % 5 > 0 THEN g % 2 = 0 END, 'x', CASE WHEN g % 7 > 0 THEN g % 1000 END,
  CASE WHEN g % 11 > 0 THEN g * 1000 END, CASE WHEN g % 13 > 0 THEN g / 7.0 END,
  CASE WHEN g % 17 > 0 THEN sqrt(g) END, CASE WHEN g % 19 > 0 THEN g / 100.0 END,
  CASE WHEN g % 23 > 0 THEN g * 123456789012345.678901 END,
  CASE WHEN g % 3 > 0 THEN (ARRAY['Zoo', 'äther', 'apple', 'Apple', 'zoo'])[1 + g % 5] END,
  CASE WHEN g % 29 > 0 THEN 'title ' || md5(g::text) END, CASE WHEN g % 31 > 0 THEN 'c' || g % 9 END,
  CASE WHEN g % 4 > 0 THEN (ARRAY['low', 'High', 'critical'])[g % 4]::severity END,
  CASE WHEN g % 37 > 0 THEN md5(g::text)::uuid END,
  CASE WHEN g % 41 > 0 THEN json_build_object('n', g) END,
  CASE WHEN g % 43 > 0 THEN jsonb_build_object('n', g, 'a', NULL) END,
  CASE WHEN g % 47 > 0 THEN date '2020-01-01' + g % 1500 END,
  CASE WHEN g % 53 > 0 THEN timestamp '2021-01-01' + g * interval '7 hours 31 minutes' END,
  CASE WHEN g % 59 > 0 THEN timestamptz '2021-01-01 00:00+00' + g * interval '7 hours 0.000001 s' END,
  CASE WHEN g % 61 > 0 THEN g % 5 * interval '1 month' + g * interval '1 second' END,
  CASE WHEN g % 67 > 0 THEN decode(md5(g::text), 'hex') END,
  CASE WHEN g % 71 > 0 THEN (ARRAY['bug', NULL, 'UI', 'ops', 'été'])[1 : g % 6] END,
  CASE WHEN g % 73 > 0 THEN ARRAY[g, NULL, -g] END, CASE WHEN g % 79 > 0 THEN ARRAY[g / 3.0] END,
  CASE WHEN g % 83 > 0 THEN ARRAY[timestamptz '2021-06-01 00:00+00' + g * interval '1 hour'] END, g
FROM generate_series(1, 3000) AS g ORDER BY md5(g::text || 'shuffle');
ALTER TABLE events DROP COLUMN gone_first, DROP COLUMN gone_middle, DROP COLUMN gone_last;
)sql";

constexpr char kZone[] = "America/St_Johns";

class TenantLoadTest : public LoadFixture {
 protected:
  TenantLoadTest() { Execute(kMakeEvents); }

  DatasetSpec& DeclareEvents() {
    DatasetSpec& dataset = Declare("events");
    dataset.key = {"id"};
    dataset.tenant = "account";
    dataset.order_by = {"id"};
    dataset.zones["local_time"] = kZone;
    return dataset;
  }

  std::vector<std::string> Expected(const std::string& text, const std::string& from) {
    std::vector<std::string> values;
    for (const auto& row :
         ExecuteSql(conninfo_, "SELECT " + text + " AS value_text FROM " + from)) {
      values.push_back(row[0].value());
    }
    return values;
  }
};

TEST_F(TenantLoadTest, EveryValueOfEveryColumnIsThatOfPostgres) {
  DeclareEvents();
  const absl::Status status = Load("events");
  ASSERT_TRUE(status.ok()) << status;
  const auto table = Pinned("events");
  EXPECT_EQ(table->num_rows(), static_cast<uint64_t>(kNumRows));
  EXPECT_GT(table->num_chunks(), 10u);
  ASSERT_THAT(table->schema().fields(), SizeIs(25));
  for (const Field& field : table->schema().fields()) {
    SCOPED_TRACE(field.name);
    const std::string zone = field.name == "local_time" ? kZone : "";
    EXPECT_THAT(LoadedTexts(*table, field.name),
                ElementsAreArray(Expected(SqlTextOf(field.name, field.type, zone),
                                          "events ORDER BY account COLLATE \"C\", id")));
  }
}

TEST_F(TenantLoadTest, EachTenantHasItsRowsAndNobodyThoseWithoutOne) {
  DeclareEvents();
  ASSERT_TRUE(Load("events").ok());
  const auto table = Pinned("events");
  EXPECT_EQ(table->tenants().num_tenants(), 3u);
  for (const std::string tenant : {"zeta", "Äpfel", "acme"}) {
    SCOPED_TRACE(tenant);
    const auto scope = TenantScope::Resolve(table, TenantClaim::Of(tenant)).value();
    EXPECT_EQ(std::to_string(scope.num_rows()),
              Scalar("SELECT count(*) FROM events WHERE account = '" + tenant + "'"));
    std::vector<std::string> seen;
    const ColumnIndex account = *table->schema().Find("account");
    for (const RowRange& range : scope.ranges()) {
      for (uint32_t row = range.begin; row < range.end; ++row) {
        seen.push_back(CellText(table->chunk(range.chunk).column(account),
                                table->facts(account).dictionary.get(), row));
      }
    }
    EXPECT_THAT(seen, Each(tenant));
  }
}

TEST_F(TenantLoadTest, RowsOfATenantAreOneRangePerChunk) {
  DeclareEvents();
  ASSERT_TRUE(Load("events").ok());
  const auto table = Pinned("events");
  for (const std::string tenant : {"zeta", "Äpfel", "acme"}) {
    EXPECT_LE(table->tenants().RangesOf(tenant).size(), 12u) << tenant;
  }
}

TEST_F(TenantLoadTest, FewTextsBecomeCodesAndManyStayBytes) {
  DeclareEvents();
  ASSERT_TRUE(Load("events").ok());
  const auto table = Pinned("events");
  EXPECT_EQ(table->facts(*table->schema().Find("team")).layout, Layout::kCode);
  EXPECT_EQ(table->facts(*table->schema().Find("title")).layout, Layout::kBytes);
}

TEST_F(TenantLoadTest, OnlyRowsOfTheWhereClauseAreRead) {
  DeclareEvents().where = "number > 1500000 AND team = 'Zoo'";
  ASSERT_TRUE(Load("events").ok());
  EXPECT_EQ(std::to_string(Pinned("events")->num_rows()),
            Scalar("SELECT count(*) FROM events WHERE number > 1500000 AND team = 'Zoo'"));
}

TEST_F(TenantLoadTest, OnlyIncludedColumnsAreReadAndTheTenant) {
  DeclareEvents().include = {"number", "id"};
  ASSERT_TRUE(Load("events").ok());
  std::vector<std::string> names;
  for (const Field& field : Pinned("events")->schema().fields()) names.push_back(field.name);
  EXPECT_THAT(names, ElementsAre("number", "id", "account"));
}

TEST_F(TenantLoadTest, DatasetOfAQueryIsWhatItReturns) {
  DatasetSpec& dataset = Declare("teams");
  dataset.table.clear();
  dataset.query =
      "SELECT team, count(*) AS events, sum(number) AS total FROM events "
      "WHERE team IS NOT NULL GROUP BY team -- people write comments";
  dataset.order_by = {"team"};
  dataset.types["total"] = "numeric(38,0)";
  const absl::Status status = Load("teams");
  ASSERT_TRUE(status.ok()) << status;
  const std::string grouped =
      "(SELECT team, count(*) AS events, sum(number) AS total FROM events WHERE team IS NOT NULL "
      "GROUP BY team) AS q ORDER BY team COLLATE \"C\"";
  const auto table = Pinned("teams");
  EXPECT_THAT(LoadedTexts(*table, "team"), ElementsAre("Apple", "Zoo", "apple", "zoo", "äther"));
  EXPECT_THAT(LoadedTexts(*table, "events"), ElementsAreArray(Expected("events::text", grouped)));
  EXPECT_THAT(LoadedTexts(*table, "total"), ElementsAreArray(Expected("total::text", grouped)));
}

TEST_F(TenantLoadTest, ViewsAndPartitionedTablesAreDatasets) {
  Execute(
      "CREATE VIEW seen AS SELECT id, team FROM events WHERE flag; "
      "CREATE TABLE parts (id int, half int) PARTITION BY LIST (half); "
      "CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0); "
      "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); "
      "INSERT INTO parts SELECT g, g % 2 FROM generate_series(1, 250) AS g; "
      "CREATE MATERIALIZED VIEW stored AS SELECT id FROM events WHERE NOT flag");
  Declare("seen", "g").order_by = {"id"};
  Declare("parts", "g");
  Declare("stored", "g");
  const absl::Status status = Load("seen");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(LoadedTexts(*Pinned("seen"), "id"),
              ElementsAreArray(Expected("id::text", "events WHERE flag ORDER BY id")));
  EXPECT_EQ(Pinned("parts")->num_rows(), 250u);
  EXPECT_EQ(std::to_string(Pinned("stored")->num_rows()),
            Scalar("SELECT count(*) FROM events WHERE NOT flag"));
}

TEST_F(TenantLoadTest, EmptyTableIsPublishedEmpty) {
  Execute("TRUNCATE events");
  DeclareEvents();
  ASSERT_TRUE(Load("events").ok());
  EXPECT_EQ(Pinned("events")->num_rows(), 0u);
  EXPECT_TRUE(cache_->RequiredArePublished());
}

TEST_F(TenantLoadTest, RefreshShowsWhatWasChangedInsertedAndDeleted) {
  DeclareEvents().include = {"id", "number"};
  ASSERT_TRUE(Load("events").ok());
  Execute(
      "DELETE FROM events WHERE id % 2 = 0; UPDATE events SET number = -1 WHERE id = 1; "
      "INSERT INTO events (id, account, number) VALUES (100000, 'acme', 5)");
  ASSERT_TRUE(Load("events").ok());
  const auto table = Pinned("events");
  EXPECT_EQ(table->identity().version, 2u);
  EXPECT_THAT(LoadedTexts(*table, "number"),
              ElementsAreArray(Expected("coalesce(number::text, 'NULL')",
                                        "events ORDER BY account COLLATE \"C\", id")));
}

TEST_F(TenantLoadTest, EnumThatGainsALabelIsLoaded) {
  DeclareEvents();
  ASSERT_TRUE(Load("events").ok());
  Execute("ALTER TYPE severity ADD VALUE 'trivial' BEFORE 'low'");
  Execute("UPDATE events SET level = 'trivial' WHERE id = 1");
  const absl::Status status = Load("events");
  ASSERT_TRUE(status.ok()) << status;
  const auto table = Pinned("events");
  EXPECT_THAT(table->schema().field(*table->schema().Find("level")).enum_labels,
              ElementsAre("trivial", "low", "High", "critical"));
}

TEST_F(TenantLoadTest, DerivedColumnsAreThoseOfTheDeriver) {
  // Copies the first source column under another name.
  class Copied final : public DerivedColumns {
   public:
    absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
        const Sources& sources) override {
      return std::vector<std::shared_ptr<const Column>>{sources.columns[0]};
    }
    absl::StatusOr<std::shared_ptr<const Column>> Recode(size_t, const Column&) override {
      return absl::InternalError("integers have no codes");
    }
    std::shared_ptr<const Dictionary> dictionary(size_t) const override { return nullptr; }
  };
  class Copy final : public ColumnDeriver {
   public:
    std::span<const Field> fields() const override { return {&field_, 1}; }
    std::unique_ptr<DerivedColumns> StartLoad(MemoryBudget&) const override {
      return std::make_unique<Copied>();
    }

   private:
    const Field field_{.name = "copy", .type = DataType::Of(TypeKind::kInt64)};
  };
  DatasetSpec& dataset = DeclareEvents();
  dataset.include = {"id"};
  dataset.derived = {{.name = "copy", .expression = "id"}};
  make_deriver_ = [](const DatasetSpec&,
                     const Schema& schema) -> absl::StatusOr<std::shared_ptr<const ColumnDeriver>> {
    EXPECT_EQ(schema.field(0).name, "id");
    return std::make_shared<Copy>();
  };
  ASSERT_TRUE(Load("events").ok());
  // The second load compares with the published schema, where the derived column is no drift.
  ASSERT_TRUE(Load("events").ok());
  const auto table = Pinned("events");
  EXPECT_EQ(LoadedTexts(*table, "copy"), LoadedTexts(*table, "id"));
}

TEST_F(TenantLoadTest, DeriverThatDoesNotFitIsTheErrorOfTheLoad) {
  DeclareEvents();
  make_deriver_ = [](const DatasetSpec&,
                     const Schema&) -> absl::StatusOr<std::shared_ptr<const ColumnDeriver>> {
    return absl::InvalidArgumentError("derived.lead: unknown column 'released'");
  };
  const absl::Status status = Load("events");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset 'events': derived.lead"));
}

}  // namespace
}  // namespace sextant
