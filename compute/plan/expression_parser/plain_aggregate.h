#pragma once

#include <optional>

#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/expression_scanner.h"

namespace sextant {

/// sum(x), count(*) and the like: one aggregate of one column whose tokens say all that there is to
/// say, so that PostgreSQL's parser and its tree, which cost more than a thousand rows, need not be
/// asked. The expression is the one that they would give. Empty for anything else, right or wrong:
/// keywords, quotes, capitals, comments, FILTER. Thread-safe.
std::optional<Expression> ReadPlainAggregate(const ScannedExpression& scanned);

}  // namespace sextant
