// What constants mean is PostgreSQL's to say: every condition here is asked of a real server and
// of the bound predicate, row by row, as TRUE, FALSE or NULL.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/time_zone.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

constexpr int128_t kMicrosPerSecond = 1'000'000;

/// A value as predicates see it.
struct Key {
  int128_t number = 0;
  std::string bytes;
};
using Row = std::vector<std::optional<Key>>;

struct TestColumn {
  const char* name;
  const char* sql_type;
  DataType type;
  const char* key_sql;  // the text that the key is read from
  std::vector<const char*> values;
  std::vector<const char*> constants;
};

std::vector<TestColumn> NumberColumns() {
  return {
      {"b",
       "bool",
       DataType::Of(TypeKind::kBool),
       "b::int",
       {"true", "false"},
       {"true", "false", "'t'", "'off'", "bool 'yes'"}},
      {"i2",
       "int2",
       DataType::Of(TypeKind::kInt16),
       "i2",
       {"-32768", "-1", "0", "1", "2", "32767"},
       {"0", "1", "-1", "1.5", "-1.5", "1.0", "40000", "'1'", "1.5::float8", "1::bigint", "1e10",
        "-1::float8", "'NaN'::float8"}},
      {"i8",
       "int8",
       DataType::Of(TypeKind::kInt64),
       "i8",
       {"-9223372036854775808", "-1", "0", "7", "9007199254740992", "9007199254740993",
        "9007199254740994", "9223372036854775807"},
       {"0", "7", "9007199254740992::float8", "9007199254740993", "9007199254740993.5",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "9223372036854775807::float8", "1e30", "'7'", "7.0::numeric",
        "'Infinity'::float8", "'-Infinity'::float8"}},
      {"f4",
       "float4",
       DataType::Of(TypeKind::kFloat32),
       "f4::float8",
       {"-1.5", "0", "-0", "0.1", "0.2", "16777216", "'NaN'", "'Infinity'", "'-Infinity'"},
       {"0", "0.1", "'0.1'", "0.1::float4", "0.1::float8", "16777217", "'NaN'", "0.2", "1",
        "'Infinity'", "-1.5"}},
      {"f8",
       "float8",
       DataType::Of(TypeKind::kFloat64),
       "f8",
       {"-1.5", "0", "-0", "0.1", "1e300", "5e-324", "'NaN'", "'Infinity'", "'-Infinity'"},
       {"0", "0.1", "'0.1'", "1", "1e300", "'NaN'", "0.1::float4", "-0.0", "'-Infinity'",
        "0.10000000000000001"}},
      {"d",
       "numeric(10,2)",
       DataType::Decimal(10, 2),
       "d",
       {"-1.50", "0", "0.10", "1.50", "1.51", "99999999.99", "-99999999.99"},
       {"0", "0.1", "1.505", "1.5", "'1.50'", "-1.5", "0.1::float8", "1e9", "1.51::numeric", "2",
        "1.51::float8", "-1.505"}},
      {"w",
       "numeric(30,4)",
       DataType::Decimal(30, 4),
       "w",
       {"-1.5", "0", "0.1", "12345678901234567890.1234", "12345678901234567890.1235"},
       {"0", "0.1", "12345678901234567890.1234", "12345678901234567890.12345",
        "12345678901234567890.1234::float8", "0.1::float8", "'0.1'", "1e40", "-1e40"}},
  };
}

