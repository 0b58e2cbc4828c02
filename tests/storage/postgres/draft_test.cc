#include "storage/postgres/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::AllOf;
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

TEST(DraftTest, AnErrorNeverShowsThePassword) {
  const absl::Status status = DraftDataset("host=/nowhere password=hunter2", "t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace sextant
