#pragma once

#include <string>

#include "compute/plan/bound_query.h"

namespace sextant {

/// A canonical text of all that decides the answer over given rows: equal text means an equal
/// answer of the same versions of the same chunks. Names of the result are part of it, and so are
/// limits, which an answer may exceed. For cache keys.
std::string CanonicalText(const BoundQuery& query);

}  // namespace sextant
