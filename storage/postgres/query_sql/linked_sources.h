#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compute/column/tenant_scope.h"
#include "storage/dataset_spec.h"
#include "storage/postgres/query_sql/source_rows.h"

namespace sextant {

/// The datasets that the links of a statement lead to, each once, whoever leads to it. All of them
/// are of the tenant that the statement is of, so that no link crosses tenants. Not thread-safe.
class LinkedSources {
 public:
  /// `specs` has those that links lead to, and with `unsupported` outlives it.
  LinkedSources(std::span<const DatasetSpec* const> specs, std::vector<std::string>* unsupported)
      : specs_(specs), unsupported_(unsupported) {}
  LinkedSources(const LinkedSources&) = delete;
  LinkedSources& operator=(const LinkedSources&) = delete;

  /// What the link `name` of `from` leads to. REQUIRES: it is a link of the schema.
  SourceRows& SourceOf(const SourceRows& from, const std::string& name);
  /// Its bridge. REQUIRES: it has one.
  SourceRows& BridgeOf(const SourceRows& from, const std::string& name);
  /// EXISTS of `leaf`, bound against the schema of `from`, a row of which is called `alias`.
  std::string ExistsSql(SourceRows& from, const std::string& alias, const ExistsLeaf& leaf);

  /// The common table expressions of all, those first that others read. `own`, of the datasets of
  /// the query itself, are among them. Call once, when all that uses columns is printed.
  std::vector<std::string> CommonTableExpressions(std::span<SourceRows* const> own,
                                                  const TenantClaim& claim);

  /// The first error of a declaration that was met.
  const absl::Status& status() const { return status_; }

 private:
  /// The rows of `dataset`, of schema `schema`, under a name of their own.
  SourceRows& Take(const std::string& dataset, std::shared_ptr<const Schema> schema);

  const std::span<const DatasetSpec* const> specs_;
  std::vector<std::string>* const unsupported_;  // not row-proportional: parts of one query
  // By dataset; pointers, since scopes point to them. In the order of the names.
  std::map<std::string, std::unique_ptr<SourceRows>> sources_;  // not row-proportional: datasets
  size_t num_aliases_ = 0;
  absl::Status status_;
};

}  // namespace sextant
