#include "compute/plan/binder/predicate_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::HasSubstr;

constexpr TypeKind kTimestamp = TypeKind::kTimestamp;

/// Column numbers appear in the expectations: #0 b, #1 i2, #2 i4, ...
Schema TestSchema() {
  const auto field = [](const char* name, DataType type) {
    return Field{name, type, true, {}, ""};
  };
  std::vector<Field> fields = {
      field("b", DataType::Of(TypeKind::kBool)),
      field("i2", DataType::Of(TypeKind::kInt16)),
      field("i4", DataType::Of(TypeKind::kInt32)),
      field("i8", DataType::Of(TypeKind::kInt64)),
      field("f4", DataType::Of(TypeKind::kFloat32)),
      field("f8", DataType::Of(TypeKind::kFloat64)),
      field("d", DataType::Decimal(10, 2)),
      field("w", DataType::Decimal(30, 4)),
      field("t", DataType::Of(TypeKind::kText)),
      field("e", DataType::Of(TypeKind::kEnum)),
      field("u", DataType::Of(TypeKind::kUuid)),
      field("j", DataType::Of(TypeKind::kJson)),
      field("day", DataType::Of(TypeKind::kDate)),
      field("ts", DataType::Of(kTimestamp)),
      field("ts2", DataType::Of(kTimestamp)),
      field("iv", DataType::Of(TypeKind::kInterval)),
      field("bytes", DataType::Of(TypeKind::kBytes)),
      field("texts", DataType::ListOf(TypeKind::kText)),
      field("ints", DataType::ListOf(TypeKind::kInt32)),
      field("floats", DataType::ListOf(TypeKind::kFloat64)),
      field("times", DataType::ListOf(kTimestamp)),
      field("widest", DataType::Decimal(38, 10)),
      field("n", DataType::Decimal(18, 0)),
      field("n2", DataType::Decimal(18, 0)),
  };
  fields[9].enum_labels = {"low", "medium", "high"};
  return Schema(std::move(fields));
}

std::string BoundTree(const Predicate& predicate, std::string_view zone = "UTC") {
  static const Schema schema = TestSchema();
  const auto bound = BindPredicate({schema, FindTimeZone(zone).value(), QueryLimits()}, predicate);
  return bound.ok() ? ToString(*bound) : "error: " + std::string(bound.status().message());
}

std::string BoundText(std::string_view text, std::string_view zone = "UTC") {
  const auto predicate = ParseFilter(text, "where");
  if (!predicate.ok()) return "error: " + std::string(predicate.status().message());
  return BoundTree(*predicate, zone);
}

std::string I4(std::string_view range) {
  return absl::StrCat("(#2 integer) in ", std::string(range));
}

TEST(PredicateBinderTest, Rule2IntegersMeetIntegers) {
  EXPECT_EQ(BoundText("i4 = 5"), I4("[5, 5]"));
  EXPECT_EQ(BoundText("i4 < 5"), I4("[-9223372036854775808, 4]"));
  EXPECT_EQ(BoundText("i4 >= -5"), I4("[-5, 9223372036854775807]"));
  EXPECT_EQ(BoundText("i4 <> 5"), "not(" + I4("[5, 5]") + ")");
  EXPECT_EQ(BoundText("i2 = 100000"), "(#1 smallint) in [100000, 100000]");
}

TEST(PredicateBinderTest, Rule2IntegersMeetDecimalsExactly) {
  EXPECT_EQ(BoundText("i4 < 1.5"), I4("[-9223372036854775808, 1]"));
  EXPECT_EQ(BoundText("i4 <= 1.5"), I4("[-9223372036854775808, 1]"));
  EXPECT_EQ(BoundText("i4 > 1.5"), I4("[2, 9223372036854775807]"));
  EXPECT_EQ(BoundText("i4 >= -1.5"), I4("[-1, 9223372036854775807]"));
  EXPECT_EQ(BoundText("i4 = 1.5"), I4("[1, 0]"));
  EXPECT_EQ(BoundText("i4 = 2.00"), I4("[2, 2]"));
  EXPECT_EQ(BoundText("i4 BETWEEN 0.5 AND 2.5"), I4("[1, 2]"));
}

