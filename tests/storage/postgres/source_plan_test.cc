#include "storage/postgres/source_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class SourcePlanTest : public ::testing::Test {
 protected:
  SourcePlanTest() {
    ExecuteSql(database_,
               "CREATE TABLE pulls (id int8 PRIMARY KEY, account text NOT NULL, title text, "
               "cost numeric, huge numeric(50, 2), price numeric(10, 2), closed_at timestamp, "
               "at timestamptz, place point)");
  }

  std::string PlanError(const DatasetSpec& spec) const {
    const auto plan = PlanDataset(database_, spec);
    EXPECT_FALSE(plan.ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(plan.status())) << plan.status();
    return MessageOf(plan.status());
  }

  DatasetSpec Spec() const {
    DatasetSpec spec = TableDataset("pulls");
    spec.include = {"title", "price"};
    return spec;
  }

  const std::string database_ = PostgresCluster::Shared().CreateDatabase();
};

std::vector<std::string> Names(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields()) names.push_back(field.name);
  return names;
}

TEST_F(SourcePlanTest, KeyAndTenantAreReadEvenWhereTheyAreNotListed) {
  DatasetSpec spec = Spec();
  spec.key = {"id"};
  spec.tenant = "account";
  const auto plan = PlanDataset(database_, spec);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(Names(plan->schema), ElementsAre("title", "price", "id", "account"));
  EXPECT_EQ(plan->schema.tenant_column(), 3u);
  EXPECT_THAT(plan->schema.key_columns(), ElementsAre(2u));
}

TEST_F(SourcePlanTest, ARoleThatMayNotUseTheSchemaIsToldTheGrants) {
  ExecuteSql(database_,
             "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); "
             "CREATE ROLE shut_out LOGIN");
  const auto plan = PlanDataset(database_ + " user=shut_out", TableDataset("shop.orders"));
  EXPECT_TRUE(absl::IsFailedPrecondition(plan.status())) << plan.status();
  EXPECT_THAT(MessageOf(plan.status()),
              HasSubstr("permission denied for schema shop; needed: GRANT USAGE ON SCHEMA shop TO "
                        "shut_out; GRANT SELECT ON shop.orders TO shut_out"));
}

TEST_F(SourcePlanTest, Rule9AKeyHasAnOrder) {
  const auto plan = PlanDataset(database_, [] {
    DatasetSpec spec = QueryDataset("SELECT 1 AS a, '{}'::json AS j, ARRAY[1] AS l");
    spec.key = {"a", "a"};
    return spec;
  }());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->schema.key_columns(), ElementsAre(0u));
  for (const char* name : {"j", "l"}) {
    DatasetSpec spec = QueryDataset("SELECT 1 AS a, '{}'::json AS j, ARRAY[1] AS l");
    spec.key = {"a", name};
    EXPECT_THAT(PlanError(spec), HasSubstr(absl::StrCat("key: the column '", name, "' is ")));
  }
}

TEST_F(SourcePlanTest, NotNullIsKnownOfATableAndNeverOfAQuery) {
  DatasetSpec spec = TableDataset("pulls");
  spec.include = {"account", "title"};
  const auto of_table = PlanDataset(database_, spec);
  ASSERT_TRUE(of_table.ok()) << of_table.status();
  EXPECT_FALSE(of_table->schema.field(0).nullable);
  EXPECT_TRUE(of_table->schema.field(1).nullable);
  const auto of_query = PlanDataset(
      database_,
      QueryDataset("SELECT p.account FROM pg_class c LEFT JOIN pulls p ON p.id = c.oid"));
  ASSERT_TRUE(of_query.ok()) << of_query.status();
  EXPECT_TRUE(of_query->schema.field(0).nullable);
}

TEST_F(SourcePlanTest, AMissingColumnNamesTheNearest) {
  DatasetSpec spec = Spec();
  spec.include = {"titel"};
  EXPECT_THAT(PlanError(spec), HasSubstr("dataset 'd': columns.include: the source has no column "
                                         "'titel'; did you mean 'title'"));
}

