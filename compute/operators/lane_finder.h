#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "absl/container/inlined_vector.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Numbers the distinct pins of aggregates, and the distinct filters of each pin, in order of
/// arrival, and the distinct filters of all pins. Texts, which take long to make, only of pins that
/// compute something and of filters. What is added must outlive it. Not thread-safe.
class LaneFinder {
 public:
  /// Of a pin, or of a filter (absent: none) among those of pin `pin`.
  struct Number {
    size_t number = 0;
    bool is_new = false;
    /// Of a filter: its number among the distinct ones of all pins.
    std::optional<size_t> filter = std::nullopt;
  };
  Number AddPin(const BoundPin& pin);
  /// `clip` as text; empty: none.
  Number AddFilter(size_t pin, const std::optional<BoundPredicate>& filter,
                   const std::string& clip = "");

 private:
  struct KnownPin {
    const BoundPin* plain = nullptr;  // null: its text is known
    size_t num_filters = 0;
    std::optional<size_t> unfiltered = std::nullopt;  // the number of no filter
  };

  absl::InlinedVector<KnownPin, 4> pins_;
  std::map<std::string, size_t> pin_of_text_;
  std::map<std::string, size_t> filter_of_text_;
  /// Of a pin, of the number of a filter or the number that none has, and of a clip.
  std::map<std::tuple<size_t, size_t, std::string>, size_t> lane_of_filter_;
};

}  // namespace sextant
