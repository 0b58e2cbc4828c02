#include "storage/schema_drift.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sextant {
namespace {

bool IsDerived(const DatasetSpec& spec, const std::string& column) {
  return std::any_of(spec.derived.begin(), spec.derived.end(),
                     [&](const DerivedSpec& derived) { return derived.name == column; });
}

}  // namespace

std::vector<Field> SourceFields(const DatasetSpec& spec, const Schema& published) {
  std::vector<Field> fields;
  for (const Field& field : published.fields()) {
    if (field.link.empty() && !IsDerived(spec, field.name)) fields.push_back(field);
  }
  return fields;
}

absl::Status CheckDrift(const std::vector<Field>& published_fields, const Schema& now) {
  std::vector<std::string> differences;
  for (const Field& field : published_fields) {
    const std::optional<ColumnIndex> index = now.Find(field.name);
    if (!index.has_value()) {
      differences.push_back(
          absl::StrCat("column '", field.name, "' (", TypeName(field.type), ") is gone"));
    } else if (now.field(*index).type != field.type) {
      differences.push_back(absl::StrCat("column '", field.name, "' is ",
                                         TypeName(now.field(*index).type), ", was ",
                                         TypeName(field.type)));
    }
  }
  if (differences.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the source has changed since the published version was loaded: ",
                   absl::StrJoin(differences, "; "),
                   "; that version stays, restart the server to accept the change"));
}

}  // namespace sextant
