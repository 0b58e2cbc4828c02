#pragma once

#include <string>
#include <vector>

#include "compute/column/table.h"

namespace sextant {

/// The values of a loaded column, in row order, in a form that is exact and that SqlTextOf makes
/// PostgreSQL write: floats and bytes as hexadecimal digits of their bits, instants as microseconds
/// and days since 1970, numerics as the scaled integer, intervals as months/days/microseconds.
std::vector<std::string> LoadedTexts(const Table& table, const std::string& column);

/// The SQL expression that writes `column`, of type `type` in the cache, in the same form. Local
/// times of a column of `timestamp` are in `zone`.
std::string SqlTextOf(const std::string& column, const DataType& type,
                      const std::string& zone = "");

}  // namespace sextant
