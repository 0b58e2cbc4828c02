#pragma once

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/expression_reader.h"

namespace sextant {

/// Turns the parse tree of a WHERE clause into a Predicate, by an allow-list of node kinds and
/// operators. Errors: INVALID_ARGUMENT with position, what was found and what is allowed.
absl::StatusOr<Predicate> ReadFilter(const ExpressionReader& reader, const SyntaxNode& node);

}  // namespace sextant
