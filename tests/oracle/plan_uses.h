#pragma once

#include <string>
#include <vector>

#include "tests/oracle/product_answer.h"

namespace sextant::oracle {

/// By which means the product answers a case, as the coverage goals name them: those that the
/// request does not show. `indexed` is the first table with all of its indexes.
std::vector<std::string> PlanUses(const BoundCase& bound, const Table& indexed);

}  // namespace sextant::oracle