std::vector<TestColumn> TextColumns() {
  return {
      {"t",
       "text COLLATE \"C\"",
       DataType::Of(TypeKind::kText),
       "t",
       {"''", "'a'", "'B'", "'b'", "'ab'", "'\xc3\xa4'", "'a '"},
       {"''", "'a'", "'b'", "'\xc3\xa4'", "'a'::text", "'a '::varchar", "'a '::text"}},
      {"c",
       "char(4) COLLATE \"C\"",
       DataType::Of(TypeKind::kText),
       "c::text",
       {"''", "'a'", "'b'", "'ab'", "'a b'"},
       {"''", "'a'", "'a   '", "'ab  '", "'a  '::bpchar"}},
      {"e",
       "mood",
       DataType::Of(TypeKind::kEnum),
       "array_position(enum_range(NULL::mood), e) - 1",
       {"'sad'", "'ok'", "'happy'"},
       {"'sad'", "'ok'", "'happy'", "'ok'::mood"}},
      {"u",
       "uuid",
       DataType::Of(TypeKind::kUuid),
       "u",
       {"'00000000-0000-0000-0000-000000000000'", "'7fffffff-ffff-ffff-ffff-ffffffffffff'",
        "'80000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"},
       {"'00000000000000000000000000000000'", "'{7FFFFFFF-ffff-ffff-ffff-ffffffffffff}'",
        "uuid '80000000-0000-0000-0000-000000000000'", "'ffffffffffffffffffffffffffffffff'"}},
  };
}

std::vector<TestColumn> TimeColumns() {
  return {
      {"day",
       "date",
       DataType::Of(TypeKind::kDate),
       "day - date '1970-01-01'",
       {"'2024-11-02'", "'2024-11-03'", "'2024-11-04'", "'2011-12-30'", "'2011-12-31'",
        "'0001-01-01 BC'", "'9999-12-31'"},
       {"'2024-11-03'", "date '2024-11-03'", "timestamp '2024-11-03'",
        "timestamp '2024-11-03 00:00:00.5'", "timestamptz '2024-11-03'",
        "timestamptz '2024-11-03 04:00Z'", "timestamptz '2024-11-03 05:00Z'",
        "timestamptz '2011-12-30 10:00Z'", "timestamptz '2024-11-02 18:30Z'",
        "'2024-11-03 17:00'"}},
      {"ts",
       "timestamptz",
       DataType::Of(TypeKind::kTimestamp),
       "(extract(epoch from ts) * 1000000)::bigint",
       {"'2024-11-03 04:00Z'", "'2024-11-03 05:00Z'", "'2024-11-03 04:59:59.999999Z'",
        "'2024-03-10 05:00Z'", "'2024-11-02 18:30Z'", "'2011-12-30 10:00Z'",
        "'0044-03-15 12:00Z BC'", "'1900-01-01 00:00Z'"},
       {"'2024-11-03'", "date '2024-11-03'", "timestamp '2024-11-03'", "'2024-11-03 00:30'",
        "'2024-03-10 00:30'", "timestamptz '2024-11-03 05:00Z'", "'2024-11-03 10:30:00+05:30'",
        "'2011-12-30'", "'1900-01-01'", "'0044-03-15 12:00 BC'",
        "timestamp '2024-11-03 00:00+09'"}},
      {"iv",
       "interval",
       DataType::Of(TypeKind::kInterval),
       "iv",
       {"'1 mon'", "'30 days'", "'29 days 24:00:01'", "'-1 day'", "'0'", "'1 year'", "'365 days'"},
       {"'1 mon'", "interval '30 days'", "'720 hours'", "'-24:00'", "'P1Y'", "'360 days'",
        "'1.5 months'", "'0.7 months'", "'1 day 2'"}},
      {"lag",
       "interval",
       DataType::Of(TypeKind::kDuration),
       "lag",
       {"'2 days'", "'48 hours'", "'-00:00:00.000001'", "'0'", "'30 days'"},
       {"'2 days'", "interval '1 month'", "'172800 seconds'", "'0'", "'-1 us'", "'PT48H'"}},
      {"by",
       "bytea",
       DataType::Of(TypeKind::kBytes),
       "encode(by, 'hex')",
       {"''", "'\\x00'", "'\\x41'", "'\\xff'"},
       {"'\\x41'", "'A'", "'\\000'", "bytea '\\xff'"}},
  };
}

