#include "compute/column/schema.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

bool SameField(const Field& a, const Field& b) {
  return std::tie(a.name, a.type, a.nullable, a.enum_labels, a.is_blank_padded, a.unit) ==
         std::tie(b.name, b.type, b.nullable, b.enum_labels, b.is_blank_padded, b.unit);
}

}  // namespace

Schema::Schema(std::vector<Field> fields, std::optional<ColumnIndex> tenant_column,
               std::vector<ColumnIndex> key_columns)
    : fields_(std::move(fields)),
      tenant_column_(tenant_column),
      key_columns_(std::move(key_columns)) {
  absl::flat_hash_set<absl::string_view> names;
  for (const Field& field : fields_) {
    SEXTANT_CHECK(names.insert(ToAbsl(field.name)).second) << "two columns '" << field.name << "'";
  }
  SEXTANT_CHECK(!tenant_column_ || *tenant_column_ < fields_.size());
  for (const ColumnIndex key : key_columns_) SEXTANT_CHECK(key < fields_.size());
}

std::optional<ColumnIndex> Schema::Find(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  for (ColumnIndex index = 0; index < num_fields(); ++index) {
    // Names of one table are rather unlike in their last byte than in their first.
    const std::string& own = fields_[index].name;
    if (own.size() == name.size() && own.back() == name.back() && own == name) return index;
  }
  return std::nullopt;
}

bool operator==(const Schema& a, const Schema& b) {
  if (a.tenant_column_ != b.tenant_column_ || a.key_columns_ != b.key_columns_ ||
      a.num_fields() != b.num_fields()) {
    return false;
  }
  for (ColumnIndex index = 0; index < a.num_fields(); ++index) {
    if (!SameField(a.field(index), b.field(index))) return false;
  }
  return true;
}

}  // namespace sextant
