// Casts of text: the engine, its equivalent SQL and PostgreSQL's own cast (rule 5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/storage/postgres/loaded_dataset.h"
#include "tests/storage/postgres/sql_agreement.h"
#include "tests/testing/postgres_cluster.h"

namespace sextant {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Texts that are a value of one type or another, or nearly. `tried` is PostgreSQL's cast to a
/// type and back to text; NULL where it fails.
constexpr char kTexts[] = R"sql(
CREATE TABLE texts (id bigserial PRIMARY KEY, tenant text NOT NULL DEFAULT 'acme', t text);
INSERT INTO texts (t) VALUES (NULL), (''), (' '), ('0'), ('-0'), ('+7'), ('++7'), ('+-7'), ('- 7'),
  ('7 7'), ('007'), (' 42'), (E'\t42\n'), (E'\x0b42\f\r'), (U&'\00A042'), ('٣'), ('1_000'), ('1,5'),
  ('32767'), ('32768'), ('-32768'), ('-32769'), ('2147483647'), ('2147483648'), ('-2147483648'),
  ('-2147483649'), ('9223372036854775807'), ('9223372036854775808'), ('-9223372036854775808'),
  ('-9223372036854775809'), ('00000000000000000000000000005'), ('99999999999999999999999999'),
  ('1.'), ('.5'), ('.'), ('-.5'), ('1.5'), ('2.5'), ('-2.5'), ('1.005'), ('0.125'), ('0.135'),
  ('-0.125'), ('99999999.994'), ('99999999.995'), ('99999999.99499999999999999999999999999999999'),
  ('123456789012345678901234567890.25'), ('9999999999999999999999999999999999999.94'),
  ('1e3'), ('1E+3'), ('1e-3'), ('1e'), ('e5'), ('1e+'), ('1e+-3'), ('1e0000000003'), ('1e 3'),
  ('0e5'), ('0e99999'), ('0e100000'), ('0e99999999999'), ('1e99999'), ('1e-99999'), ('1e-100001'),
  ('1e400'), ('-1e400'), ('1e308'), ('1.7976931348623157e308'), ('1.7976931348623158e308'),
  ('1.7976931348623159e308'), ('1e-400'), ('4.9e-324'), ('2.4703282292062328e-324'),
  ('2.4703282292062327e-324'), ('1e-320'), ('3.4028235e38'), ('3.4028236e38'), ('3.5e38'),
  ('7.1e-46'), ('7.0e-46'), ('1e-45'), ('1.17549435e-38'), ('16777217'), ('0.1'), ('1e23'),
  ('9007199254740993'), ('8.41e21'), ('0x10'), ('0x1p3'), ('-0x1.8P-3'), ('0x'), ('0x.8'), ('0x1p'),
  ('0xfffffffffffffbff'), ('0x1000001.1'), ('NaN'), ('nan'), ('-nan'), ('nan(a_1)'),
  ('inf'), ('+Infinity'), ('-INF'), ('infin'), ('infinit'), ('- inf'), ('true'), ('TRUE'), (' t '),
  ('tr'), ('truee'), ('yes'), ('y'), ('on'), ('o'), ('of'), ('off'), ('1'), ('01'), ('no'), ('F'),
  ('fals'), ('ye'), ('tRu'), ('cfcd2084-95d5-65ef-66e7-dff9f98764da'),
  ('{CFCD2084-95D5-65EF-66E7-DFF9F98764DA}'), ('cfcd208495d565ef66e7dff9f98764da'),
  (' cfcd2084-95d5-65ef-66e7-dff9f98764da'), ('{cfcd2084-95d5-65ef-66e7-dff9f98764da'),
  ('cfcd-2084-95d5-65ef-66e7-dff9-f987-64da'), ('cf-cd2084-95d5-65ef-66e7-dff9f98764da'),
  ('cfcd2084-95d5-65ef-66e7-dff9f98764da-'), ('cfcd2084-95d5-65ef-66e7-dff9f98764dg'),
  ('2024-02-29'), ('2023-02-29'), ('2024-2-9'), ('1900-02-29'), ('2000-02-29'), ('2024-13-01'),
  ('2024-00-10'), ('2024-04-31'), ('2024-01-00'), ('0000-01-01'), ('0001-01-01'),
  ('0001-01-01 BC'), ('0005-02-29 bc'), ('0004-02-29 BC'), ('4714-11-24 BC'), ('4714-11-23 BC'),
  ('4715-01-01BC'), ('12024-05-05'), ('294276-12-31'), ('294277-01-01'), ('999-01-01'),
  (' 2024-01-02 '), ('2024-01-02T'), ('2024-01-02 10'), ('2024-01-02 10:00'), ('2024-01-02T10:00Z'),
  ('2024-01-02t10:00:00.25+02'), ('2024-01-02   9:05:07,5 -03:30'), ('2024-01-02 10:00:60'),
  ('2024-01-02 23:59:60'), ('2024-01-02 23:59:60.5'), ('2024-01-02 24:00'),
  ('2024-01-02 24:00:00.0000001'), ('2024-01-02 24:00:00.000001'), ('2024-01-02 24:01'),
  ('2024-01-02 23:59:59.9999999'), ('2024-01-02 10:60'), ('2024-01-02 10:00:61'),
  ('2024-01-02 10:00+1530'), ('2024-01-02 10:00+1600'), ('2024-01-02 10:00-530'),
  ('2024-01-02 10:00+05:30:59'), ('2024-01-02 10:00 BC'), ('2024-01-0210:00'),
  ('2024-01-112:00'), ('2024-01-02 10:00 z bc'), ('20240102'), ('01/02/2024'), ('Jan 2, 2024'),
  ('today'), ('infinity'), ('epoch'), ('abc'), ('''; DROP TABLE texts --'), ('\'), ('7\');
INSERT INTO texts (t) SELECT repeat('0', 2000) || '1.' || repeat('3', 2000) || 'e' || e
FROM unnest(ARRAY[0, 5, -5, 9999, -9999, 10000, -10000]) AS e;
CREATE FUNCTION tried(t text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT ($1::%s)::text', type) INTO answer USING t;
  RETURN answer;
EXCEPTION WHEN others THEN
  RETURN NULL;
END $$;
)sql";

const SqlItems& Texts() {
  static const SqlItems texts = [] {
    SqlItems made;
    made.conninfo = PostgresCluster::Shared().CreateDatabase();
    ExecuteSql(made.conninfo, kTexts);
    made.spec = TableDataset("texts");
    made.spec.tenant = "tenant";
    made.spec.key = {"id"};
    made.table = *LoadDataset(made.conninfo, made.spec);
    return made;
  }();
  return texts;
}

Query Ask(const std::string& expression) {
  Query query;
  for (const std::string& text : {expression, std::string("count(*)")}) {
    Metric metric;
    metric.name = absl::StrCat("m", query.metrics.size());
    metric.dataset = "d";
    metric.expression = text;
    query.metrics.push_back(std::move(metric));
  }
  query.group_by.push_back(GroupAxis::Of("id"));
  return query;
}

/// What each text is as `type`.
Query AskValues(const std::string& type) {
  return Ask(absl::StrCat("(array_agg(t::", type, " ORDER BY id))[1]"));
}

/// The texts of which the equivalent SQL makes another value of `type` than PostgreSQL does.
std::vector<std::string> TextsReadOtherwise(const std::string& type) {
  const auto printed = PrintAgainst(Texts(), AskValues(type));
  EXPECT_TRUE(printed.ok()) << printed.status();
  if (!printed.ok()) return {"nothing"};
  EXPECT_THAT(printed->unsupported, IsEmpty());
  std::vector<std::string> texts;
  const std::string sql = absl::StrCat(
      "SET DateStyle = ISO; SELECT left(t, 60) FROM texts LEFT JOIN (\n", printed->text,
      "\n) AS a USING (id) WHERE m0::text IS DISTINCT FROM tried(t, '", type, "') ORDER BY id");
  for (const auto& row : ExecuteSql(Texts().conninfo, sql)) texts.push_back(*row[0]);
  return texts;
}

class QuerySqlTextCastTest : public testing::TestWithParam<const char*> {};

TEST_P(QuerySqlTextCastTest, Rule25TheSqlGivesTheAnswer) {
  ExpectSqlGivesTheAnswer(AskValues(GetParam()), Texts());
}

TEST_P(QuerySqlTextCastTest, Rule5AFilterByACastThatFailsKeepsNoRow) {
  const std::string type = GetParam();
  Query query = Ask("count(t)");
  query.where = absl::StrCat("(t::", type, ") IS NOT NULL AND NOT coalesce(t, '') = 'abc'");
  ExpectSqlGivesTheAnswer(query, Texts());
}

INSTANTIATE_TEST_SUITE_P(Types, QuerySqlTextCastTest,
                         testing::Values("smallint", "int", "bigint", "real", "float8",
                                         "numeric(10,2)", "numeric(38,1)", "numeric(5,5)",
                                         "numeric(38,0)", "bool", "date", "uuid"));

TEST(QuerySqlTextCastPostgresTest, Rule5ATextIsNullWherePostgresFails) {
  for (const char* const type : {"smallint", "int", "bigint", "float8", "bool", "uuid"}) {
    EXPECT_THAT(TextsReadOtherwise(type), IsEmpty()) << type;
  }
}

// PostgreSQL 16 refuses 1e 3 too.
TEST(QuerySqlTextCastPostgresTest, ANumericIsADecimalNumberOfAnyExponent) {
  EXPECT_THAT(TextsReadOtherwise("numeric(10,2)"), ElementsAre("1e 3", "1e-99999", "NaN", "nan"));
}

TEST(QuerySqlTextCastPostgresTest, ADateIsOfTheFormsThatARequestMayHave) {
  EXPECT_THAT(TextsReadOtherwise("date"),
              ElementsAre("294277-01-01", "999-01-01", "2024-01-02   9:05:07,5 -03:30", "20240102",
                          "01/02/2024", "Jan 2, 2024", "today", "infinity", "epoch"));
}

}  // namespace
}  // namespace sextant