TEST(PredicateBinderTest, Rule2ConstantsBeyondInt64KeepAllOrNothing) {
  EXPECT_EQ(BoundText("i8 < 9223372036854775808"),
            "(#3 bigint) in [-9223372036854775808, 9223372036854775807]");
  EXPECT_EQ(BoundText("i8 > 9223372036854775807"), "(#3 bigint) in [1, 0]");
  EXPECT_EQ(BoundText("i8 = 1e400"), "(#3 bigint) in [1, 0]");
  EXPECT_EQ(BoundText("i8 >= -1e400"),
            "(#3 bigint) in [-9223372036854775808, 9223372036854775807]");
}

// 2^53 + 1 is 2^53 as float8, so PostgreSQL finds both equal to it.
TEST(PredicateBinderTest, Rule2IntegersMeetFloatsInFloat8) {
  EXPECT_EQ(BoundText("i8 = 9007199254740992::float8"),
            "(#3 bigint) in [9007199254740992, 9007199254740993]");
  EXPECT_EQ(BoundText("i8 IN (9223372036854775807::float8)"),
            "(#3 bigint) in [9223372036854775296, 9223372036854775807]");
  EXPECT_EQ(BoundText("i8 = 1.5::float8"), "(#3 bigint) in [1, 0]");
  EXPECT_EQ(BoundText("i8 < 'NaN'::float8"),
            "(#3 bigint) in [-9223372036854775808, 9223372036854775807]");
  EXPECT_EQ(BoundText("i4 > '-Infinity'::float8"), I4("[-2147483648, 9223372036854775807]"));
  EXPECT_EQ(BoundText("i8 IN (9007199254740992::float8, 7)"),
            "or((#3 bigint) in [7, 7], (#3 bigint) in [9007199254740992, 9007199254740993])");
}

TEST(PredicateBinderTest, Rule2DecimalsAreScaled) {
  EXPECT_EQ(BoundText("d = 1.5"), "(#6 numeric(10,2)) in [150, 150]");
  EXPECT_EQ(BoundText("d > 1.005"), "(#6 numeric(10,2)) in [101, 9223372036854775807]");
  EXPECT_EQ(BoundText("d = '1.50'"), "(#6 numeric(10,2)) in [150, 150]");
  EXPECT_EQ(BoundText("d = 7"), "(#6 numeric(10,2)) in [700, 700]");
  EXPECT_EQ(BoundText("d = 0.1::float8"), "(#6 numeric(10,2)) in [10, 10]");
  EXPECT_EQ(BoundText("w IN (1, 2.5)"), "(#7 numeric(30,4)) in {10000, 25000}");
  EXPECT_EQ(BoundText("w = 0.1::float8"), "(#7 numeric(30,4)) in [1000, 1000]");
}

TEST(PredicateBinderTest, Rule2ThirtyEightDigitsMeetFloatsWithoutOverflow) {
  EXPECT_EQ(BoundText("widest = 1.5::float8"),
            "(#21 numeric(38,10)) in [15000000000, 15000000000]");
  EXPECT_EQ(BoundText("widest = 1e30::float8"), "(#21 numeric(38,10)) in [1, 0]");
}

// 1.5e18 has 19 digits; float8 knows multiples of 256 there.
TEST(PredicateBinderTest, Rule5ADifferenceOfDecimalsMayHaveMoreDigitsThanEither) {
  EXPECT_EQ(BoundText("n - n2 = 1.5e18::float8"),
            "(#22-#23 numeric(18,0)) in [1499999999999999872, 1500000000000000128]");
}

