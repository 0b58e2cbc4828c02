#pragma once

#include <string>
#include <vector>

namespace sextant::oracle {

/// A part of the language that the cases of a run must use often enough.
struct CoverageGoal {
  std::string name = {};
  /// Over values with NULLs, and over values without, each often enough.
  bool apart = false;
};

/// What 3,000 cases must hold, each at least 20 times.
const std::vector<CoverageGoal>& CoverageGoals();

}  // namespace sextant::oracle
