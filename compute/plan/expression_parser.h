#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"

namespace sextant {

/// Limits of expression text, counted by the scanner before the parser runs, because the parser
/// recurses (rule 24).
inline constexpr size_t kMaxExpressionBytes = 16 * 1024;
inline constexpr int kMaxExpressionTokens = 1024;
inline constexpr int kMaxBracketDepth = 32;
inline constexpr size_t kMaxTextListValues = 1000;

/// The filter that `text` writes in PostgreSQL's language: comparisons, IN, BETWEEN, IS [NOT]
/// NULL/TRUE/FALSE, AND, OR, NOT, value = ANY(list), list && ARRAY[..], list @> ARRAY[..]; values
/// are a column or a difference of two columns. `field` is the path for errors. Errors:
/// INVALID_ARGUMENT with position, what was found and what is allowed. Cost: linear in the text but
/// for PostgreSQL's own parser; call it on a pool thread. Thread-safe.
absl::StatusOr<Predicate> ParseFilter(std::string_view text, const std::string& field);

/// The metric that `text` writes: an aggregate, or arithmetic over aggregates; columns are inside
/// aggregates only. Errors and cost as above.
absl::StatusOr<Expression> ParseMetric(std::string_view text, const std::string& field);

/// A value of a row: a `derived:` column, the start of a pin. Names are columns, or, in the
/// definition of a derived metric, other metrics. Without aggregates.
absl::StatusOr<Expression> ParseValue(std::string_view text, const std::string& field);

}  // namespace sextant
