#include "storage/postgres/source_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/postgres/load_transaction.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(const std::vector<SourceRelation>& relations) {
  std::vector<std::string> names;
  for (const SourceRelation& relation : relations) names.push_back(relation.ForMessage());
  return names;
}

class SourceSchemaTest : public ::testing::Test {
 protected:
  SourceSchemaTest() {
    ExecuteSql(database_,
               "CREATE TABLE a (i int); CREATE TABLE b (i int);"
               "CREATE VIEW v AS SELECT a.i FROM a JOIN b USING (i)");
    session_ = OpenTestSession(database_);
  }

  const std::string database_ = PostgresCluster::Shared().CreateDatabase();
  std::unique_ptr<PostgresSession> session_;
};

TEST_F(SourceSchemaTest, ANameIsReadAsSqlReadsIt) {
  ExecuteSql(database_, "CREATE SCHEMA other; CREATE TABLE other.\"A\" (i int)");
  const auto folded = ResolveTable(*session_, "A", {});
  ASSERT_TRUE(folded.ok()) << folded.status();
  EXPECT_EQ(folded->ForMessage(), "public.a");
  const auto quoted = ResolveTable(*session_, "other.\"A\"", {});
  ASSERT_TRUE(quoted.ok()) << quoted.status();
  EXPECT_EQ(quoted->Quoted(), "\"other\".\"A\"");
  EXPECT_EQ(quoted->kind, 'r');
}

TEST_F(SourceSchemaTest, TextThatIsNoNameIsRefused) {
  EXPECT_FALSE(ResolveTable(*session_, "a b; DROP TABLE a", {}).ok());
  EXPECT_FALSE(ResolveTable(*session_, "", {}).ok());
  EXPECT_FALSE(ResolveTable(*session_, "'", {}).ok());
  EXPECT_TRUE(ResolveTable(*session_, "a", {}).ok());
}

TEST_F(SourceSchemaTest, AnIndexIsNoTable) {
  ExecuteSql(database_, "CREATE INDEX a_i ON a (i)");
  EXPECT_FALSE(ResolveTable(*session_, "a_i", {}).ok());
}

TEST_F(SourceSchemaTest, AQueryReadsItsTablesAndWhatLiesUnderItsViews) {
  const auto relations =
      RelationsRead(*session_, "SELECT * FROM v WHERE i IN (SELECT oid::int FROM pg_class)", {});
  ASSERT_TRUE(relations.ok()) << relations.status();
  EXPECT_THAT(Names(*relations), UnorderedElementsAre("public.a", "public.b", "public.v"));
}

TEST_F(SourceSchemaTest, AQueryOverNothingReadsNothing) {
  const auto relations = RelationsRead(*session_, "SELECT 1", {});
  ASSERT_TRUE(relations.ok()) << relations.status();
  EXPECT_THAT(Names(*relations), IsEmpty());
}

TEST_F(SourceSchemaTest, AWrongQueryLeavesTheSessionUsable) {
  EXPECT_FALSE(RelationsRead(*session_, "SELECT * FROM missing", {}).ok());
  EXPECT_TRUE(RelationsRead(*session_, "SELECT * FROM a", {}).ok());
}

TEST_F(SourceSchemaTest, TablesUnderAViewThatTheRoleMayNotReadAreLockedThroughTheView) {
  ExecuteSql(database_, "CREATE ROLE view_reader LOGIN; GRANT SELECT ON v TO view_reader");
  const auto session = OpenTestSession(database_ + " user=view_reader");
  const auto relations = RelationsRead(*session, "SELECT * FROM v", {});
  ASSERT_TRUE(relations.ok()) << relations.status();
  const auto leader = LoadTransaction::Lead(*session, *relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THROW(ExecuteSql(database_, "SET lock_timeout = 50; TRUNCATE a"), std::runtime_error);
}

TEST_F(SourceSchemaTest, ATableOfWhichOnlyColumnsAreGrantedCannotBeLocked) {
  ExecuteSql(database_, "CREATE ROLE column_reader LOGIN; GRANT SELECT (i) ON a TO column_reader");
  const auto session = OpenTestSession(database_ + " user=column_reader");
  const auto relations = RelationsRead(*session, "SELECT i FROM a", {});
  ASSERT_TRUE(relations.ok()) << relations.status();
  const auto leader = LoadTransaction::Lead(*session, *relations, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(leader.status()));
  EXPECT_THAT(MessageOf(leader.status()), HasSubstr("grant SELECT on the whole of it"));
}

TEST_F(SourceSchemaTest, DomainsAreFollowedAndEnumsAreInDeclaredOrder) {
  ExecuteSql(database_,
             "CREATE DOMAIN inner_d AS numeric(9, 3); CREATE DOMAIN outer_d AS inner_d;"
             "CREATE TYPE level AS ENUM ('low', 'high'); ALTER TYPE level ADD VALUE 'mid' AFTER "
             "'low'; CREATE DOMAIN level_d AS level; CREATE DOMAIN text_d AS text;"
             "CREATE TABLE t (a outer_d, b level_d, c text_d[], d int4range)");
  const auto columns = DescribeColumns(*session_, "SELECT * FROM t", {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ(columns->at(0).type_oid, kNumericOid);
  EXPECT_EQ(columns->at(0).typmod, (9 << 16 | 3) + 4);
  EXPECT_EQ(columns->at(0).type_name, "numeric");
  EXPECT_EQ(columns->at(1).type_kind, 'e');
  EXPECT_THAT(columns->at(1).enum_labels, ElementsAre("low", "mid", "high"));
  EXPECT_TRUE(columns->at(2).is_array);
  EXPECT_EQ(columns->at(2).element_base_oid, kTextOid);
  EXPECT_NE(columns->at(2).element_oid, kTextOid);
  EXPECT_EQ(columns->at(3).type_kind, 'r');
}

TEST_F(SourceSchemaTest, AParentsNotNullSaysNothingOfItsChildren) {
  ExecuteSql(database_,
             "CREATE TABLE parent (i int); CREATE TABLE child () INHERITS (parent);"
             "ALTER TABLE ONLY parent ALTER i SET NOT NULL");
  const auto columns = DescribeColumns(*session_, "SELECT * FROM parent", {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_TRUE(columns->at(0).nullable);
}

TEST(ParseEstimateTest, ThePlansFirstLineHasRowsWidthAndCost) {
  const SourceEstimate estimate = ParseEstimate("Sort  (cost=1.25..155.50 rows=10000 width=44)");
  EXPECT_EQ(estimate.rows, 10000);
  EXPECT_EQ(estimate.row_bytes, 44);
  EXPECT_DOUBLE_EQ(estimate.planner_cost, 155.5);
}

TEST(ParseEstimateTest, AnotherLineIsNoEstimate) {
  EXPECT_EQ(ParseEstimate("").rows, 0);
  EXPECT_EQ(ParseEstimate("Seq Scan").row_bytes, 0);
}

}  // namespace
}  // namespace sextant
