#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/tenant_scope.h"
#include "compute/plan/binder.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/query_sql/sql_scope.h"

namespace sextant {

class LinkedSources;

/// The rows of a dataset as common table expressions: those of its table or query that its `where`
/// keeps, of one tenant, with columns converted as a load converts them, `derived:` columns
/// computed, and those that come through links joined. Not thread-safe.
class SourceRows {
 public:
  /// `name` tells it from others in the statement. `linked`, `spec` and `unsupported` outlive it.
  /// Errors: those of a derived column's definition.
  static absl::StatusOr<SourceRows> Create(std::shared_ptr<const Schema> schema,
                                           const DatasetSpec& spec, std::string name,
                                           LinkedSources* linked,
                                           std::vector<std::string>* unsupported);

  /// The rows of a derived dataset, which `query` makes: it has the tenant and all else in it.
  static SourceRows OfDerived(std::shared_ptr<const Schema> schema, const DatasetSpec& spec,
                              std::string name, std::string query,
                              std::vector<std::string>* unsupported);

  /// A column of a row called `alias`, of rows_name(). Remembers that it was used.
  std::string ColumnSql(ColumnIndex column, const std::string& alias);
  /// REQUIRES: the schema has it.
  std::string ColumnSql(const std::string& name, const std::string& alias);
  /// Expressions over such a row. Valid while this object stays where it is.
  SqlScope scope(const std::string& alias);

  /// The rows without columns that come through links; with them.
  std::string source_name() const { return name_ + "_source"; }
  std::string linked_name() const { return name_ + "_linked"; }
  /// With all columns, for who reads rows of another dataset. Remembers that they were read.
  std::string rows_name() {
    is_read_ = true;
    return name_ + "_rows";
  }
  bool is_read() const { return is_read_; }
  /// Whether columns that come through links were used.
  bool uses_links() const { return !linked_used_.empty(); }

  /// What linked_name() is, where columns through links were used. Uses columns itself, so before
  /// any SourceExpression.
  std::optional<std::string> LinkedExpression();
  /// What source_name() is: of the columns used, so after all that uses them.
  std::string SourceExpression(const TenantClaim& claim) const;

  const Schema& schema() const { return *schema_; }
  const DatasetSpec& spec() const { return *spec_; }
  const LinkDeclaration& LinkNamed(const std::string& name) const;

 private:
  SourceRows(std::shared_ptr<const Schema> schema, const DatasetSpec& spec, std::string name)
      : schema_(std::move(schema)), spec_(&spec), name_(std::move(name)) {}

  std::string ChildSql(const ChildDeclaration& declared, const std::string& alias,
                       std::string& joins);
  SqlScope scope_of_source() const;
  std::string ZoneOf(const std::string& name) const;
  std::string SourceColumnSql(const Field& field) const;
  std::string DerivedColumnSql(const Field& field) const;
  std::string InstantColumnSql(const std::string& name) const;

  std::shared_ptr<const Schema> schema_;
  const DatasetSpec* spec_;
  std::string name_;
  std::optional<std::string> derived_query_;  // of a dataset that is derived
  LinkedSources* linked_ = nullptr;
  std::vector<std::string>* unsupported_ = nullptr;  // not row-proportional: parts of one query
  bool is_read_ = false;
  Schema source_schema_;
  std::map<std::string, BoundDerivedColumn> derived_;  // not row-proportional: one per column
  std::set<std::string> used_;         // not row-proportional: names of source columns
  std::set<ColumnIndex> linked_used_;  // not row-proportional: columns that come through links
};

}  // namespace sextant
