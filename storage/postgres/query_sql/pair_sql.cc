#include "storage/postgres/query_sql/pair_sql.h"

#include "absl/strings/str_cat.h"

namespace sextant {

std::string OfPairSql(const std::string& left, const std::string& right,
                      const std::string& expression) {
  // OFFSET 0 keeps the row apart.
  return absl::StrCat("(SELECT ", expression, " FROM (VALUES (", left, ", ", right,
                      ") OFFSET 0) AS n(a, b))");
}

}  // namespace sextant
