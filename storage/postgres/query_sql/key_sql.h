#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compute/column/schema.h"

namespace sextant {

/// Conditions on the keys of a value (BoundValue), written over its SQL `value`. NULL where the
/// value is.

/// min <= key <= max.
std::string KeyRangeSql(const DataType& type, const Field& field, const std::string& value,
                        int64_t min, int64_t max);
/// key in keys.
std::string KeySetSql(const DataType& type, const Field& field, const std::string& value,
                      const std::vector<int64_t>& keys);
std::string WideRangeSql(const DataType& type, const std::string& value, int128_t min,
                         int128_t max);
std::string WideSetSql(const DataType& type, const std::string& value,
                       const std::vector<int128_t>& keys);

/// The value that has `key`.
std::string KeySql(const DataType& type, const Field& field, int64_t key);

}  // namespace sextant