const std::vector<TestColumn>& Columns() {
  static const std::vector<TestColumn>& columns = *[] {
    auto* all = new std::vector<TestColumn>;
    for (const auto& some : {NumberColumns(), TextColumns(), TimeColumns()}) {
      all->insert(all->end(), some.begin(), some.end());
    }
    return all;
  }();
  return columns;
}

Key KeyOf(const DataType& type, const std::string& text) {
  switch (type.kind) {
    case TypeKind::kText:
      return {.number = 0, .bytes = text};
    case TypeKind::kBytes:
      return {.number = 0, .bytes = ParseBytes("\\x" + text).value()};
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return {.number = FloatKey(ParseDouble(text).value()), .bytes = ""};
    case TypeKind::kUuid:
      return {.number = WideKey(type, ParseUuid(text).value()), .bytes = ""};
    case TypeKind::kInterval:
    case TypeKind::kDuration: {
      int64_t parts[3] = {};
      EXPECT_EQ(sscanf(text.c_str(), "%ld %ld %ld", &parts[0], &parts[1], &parts[2]), 3) << text;
      return {.number = (parts[0] * int128_t{30} + parts[1]) * 86'400 * kMicrosPerSecond + parts[2],
              .bytes = ""};
    }
    default:
      return {.number = ParseScaledDecimal(text, type.scale).value().floor, .bytes = ""};
  }
}

/// Months, days and microseconds of an interval, which KeyOf reads.
std::string KeySql(const TestColumn& column) {
  if (column.type.kind != TypeKind::kInterval && column.type.kind != TypeKind::kDuration) {
    return column.key_sql;
  }
  const std::string value = column.key_sql;
  return absl::StrCat("(extract(year from ", value, ") * 12 + extract(month from ", value,
                      "))::bigint || ' ' || extract(day from ", value,
                      ")::bigint || ' ' || (extract(hour from ", value,
                      ") * 3600000000 + extract(minute from ", value,
                      ") * 60000000 + extract(second from ", value, ") * 1000000)::bigint");
}

/// Whether the row is among those a bound predicate stands for.
bool Keeps(const BoundPredicate& predicate, const Row& row);

struct LeafTest {
  const Row& row;

  const std::optional<Key>& At(const BoundValue& value) const { return row[value.column]; }
  static std::optional<bool> Within(const std::optional<Key>& key, int128_t min, int128_t max) {
    if (!key) return std::nullopt;
    return min <= key->number && key->number <= max;
  }
  template <typename T>
  static std::optional<bool> Among(const std::optional<Key>& key, const std::vector<T>& keys) {
    if (!key) return std::nullopt;
    return std::any_of(keys.begin(), keys.end(), [&](T one) { return key->number == one; });
  }

  std::optional<bool> operator()(const ConstantLeaf& leaf) const {
    if (leaf.value == ConstantLeaf::Value::kNull) return std::nullopt;
    return leaf.value == ConstantLeaf::Value::kTrue;
  }
  std::optional<bool> operator()(const NullLeaf& leaf) const { return !At(leaf.value).has_value(); }
  std::optional<bool> operator()(const IntegerRangeLeaf& leaf) const {
    return Within(At(leaf.value), leaf.min, leaf.max);
  }
  std::optional<bool> operator()(const WideRangeLeaf& leaf) const {
    return Within(At(leaf.value), leaf.min, leaf.max);
  }
  std::optional<bool> operator()(const IntegerSetLeaf& leaf) const {
    return Among(At(leaf.value), leaf.keys);
  }
  std::optional<bool> operator()(const WideSetLeaf& leaf) const {
    return Among(At(leaf.value), leaf.keys);
  }
  std::optional<bool> operator()(const TextRangeLeaf& leaf) const {
    const std::optional<Key>& key = At(leaf.value);
    if (!key) return std::nullopt;
    const std::string& text = key->bytes;
    if (leaf.min && (leaf.min_inclusive ? text < *leaf.min : text <= *leaf.min)) return false;
    if (leaf.max && (leaf.max_inclusive ? text > *leaf.max : text >= *leaf.max)) return false;
    return true;
  }
  std::optional<bool> operator()(const TextSetLeaf& leaf) const {
    const std::optional<Key>& key = At(leaf.value);
    if (!key) return std::nullopt;
    return std::binary_search(leaf.texts.begin(), leaf.texts.end(), key->bytes);
  }
  template <typename Node>
  std::optional<bool> operator()(const Node&) const {
    return std::nullopt;  // no other leaf comes of these conditions
  }
  std::optional<bool> operator()(const AndNode& node) const {
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const BoundPredicate& child) { return Keeps(child, row); });
  }
  std::optional<bool> operator()(const OrNode& node) const {
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const BoundPredicate& child) { return Keeps(child, row); });
  }
};

