#include "storage/postgres/source_sql.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

SourceOrigin TableOrigin() {
  SourceRelation relation;
  relation.schema = "github";
  relation.name = "pulls";
  return {.table = relation, .query = ""};
}

TEST(SourceSqlTest, ATableKeepsItsNameSoThatWhereMayUseIt) {
  SourceSelect select;
  select.columns = {{.name = "id", .cast = ""}};
  select.where = "pulls.id > 5";
  EXPECT_EQ(BuildSelect(TableOrigin(), select),
            "SELECT \"pulls\".\"id\" FROM \"github\".\"pulls\" WHERE (\npulls.id > 5\n)");
}

TEST(SourceSqlTest, CastsKeepTheColumnsName) {
  SourceSelect select;
  select.columns = {{.name = "a\"b", .cast = "pg_catalog.text"}};
  EXPECT_EQ(BuildSelect(TableOrigin(), select),
            "SELECT CAST(\"pulls\".\"a\"\"b\" AS pg_catalog.text) AS \"a\"\"b\" FROM "
            "\"github\".\"pulls\"");
}

TEST(SourceSqlTest, TextOrdersByBytesAndOrderKeysAreTheSourcesColumns) {
  SourceSelect select;
  select.columns = {{.name = "id", .cast = "text"}};
  select.order_by = {{.name = "account", .by_bytes = true}, {.name = "id", .by_bytes = false}};
  EXPECT_EQ(BuildSelect(TableOrigin(), select),
            "SELECT CAST(\"pulls\".\"id\" AS text) AS \"id\" FROM \"github\".\"pulls\" ORDER BY "
            "\"pulls\".\"account\" COLLATE \"C\", \"pulls\".\"id\"");
}

TEST(SourceSqlTest, AQueryMayEndWithASemicolonOrAComment) {
  SourceOrigin origin;
  origin.query = " SELECT 1 AS a ; ;\n";
  EXPECT_EQ(SelectAll(origin), "SELECT * FROM (\nSELECT 1 AS a\n) AS source");
  origin.query = "SELECT 1 AS a -- one";
  EXPECT_EQ(SelectAll(origin), "SELECT * FROM (\nSELECT 1 AS a -- one\n) AS source");
}

}  // namespace
}  // namespace sextant
