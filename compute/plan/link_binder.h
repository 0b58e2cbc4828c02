#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/link.h"
#include "compute/column/schema.h"
#include "compute/plan/child_column.h"

namespace sextant {

/// A dataset with the links that it declares, and its schema without what comes through them.
struct LinkingDataset {
  std::string name;
  std::shared_ptr<const Schema> schema;
  std::span<const LinkDeclaration> links;
  std::span<const ChildDeclaration> children = {};
};

/// A LinkDeclaration whose names are resolved.
struct BoundLink {
  std::string name;
  LinkKind kind = LinkKind::kOne;
  size_t target = 0;               // position among the datasets
  std::optional<size_t> via = {};  // of the bridge
  std::vector<ColumnIndex> own = {};
  std::vector<ColumnIndex> bridge_own = {};
  std::vector<ColumnIndex> bridge_other = {};
  std::vector<ColumnIndex> other = {};
  std::vector<ColumnIndex> attributes = {};  // of the linked dataset
};

/// The links of each dataset. A link is to one row where it has no bridge and the other columns are
/// the key of the linked dataset (its tenant column may be left out); else to any number, and then
/// without a bridge its own columns must be the dataset's key. A dataset without tenants may not
/// lead to one with tenants, and a bridge between two with tenants has tenants.
/// Errors: FAILED_PRECONDITION "dataset 'd': link 'l': .." with what was found and what is allowed.
absl::StatusOr<std::vector<std::vector<BoundLink>>> BindLinks(
    std::span<const LinkingDataset> datasets);

/// The columns of linked rows of each dataset. REQUIRES: `links` are those of BindLinks. Errors:
/// those of BindChildColumn; FAILED_PRECONDITION for the name of another column.
absl::StatusOr<std::vector<std::vector<BoundChildColumn>>> BindChildColumns(
    std::span<const LinkingDataset> datasets, const std::vector<std::vector<BoundLink>>& links);

/// The schemas with links, and behind the others with the columns "link.column", then those of
/// `children`. REQUIRES: `links` and `children` are those of BindLinks and BindChildColumns.
std::vector<std::shared_ptr<const Schema>> LinkedSchemas(
    std::span<const LinkingDataset> datasets, const std::vector<std::vector<BoundLink>>& links,
    const std::vector<std::vector<BoundChildColumn>>& children);

}  // namespace sextant
