#pragma once

#include <cstddef>
#include <cstdint>
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
/// Levels of operators, functions, CASE and conditions inside each other.
inline constexpr int kMaxValueDepth = 128;
/// Nodes that IN, BETWEEN and CASE add by writing a value out several times.
inline constexpr size_t kMaxCopiedNodes = 8192;
/// The greatest subscript of array_agg.
inline constexpr int64_t kMaxTopValues = 1000;

/// The filter that `text` writes in PostgreSQL's language: comparisons, IS [NOT] DISTINCT FROM, IN,
/// BETWEEN, LIKE, regular expressions, IS [NOT] NULL/TRUE/FALSE/UNKNOWN, ANY and ALL, && @> <@,
/// AND, OR, NOT, between values as in ParseValue. A constant before a comparison is moved behind
/// it. `field` is the path for errors. Errors: INVALID_ARGUMENT with position, what was found, what
/// is allowed and the nearest names. Cost: linear in the text but for PostgreSQL's own parser; call
/// it on a pool thread. Thread-safe.
absl::StatusOr<Predicate> ParseFilter(std::string_view text, const std::string& field);

/// The metric that `text` writes: an aggregate with FILTER, DISTINCT (of count) or WITHIN GROUP, a
/// top-k slice (array_agg(x ORDER BY y))[a:b], or a value of them as in ParseValue; columns are
/// inside aggregates only. median(x) is percentile_cont(0.5). Errors and cost as above.
absl::StatusOr<Expression> ParseMetric(std::string_view text, const std::string& field);

/// A value of a row: a `derived:` column, the start of a pin. Names are columns, or, in the
/// definition of a derived metric, other metrics. Constants, casts, + - * / %, CASE, conditions and
/// the functions that expression.h lists; without aggregates. Errors and cost as above.
absl::StatusOr<Expression> ParseValue(std::string_view text, const std::string& field);

}  // namespace sextant