bool Keeps(const BoundPredicate& predicate, const Row& row) {
  const std::optional<bool> truth = std::visit(LeafTest{row}, predicate.node);
  return truth.has_value() && *truth != predicate.negated;
}

class PostgresAgreementTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    conninfo_ = new std::string(PostgresCluster::Shared().CreateDatabase());
    std::string sql =
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TABLE v (id int PRIMARY KEY";
    size_t num_rows = 0;
    for (const TestColumn& column : Columns()) {
      absl::StrAppend(&sql, ", ", column.name, " ", column.sql_type);
      num_rows = std::max(num_rows, column.values.size() + 1);
    }
    absl::StrAppend(&sql, ");");
    for (size_t row = 0; row < num_rows; ++row) {
      absl::StrAppend(&sql, "INSERT INTO v VALUES (", row);
      for (const TestColumn& column : Columns()) {
        // The last rows of a shorter column are NULL.
        absl::StrAppend(&sql, ", ", row < column.values.size() ? column.values[row] : "NULL");
      }
      absl::StrAppend(&sql, ");");
    }
    ExecuteSql(*conninfo_, sql);
  }
  static void TearDownTestSuite() { delete conninfo_; }

  static Schema SchemaOfColumns() {
    std::vector<Field> fields;
    for (const TestColumn& column : Columns()) {
      fields.push_back({.name = column.name, .type = column.type});
      fields.back().is_blank_padded = std::string_view(column.sql_type).starts_with("char");
      if (column.type.kind == TypeKind::kEnum) fields.back().enum_labels = {"sad", "ok", "happy"};
    }
    return Schema(std::move(fields));
  }

  static std::string InZone(const char* zone, const std::string& sql) {
    return absl::StrCat("SET timezone = '", zone, "'; SET extra_float_digits = 1; ", sql);
  }

  static std::vector<Row> Rows() {
    std::vector<std::string> keys;
    for (const TestColumn& column : Columns()) keys.push_back("(" + KeySql(column) + ")::text");
    std::vector<Row> rows;
    for (const auto& texts :
         ExecuteSql(*conninfo_,
                    InZone("UTC", "SELECT " + absl::StrJoin(keys, ", ") + " FROM v ORDER BY id"))) {
      Row row;
      for (size_t i = 0; i < texts.size(); ++i) {
        row.push_back(texts[i] ? std::optional<Key>(KeyOf(Columns()[i].type, *texts[i]))
                               : std::nullopt);
      }
      rows.push_back(std::move(row));
    }
    return rows;
  }

  static void ExpectAgreement(const std::vector<std::string>& conditions) {
    const std::vector<Row> rows = Rows();
    for (const char* zone : {"UTC", "America/Havana", "Asia/Kolkata", "Pacific/Apia"}) {
      SCOPED_TRACE(zone);
      // One statement asks many conditions: a connection for each would take minutes.
      constexpr size_t kConditionsPerStatement = 200;
      for (size_t i = 0; i < conditions.size(); i += kConditionsPerStatement) {
        const size_t count = std::min(kConditionsPerStatement, conditions.size() - i);
        ExpectAgreementOf({conditions.data() + i, count}, rows, zone);
      }
    }
  }

  static void ExpectAgreementOf(std::span<const std::string> conditions,
                                const std::vector<Row>& rows, const char* zone) {
    const Schema schema = SchemaOfColumns();
    const PredicateContext context = {schema, FindTimeZone(zone).value(), QueryLimits()};
    const auto answers = ExecuteSql(
        *conninfo_, InZone(zone, absl::StrCat("SELECT (", absl::StrJoin(conditions, ")::text, ("),
                                              ")::text FROM v ORDER BY id")));
    ASSERT_EQ(answers.size(), rows.size());
    for (size_t i = 0; i < conditions.size(); ++i) {
      const auto parsed = ParseFilter(conditions[i], "where");
      ASSERT_TRUE(parsed.ok()) << conditions[i] << ": " << parsed.status();
      Predicate negation;
      negation.kind = Predicate::Kind::kNot;
      negation.children = {*parsed};
      const auto holds = BindPredicate(context, *parsed);
      const auto fails = BindPredicate(context, negation);
      ASSERT_TRUE(holds.ok()) << conditions[i] << ": " << holds.status();
      for (size_t row = 0; row < rows.size(); ++row) {
        const char* const ours = Keeps(*holds, rows[row])   ? "true"
                                 : Keeps(*fails, rows[row]) ? "false"
                                                            : "null";
        EXPECT_EQ(ours, answers[row][i].value_or("null"))
            << conditions[i] << " in row " << row << ": " << ToString(*holds);
      }
    }
  }

 private:
  static std::string* conninfo_;
};

