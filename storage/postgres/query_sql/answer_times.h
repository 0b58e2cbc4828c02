#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compute/plan/bound_query.h"
#include "compute/plan/calendar.h"

namespace sextant {

/// The times of an answer, as ResultHeader has them. Must not outlive what it was made of.
struct AnswerTimes {
  AnswerTimes() = default;
  /// Without a range: of a query that has both ends of it, or whose intervals cover it.
  AnswerTimes(const std::vector<ResolvedSeries>& answered_series) : series(answered_series) {}
  AnswerTimes(const std::vector<ResolvedSeries>& answered_series, InstantRange answered_range)
      : series(answered_series), range(answered_range) {}

  std::span<const ResolvedSeries> series;
  std::optional<InstantRange> range;
};

}  // namespace sextant
