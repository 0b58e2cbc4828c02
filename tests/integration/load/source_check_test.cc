#include "storage/source_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SourceCheckTest : public ::testing::Test {
 protected:
  SourceCheckTest() {
    dataset_.name = "pulls";
    dataset_.source = "warehouse";
    dataset_.table = "pulls";
    ExecuteSql(source_.conninfo,
               "CREATE TABLE pulls (id int8 NOT NULL, cost numeric, account text, "
               "merged timestamptz); INSERT INTO pulls VALUES (1, 2, 'a', now())");
    dataset_.types["cost"] = "numeric(18,4)";
  }

  SourceSpec source_{.name = "warehouse", .conninfo = PostgresCluster::Shared().CreateDatabase()};
  DatasetSpec dataset_;
};

TEST_F(SourceCheckTest, DescribesWhatALoadWouldGive) {
  dataset_.tenant = "account";
  dataset_.units["cost"] = "EUR";
  const auto schema = DescribeDataset(source_, dataset_);
  ASSERT_TRUE(schema.ok()) << schema.status();
  ASSERT_EQ(schema->num_fields(), 4u);
  EXPECT_EQ(schema->field(0).type, DataType::Of(TypeKind::kInt64));
  EXPECT_FALSE(schema->field(0).nullable);
  EXPECT_EQ(schema->field(1).type, DataType::Decimal(18, 4));
  EXPECT_EQ(schema->field(1).unit, "EUR");
  EXPECT_EQ(schema->tenant_column(), schema->Find("account"));
}

TEST_F(SourceCheckTest, ColumnThatTheSourceLacksIsNamed) {
  dataset_.include = {"id", "merged_at"};
  const absl::Status status = DescribeDataset(source_, dataset_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset 'pulls'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("'merged_at'"));
}

TEST_F(SourceCheckTest, NumericWithoutPrecisionIsRefused) {
  dataset_.types.clear();
  const absl::Status status = DescribeDataset(source_, dataset_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'cost'"));
}

TEST_F(SourceCheckTest, TenantOfATypeThatCannotBeOneIsRefused) {
  dataset_.tenant = "merged";
  const absl::Status status = DescribeDataset(source_, dataset_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("dataset 'pulls'"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("tenant column 'merged' is timestamp with time zone; allowed: "));
}

TEST_F(SourceCheckTest, TableThatMayNotBeReadIsRefused) {
  ExecuteSql(source_.conninfo, "CREATE ROLE stranger LOGIN");
  source_.conninfo += " user=stranger";
  const absl::Status status = DescribeDataset(source_, dataset_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("pulls"));
}

TEST_F(SourceCheckTest, ServerThatDoesNotAnswerIsUnavailable) {
  source_.conninfo = "host=127.0.0.1 port=1 password=hunter2";
  const absl::Status status = DescribeDataset(source_, dataset_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("source 'warehouse'"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace sextant
