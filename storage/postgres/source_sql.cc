#include "storage/postgres/source_sql.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace sextant {
namespace {

// A query may end with a semicolon, as people write it, or with a comment: the newline ends that.
std::string FromItem(const SourceOrigin& origin) {
  if (origin.table.has_value()) return origin.table->Quoted();
  absl::string_view query = absl::StripAsciiWhitespace(origin.query);
  while (absl::ConsumeSuffix(&query, ";")) query = absl::StripTrailingAsciiWhitespace(query);
  return absl::StrCat("(\n", query, "\n) AS source");
}

// A table keeps its own name, so that `where` may use it.
std::string ColumnReference(const SourceOrigin& origin, const std::string& name) {
  const std::string alias =
      origin.table.has_value() ? QuoteIdentifier(origin.table->name) : "source";
  return absl::StrCat(alias, ".", QuoteIdentifier(name));
}

}  // namespace

std::string SelectAll(const SourceOrigin& origin) { return "SELECT * FROM " + FromItem(origin); }

std::string BuildSelect(const SourceOrigin& origin, const SourceSelect& select) {
  std::string sql = "SELECT ";
  absl::StrAppend(
      &sql, absl::StrJoin(select.columns, ", ",
                          [&](std::string* out, const SourceSelect::Column& column) {
                            const std::string reference = ColumnReference(origin, column.name);
                            if (column.cast.empty()) {
                              out->append(reference);
                            } else {
                              absl::StrAppend(out, "CAST(", reference, " AS ", column.cast, ") AS ",
                                              QuoteIdentifier(column.name));
                            }
                          }));
  absl::StrAppend(&sql, " FROM ", FromItem(origin));
  if (!select.where.empty()) absl::StrAppend(&sql, " WHERE (\n", select.where, "\n)");
  if (select.order_by.empty()) return sql;
  absl::StrAppend(&sql, " ORDER BY ",
                  absl::StrJoin(select.order_by, ", ",
                                [&](std::string* out, const SourceSelect::OrderKey& key) {
                                  absl::StrAppend(out, ColumnReference(origin, key.name),
                                                  key.by_bytes ? " COLLATE \"C\"" : "");
                                }));
  return sql;
}

}  // namespace sextant