TEST(PredicateBinderTest, Rule3Float4MeetsNumbersInFloat8) {
  const std::string tenth = absl::StrCat(FloatKey(0.1));
  const std::string tenth_of_float4 = absl::StrCat(FloatKey(double{0.1f}));
  const auto equal = [](const std::string& key) { return "in [" + key + ", " + key + "]"; };
  EXPECT_EQ(BoundText("f4 = 0.1"), "(#4 real) " + equal(tenth));
  EXPECT_EQ(BoundText("f4 = 0.1::float8"), "(#4 real) " + equal(tenth));
  EXPECT_EQ(BoundText("f4 = '0.1'"), "(#4 real) " + equal(tenth_of_float4));
  EXPECT_EQ(BoundText("f4 = 0.1::real"), "(#4 real) " + equal(tenth_of_float4));
  EXPECT_THAT(BoundText("f4 IN (0.1, 0.2)"), HasSubstr(tenth_of_float4));
  EXPECT_EQ(BoundText("f8 = 0.1"), "(#5 double precision) " + equal(tenth));
  EXPECT_EQ(BoundText("f8 = '0.1'"), "(#5 double precision) " + equal(tenth));
}

TEST(PredicateBinderTest, Rule8NaNIsGreatestAndEqualToItself) {
  EXPECT_EQ(BoundText("f8 > 'NaN'"), "(#5 double precision) in [1, 0]");
  EXPECT_EQ(BoundText("f8 = 'NaN'"),
            "(#5 double precision) in [9223372036854775807, 9223372036854775807]");
  EXPECT_EQ(BoundText("f8 = -0.0"), "(#5 double precision) in [0, 0]");
}

TEST(PredicateBinderTest, Rule7TextComparesByBytes) {
  EXPECT_EQ(BoundText("t = 'x'"), "(#8 text) in {'x'}");
  EXPECT_EQ(BoundText("t <> 'x'"), "not((#8 text) in {'x'})");
  EXPECT_EQ(BoundText("t > 'x'"), "(#8 text) > 'x'");
  EXPECT_EQ(BoundText("t BETWEEN 'a' AND 'b'"), "(#8 text) >= 'a' <= 'b'");
  EXPECT_EQ(BoundText("t IN ('b', 'a', 'b')"), "(#8 text) in {'a', 'b'}");
  EXPECT_EQ(BoundText("t = 'x'::varchar"), "(#8 text) in {'x'}");
  EXPECT_EQ(BoundText("bytes = '\\x4142'"), "(#16 bytea) in {'AB'}");
}

TEST(PredicateBinderTest, Rule8EnumsOrderAsDeclared) {
  EXPECT_EQ(BoundText("e > 'low'"), "(#9 enum) in [1, 9223372036854775807]");
  EXPECT_EQ(BoundText("e = 'high'::severity"), "(#9 enum) in [2, 2]");
}

TEST(PredicateBinderTest, Rule8UuidConstantsAreParsed) {
  EXPECT_EQ(BoundText("u = '80000000-0000-0000-0000-000000000001'"), "(#10 uuid) in [1, 1]");
  EXPECT_EQ(BoundText("u > 'ffffffff-ffff-ffff-ffff-ffffffffffff'"), "(#10 uuid) in [1, 0]");
  EXPECT_EQ(BoundText("u < uuid '00000000-0000-0000-0000-000000000000'"), "(#10 uuid) in [1, 0]");
}

TEST(PredicateBinderTest, BooleansAreZeroAndOne) {
  EXPECT_EQ(BoundText("b"), "(#0 boolean) in [1, 1]");
  EXPECT_EQ(BoundText("NOT b"), "not((#0 boolean) in [1, 1])");
  EXPECT_EQ(BoundText("b = 'off'"), "(#0 boolean) in [0, 0]");
  EXPECT_EQ(BoundText("b IS TRUE"), "and(not((#0 boolean) is null), (#0 boolean) in [1, 1])");
  EXPECT_EQ(BoundText("b IS NOT FALSE"), "or((#0 boolean) is null, not((#0 boolean) in [0, 0]))");
}

