#include "compute/plan/binder/expression_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/plan/binder/constant_value.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kAsOfUs = 1'714'564'800'000'000;  // 2024-05-01 12:00Z

Schema TestSchema() {
  const auto field = [](const char* name, DataType type, const char* unit = "") {
    return Field{.name = name, .type = type, .unit = unit};
  };
  std::vector<Field> fields = {
      field("b", DataType::Of(TypeKind::kBool)),
      field("i2", DataType::Of(TypeKind::kInt16), "lines"),
      field("i4", DataType::Of(TypeKind::kInt32), "lines"),
      field("i8", DataType::Of(TypeKind::kInt64)),
      field("f4", DataType::Of(TypeKind::kFloat32)),
      field("f8", DataType::Of(TypeKind::kFloat64)),
      field("d", DataType::Decimal(12, 2)),
      field("w", DataType::Decimal(38, 30)),
      field("t", DataType::Of(TypeKind::kText)),
      field("c", DataType::Of(TypeKind::kText)),
      field("e", DataType::Of(TypeKind::kEnum)),
      field("u", DataType::Of(TypeKind::kUuid)),
      field("j", DataType::Of(TypeKind::kJson)),
      field("day", DataType::Of(TypeKind::kDate)),
      field("ts", DataType::Of(TypeKind::kTimestamp)),
      field("ts2", DataType::Of(TypeKind::kTimestamp)),
      field("iv", DataType::Of(TypeKind::kInterval)),
      field("texts", DataType::ListOf(TypeKind::kText)),
      field("closedAt", DataType::Of(TypeKind::kTimestamp)),
  };
  fields[9].is_blank_padded = true;
  fields[10].enum_labels = {"low", "high"};
  return Schema(std::move(fields));
}

const Schema& SharedSchema() {
  static const Schema& schema = *new Schema(TestSchema());
  return schema;
}

absl::StatusOr<TypedExpression> BindText(const std::string& text, const char* zone = "UTC") {
  const auto parsed = ParseValue(text, "value");
  if (!parsed.ok()) return parsed.status();
  const PredicateContext context = {SharedSchema(), FindTimeZone(zone).value(), QueryLimits(),
                                    kAsOfUs};
  return BindExpression(context, *parsed, "value");
}

std::string TypeOf(const std::string& text) {
  const auto bound = BindText(text);
  return bound.ok() ? TypeName(bound->type()) : std::string(bound.status().message());
}

/// The constant that `text` folds to, or "not constant".
std::string ConstantOfText(const std::string& text, const char* zone = "UTC") {
  const auto bound = BindText(text, zone);
  if (!bound.ok()) return std::string(bound.status().message());
  if (!bound->IsConstant()) return "not constant";
  if (bound->IsNull()) return "NULL";
  return LiteralOf(bound->type(), bound->expression.constant, bound->enum_labels).text;
}

std::string ErrorOf(const std::string& text) {
  const auto bound = BindText(text);
  EXPECT_FALSE(bound.ok()) << text << ": " << ToString(bound->expression);
  if (bound.ok()) return "";
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument) << text;
  EXPECT_TRUE(DetailOf(bound.status()).has_value()) << text;
  return std::string(bound.status().message());
}

TEST(ExpressionBinderTest, Rule2IntegersAreBigintNumericsNumericAndFloatsFloat8) {
  EXPECT_EQ(TypeOf("i2 + i4"), "bigint");
  EXPECT_EQ(TypeOf("i4 * 2"), "bigint");
  EXPECT_EQ(TypeOf("i4 + 1.5"), "numeric(38,1)");
  EXPECT_EQ(TypeOf("d * 1.125"), "numeric(38,5)");
  EXPECT_EQ(TypeOf("d % 7"), "numeric(38,2)");
  EXPECT_EQ(TypeOf("d / 2"), "double precision");
  EXPECT_EQ(TypeOf("i4 / 2"), "bigint");
  EXPECT_EQ(TypeOf("f4 + i4"), "double precision");
  EXPECT_EQ(TypeOf("d + f8"), "double precision");
  EXPECT_EQ(TypeOf("i4 + '5'"), "bigint");
  EXPECT_EQ(TypeOf("-i2"), "bigint");
}

