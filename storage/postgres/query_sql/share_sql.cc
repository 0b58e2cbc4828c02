#include "storage/postgres/query_sql/share_sql.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "compute/plan/student_quantile.h"
#include "storage/postgres/query_sql/constant_sql.h"

namespace sextant {

std::string ShareBoundSql(const std::string& passing, const std::string& samples, double level) {
  const bool is_lower = level < 0;
  const double z = NormalQuantile(std::fabs(level));
  const std::string square = FloatSql(z * z);
  return absl::StrCat(
      "(SELECT CASE WHEN s.n < 2 THEN NULL WHEN s.k = ", is_lower ? "0 THEN 0" : "s.n THEN 1",
      " ELSE (s.k / s.n + ", square, " / s.n / 2 ", is_lower ? "-" : "+", " ", FloatSql(z),
      " * sqrt(s.k / s.n * (1 - s.k / s.n) / s.n + ", square, " / s.n / (4 * s.n))) / (1 + ",
      square, " / s.n) END FROM (VALUES ((", passing, ")::double precision, (", samples,
      ")::double precision)) AS s(k, n))");
}

}  // namespace sextant
