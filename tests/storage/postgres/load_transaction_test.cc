#include "storage/postgres/load_transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/postgres/pqxx_status.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

constexpr char kTruncate[] = "SET lock_timeout = 50; TRUNCATE t";

class LoadTransactionTest : public ::testing::Test {
 protected:
  LoadTransactionTest() {
    ExecuteSql(conninfo_, "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i");
    session_ = Open(conninfo_);
  }

  static std::unique_ptr<PostgresSession> Open(const std::string& conninfo) {
    SessionOptions options;
    options.source_name = "s";
    options.conninfo = conninfo;
    options.lock_timeout = absl::Milliseconds(200);
    auto session = PostgresSession::Open(options, {});
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  SourceRelation Relation(const std::string& name, char kind = 'r') const {
    SourceRelation relation;
    relation.oid = static_cast<uint32_t>(
        std::stoul(ExecuteSqlScalar(conninfo_, "SELECT '" + name + "'::regclass::oid")));
    relation.schema = "public";
    relation.name = name;
    relation.kind = kind;
    return relation;
  }

  static std::string Count(PostgresSession& session, const std::string& table) {
    const auto rows = session.Query("counting", "SELECT count(*) FROM " + table, {});
    return rows.ok() ? rows->at(0).at(0).value() : std::string(rows.status().message());
  }

  const std::string conninfo_ = PostgresCluster::Shared().CreateDatabase();
  std::unique_ptr<PostgresSession> session_;
};

TEST_F(LoadTransactionTest, FollowersSeeWhatTheLeaderSees) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  auto leader = LoadTransaction::Lead(*session_, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  ExecuteSql(conninfo_, "INSERT INTO t SELECT 0 FROM generate_series(1, 5)");
  const auto second = Open(conninfo_);
  auto follower = LoadTransaction::Follow(*second, leader->snapshot(), relations, {});
  ASSERT_TRUE(follower.ok()) << follower.status();
  EXPECT_EQ(Count(*session_, "t"), "1000");
  EXPECT_EQ(Count(*second, "t"), "1000");
}

TEST_F(LoadTransactionTest, ATruncateWaitsAndTheTableDoesNotLookEmpty) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  auto leader = LoadTransaction::Lead(*session_, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THROW(ExecuteSql(conninfo_, kTruncate), std::runtime_error);
  EXPECT_EQ(Count(*session_, "t"), "1000");
  leader->End();
  ExecuteSql(conninfo_, kTruncate);
  EXPECT_EQ(Count(*session_, "t"), "0");
}

TEST_F(LoadTransactionTest, ARewritingAlterWaits) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  auto leader = LoadTransaction::Lead(*session_, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THROW(ExecuteSql(conninfo_, "SET lock_timeout = 50; ALTER TABLE t ALTER i TYPE int8"),
               std::runtime_error);
}

TEST_F(LoadTransactionTest, TablesUnderAViewAreLockedWithIt) {
  ExecuteSql(conninfo_, "CREATE VIEW v AS SELECT * FROM t");
  const std::vector<SourceRelation> relations = {Relation("v", 'v')};
  auto leader = LoadTransaction::Lead(*session_, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THROW(ExecuteSql(conninfo_, kTruncate), std::runtime_error);
}

// A view that is created after the snapshot looks empty to it.
TEST_F(LoadTransactionTest, AMaterializedViewIsNotReplacedUnderALoad) {
  ExecuteSql(conninfo_, "CREATE MATERIALIZED VIEW m AS SELECT * FROM t");
  const std::vector<SourceRelation> relations = {Relation("m", 'm')};
  auto leader = LoadTransaction::Lead(*session_, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  const auto second = Open(conninfo_);
  const auto follower = LoadTransaction::Follow(*second, leader->snapshot(), relations, {});
  ASSERT_TRUE(follower.ok()) << follower.status();
  leader->End();
  EXPECT_THROW(ExecuteSql(conninfo_,
                          "SET lock_timeout = 50; DROP MATERIALIZED VIEW m; "
                          "CREATE MATERIALIZED VIEW m AS SELECT * FROM t"),
               std::runtime_error);
  EXPECT_EQ(Count(*second, "m"), "1000");
}

TEST_F(LoadTransactionTest, AMaterializedViewReplacedSinceItWasResolvedIsUnavailable) {
  ExecuteSql(conninfo_, "CREATE MATERIALIZED VIEW m AS SELECT * FROM t");
  const std::vector<SourceRelation> relations = {Relation("m", 'm')};
  ExecuteSql(conninfo_, "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT 1");
  const auto leader = LoadTransaction::Lead(*session_, relations, {});
  EXPECT_TRUE(IsRetriable(leader.status())) << leader.status();
  EXPECT_THAT(std::string(leader.status().message()), HasSubstr("public.m was replaced"));
}

TEST_F(LoadTransactionTest, ATableLockedByOthersIsUnavailableAndNamed) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  const auto other = Open(conninfo_);
  ASSERT_TRUE(other->Query("x", "BEGIN READ WRITE", {}).ok());
  ASSERT_TRUE(other->Query("x", "LOCK TABLE t IN ACCESS EXCLUSIVE MODE", {}).ok());
  const auto leader = LoadTransaction::Lead(*session_, relations, {});
  EXPECT_TRUE(IsRetriable(leader.status()));
  EXPECT_EQ(SqlstateOf(leader.status()), "55P03");
  EXPECT_THAT(std::string(leader.status().message()), HasSubstr("locking public.t"));
  EXPECT_EQ(Count(*session_, "pg_database WHERE false"), "0");
}

TEST_F(LoadTransactionTest, ATableReplacedSinceItWasResolvedIsUnavailable) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  ExecuteSql(conninfo_, "DROP TABLE t; CREATE TABLE t (i int)");
  const auto leader = LoadTransaction::Lead(*session_, relations, {});
  EXPECT_TRUE(IsRetriable(leader.status()));
  EXPECT_THAT(std::string(leader.status().message()), HasSubstr("public.t was replaced"));
}

TEST_F(LoadTransactionTest, ARoleWithoutSelectGetsAClearError) {
  ExecuteSql(conninfo_, "CREATE ROLE poor LOGIN");
  const auto session = Open(conninfo_ + " user=poor");
  const std::vector<SourceRelation> relations = {Relation("t")};
  const auto leader = LoadTransaction::Lead(*session, relations, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(leader.status())) << leader.status();
  EXPECT_THAT(std::string(leader.status().message()), HasSubstr("permission denied for table t"));
}

TEST_F(LoadTransactionTest, ARelationThatCannotBeLockedIsRefused) {
  std::vector<SourceRelation> relations = {Relation("t")};
  relations[0].is_selectable = false;
  const auto leader = LoadTransaction::Lead(*session_, relations, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(leader.status())) << leader.status();
  EXPECT_THAT(std::string(leader.status().message()), HasSubstr("grant SELECT"));
}

TEST_F(LoadTransactionTest, HostileNamesAreLockedAsTheyAre) {
  ExecuteSql(conninfo_, "CREATE TABLE \"a\"\"; DROP TABLE t; --\" (i int)");
  std::vector<SourceRelation> relations = {Relation("t")};
  relations[0].name = "a\"; DROP TABLE t; --";
  relations[0].oid = static_cast<uint32_t>(std::stoul(
      ExecuteSqlScalar(conninfo_, "SELECT oid FROM pg_class WHERE relname LIKE 'a\"%'")));
  EXPECT_TRUE(LoadTransaction::Lead(*session_, relations, {}).ok());
  EXPECT_EQ(Count(*session_, "t"), "1000");
}

TEST_F(LoadTransactionTest, AnUnknownSnapshotIsRefused) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  SourceSnapshot snapshot;
  snapshot.id = "00000003-0000001B-1";
  EXPECT_FALSE(LoadTransaction::Follow(*session_, snapshot, relations, {}).ok());
  EXPECT_TRUE(session_->IsUsable());
}

