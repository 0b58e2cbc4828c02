#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sextant::oracle {

/// A part of the language that the cases of a run must use often enough.
struct CoverageGoal {
  std::string name = {};
  /// Over values with NULLs, and over values without, each often enough.
  bool apart = false;
  /// So dear that this often is enough; 0: as often as the others.
  uint64_t few = 0;
};

/// What 3,000 cases must hold, each at least 20 times but for those of `few`.
const std::vector<CoverageGoal>& CoverageGoals();

}  // namespace sextant::oracle