TEST(PredicateBinderTest, Rule15TimesWithoutAnOffsetAreLocal) {
  EXPECT_EQ(BoundText("ts = '1970-01-01'", "Asia/Kolkata"),
            "(#13 timestamp with time zone) in [-19800000000, -19800000000]");
  EXPECT_EQ(BoundText("ts = '1970-01-01T00:00:01Z'", "Asia/Kolkata"),
            "(#13 timestamp with time zone) in [1000000, 1000000]");
  EXPECT_EQ(BoundText("ts = date '1970-01-01'", "Asia/Kolkata"),
            "(#13 timestamp with time zone) in [-19800000000, -19800000000]");
  EXPECT_EQ(BoundText("ts = date '1970-01-01 24:00'", "Asia/Kolkata"),
            "(#13 timestamp with time zone) in [-19800000000, -19800000000]");
  EXPECT_EQ(BoundText("ts = timestamp '1970-01-01 05:30:00.5+07'", "Asia/Kolkata"),
            "(#13 timestamp with time zone) in [500000, 500000]");
}

TEST(PredicateBinderTest, Rule10DatesAreDays) {
  EXPECT_EQ(BoundText("day = '1970-01-02'", "Asia/Kolkata"), "(#12 date) in [1, 1]");
  EXPECT_EQ(BoundText("day < timestamp '1970-01-02 00:00:01'"),
            "(#12 date) in [-9223372036854775808, 1]");
  EXPECT_EQ(BoundText("day < timestamp '1970-01-02'"), "(#12 date) in [-9223372036854775808, 0]");
}

TEST(PredicateBinderTest, Rule10DatesMeetInstantsAtTheMidnightOfTheZone) {
  EXPECT_EQ(BoundText("day >= '1970-01-01 18:30Z'::timestamptz", "Asia/Kolkata"),
            "(#12 date) in [1, 9223372036854775807]");
  EXPECT_EQ(BoundText("day = '1970-01-01 18:30Z'::timestamptz", "Asia/Kolkata"),
            "(#12 date) in [1, 1]");
  EXPECT_EQ(BoundText("day = '1970-01-01 18:31Z'::timestamptz", "Asia/Kolkata"),
            "(#12 date) in [1, 0]");
  // The day that Apia skipped begins with the one after it.
  EXPECT_EQ(BoundText("day = '2011-12-30 10:00Z'::timestamptz", "Pacific/Apia"),
            "(#12 date) in [15338, 15339]");
}

TEST(PredicateBinderTest, Rule6DifferencesMeetIntervals) {
  EXPECT_EQ(BoundText("ts - ts2 > interval '2 days'"),
            "(#13-#14 duration) in [172800000001, 9223372036854775807]");
  EXPECT_EQ(BoundText("ts - ts2 > '1 month'"),
            "(#13-#14 duration) in [2592000000001, 9223372036854775807]");
  EXPECT_EQ(BoundText("iv = '1 month'"), "(#15 interval) in [2592000000000, 2592000000000]");
}

TEST(PredicateBinderTest, DifferencesOfNumbersAndDates) {
  EXPECT_EQ(BoundText("i4 - i2 > 5"), "(#2-#1 bigint) in [6, 9223372036854775807]");
  EXPECT_EQ(BoundText("day - day = 3"), "(#12-#12 integer) in [3, 3]");
  EXPECT_EQ(BoundText("d - i4 = 1.5"), "(#6-#2*100 numeric(18,2)) in [150, 150]");
  EXPECT_THAT(BoundText("f8 - i4 = 0"), HasSubstr("(#5-#2 as float double precision) in [0, 0]"));
}

