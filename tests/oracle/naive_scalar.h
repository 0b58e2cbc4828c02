#pragma once

#include <string>
#include <vector>

#include "tests/oracle/expression.h"

namespace sextant::oracle {

/// A value computed of `args`, those of `expr` evaluated, by rule 5: NULL, and `failed`, where it
/// overflows, divides by zero or does not fit. Not for kCase and kCoalesce, which evaluate on
/// demand.
Datum ComputeScalar(const Expr& expr, const std::vector<Datum>& args, const std::string& zone,
                    bool* failed);

double NumberAsFloat(const Type& type, const Datum& datum);
/// Code points of UTF-8.
size_t CountCodePoints(const std::string& text);
/// As C.UTF-8 does, for the texts that are generated.
std::string Lowered(const std::string& text);
bool MatchesLike(const std::string& text, const std::string& pattern);
/// For the regular expressions that are generated.
bool MatchesRegex(const std::string& text, const std::string& pattern);

}  // namespace sextant::oracle
