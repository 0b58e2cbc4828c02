#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compute/column/table.h"

namespace sextant {

/// Rows that fall in cells, as a table of ours and as statements that make the same of
/// PostgreSQL's: biased to NULL, ties, type limits, NaN and infinities; cells of no sample and of
/// one.
///
/// Columns: id (the key), i2, i4, i8 (with the limits of bigint), f4, f8 (eighths, NaN,
/// infinities), g8 (floats that are not dyadic), d2 numeric(10,2), w3 numeric(30,3), word, name,
/// state (an enum), u (uuid), day, ts, dur (a duration; in PostgreSQL bigint microseconds), b.
struct RandomSamples {
  std::shared_ptr<const Table> table;
  std::vector<uint32_t> cells;  // of each row
  uint32_t num_cells = 0;
  std::string sql;  // makes the table `samples` with the columns and `cell`
};

RandomSamples MakeRandomSamples(uint64_t seed);

}  // namespace sextant
