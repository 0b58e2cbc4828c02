#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {

/// Whether `node` is exists_in(..), any_in(..) or none_in(..).
bool IsLinkCondition(const SyntaxNode& node);

/// exists_in(link), exists_in(link, condition on a linked row); any_in is another name of it,
/// none_in its negation. REQUIRES: IsLinkCondition.
absl::StatusOr<Predicate> ReadLinkCondition(TreeReader& reader, const SyntaxNode& node);

}  // namespace sextant
