#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compute/plan/binder/typed_expression.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// value [I]LIKE pattern, value ~[*] pattern of a kLike or kRegex predicate with one constant
/// (rule 7). A LIKE without wildcards is a set of one text, one that only ends in % a range of
/// texts.
/// Errors: INVALID_ARGUMENT for `field`: a value that is no text, a pattern of more than 1 KiB, one
/// that ends in its escape character, a regular expression with what RE2 does not have or means in
/// another way than PostgreSQL. Cost: compiles the pattern. Thread-safe.
absl::StatusOr<BoundPredicate> BindPattern(const Predicate& predicate, const TypedExpression& value,
                                           const std::string& field);

}  // namespace sextant
