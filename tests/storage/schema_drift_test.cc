#include "storage/schema_drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::HasSubstr;

Field Of(const std::string& name, TypeKind kind) {
  return {.name = name, .type = DataType::Of(kind)};
}

TEST(SchemaDriftTest, SameColumnsInAnyOrderAreNoDrift) {
  const std::vector<Field> published = {Of("a", TypeKind::kInt64), Of("b", TypeKind::kText)};
  EXPECT_TRUE(
      CheckDrift(published, Schema({Of("b", TypeKind::kText), Of("a", TypeKind::kInt64)})).ok());
}

TEST(SchemaDriftTest, AddedColumnIsNoDrift) {
  EXPECT_TRUE(CheckDrift({Of("a", TypeKind::kInt64)},
                         Schema({Of("a", TypeKind::kInt64), Of("b", TypeKind::kText)}))
                  .ok());
}

TEST(SchemaDriftTest, NullabilityAndLabelsAreNoDrift) {
  Field published = Of("a", TypeKind::kEnum);
  published.enum_labels = {"x"};
  Field now = published;
  now.nullable = !now.nullable;
  now.enum_labels = {"x", "y"};
  EXPECT_TRUE(CheckDrift({published}, Schema({now})).ok());
}

TEST(SchemaDriftTest, EveryColumnThatIsGoneOrRetypedIsNamed) {
  const absl::Status status =
      CheckDrift({Of("a", TypeKind::kInt64), Of("b", TypeKind::kText), Of("c", TypeKind::kDate)},
                 Schema({Of("b", TypeKind::kUuid), Of("c", TypeKind::kDate)}));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("column 'a' (bigint) is gone"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("column 'b' is uuid, was text"));
}

TEST(SchemaDriftTest, ScaleOfANumericIsPartOfItsType) {
  Field published = Of("a", TypeKind::kInt64);
  published.type = DataType::Decimal(12, 2);
  Field now = published;
  now.type = DataType::Decimal(12, 4);
  EXPECT_FALSE(CheckDrift({published}, Schema({now})).ok());
}

TEST(SchemaDriftTest, DerivedColumnsAreNotTheSources) {
  DatasetSpec spec;
  spec.derived = {{.name = "lead", .expression = "b - a"}};
  const std::vector<Field> fields =
      SourceFields(spec, Schema({Of("a", TypeKind::kInt64), Of("lead", TypeKind::kInt64)}));
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "a");
}

}  // namespace
}  // namespace sextant
