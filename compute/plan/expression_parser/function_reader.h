#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {

/// True for a scalar function of the allow-list, in any of PostgreSQL's ways to write one
/// (extract(f FROM x), current_date, coalesce(..)). Names with a schema are not.
bool IsFunction(const SyntaxNode& node);

/// REQUIRES: IsFunction(node).
absl::StatusOr<Expression> ReadFunction(TreeReader& reader, const SyntaxNode& node);

/// The error for a call of what is neither a function nor an aggregate of the allow-list.
absl::Status RefuseFunction(const TreeReader& reader, const SyntaxNode& node);

}  // namespace sextant