TEST(PredicateBinderTest, NullsFollowThreeValuedLogic) {
  EXPECT_EQ(BoundText("i4 = NULL"), "null");
  EXPECT_EQ(BoundText("NOT (i4 = NULL)"), "null");
  EXPECT_EQ(BoundText("i4 IN (1, NULL)"), "or(" + I4("[1, 1]") + ", null)");
  EXPECT_EQ(BoundText("i4 NOT IN (1, NULL)"), "and(not(" + I4("[1, 1]") + "), null)");
  EXPECT_EQ(BoundText("i4 IN (NULL, NULL)"), "null");
  EXPECT_EQ(BoundText("i4 BETWEEN 1 AND NULL"),
            "and(null, " + I4("[1, 9223372036854775807]") + ")");
  EXPECT_EQ(BoundText("i4 NOT BETWEEN NULL AND 1"),
            "or(null, not(" + I4("[-9223372036854775808, 1]") + "))");
  EXPECT_EQ(BoundText("t IN ('x', NULL)"), "or((#8 text) in {'x'}, null)");
}

TEST(PredicateBinderTest, NotIsPushedToTheLeaves) {
  EXPECT_EQ(BoundText("NOT (b AND i4 = 1)"),
            "or(not((#0 boolean) in [1, 1]), not(" + I4("[1, 1]") + "))");
  EXPECT_EQ(BoundText("NOT (b OR NOT i4 = 1)"),
            "and(not((#0 boolean) in [1, 1]), " + I4("[1, 1]") + ")");
  EXPECT_EQ(BoundText("NOT NOT b"), "(#0 boolean) in [1, 1]");
  EXPECT_EQ(BoundText("t IS NOT NULL"), "not((#8 text) is null)");
}

TEST(PredicateBinderTest, NestedConjunctionsAreOne) {
  EXPECT_EQ(BoundText("b AND (b AND b)"), BoundText("b AND b AND b"));
  EXPECT_EQ(
      BoundText("b AND NOT (b OR b)"),
      "and((#0 boolean) in [1, 1], not((#0 boolean) in [1, 1]), not((#0 boolean) in [1, 1]))");
}

TEST(PredicateBinderTest, ListColumnsMatchTheirElements) {
  EXPECT_EQ(BoundText("texts && ARRAY['y', 'x', NULL]"), "(#17 text[]) any of {} {'x', 'y'}");
  EXPECT_EQ(BoundText("texts @> ARRAY['x', NULL]"), "(#17 text[]) all of {} {'x'} and null");
  EXPECT_EQ(BoundText("NOT texts && ARRAY['x']"), "not((#17 text[]) any of {} {'x'})");
  EXPECT_EQ(BoundText("3 = ANY (ints)"), "(#18 integer[]) equals any {3} {}");
  EXPECT_EQ(BoundText("1.5 = ANY (ints)"), "(#18 integer[]) equals any {} {}");
  EXPECT_EQ(BoundText("ints @> ARRAY[1, 1.5]"), "(#18 integer[]) all of {1} {} and null");
  EXPECT_EQ(BoundText("0.5 = ANY (floats)"),
            absl::StrCat("(#19 double precision[]) equals any {", FloatKey(0.5), "} {}"));
  EXPECT_EQ(BoundText("times && ARRAY['1970-01-01'::timestamptz]", "Asia/Kolkata"),
            "(#20 timestamp with time zone[]) any of {-19800000000} {}");
  EXPECT_EQ(BoundText("texts IS NULL"), "(#17 text[]) is null");
}

Predicate Leaf(Predicate::Kind kind, std::string column, std::vector<Literal> literals) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.value = Expression::Column(std::move(column));
  predicate.literals = std::move(literals);
  predicate.field = "filter.comparison";
  return predicate;
}

Literal Of(Literal::Kind kind, std::string text) {
  return {.kind = kind, .text = std::move(text), .type_name = ""};
}

