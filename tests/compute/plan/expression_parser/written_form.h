#pragma once

#include <string>
#include <string_view>

#include "compute/plan/expression.h"

namespace sextant {

/// A line that shows what a text was read as: "(a + 1)", "and(a = 1, not(b is null))",
/// "avg((a - b)) filter c". Typed literals are type'text', decimals have a d.
std::string WrittenForm(const Literal& literal);
std::string WrittenForm(const Expression& expression);
std::string WrittenForm(const Predicate& predicate);

/// The written form of what a text is read as, or the message of the error.
std::string FilterForm(std::string_view text);
std::string ValueForm(std::string_view text);
std::string MetricForm(std::string_view text);

/// `part` repeated to at most `bytes` bytes.
std::string Repeated(std::string_view part, size_t bytes);

/// The position that the error of a filter carries; fails the test when there is none.
int PositionOfFilterError(std::string_view text);

}  // namespace sextant
