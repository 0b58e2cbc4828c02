#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Finds the least and the greatest instant of the metrics' `at` columns over the selected rows:
/// the range of a query that names none (rule 14). A date counts as its midnight in the query's
/// zone. Const after construction; each range has its own State.
class TimeBounds {
 public:
  struct Bounds {
    int64_t min = 0;
    int64_t max = 0;
  };
  struct State {
    std::vector<std::optional<Bounds>> columns;  // microseconds, or days of a date
  };

  explicit TimeBounds(const BoundQuery& query);

  State MakeState() const { return {std::vector<std::optional<Bounds>>(columns_.size())}; }
  void Consume(State& state, const Chunk& chunk, Selection selection) const;
  void Merge(State& state, const State& next) const;
  /// Over all columns, in microseconds; nullopt when no row is pinned to an instant.
  std::optional<Bounds> Finish(const State& state) const;

 private:
  struct AtColumn {
    ColumnIndex column;
    bool is_date;
  };

  std::vector<AtColumn> columns_;  // distinct
  const absl::TimeZone time_zone_;
};

}  // namespace sextant