TEST_F(LoadTransactionTest, AsOfIsTheServersTime) {
  const absl::Time before = absl::Now() - absl::Seconds(60);
  const auto leader = LoadTransaction::Lead(*session_, {}, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_GT(leader->snapshot().as_of, before);
  EXPECT_LT(leader->snapshot().as_of, absl::Now() + absl::Seconds(60));
  EXPECT_FALSE(leader->snapshot().in_recovery);
}

TEST_F(LoadTransactionTest, TheEndGivesTheLocksUp) {
  const std::vector<SourceRelation> relations = {Relation("t")};
  {
    const auto leader = LoadTransaction::Lead(*session_, relations, {});
    ASSERT_TRUE(leader.ok()) << leader.status();
  }
  ExecuteSql(conninfo_, kTruncate);
  EXPECT_EQ(Count(*session_, "t"), "0");
}

TEST_F(LoadTransactionTest, HiddenRowsAreAnErrorNeverAnEmptyTable) {
  ExecuteSql(conninfo_,
             "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE ROLE row_reader LOGIN; "
             "GRANT SELECT ON t TO row_reader");
  const auto session = Open(conninfo_ + " user=row_reader");
  const std::vector<SourceRelation> relations = {Relation("t")};
  const auto leader = LoadTransaction::Lead(*session, relations, {});
  ASSERT_TRUE(leader.ok()) << leader.status();
  EXPECT_THAT(Count(*session, "t"), HasSubstr("row-level security"));
}

}  // namespace
}  // namespace sextant
