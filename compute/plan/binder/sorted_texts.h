#pragma once

#include <string>
#include <vector>

namespace sextant {

/// Sorts `texts` by their bytes and removes repeated ones. Faster than comparing strings where
/// their first bytes differ, and where they are sorted and distinct already.
void SortDistinctTexts(std::vector<std::string>& texts);

}  // namespace sextant
