#include "storage/postgres/query_sql/condition_sql.h"

#include <vector>

#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/predicate_sql.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

std::string PrintConditionSql(const BoundPredicate& condition, const Schema& schema) {
  std::vector<std::string> unsupported;
  const SqlScope scope = {
      .schema = &schema,
      .column = [&](ColumnIndex column) { return QuoteIdentifier(schema.field(column).name); },
      .unsupported = &unsupported};
  return PredicateSql(scope, condition);
}

}  // namespace sextant