TEST(PredicateBinderTest, ATypedTreeAndTextGiveTheSamePredicate) {
  const Literal five = Of(Literal::Kind::kInteger, "5");
  const Literal text = Of(Literal::Kind::kString, "x");
  Predicate less = Leaf(Predicate::Kind::kCompare, "i4", {five});
  less.op = CompareOp::kLess;
  EXPECT_EQ(BoundTree(less), BoundText("i4 < 5"));

  const Predicate in = Leaf(Predicate::Kind::kIn, "t", {text});
  EXPECT_EQ(BoundTree(in), BoundText("t IN ('x')"));
  EXPECT_EQ(BoundTree(in), BoundText("t = 'x'"));

  Predicate range = Leaf(Predicate::Kind::kRange, "i4", {});
  range.lower = five;
  range.upper = Of(Literal::Kind::kInteger, "7");
  EXPECT_EQ(BoundTree(range), BoundText("i4 BETWEEN 5 AND 7"));
  range.upper_inclusive = false;
  EXPECT_EQ(BoundTree(range), BoundText("i4 BETWEEN 5 AND 6"));

  Predicate none = Leaf(Predicate::Kind::kList, "texts", {text});
  none.list_match = ListMatch::kNoneOf;
  EXPECT_EQ(BoundTree(none), BoundText("NOT (texts && ARRAY['x'])"));

  Predicate all = Leaf(Predicate::Kind::kAnd, "", {});
  all.children = {less, in};
  EXPECT_EQ(BoundTree(all), BoundText("i4 < 5 AND t = 'x'"));
}

TEST(PredicateBinderTest, ATypedTreeMayHaveAnEmptyListOrOneBound) {
  EXPECT_EQ(BoundTree(Leaf(Predicate::Kind::kIn, "i4", {})), "false");
  Predicate range = Leaf(Predicate::Kind::kRange, "ts", {});
  range.lower = Of(Literal::Kind::kString, "1970-01-01");
  EXPECT_EQ(BoundTree(range), "(#13 timestamp with time zone) in [0, 9223372036854775807]");
}

TEST(PredicateBinderTest, ATypedTreeWritesDurationsInMicroseconds) {
  Predicate longer = Leaf(Predicate::Kind::kCompare, "ts", {Of(Literal::Kind::kInteger, "10")});
  longer.value = Expression::Difference(Expression::Column("ts"), Expression::Column("ts2"));
  longer.op = CompareOp::kGreater;
  EXPECT_EQ(BoundTree(longer), "(#13-#14 duration) in [11, 9223372036854775807]");
}

TEST(PredicateBinderTest, ATypedTreeThatIsNotWellFormedIsRefused) {
  Predicate empty_and = Leaf(Predicate::Kind::kAnd, "", {});
  EXPECT_THAT(BoundTree(empty_and), HasSubstr("filter.comparison: AND or OR of no conditions"));
  EXPECT_THAT(BoundTree(Leaf(Predicate::Kind::kNot, "", {})), HasSubstr("NOT of 0 conditions"));
  EXPECT_THAT(BoundTree(Leaf(Predicate::Kind::kCompare, "i4", {})), HasSubstr("exactly one"));
  EXPECT_THAT(BoundTree(Leaf(Predicate::Kind::kRange, "i4", {})), HasSubstr("without a bound"));
  Predicate any = Leaf(Predicate::Kind::kList, "texts", {});
  any.list_match = ListMatch::kEqualsAny;
  EXPECT_THAT(BoundTree(any), HasSubstr("exactly one constant"));
}

