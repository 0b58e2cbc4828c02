#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compute/column/schema.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What the columns of an expression are in SQL, and what its printing found to have no SQL.
/// `schema` and `unsupported` must outlive it.
struct SqlScope {
  const Schema* schema = nullptr;
  std::function<std::string(ColumnIndex)> column;
  std::vector<std::string>* unsupported = nullptr;  // not row-proportional: parts of one query
  /// Whether a linked row exists that satisfies the condition, if there is one; empty: told by the
  /// names of the link and the columns.
  std::function<std::string(const ExistsLeaf&)> exists = {};

  /// Notes `what` and gives a value that keeps the text readable.
  std::string Unsupported(const std::string& what) const {
    unsupported->push_back(what);
    return "NULL";
  }
};

}  // namespace sextant
