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
  /// Of a column that is read from linked rows ("issue.priority"): the name of the link. Else
  /// empty.
  std::string link = {};
};

/// How many rows a link leads to.
enum class LinkKind : uint8_t {
  kOne,   // many-to-one: at most one, the parent
  kMany,  // one-to-many, or many-to-many through a bridge: any number
};

class Schema;

/// A link from the rows of a dataset to those of another, as conditions see it.
struct SchemaLink {
  std::string name;
  std::string dataset;  // that it leads to
  LinkKind kind = LinkKind::kOne;
  /// Of that dataset. Schemas of a group may lead to one another in circles, and live and die
  /// together: never expired while the schema that has this link lives.
  std::weak_ptr<const Schema> target;
  /// Of the bridge; empty without one.
  std::weak_ptr<const Schema> via;
};

/// Links of a schema, and which of the schemas they lead to.
struct NewSchemaLink {
  std::string name;
  std::string dataset;
  LinkKind kind = LinkKind::kOne;
  size_t target = 0;  // position among the schemas
  std::optional<size_t> via = {};
};

/// `schemas` with the links of each: `links[i]` are those of `schemas[i]`. REQUIRES: names of a
/// schema's links are unique.
std::vector<std::shared_ptr<const Schema>> WithLinks(
    std::vector<Schema> schemas, const std::vector<std::vector<NewSchemaLink>>& links);

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
  /// Empty but for schemas of WithLinks, and copies of them.
  const std::vector<SchemaLink>& links() const { return links_; }
  std::optional<uint32_t> FindLink(std::string_view name) const;

  /// Of two links: their names and what they lead to.
  friend bool operator==(const Schema& a, const Schema& b);

 private:
  friend std::vector<std::shared_ptr<const Schema>> WithLinks(
      std::vector<Schema> schemas, const std::vector<std::vector<NewSchemaLink>>& links);

  std::vector<Field> fields_;  // not row-proportional: one per column
  std::optional<ColumnIndex> tenant_column_;
  std::vector<ColumnIndex> key_columns_;  // not row-proportional: one per key column
  std::vector<SchemaLink> links_;         // not row-proportional: declared
};

}  // namespace sextant
