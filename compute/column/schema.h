#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compute/column/data_type.h"
#include "compute/column/dictionary.h"

namespace sextant {

using ColumnIndex = uint32_t;

/// A column as declared: what the source or a `derived:` entry says, before any row is read.
struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  /// kEnum: labels in declared order. Else empty; so
  /// not row-proportional: one per label of the type.
  std::vector<std::string> enum_labels = {};
  /// For people: "seconds", "lines", or empty.
  std::string unit = {};
  /// kText that came from char(n): trailing blanks mean nothing, and are stripped from the values
  /// (rule 8).
  bool is_blank_padded = false;
};

/// The columns of a dataset, in order, names unique. Immutable after construction, so safe for any
/// thread.
class Schema {
 public:
  Schema() = default;
  /// REQUIRES: names are unique.
  explicit Schema(std::vector<Field> fields,
                  std::optional<ColumnIndex> tenant_column = std::nullopt,
                  std::vector<ColumnIndex> key_columns = {});

  const std::vector<Field>& fields() const { return fields_; }
  const Field& field(ColumnIndex index) const { return fields_[index]; }
  uint32_t num_fields() const { return static_cast<uint32_t>(fields_.size()); }
  std::optional<ColumnIndex> Find(std::string_view name) const;
  /// Set: rows belong to tenants, and only a claim reaches them.
  std::optional<ColumnIndex> tenant_column() const { return tenant_column_; }
  /// What tells rows apart, as the dataset declares it; empty: unknown. Breaks ties (rule 9).
  const std::vector<ColumnIndex>& key_columns() const { return key_columns_; }

  friend bool operator==(const Schema& a, const Schema& b);

 private:
  std::vector<Field> fields_;  // not row-proportional: one per column
  std::optional<ColumnIndex> tenant_column_;
  std::vector<ColumnIndex> key_columns_;  // not row-proportional: one per key column
};

}  // namespace sextant
