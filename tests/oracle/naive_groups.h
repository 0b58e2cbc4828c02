#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/naive_value.h"

namespace sextant::oracle {

using AxisText = std::optional<std::string>;

/// The distinct members of an axis that the row is in, as canonical texts.
std::vector<AxisText> NaiveMembers(const TableCase& table, const NaiveRow& row,
                                   const AxisSpec& axis);

}  // namespace sextant::oracle
