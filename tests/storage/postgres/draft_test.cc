#include "storage/postgres/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string DatabaseWith(const std::string& sql) {
  const std::string conninfo = PostgresCluster::Shared().CreateDatabase();
  ExecuteSql(conninfo, sql);
  return conninfo;
}

TEST(DraftTest, AStanzaNamesKeyTenantAndColumnsThatNeedADeclaration) {
  const std::string conninfo = DatabaseWith(
      "CREATE SCHEMA shop; CREATE TABLE shop.orders (line int, id int, account_id int, total "
      "numeric, at timestamp,"
      " updated_at timestamptz, PRIMARY KEY (id, line))");
  const absl::StatusOr<std::string> stanza = DraftDataset(conninfo, "shop.orders");
  ASSERT_TRUE(stanza.ok()) << stanza.status();
  EXPECT_THAT(*stanza, AllOf(HasSubstr("  - name: orders\n"), HasSubstr("table: shop.orders\n"),
                             HasSubstr("key: [id, line]\n"), HasSubstr("# tenant: account_id"),
                             HasSubstr("total: numeric(18,4)"), HasSubstr("at: UTC"),
                             HasSubstr("GRANT SELECT"), HasSubstr("# watermark: updated_at")));
}

TEST(DraftTest, ANumericIsShownWithItsPrecision) {
  const std::string conninfo =
      DatabaseWith("CREATE TABLE orders (total numeric(12,2), huge numeric(60,2), free numeric)");
  const absl::StatusOr<std::string> stanza = DraftDataset(conninfo, "orders");
  ASSERT_TRUE(stanza.ok()) << stanza.status();
  EXPECT_THAT(*stanza, AllOf(HasSubstr("# total: numeric(12,2)\n"), HasSubstr("# huge: numeric\n"),
                             HasSubstr("# free: numeric\n")));
}

TEST(DraftTest, OddNamesAreQuotedForYamlAndForPostgres) {
  const std::string conninfo =
      DatabaseWith("CREATE TABLE \"Odd 'Name\" (\"true\" numeric, \"a\nb\" int)");
  const absl::StatusOr<std::string> stanza = DraftDataset(conninfo, "\"Odd 'Name\"");
  ASSERT_TRUE(stanza.ok()) << stanza.status();
  EXPECT_THAT(*stanza, AllOf(HasSubstr("name: Odd__Name\n"),
                             HasSubstr("table: '\"public\".\"Odd ''Name\"'\n"),
                             HasSubstr("'true': numeric(18,4)"), HasSubstr("# a?b: integer\n")));
}

TEST(DraftTest, AMissingTableIsAnErrorWithTheNearestName) {
  const std::string conninfo = DatabaseWith("CREATE TABLE orders (id int)");
  const absl::Status status = DraftDataset(conninfo, "ordres").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("orders"));
}

/// What drafting `table` fails with for `role`.
std::string RefusedFor(const std::string& role, const std::string& conninfo,
                       const std::string& table) {
  const absl::Status status = DraftDataset(conninfo + " user=" + role, table).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  return std::string(status.message());
}

TEST(DraftTest, ARoleWithoutSelectIsToldTheGrant) {
  const std::string conninfo =
      DatabaseWith("CREATE TABLE orders (id int); CREATE ROLE without_select LOGIN");
  EXPECT_THAT(RefusedFor("without_select", conninfo, "orders"),
              AllOf(HasSubstr("42501: permission denied for table orders"),
                    EndsWith("; needed: GRANT SELECT ON public.orders TO without_select")));
}

TEST(DraftTest, ARoleWithoutUsageOfTheSchemaIsToldEveryGrant) {
  const std::string conninfo = DatabaseWith(
      "CREATE SCHEMA shop; CREATE TABLE shop.\"Orders\" (id int); CREATE ROLE \"Stranger\" LOGIN");
  EXPECT_THAT(RefusedFor("Stranger", conninfo, "shop.\"Orders\""),
              AllOf(HasSubstr("42501: permission denied for schema shop"),
                    EndsWith("; needed: GRANT USAGE ON SCHEMA shop TO \"Stranger\"; "
                             "GRANT SELECT ON shop.\"Orders\" TO \"Stranger\"")));
}

TEST(DraftTest, AGrantThatIsThereIsNotAskedFor) {
  const std::string conninfo = DatabaseWith(
      "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); CREATE ROLE without_usage LOGIN; "
      "GRANT SELECT ON shop.orders TO without_usage");
  EXPECT_THAT(RefusedFor("without_usage", conninfo, "shop.orders"),
              EndsWith("; needed: GRANT USAGE ON SCHEMA shop TO without_usage"));
}

TEST(DraftTest, WhatIsGrantedOfSomeColumnsIsNotEnough) {
  const std::string conninfo = DatabaseWith(
      "CREATE TABLE orders (id int, total int); CREATE ROLE of_a_column LOGIN; "
      "GRANT SELECT (id) ON orders TO of_a_column");
  EXPECT_THAT(RefusedFor("of_a_column", conninfo, "orders"),
              EndsWith("; needed: GRANT SELECT ON public.orders TO of_a_column"));
}

TEST(DraftTest, ARoleThatRowLevelSecurityHidesRowsFromIsToldSo) {
  const std::string conninfo = DatabaseWith(
      "CREATE TABLE orders (id int); ALTER TABLE orders ENABLE ROW LEVEL SECURITY; "
      "CREATE ROLE secured LOGIN; GRANT SELECT ON orders TO secured");
  EXPECT_THAT(RefusedFor("secured", conninfo, "orders"),
              EndsWith("; needed: ALTER ROLE secured BYPASSRLS"));
}

TEST(DraftTest, ARefusalOfWhatLiesUnderAViewIsToldAsItIs) {
  const std::string conninfo = DatabaseWith(
      "CREATE TABLE orders (id int); CREATE ROLE viewer LOGIN; CREATE ROLE view_owner; "
      "CREATE VIEW seen AS SELECT id FROM orders; ALTER VIEW seen OWNER TO view_owner; "
      "GRANT SELECT ON seen TO viewer");
  EXPECT_THAT(RefusedFor("viewer", conninfo, "seen"),
              EndsWith("42501: permission denied for table orders"));
}

TEST(DraftTest, TheGrantsThatAreNeededAreEnough) {
  const std::string conninfo = DatabaseWith(
      "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); CREATE ROLE granted LOGIN; "
      "GRANT USAGE ON SCHEMA shop TO granted; GRANT SELECT ON shop.orders TO granted");
  EXPECT_TRUE(DraftDataset(conninfo + " user=granted", "shop.orders").ok());
}

TEST(DraftTest, AnErrorNeverShowsThePassword) {
  const absl::Status status = DraftDataset("host=/nowhere password=hunter2", "t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace sextant
