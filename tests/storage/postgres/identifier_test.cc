#include "storage/postgres/identifier.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(IdentifierTest, QuotesInsideAnIdentifierAreDoubled) {
  EXPECT_EQ(QuoteIdentifier("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
}

TEST(IdentifierTest, CaseAndSpacesAreKept) {
  EXPECT_EQ(QuoteIdentifier("My Table"), "\"My Table\"");
}

TEST(IdentifierTest, QuotesInsideALiteralAreDoubled) { EXPECT_EQ(QuoteLiteral("it's"), "'it''s'"); }

TEST(IdentifierTest, BackslashesMakeAnEscapeLiteral) {
  EXPECT_EQ(QuoteLiteral("a\\'b"), " E'a\\\\''b'");
}

TEST(IdentifierTest, SchemaAndNameAreQuotedApart) {
  const SourceRelation relation{.oid = 1, .schema = "a.b", .name = "c"};
  EXPECT_EQ(relation.Quoted(), "\"a.b\".\"c\"");
}

TEST(IdentifierTest, OnlyTablesAndViewsAreLockable) {
  const auto is_lockable = [](char kind) {
    SourceRelation relation;
    relation.kind = kind;
    return relation.IsLockable();
  };
  EXPECT_TRUE(is_lockable('r'));
  EXPECT_TRUE(is_lockable('p'));
  EXPECT_TRUE(is_lockable('v'));
  EXPECT_FALSE(is_lockable('m'));
  EXPECT_FALSE(is_lockable('f'));
}

}  // namespace
}  // namespace sextant
