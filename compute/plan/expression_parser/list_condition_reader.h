#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {

/// Conditions between a value and several. Constants stay one node; for expressions they are
/// written out as OR and AND of comparisons.

/// value [NOT] IN (..), an A_Expr of kind AEXPR_IN.
absl::StatusOr<Predicate> ReadIn(TreeReader& reader, const SyntaxNode& node);

/// value op ANY (ARRAY[..]), value op ALL (ARRAY[..]), constant op ANY (list column), or ALL.
/// REQUIRES: op is one of CompareOpNamed.
absl::StatusOr<Predicate> ReadAnyOrAll(TreeReader& reader, const SyntaxNode& node);

/// list && ARRAY[..] either way around, list @> ARRAY[..], ARRAY[..] <@ list.
absl::StatusOr<Predicate> ReadListMatch(TreeReader& reader, const SyntaxNode& node);

}  // namespace sextant
