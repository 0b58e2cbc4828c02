#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/operators/aggregate.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// A query of one dataset and one lane.
BoundQuery LaneQueryOf(std::vector<BoundAggregate> aggregates);

/// The aggregates of a lane: fused where they can be, or each in its general form.
struct Lane {
  Lane(const BoundQuery& query, const Table& table, bool is_fused, bool is_ungrouped = false);

  std::vector<std::unique_ptr<Aggregate>> aggregates;
  std::vector<uint32_t> leaders;
  size_t num_fused = 0;
};

/// The rows of a table that give samples.
struct LaneRows {
  std::vector<uint32_t> cells;  // of each row of the table
  uint32_t num_cells = 1;
  uint32_t stride = 1;  // 1: all rows, as runs; else each so many
};
/// Cells at random; one is left without rows where there are others.
LaneRows RandomLaneRows(size_t num_rows, uint32_t num_cells, uint32_t stride,
                        std::mt19937_64& random);

/// Every aggregate's value of every cell, to the bit, and whether it has a sample in it, from two
/// ranges of chunks merged.
std::vector<std::string> LaneAnswers(const BoundQuery& query, const Table& table, const Lane& lane,
                                     const LaneRows& rows);
/// A value, to the bit.
std::string ExactText(const MetricValues& values, size_t position);

/// Draws of a column: least to least + span, of floats divided by 7; one row in `null_every` is
/// NULL (0: none).
struct DrawnColumn {
  std::string name;
  DataType type;
  int64_t least;
  uint64_t span;
  uint32_t null_every;
};
std::shared_ptr<const Table> DrawnTable(const std::vector<DrawnColumn>& columns, size_t num_rows,
                                        std::mt19937_64& random);

}  // namespace sextant