TEST(ExpressionBinderTest, Rule6TimesCombine) {
  EXPECT_EQ(TypeOf("ts - ts2"), "duration");
  EXPECT_EQ(TypeOf("ts - day"), "duration");
  EXPECT_EQ(TypeOf("day - day"), "bigint");
  EXPECT_EQ(TypeOf("day + 7"), "date");
  EXPECT_EQ(TypeOf("7 + day"), "date");
  EXPECT_EQ(TypeOf("ts + interval '1 month'"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("ts + '1 day'"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("ts - iv"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("day + interval '2 days'"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("(ts - ts2) + interval '1 day'"), "duration");
}

TEST(ExpressionBinderTest, ACastThatIsRefusedIsNotAmongTheAllowedOnes) {
  for (const char* text :
       {"ts::text", "j::text", "texts::text", "f8::text", "f4::text", "iv::text"}) {
    EXPECT_THAT(ErrorOf(text), AllOf(HasSubstr(" to text; allowed: "), Not(HasSubstr(", text"))))
        << text;
  }
  EXPECT_THAT(ErrorOf("ts::text"), HasSubstr("; allowed: date, timestamptz"));
  EXPECT_THAT(ErrorOf("j::text"), HasSubstr("; allowed: no cast of json"));
  EXPECT_THAT(ErrorOf("iv::text"), HasSubstr("; allowed: interval"));
  EXPECT_THAT(ErrorOf("t::timestamptz"),
              AllOf(HasSubstr("; allowed: smallint"), HasSubstr(", date"),
                    Not(HasSubstr(", timestamptz"))));
}

TEST(ExpressionBinderTest, AQuotedExpressionKeepsItsBrackets) {
  EXPECT_THAT(ErrorOf("(ts - ts2) * 2"), HasSubstr("found (ts - ts2) * 2, duration * integer"));
  EXPECT_THAT(ErrorOf("(ts - ts2) * 2"), HasSubstr("use extract(epoch from (ts - ts2))"));
  EXPECT_THAT(ErrorOf("ts + (i4 - (i8 - 1))"), HasSubstr("found ts + (i4 - (i8 - 1))"));
  EXPECT_THAT(ErrorOf("ts + i4 * i8"), HasSubstr("found ts + i4 * i8"));
}

TEST(ExpressionBinderTest, Rule6AnIntervalIsNotToldToBeExtracted) {
  for (const char* text : {"iv * 2", "iv / 2", "extract(epoch from iv)"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("`query:`")) << text;
  }
  EXPECT_THAT(ErrorOf("interval '1 day' * 2"), HasSubstr("use extract(epoch from '1 day')"));
}

TEST(ExpressionBinderTest, AConstantThatIsNoValueOfItsTypeNeedsNoArticle) {
  EXPECT_THAT(ErrorOf("'x'::int"), HasSubstr("the constant 'x' is no integer"));
  EXPECT_THAT(ErrorOf("uuid 'x'"), HasSubstr("the constant 'x' is no uuid"));
}

TEST(ExpressionBinderTest, AnUnknownColumnIsToldWithTheQuotesThatItNeeds) {
  EXPECT_THAT(ErrorOf("closedat + i4"), HasSubstr("unknown column 'closedat'; did you mean "
                                                  "\"closedAt\"? A name with capitals needs"));
}

TEST(ExpressionBinderTest, Rule6WhatDependsOnTheLengthOfAMonthOrOnTheZoneIsRefused) {
  EXPECT_THAT(ErrorOf("(ts - ts2) + interval '1 month'"), HasSubstr("months"));
  EXPECT_THAT(ErrorOf("(ts - ts2) + iv"), HasSubstr("months"));
  EXPECT_THAT(ErrorOf("iv + iv"), HasSubstr("months"));
  EXPECT_THAT(ErrorOf("(ts - ts2) * 2"), HasSubstr("extract(epoch from"));
  EXPECT_THAT(ErrorOf("iv / 2"), HasSubstr("extract(epoch from"));
  EXPECT_TRUE(BindText("ts + (ts - ts2)").ok());
  EXPECT_FALSE(BindText("ts + (ts - ts2)", "Europe/Berlin").ok());
  EXPECT_TRUE(BindText("day + interval '1 month'").ok());
  EXPECT_FALSE(BindText("day + interval '1 month'", "Europe/Berlin").ok());
  EXPECT_TRUE(BindText("day + interval '3 days'", "Europe/Berlin").ok());
}

TEST(ExpressionBinderTest, ASumThatDependsOnTheZoneIsRefusedWithWhatItIsAndWhatToWrite) {
  const auto error = [](const char* text) {
    return std::string(BindText(text, "Europe/Berlin").status().message());
  };
  EXPECT_THAT(error("ts + (ts - ts2)"),
              AllOf(HasSubstr("found ts + (ts - ts2), timestamp with time zone + duration in the "
                              "zone Europe/Berlin, where PostgreSQL adds the days"),
                    HasSubstr("allowed: "), HasSubstr("(at character 1)")));
  EXPECT_THAT(error("day + interval '1 month'"),
              AllOf(HasSubstr("in the zone Europe/Berlin, a local time that its clock may skip or "
                              "repeat; allowed there: whole days, or date::timestamptz + interval"),
                    HasSubstr("(at character 1)")));
  EXPECT_THAT(ErrorOf("day + (ts - ts2)"), HasSubstr("write date::timestamptz, the instant"));
  EXPECT_THAT(ErrorOf("ts + (interval '2147483647 months' + interval '1 month')"),
              HasSubstr("an interval out of range; allowed: parts of up to 2147483647 months"));
}

TEST(ExpressionBinderTest, ChoicesHaveACommonType) {
  EXPECT_EQ(TypeOf("coalesce(i2, i4)"), "integer");
  EXPECT_EQ(TypeOf("coalesce(i4, 1.5)"), "numeric(38,1)");
  EXPECT_EQ(TypeOf("coalesce(d, f8)"), "double precision");
  EXPECT_EQ(TypeOf("coalesce(f4, f4)"), "real");
  EXPECT_EQ(TypeOf("coalesce(ts, day)"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("coalesce(t, 'x', NULL)"), "text");
  EXPECT_EQ(TypeOf("coalesce(e, 'high')"), "enum");
  EXPECT_EQ(TypeOf("greatest(i2, 5)"), "bigint");
  EXPECT_EQ(TypeOf("CASE WHEN b THEN 1 WHEN i4 > 2 THEN 2.5 END"), "numeric(38,1)");
  EXPECT_EQ(TypeOf("nullif(i4, 0)"), "integer");
  EXPECT_EQ(TypeOf("nullif(t, '')"), "text");
  EXPECT_EQ(TypeOf("coalesce(ts - ts2, interval '0')"), "duration");
  EXPECT_THAT(ErrorOf("coalesce(i4, t)"), HasSubstr("i4, which is integer, and t, which is text"));
  EXPECT_THAT(ErrorOf("coalesce(e, 'medium')"), HasSubstr("no label 'medium'"));
  EXPECT_THAT(ErrorOf("coalesce(c, t)"), HasSubstr("cast the char(n) to text"));
  EXPECT_THAT(ErrorOf("coalesce(j, j)"), HasSubstr("json"));
}

TEST(ExpressionBinderTest, Rule5ConstantsAreFoldedAndWhatCannotBeIsAnError) {
  EXPECT_EQ(ConstantOfText("2 + 3 * 4"), "14");
  EXPECT_EQ(ConstantOfText("7 / 2"), "3");
  EXPECT_EQ(ConstantOfText("-7 / 2"), "-3");
  EXPECT_EQ(ConstantOfText("-7 % 2"), "-1");
  EXPECT_EQ(ConstantOfText("1.5 * 1.50"), "2.250");
  EXPECT_EQ(ConstantOfText("round(2.345, 2)"), "2.35");
  EXPECT_EQ(ConstantOfText("round(-2.5)"), "-3");
  EXPECT_EQ(ConstantOfText("round(2.5::float8)"), "2");
  EXPECT_EQ(ConstantOfText("floor(-1.5)"), "-2");
  EXPECT_EQ(ConstantOfText("ceil(-1.5)"), "-1");
  EXPECT_EQ(ConstantOfText("trunc(-1.59, 1)"), "-1.5");
  EXPECT_EQ(ConstantOfText("abs(-4)"), "4");
  EXPECT_EQ(ConstantOfText("greatest(1, 2.5, NULL)"), "2.5");
  EXPECT_EQ(ConstantOfText("least('b', 'a')"), "a");
  EXPECT_EQ(ConstantOfText("coalesce(NULL, 3)"), "3");
  EXPECT_EQ(ConstantOfText("nullif(3, 3)"), "NULL");
  EXPECT_EQ(ConstantOfText("CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END"), "b");
  EXPECT_EQ(ConstantOfText("1 + NULL"), "NULL");
  EXPECT_EQ(ConstantOfText("12.345::numeric(6,1)"), "12.3");
  EXPECT_EQ(ConstantOfText("'12'::int4 + 1"), "13");
  EXPECT_EQ(ConstantOfText("'abcdef'::varchar(3)"), "abc");
  EXPECT_EQ(ConstantOfText("12345::varchar(3)"), "123");
  EXPECT_EQ(ConstantOfText("true::char"), "t");
  EXPECT_EQ(ConstantOfText("2.5::int4"), "3");
  EXPECT_EQ(ConstantOfText("2.5::float8::int4"), "2");
  EXPECT_EQ(ConstantOfText("CASE WHEN b THEN 1 ELSE 2 END"), "not constant");
  EXPECT_THAT(ErrorOf("9223372036854775807 + 1"), HasSubstr("overflows bigint"));
  EXPECT_THAT(ErrorOf("1 / 0"), HasSubstr("division by zero"));
  EXPECT_THAT(ErrorOf("1e308::float8 * 10"), HasSubstr("overflows"));
  EXPECT_THAT(ErrorOf("100000::int2"), HasSubstr("100000"));
}

TEST(ExpressionBinderTest, Rule5NothingIsComputedNextToANull) {
  EXPECT_EQ(ConstantOfText("i4 / 0 + NULL"), "NULL");
  EXPECT_EQ(ConstantOfText("abs(i8 - (CASE WHEN 1 > 2 THEN i8 END))"), "NULL");
  EXPECT_EQ(ConstantOfText("coalesce(i4 * NULL, 7)"), "7");
  EXPECT_EQ(ConstantOfText("coalesce(i4, NULL)"), "not constant");
}

TEST(ExpressionBinderTest, Rule15NowAndDatesAreConstantsOfAsOfAndTheZone) {
  EXPECT_EQ(ConstantOfText("now()"), "2024-05-01 12:00:00.000000+00");
  EXPECT_EQ(ConstantOfText("current_date"), "2024-05-01");
  EXPECT_EQ(ConstantOfText("current_date", "Pacific/Kiritimati"), "2024-05-02");
  EXPECT_EQ(ConstantOfText("now() - interval '1 month 1 day'"), "2024-03-31 12:00:00.000000+00");
  EXPECT_EQ(ConstantOfText("date_trunc('month', now())", "Europe/Berlin"),
            "2024-04-30 22:00:00.000000+00");
  EXPECT_EQ(ConstantOfText("current_date - 1"), "2024-04-30");
  EXPECT_EQ(ConstantOfText("now()::date", "Pacific/Kiritimati"), "2024-05-02");
  EXPECT_EQ(ConstantOfText("(now() AT TIME ZONE 'Pacific/Kiritimati')::date"), "2024-05-02");
  EXPECT_EQ(ConstantOfText("date '2024-05-01' - date '2024-04-01'"), "30");
  EXPECT_EQ(ConstantOfText("timestamptz '2024-05-01' - timestamptz '2024-04-30'"), "86400 s 0 us");
}

TEST(ExpressionBinderTest, FunctionsHaveTypes) {
  EXPECT_EQ(TypeOf("length(t)"), "bigint");
  EXPECT_EQ(TypeOf("lower(c)"), "text");
  EXPECT_EQ(TypeOf("floor(i4)"), "double precision");
  EXPECT_EQ(TypeOf("round(d)"), "numeric(38,0)");
  EXPECT_EQ(TypeOf("round(d, 1)"), "numeric(38,1)");
  EXPECT_EQ(TypeOf("extract(epoch from ts - ts2)"), "numeric(18,6)");
  EXPECT_EQ(TypeOf("extract(hour from ts)"), "numeric(18,0)");
  EXPECT_EQ(TypeOf("date_part('dow', day)"), "double precision");
  EXPECT_EQ(TypeOf("date_trunc('month', day)"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("cardinality(texts)"), "bigint");
  EXPECT_EQ(TypeOf("array_length(texts, 1)"), "bigint");
  EXPECT_EQ(TypeOf("i4 > 2"), "boolean");
  EXPECT_THAT(ErrorOf("length(i4)"), HasSubstr("length() of i4, which is integer; allowed: text"));
  EXPECT_THAT(ErrorOf("extract(hour from day)"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("extract(week from ts - ts2)"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("extract(fortnight from ts)"), HasSubstr("unknown field 'fortnight'"));
  EXPECT_THAT(ErrorOf("date_trunc('epoch', ts)"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("array_length(texts, 2)"), HasSubstr("one dimension"));
  EXPECT_THAT(ErrorOf("round(f8, 2)"), HasSubstr("x::numeric(p,s)"));
  EXPECT_THAT(ErrorOf("round(d, i4)"), HasSubstr("constant from 0 to 37"));
}

TEST(ExpressionBinderTest, CastsAreThoseOfPostgres) {
  EXPECT_EQ(TypeOf("i4::text"), "text");
  EXPECT_EQ(TypeOf("t::int8"), "bigint");
  EXPECT_EQ(TypeOf("t::numeric(12,2)"), "numeric(12,2)");
  EXPECT_EQ(TypeOf("ts::date"), "date");
  EXPECT_EQ(TypeOf("day::timestamptz"), "timestamp with time zone");
  EXPECT_EQ(TypeOf("e::text"), "text");
  EXPECT_EQ(TypeOf("b::int4"), "integer");
  EXPECT_EQ(TypeOf("d::numeric"), "numeric(12,2)");
  EXPECT_THAT(ErrorOf("f8::numeric"), HasSubstr("numeric(p,s)"));
  EXPECT_THAT(ErrorOf("b::int8"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("ts::int8"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("ts::text"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("ts::timestamp"), HasSubstr("allowed"));
  EXPECT_THAT(ErrorOf("t::varchar(3)"), HasSubstr("would cut it"));
  EXPECT_EQ(TypeOf("i4::varchar"), "text");
  for (const char* type : {"varchar(3)", "char(3)", "char", "character varying(1)", "bpchar"}) {
    for (const char* column : {"i4", "d", "day", "e", "b"}) {
      EXPECT_THAT(ErrorOf(std::string(column) + "::" + type), HasSubstr("would cut or pad it"));
    }
  }
  EXPECT_THAT(ErrorOf("coalesce(d, 1.5555)::text"), HasSubstr("scales of their own"));
  EXPECT_THAT(ErrorOf("i4::money"), HasSubstr("no type that is known"));
}

TEST(ExpressionBinderTest, ADifferenceOfColumnsKeepsItsForm) {
  const auto difference = BindText("i4 - i2");
  ASSERT_TRUE(difference.ok()) << difference.status();
  const BoundValue value = ValueOf(*difference);
  EXPECT_EQ(value.expression, nullptr);
  EXPECT_EQ(value.minus, ColumnIndex{1});
  EXPECT_EQ(ValueOf(*BindText("w - d")).minus, std::nullopt);
  EXPECT_NE(ValueOf(*BindText("i4 - 1")).expression, nullptr);
  EXPECT_TRUE(ValueOf(*BindText("i4")).IsColumn());
}

TEST(ExpressionBinderTest, UnitsAreThoseOfTheColumns) {
  const auto unit = [](const char* text) { return BindText(text).value().unit; };
  EXPECT_EQ(unit("i4 + i2"), "lines");
  EXPECT_EQ(unit("i4 * 2"), "lines");
  EXPECT_EQ(unit("i4 * i2"), "");
  EXPECT_EQ(unit("i4 + i8"), "");
  EXPECT_EQ(unit("coalesce(i4, 0)"), "lines");
  EXPECT_EQ(unit("ts - ts2"), "seconds");
  EXPECT_EQ(unit("extract(epoch from ts - ts2)"), "seconds");
}

TEST(ExpressionBinderTest, ErrorsCarryPositionAndNearestNames) {
  const auto unknown = BindText("i4 + i5");
  const auto detail = DetailOf(unknown.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "value");
  EXPECT_EQ(detail->position, 5);
  EXPECT_THAT(detail->nearest, testing::Contains("i4"));
  EXPECT_EQ(DetailOf(BindText("1 + length(i4)").status())->position, 11);
  EXPECT_THAT(ErrorOf("w * w"), HasSubstr("more than 37 after the point"));
}

TEST(ExpressionBinderTest, Rule24LongSumsAreFlatAndCopiesAreLimited) {
  std::string sum = "i4";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&sum, " + 1");
  const auto bound = BindText(sum);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->expression.arguments.size(), 101u);
  std::string nested = "i4";
  for (int i = 0; i < 28; ++i) nested = absl::StrCat("nullif(", nested, ", ", i, ")");
  EXPECT_THAT(ErrorOf(nested), HasSubstr("parts when they are written out"));
}

}  // namespace
}  // namespace sextant
