#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compute/plan/expression.h"

namespace sextant {

/// The metrics that most requests ask, read from their text alone: PostgreSQL's scanner, parser and
/// tree cost more than thousands of rows.
///
///   metric    = term [(+ | - | * | /) term]
///   term      = (aggregate | "(" aggregate ")") ["::" float8]
///   aggregate = (name "(" (* | [DISTINCT] argument) ")" |
///                name "(" [fraction] ")" WITHIN GROUP "(" ORDER BY argument ")")
///               [FILTER "(" WHERE [NOT] column [IS [NOT] NULL] ")"]
///   argument  = column [(+ | - | * | /) column]
///
/// with names in lower case that are no keywords. The expression is the one that the parser would
/// give for `field`, positions included. Empty for anything else, right or wrong. Thread-safe.
std::optional<Expression> ReadPlainMetric(std::string_view text, const std::string& field);

/// Whether `text` is one `aggregate` of that grammar and nothing else, which is written to `call`,
/// a new one: what ReadPlainMetric's expression would have in it. Otherwise `call` is of any value.
bool ReadPlainAggregate(std::string_view text, const std::string& field, AggregateCall& call);

}  // namespace sextant
