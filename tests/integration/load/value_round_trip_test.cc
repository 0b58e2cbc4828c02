// Every supported type comes through the real COPY path into the cache as PostgreSQL itself writes
// it, value by value.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/load/load_fixture.h"
#include "tests/integration/load/value_texts.h"

namespace sextant {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct TypeCase {
  std::string name;
  std::string sql_type;
  std::vector<std::string> literals;  // SQL expressions
  std::string declared_type = "";     // of the catalogue
  std::string zone = "";
};

void PrintTo(const TypeCase& type_case, std::ostream* out) { *out << type_case.name; }

class ValueRoundTripTest : public LoadFixture, public ::testing::WithParamInterface<TypeCase> {};

TEST_P(ValueRoundTripTest, CacheHoldsWhatPostgresWrites) {
  const TypeCase& type_case = GetParam();
  Execute(
      "CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy'); "
      "CREATE DOMAIN positive AS int4 CHECK (value > 0)");
  Execute("CREATE TABLE edges (id serial, v " + type_case.sql_type + ")");
  for (const std::string& literal : type_case.literals) {
    Execute("INSERT INTO edges (v) VALUES (" + literal + ")");
  }
  DatasetSpec& dataset = Declare("edges");
  dataset.order_by = {"id"};
  if (!type_case.declared_type.empty()) dataset.types["v"] = type_case.declared_type;
  if (!type_case.zone.empty()) dataset.zones["v"] = type_case.zone;
  const absl::Status status = Load("edges");
  ASSERT_TRUE(status.ok()) << status;
  const auto table = Pinned("edges");
  const DataType type = table->schema().field(*table->schema().Find("v")).type;
  std::vector<std::string> expected;
  for (const auto& row : ExecuteSql(conninfo_, "SELECT " + SqlTextOf("v", type, type_case.zone) +
                                                   " AS value_text FROM edges ORDER BY id")) {
    expected.push_back(row[0].value());
  }
  ASSERT_THAT(expected, SizeIs(type_case.literals.size()));
  EXPECT_THAT(LoadedTexts(*table, "v"), ElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, ValueRoundTripTest,
    ::testing::Values(
        TypeCase{"bool", "bool", {"true", "false", "NULL"}},
        TypeCase{"int2", "int2", {"-32768", "-1", "0", "NULL", "32767"}},
        TypeCase{"int4", "int4", {"-2147483648", "0", "NULL", "2147483647"}},
        TypeCase{"int8", "int8", {"-9223372036854775808", "0", "NULL", "9223372036854775807"}},
        TypeCase{"domain", "positive", {"1", "NULL", "2147483647"}},
        TypeCase{"float4",
                 "float4",
                 {"0", "'-0'", "1.5", "'NaN'", "'Infinity'", "'-Infinity'", "1e-45", "3.4028235e38",
                  "NULL"}},
        TypeCase{"float8",
                 "float8",
                 {"0", "'-0'", "0.1", "'NaN'", "'Infinity'", "'-Infinity'", "5e-324",
                  "1.7976931348623157e308", "NULL"}},
        TypeCase{"numeric12_2",
                 "numeric(12,2)",
                 {"0", "0.01", "-0.01", "9999999999.99", "-9999999999.99", "10000", "NULL"}},
        TypeCase{"numeric18_0",
                 "numeric(18,0)",
                 {"999999999999999999", "-999999999999999999", "10000000000000000", "NULL"}},
        TypeCase{"numeric38_10",
                 "numeric(38,10)",
                 {"9999999999999999999999999999.9999999999",
                  "-9999999999999999999999999999.9999999999", "0.0000000001", "0", "NULL"}},
        TypeCase{"numeric_declared", "numeric", {"12345.67", "0.5", "-3", "NULL"}, "numeric(18,4)"},
        TypeCase{"numeric_as_float", "numeric", {"12345.67", "0.1", "NULL"}, "float8"}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Texts, ValueRoundTripTest,
    ::testing::Values(
        TypeCase{"text",
                 "text",
                 {"''", "' '", "'NULL'", "E'a\\tb\\n'", "'naïve ☃ 😀'", "repeat('x', 100000)",
                  "NULL", "'b'", "'B'", "'a'"}},
        TypeCase{"varchar", "varchar(10)", {"'abc  '", "''", "NULL", "'0123456789'"}},
        TypeCase{"bpchar", "char(5)", {"'abc'", "'abc  '", "''", "'12345'", "NULL"}},
        TypeCase{"name", "name", {"'pg_class'", "NULL"}},
        TypeCase{"enum", "mood", {"'Happy'", "'sad'", "NULL", "'ok'", "'sad'"}},
        TypeCase{
            "uuid",
            "uuid",
            {"'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
             "'5f0c1d2e-3b4a-4596-8778-0123456789ab'", "NULL"}},
        TypeCase{"json", "json", {"'{}'", "' [1,  2 ]'", "'{\"a\": null}'", "'null'", "NULL"}},
        TypeCase{"jsonb", "jsonb", {"'{}'", "' [1,  2 ]'", "'{\"b\": 1, \"a\": 2}'", "NULL"}},
        TypeCase{"bytea", "bytea", {"''", "'\\x00'", "'\\xdeadbeef00ff'", "NULL"}},
        TypeCase{"inet_becomes_text", "inet", {"'10.0.0.1/8'", "'::1'", "NULL"}}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Times, ValueRoundTripTest,
    ::testing::Values(
        TypeCase{"date",
                 "date",
                 {"'1970-01-01'", "'1969-12-31'", "'0001-01-01'", "'4713-01-01 BC'", "'9999-12-31'",
                  "'200000-01-01'", "NULL"}},
        TypeCase{"timestamptz",
                 "timestamptz",
                 {"'1970-01-01 00:00+00'", "'1969-12-31 23:59:59.999999+00'", "'0001-01-01'",
                  "'4713-01-01 00:00:00+00 BC'", "'2024-02-29 12:34:56.789012+05:30'",
                  "'9999-12-31 23:59:59.999999+00'", "NULL"}},
        TypeCase{"timestamp",
                 "timestamp",
                 {"'1970-01-01'", "'1969-12-31 23:59:59.999999'", "'2024-07-01 12:00'", "NULL"}},
        TypeCase{"timestamp_in_new_york",
                 "timestamp",
                 {"'2021-01-01 12:00'", "'2021-07-01 12:00'", "'2021-03-14 01:59:59'",
                  "'2021-03-14 02:30'", "'2021-03-14 03:00'", "'2021-11-07 00:59:59'",
                  "'2021-11-07 01:30'", "'2021-11-07 02:00'", "'1900-01-01'", "'1883-11-18 12:00'",
                  "'2200-07-01'", "NULL"},
                 "",
                 "America/New_York"},
        TypeCase{"timestamp_in_lord_howe",
                 "timestamp",
                 {"'2021-04-04 01:15'", "'2021-04-04 01:45'", "'2021-10-03 02:15'", "NULL"},
                 "",
                 "Australia/Lord_Howe"},
        TypeCase{"interval",
                 "interval",
                 {"'0'", "'1 year 2 mons 3 days 04:05:06.789012'", "'-1 mon'", "'1 mon -30 days'",
                  "'-00:00:00.000001'", "'1000 years'", "'2147483647 days'", "NULL"}}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Lists, ValueRoundTripTest,
    ::testing::Values(
        TypeCase{"texts",
                 "text[]",
                 {"'{}'", "'{NULL}'", "'{\"\",a,NULL,\"with, comma\",a}'", "NULL",
                  "array_fill('x'::text, ARRAY[1000])"}},
        TypeCase{"int2s", "int2[]", {"'{}'", "'{-32768,NULL,32767}'", "NULL"}},
        TypeCase{"int4s", "int4[]", {"'{}'", "'{-2147483648,NULL,2147483647}'", "NULL"}},
        TypeCase{"int8s",
                 "int8[]",
                 {"'{}'", "'{-9223372036854775808,NULL,9223372036854775807}'", "NULL"}},
        TypeCase{"float4s", "float4[]", {"'{}'", "'{0.1,NaN,NULL,-Infinity}'", "NULL"}},
        TypeCase{"float8s", "float8[]", {"'{}'", "'{0.1,NaN,NULL,-0}'", "NULL"}},
        TypeCase{
            "timestamptzs",
            "timestamptz[]",
            {"'{}'", "'{1970-01-01 00:00+00,NULL,2024-02-29 12:34:56.789012+05:30}'", "NULL"}}),
    [](const auto& instance) { return instance.param.name; });

struct RefusedCase {
  std::string name;
  std::string sql_type;
  std::string literal;
  std::string message;
  std::string declared_type = "";
};

void PrintTo(const RefusedCase& refused, std::ostream* out) { *out << refused.name; }

class RefusedValueTest : public LoadFixture, public ::testing::WithParamInterface<RefusedCase> {};

TEST_P(RefusedValueTest, LoadFailsAndNamesTheColumn) {
  const RefusedCase& refused = GetParam();
  Execute("CREATE TABLE edges (id serial, v " + refused.sql_type + ")");
  Execute("INSERT INTO edges (v) VALUES (NULL), (" + refused.literal + ")");
  DatasetSpec& dataset = Declare("edges");
  if (!refused.declared_type.empty()) dataset.types["v"] = refused.declared_type;
  const absl::Status status = Load("edges");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  const std::string message(status.message());
  EXPECT_THAT(message, HasSubstr("dataset 'edges'"));
  EXPECT_THAT(message, HasSubstr("'v'"));
  EXPECT_THAT(message, HasSubstr(refused.message));
  EXPECT_EQ(cache_->StatusOf("edges")->state, DatasetState::kWaiting);
  EXPECT_EQ(cache_->StatusOf("edges")->last_error, message);
  EXPECT_EQ(budget_->reserved_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedValueTest,
    ::testing::Values(
        RefusedCase{"numeric_nan", "numeric(12,2)", "'NaN'", "NaN"},
        RefusedCase{"numeric_infinity", "numeric", "'Infinity'", "nfinity", "numeric(18,4)"},
        RefusedCase{"numeric_without_precision", "numeric", "1.5", "precision"},
        RefusedCase{"numeric_of_40_digits", "numeric(40,0)", "1", "38"},
        RefusedCase{"numeric_beyond_its_declaration", "numeric", "12345.6", "numeric(5,2)",
                    "numeric(5,2)"},
        RefusedCase{"timestamp_infinity", "timestamptz", "'infinity'", "nfinity"},
        RefusedCase{"timestamp_too_far", "timestamptz", "'294276-12-31 23:59:59+00'", "294246"},
        RefusedCase{"date_too_far", "date", "'5874897-12-31'", "294246"},
        RefusedCase{"date_infinity", "date", "'-infinity'", "nfinity"},
        RefusedCase{"array_of_two_dimensions", "int4[]", "'{{1,2},{3,4}}'", "dimension"}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sextant
