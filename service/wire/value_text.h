#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compute/column/data_type.h"

namespace sextant {

/// Values as PostgreSQL prints them, for result columns that travel as text. Thread-safe.

/// `unscaled` / 10^`scale` with all its digits: "-0.05".
std::string DecimalText(int128_t unscaled, int scale);

/// "2024-02-29"; years before 1 as "0044-03-15 BC". `day` counts from 1970-01-01.
std::string DateText(int64_t day);

/// "1 year 2 mons -3 days 04:05:06.789": IntervalStyle postgres.
std::string IntervalText(const IntervalValue& interval);

/// "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".
std::string UuidText(Wide uuid);

/// A decimal, uuid or interval of 16 bytes.
std::string WideText(const DataType& type, Wide value);

/// "\x" and two hexadecimal digits per byte.
std::string BytesText(std::string_view bytes);

}  // namespace sextant
