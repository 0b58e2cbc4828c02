#pragma once

#include <string>

namespace sextant {

/// A bound of the share `passing` / `samples`, two counts, by Wilson's score interval (rule 21);
/// the lower one where `level` is negative.
std::string ShareBoundSql(const std::string& passing, const std::string& samples, double level);

}  // namespace sextant