TEST(PredicateBinderTest, DepthNodesAndListsAreLimited) {
  Predicate deep = Leaf(Predicate::Kind::kBoolean, "b", {});
  for (int level = 1; level < 32; ++level) {
    Predicate parent = Leaf(Predicate::Kind::kNot, "", {});
    parent.children = {deep};
    deep = parent;
  }
  EXPECT_EQ(BoundTree(deep).substr(0, 5), "not((");
  Predicate deeper = Leaf(Predicate::Kind::kNot, "", {});
  deeper.children = {deep};
  EXPECT_THAT(BoundTree(deeper), HasSubstr("nest deeper than 32 levels"));

  Predicate wide = Leaf(Predicate::Kind::kAnd, "", {});
  wide.children.assign(1023, Leaf(Predicate::Kind::kBoolean, "b", {}));
  EXPECT_EQ(BoundTree(wide).substr(0, 4), "and(");
  wide.children.push_back(wide.children[0]);
  EXPECT_THAT(BoundTree(wide), HasSubstr("more than 1024 conditions"));

  Predicate list = Leaf(Predicate::Kind::kIn, "i4",
                        std::vector<Literal>(100'000, Of(Literal::Kind::kInteger, "1")));
  EXPECT_EQ(BoundTree(list), I4("[1, 1]"));
  list.literals.push_back(list.literals[0]);
  EXPECT_THAT(BoundTree(list), HasSubstr("a list of 100001 values; 100000 are allowed"));
}

TEST(PredicateBinderTest, RandomTextIsBoundOrRefusedAsTheUsersError) {
  const std::vector<std::string> words = {
      "b",       "i2",      "i4",          "i8",      "f4",
      "f8",      "d",       "w",           "t",       "e",
      "u",       "j",       "day",         "ts",      "ts2",
      "iv",      "bytes",   "texts",       "ints",    "floats",
      "times",   "=",       "<>",          "<",       ">=",
      "-",       "(",       ")",           ",",       "AND",
      "OR",      "NOT",     "IN",          "BETWEEN", "IS",
      "NULL",    "TRUE",    "FALSE",       "ANY",     "ARRAY[",
      "]",       "&&",      "@>",          "1",       "-1",
      "1.5",     "1e300",   "'x'",         "'1'",     "'2024-01-01'",
      "'low'",   "date",    "interval",    "::",      "int8",
      "float8",  "numeric", "timestamptz", "uuid",    "text[]",
      "'1 day'", "'NaN'"};
  constexpr uint64_t kSeed = 20260101;
  SCOPED_TRACE(absl::StrCat("seed=", kSeed));
  std::mt19937_64 random(kSeed);
  const Schema schema = TestSchema();
  const PredicateContext context = {schema, absl::UTCTimeZone(), QueryLimits()};
  const auto pick = [&](size_t end) { return words[random() % end]; };
  int num_bound = 0;
  for (int i = 0; i < 20'000; ++i) {
    // Half of the texts begin as a comparison does, so that some are bound.
    std::string text = i % 2 == 0 ? absl::StrCat(pick(21), " ", words[21 + random() % 4], " ") : "";
    for (size_t length = random() % 6 + 1; length > 0; --length) {
      absl::StrAppend(&text, pick(words.size()), " ");
    }
    const auto predicate = ParseFilter(text, "where");
    const auto bound = predicate.ok() ? BindPredicate(context, *predicate) : predicate.status();
    num_bound += bound.ok() ? 1 : 0;
    if (!bound.ok()) {
      ASSERT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument) << text;
      ASSERT_EQ(DetailOf(bound.status())->field, "where") << text;
    }
  }
  EXPECT_GT(num_bound, 100);
}

TEST(PredicateBinderTest, AnUnknownColumnIsNamedWithTheNearest) {
  const auto predicate = ParseFilter("b AND tss = '2024-01-01'", "where");
  const Schema schema = TestSchema();
  const auto bound = BindPredicate({schema, absl::UTCTimeZone(), QueryLimits()}, *predicate);
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(bound.status().message()),
              HasSubstr("where: unknown column 'tss'; did you mean 'ts'"));
  const auto detail = DetailOf(bound.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "where");
  EXPECT_EQ(detail->position, 6);
  EXPECT_EQ(detail->nearest.at(0), "ts");
}

