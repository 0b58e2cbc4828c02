#pragma once

#include <string>
#include <vector>

namespace sextant {

/// A link of a dataset as its catalogue declares it: the rows of `dataset` that belong to a row are
/// those whose columns `other` equal its columns `own`, pair by pair; with a bridge those that a
/// row of it leads to, whose columns `bridge_own` and `bridge_other` equal both. NULL equals
/// nothing, and rows of different tenants never belong together.
struct LinkDeclaration {  // not row-proportional: written by people
  std::string name;
  std::string dataset;
  std::string via = {};  // the dataset of the bridge, or empty
  std::vector<std::string> own = {};
  std::vector<std::string> bridge_own = {};    // with `via`: as many as `own`
  std::vector<std::string> bridge_other = {};  // with `via`: as many as `other`
  std::vector<std::string> other = {};
  /// Columns of `dataset` that become columns "name.column"; of a link to one row only.
  std::vector<std::string> attributes = {};
};

/// A column of a dataset that is computed of linked rows, as its catalogue declares it.
struct ChildDeclaration {
  std::string name;
  /// "count(reviews)", "min(reviews.submitted_at) FILTER (WHERE state = 'APPROVED')": the names of
  /// the FILTER are those of the linked dataset.
  std::string expression;
};

}  // namespace sextant