TEST_F(SourcePlanTest, AMissingTenantKeyOrOrderIsNamedAsSuch) {
  DatasetSpec spec = Spec();
  spec.tenant = "acount";
  EXPECT_THAT(PlanError(spec), HasSubstr("tenant: the source has no column 'acount'"));
  spec = Spec();
  spec.key = {"ident"};
  EXPECT_THAT(PlanError(spec), HasSubstr("key: the source has no column 'ident'"));
  spec = Spec();
  spec.order_by = {"closed"};
  EXPECT_THAT(PlanError(spec), HasSubstr("order_by: the source has no column 'closed'"));
}

TEST_F(SourcePlanTest, ADeclarationForAMissingColumnIsRefused) {
  DatasetSpec spec = Spec();
  spec.types = {{"costs", "numeric(10,2)"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("columns.types: the source has no column 'costs'"));
  spec = Spec();
  spec.zones = {{"closed", "UTC"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("columns.zones: the source has no column 'closed'"));
}

TEST_F(SourcePlanTest, AMissingTableNamesTheNearest) {
  const auto plan = PlanDataset(database_, TableDataset("pull"));
  EXPECT_TRUE(absl::IsFailedPrecondition(plan.status()));
  EXPECT_THAT(MessageOf(plan.status()),
              HasSubstr("dataset 'd': source 's': no table 'pull'; did you mean 'pulls'"));
}

TEST_F(SourcePlanTest, NumericWithoutPrecisionPrintsTheLineToAdd) {
  DatasetSpec spec = Spec();
  spec.include = {"cost"};
  const std::string message = PlanError(spec);
  EXPECT_THAT(message, HasSubstr("column 'cost': found numeric without precision"));
  EXPECT_THAT(message, HasSubstr("columns: {types: {cost: 'numeric(38,10)'}}"));
}

TEST_F(SourcePlanTest, NumericOfMoreThan38DigitsPrintsTheLineToAdd) {
  DatasetSpec spec = Spec();
  spec.include = {"huge"};
  EXPECT_THAT(PlanError(spec), HasSubstr("column 'huge': found numeric(50,2)"));
  spec.types = {{"huge", "numeric(30,2)"}};
  EXPECT_TRUE(PlanDataset(database_, spec).ok());
}

TEST_F(SourcePlanTest, ADeclaredTypeIsCastOnTheServer) {
  DatasetSpec spec = Spec();
  spec.include = {"id", "cost", "title"};
  spec.types = {{"id", "text"}, {"cost", "float8"}, {"title", "varchar(3)"}};
  const auto plan = PlanDataset(database_, spec);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->schema.field(0).type.kind, TypeKind::kText);
  EXPECT_EQ(plan->schema.field(1).type.kind, TypeKind::kFloat64);
}

TEST_F(SourcePlanTest, ADeclaredTypeThatIsNoneIsRefused) {
  DatasetSpec spec = Spec();
  spec.types = {{"title", "textt"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("column 'title': the source has no type 'textt'"));
}

TEST_F(SourcePlanTest, ADeclaredTypeCannotCarrySql) {
  DatasetSpec spec = Spec();
  spec.types = {{"title", "text) AS x, (SELECT version()"}};
  const auto plan = PlanDataset(database_, spec);
  EXPECT_FALSE(plan.ok());
  EXPECT_THAT(MessageOf(plan.status()), HasSubstr("columns.types: column 'title'"));
}

TEST_F(SourcePlanTest, ADeclaredTypeWithoutAFormIsRefused) {
  DatasetSpec spec = Spec();
  spec.include = {"place"};
  EXPECT_TRUE(PlanDataset(database_, spec).ok());
  spec.types = {{"place", "point"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("column 'place': found point"));
}

TEST_F(SourcePlanTest, AZoneOfAnInstantIsRefused) {
  DatasetSpec spec = Spec();
  spec.include = {"at"};
  spec.zones = {{"at", "UTC"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("columns.zones: column 'at' is timestamp with time zone"));
}

TEST_F(SourcePlanTest, AnUnknownZoneIsRefusedWithTheNearest) {
  DatasetSpec spec = Spec();
  spec.include = {"closed_at"};
  spec.zones = {{"closed_at", "Europe/Berlinn"}};
  EXPECT_THAT(PlanError(spec), HasSubstr("Europe/Berlin"));
}

TEST_F(SourcePlanTest, UnitsReachTheSchema) {
  DatasetSpec spec = Spec();
  spec.units = {{"price", "EUR"}};
  const auto plan = PlanDataset(database_, spec);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->schema.field(1).unit, "EUR");
}

TEST_F(SourcePlanTest, AWrongWhereIsTheServersError) {
  DatasetSpec spec = Spec();
  spec.where = "closed > now()";
  EXPECT_THAT(PlanError(spec),
              HasSubstr("dataset 'd': where: source 's': describing the rows: PostgreSQL 42703: "
                        "column \"closed\" does not exist"));
  spec.where = "title > 1";
  EXPECT_THAT(PlanError(spec), HasSubstr("dataset 'd': where: source 's': describing the rows: "
                                         "PostgreSQL 42883: operator does not exist"));
}

TEST_F(SourcePlanTest, TwoColumnsOfOneNameAreRefused) {
  EXPECT_THAT(PlanError(QueryDataset("SELECT 1 AS a, 2 AS a")),
              HasSubstr("two columns are called 'a'"));
}

TEST_F(SourcePlanTest, AQueryThatIsNoSelectIsRefused) {
  const auto plan = PlanDataset(database_, QueryDataset("DELETE FROM pulls"));
  EXPECT_TRUE(absl::IsInvalidArgument(plan.status())) << plan.status();
}

TEST_F(SourcePlanTest, TheEstimateComesFromThePlanner) {
  ExecuteSql(database_,
             "INSERT INTO pulls (id, account) SELECT i, 'a' FROM generate_series(1, "
             "1000) i; ANALYZE pulls");
  const auto plan = PlanDataset(database_, Spec());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->estimate.rows, 1000);
  EXPECT_GT(plan->estimate.row_bytes, 0);
  EXPECT_GT(plan->estimate.planner_cost, 0);
}

class SourceTargetTest : public ::testing::Test {
 protected:
  SourceTargetTest() {
    ExecuteSql(database_,
               "CREATE TABLE t (i int); CREATE MATERIALIZED VIEW m AS SELECT * FROM t; "
               "CREATE VIEW v AS SELECT * FROM m; CREATE VIEW w AS SELECT * FROM v, t AS u(j)");
  }

  /// The names and kinds of what a load of `spec` locks.
  std::vector<std::string> Locked(const DatasetSpec& spec) const {
    const auto session = OpenTestSession(database_);
    const auto target = ResolveTarget(*session, spec, {});
    EXPECT_TRUE(target.ok()) << target.status();
    EXPECT_EQ(target->origin.table.has_value(), !spec.table.empty());
    std::vector<std::string> names;
    for (const SourceRelation& relation : target->relations) {
      names.push_back(relation.name + " " + relation.kind);
    }
    return names;
  }

  const std::string database_ = PostgresCluster::Shared().CreateDatabase();
};

TEST_F(SourceTargetTest, ATableIsAllThatItsLoadLocks) {
  EXPECT_THAT(Locked(TableDataset("t")), ElementsAre("t r"));
  EXPECT_THAT(Locked(TableDataset("m")), ElementsAre("m m"));
}

TEST_F(SourceTargetTest, AViewIsLockedWithAllThatLiesUnderIt) {
  EXPECT_THAT(Locked(TableDataset("v")), UnorderedElementsAre("v v", "m m"));
  EXPECT_THAT(Locked(TableDataset("w")), UnorderedElementsAre("w v", "v v", "m m", "t r"));
}

TEST_F(SourceTargetTest, AQueryIsLockedAsWhatItReads) {
  EXPECT_THAT(Locked(QueryDataset("SELECT * FROM v;")), UnorderedElementsAre("v v", "m m"));
}

}  // namespace
}  // namespace sextant