TEST(PredicateBinderTest, TypesThatPostgresDoesNotCompareAreRefusedWithBoth) {
  EXPECT_THAT(BoundText("t = 5"), HasSubstr("t is text, the constant '5' is integer"));
  EXPECT_THAT(BoundText("i4 = 'x'::text"), HasSubstr("i4 is integer, the constant 'x' is text"));
  for (const char* text : {"i4 = true",
                           "b = 1",
                           "b = 1.5",
                           "t = 1.5",
                           "t = true",
                           "t = date '2024-01-01'",
                           "e = 1",
                           "e = 'low'::text",
                           "u = 1",
                           "u = 'x'::text",
                           "day = 5",
                           "ts = 5",
                           "ts = interval '1 day'",
                           "ts - ts2 > 5",
                           "iv > 5",
                           "i4 - i2 = interval '1 day'",
                           "day - day = interval '1 day'",
                           "d = date '2024-01-01'",
                           "f8 = 'x'::text",
                           "bytes = 5",
                           "ints && ARRAY['x'::text]",
                           "texts && ARRAY[1]",
                           "5 = ANY (texts)",
                           "t IN ('x', 5)",
                           "i4 BETWEEN 1 AND true",
                           "day = interval '1 day'",
                           "ts = 'x'::text",
                           "i4 = uuid '00000000-0000-0000-0000-000000000000'"}) {
    EXPECT_THAT(BoundText(text), HasSubstr("cannot be compared; allowed: ")) << text;
  }
}

TEST(PredicateBinderTest, ConstantsThatAreNotOfTheTypeAreRefused) {
  for (const char* text : {"i4 = 'x'",
                           "i4 = '1.5'",
                           "i4 = ''",
                           "i2 = '40000'",
                           "i8 = '9223372036854775808'",
                           "d = 'NaN'",
                           "d = 'x'",
                           "f8 = 'x'",
                           "f8 = 1e400",
                           "f4 = '1e39'",
                           "b = 'maybe'",
                           "u = 'x'",
                           "day = 'x'",
                           "day = '2024-02-30'",
                           "ts = 'x'",
                           "ts = 'infinity'",
                           "ts = 'now'",
                           "ts = '294277-01-01'",
                           "iv = 'x'",
                           "ts - ts2 > '2 fortnights'",
                           "bytes = '\\xg'",
                           "e = 'lowest'",
                           "ints && ARRAY['x']",
                           "i4 = 'x'::int4",
                           "i8 = 1e400::float8"}) {
    EXPECT_THAT(BoundText(text), HasSubstr("error: where: ")) << text;
    EXPECT_THAT(BoundText(text), HasSubstr("(at character ")) << text;
  }
  EXPECT_THAT(BoundText("e = 'hi'"), HasSubstr("e has no label 'hi'"));
  EXPECT_THAT(BoundText("e = 'hihg'"), HasSubstr("did you mean 'high'"));
}

TEST(PredicateBinderTest, ConditionsThatATypeDoesNotHaveAreRefused) {
  EXPECT_THAT(BoundText("j = 'x'"), HasSubstr("j is json; allowed: IS [NOT] NULL"));
  EXPECT_EQ(BoundText("j IS NULL"), "(#11 json) is null");
  for (const char* text :
       {"j IN ('x', 'y')", "j BETWEEN 'a' AND 'b'", "texts = 'x'", "i4", "NOT t", "t IS TRUE",
        "'x' = ANY (t)", "i4 && ARRAY[1]", "texts IN ('x')", "t - t = 'x'", "iv - iv = '1 day'",
        "b - b = 1", "i4 - t = 1", "j IS TRUE"}) {
    EXPECT_THAT(BoundText(text), HasSubstr("error: where: ")) << text;
    EXPECT_THAT(BoundText(text), HasSubstr("allowed")) << text;
  }
}

}  // namespace
}  // namespace sextant
