#include "compute/plan/binder/value_binder.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/expression_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/name_quotes.h"
#include "compute/plan/nearest_names.h"

namespace sextant {

namespace {

/// What to write in place of "issue.priority", where `issue` is a link.
std::string HowToLink(const Schema& schema, const std::string& name) {
  for (const SchemaLink& link : schema.links()) {
    const std::string prefix = link.name + ".";
    const std::shared_ptr<const Schema> target = link.target.lock();
    if (!name.starts_with(prefix) || target == nullptr) continue;
    const std::string column = name.substr(prefix.size());
    if (!target->Find(column)) {
      std::vector<std::string> names;
      for (const Field& field : target->fields()) names.push_back(field.name);
      return absl::StrCat("; the rows of the link '", link.name, "' have no '",
                          column.substr(0, 64), "'", DidYouMean(column.substr(0, 64), names));
    }
    if (link.kind != LinkKind::kOne) {
      return absl::StrCat("; the link '", link.name, "' leads to many rows, which exists_in(",
                          link.name, ", ..) tests, and of which the catalogue makes columns by ",
                          "count, min and max under `derived:`");
    }
    return absl::StrCat("; the catalogue makes it one by `attributes` of the link '", link.name,
                        "', and exists_in(", link.name, ", ..) tests it without");
  }
  return "";
}

}  // namespace

absl::StatusOr<ColumnIndex> ResolveColumn(const Schema& schema, const std::string& name,
                                          const std::string& field, int position) {
  if (const std::optional<ColumnIndex> index = schema.Find(name)) return *index;
  std::vector<std::string> names;
  for (const Field& column : schema.fields()) names.push_back(column.name);
  const std::string shown = name.substr(0, 64);
  const std::string what = name.empty() ? std::string("no column is named")
                                        : absl::StrCat("unknown column '", shown, "'");
  // Names outside of expressions have no position, and are not folded.
  const std::string meant =
      position >= 0 ? DidYouMeanInText(shown, names) : DidYouMean(shown, names);
  return FieldError(
      field, absl::StrCat(what, meant, HowToLink(schema, name), "; allowed: ", ListedNames(names)),
      position, NearestNames(shown, names));
}

absl::StatusOr<ResolvedValue> ResolveValue(const PredicateContext& context,
                                           const Expression& expression, const std::string& field) {
  ResolvedValue resolved;
  SEXTANT_ASSIGN_OR_RETURN(resolved.typed, BindExpression(context, expression, field));
  resolved.typed = TypedAsText(std::move(resolved.typed));
  resolved.value = ValueOf(resolved.typed);
  return resolved;
}

}  // namespace sextant
