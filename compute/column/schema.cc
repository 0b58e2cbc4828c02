#include "compute/column/schema.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

bool SameField(const Field& a, const Field& b) {
  return std::tie(a.name, a.type, a.nullable, a.enum_labels, a.is_blank_padded, a.unit, a.link) ==
         std::tie(b.name, b.type, b.nullable, b.enum_labels, b.is_blank_padded, b.unit, b.link);
}

bool SameLink(const SchemaLink& a, const SchemaLink& b) {
  return std::tie(a.name, a.dataset, a.kind) == std::tie(b.name, b.dataset, b.kind);
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
  return std::equal(a.links_.begin(), a.links_.end(), b.links_.begin(), b.links_.end(), SameLink);
}

std::optional<uint32_t> Schema::FindLink(std::string_view name) const {
  for (uint32_t index = 0; index < links_.size(); ++index) {
    if (links_[index].name == name) return index;
  }
  return std::nullopt;
}

std::vector<std::shared_ptr<const Schema>> WithLinks(
    std::vector<Schema> schemas, const std::vector<std::vector<NewSchemaLink>>& links) {
  SEXTANT_CHECK(links.size() == schemas.size());
  // One block of all of them, which each pointer keeps.
  const auto group = std::make_shared<std::vector<Schema>>(std::move(schemas));
  std::vector<std::shared_ptr<const Schema>> linked;
  for (Schema& schema : *group) linked.emplace_back(group, &schema);
  for (size_t i = 0; i < links.size(); ++i) {
    Schema& schema = (*group)[i];
    for (const NewSchemaLink& link : links[i]) {
      SEXTANT_CHECK(link.target < linked.size() && !schema.FindLink(link.name));
      schema.links_.push_back({link.name, link.dataset, link.kind, linked[link.target], {}});
      if (link.via) schema.links_.back().via = linked[*link.via];
    }
  }
  return linked;
}

}  // namespace sextant