std::string* PostgresAgreementTest::conninfo_ = nullptr;

TEST_F(PostgresAgreementTest, Rule2ComparisonsWithEveryConstant) {
  std::vector<std::string> conditions;
  for (const TestColumn& column : Columns()) {
    for (const char* constant : column.constants) {
      for (const char* op : {"=", "<>", "<", "<=", ">", ">="}) {
        conditions.push_back(absl::StrCat(column.name, " ", op, " ", constant));
      }
    }
  }
  ExpectAgreement(conditions);
}

TEST_F(PostgresAgreementTest, Rule15ListsAndRangesOfPairsOfConstants) {
  std::vector<std::string> conditions;
  for (const TestColumn& column : Columns()) {
    conditions.push_back(absl::StrCat(column.name, " IS NULL"));
    conditions.push_back(absl::StrCat(column.name, " = NULL"));
    for (size_t i = 0; i < column.constants.size(); ++i) {
      const char* first = column.constants[i];
      const char* second = column.constants[(i + 1) % column.constants.size()];
      conditions.push_back(absl::StrCat(column.name, " BETWEEN ", first, " AND ", second));
      conditions.push_back(absl::StrCat(column.name, " NOT BETWEEN NULL AND ", first));
      conditions.push_back(absl::StrCat(column.name, " IN (", first, ")"));
      conditions.push_back(absl::StrCat(column.name, " IN (", first, ", ", first, ")"));
      conditions.push_back(absl::StrCat(column.name, " NOT IN (", first, ", NULL)"));
    }
  }
  ExpectAgreement(conditions);
}

TEST_F(PostgresAgreementTest, ThreeValuedLogicOfAndOrNot) {
  std::vector<std::string> conditions;
  const char* const leaves[] = {"b", "i2 > 0", "t = 'a'", "f8 IN (0, NULL)", "b IS NOT TRUE"};
  for (const char* left : leaves) {
    for (const char* right : leaves) {
      for (const char* op : {"AND", "OR"}) {
        conditions.push_back(absl::StrCat("NOT (", left, " ", op, " NOT (", right, "))"));
        conditions.push_back(absl::StrCat(left, " ", op, " (", right, " OR NOT b)"));
      }
    }
  }
  ExpectAgreement(conditions);
}

}  // namespace
}  // namespace sextant
