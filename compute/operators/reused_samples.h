#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "compute/operators/cell_index.h"
#include "compute/operators/clip_cuts.h"
#include "compute/operators/sample_keys.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/clip_atoms.h"

namespace sextant {

/// Of samples that cuts were found of: those whose keys are within [low, high].
struct KeyRangeOfSamples {
  uint32_t samples = 0;  // among those of the dataset
  int64_t low = 0;
  int64_t high = 0;

  friend auto operator<=>(const KeyRangeOfSamples&, const KeyRangeOfSamples&) = default;
};

/// Aggregates whose samples are among those that cuts were found of. They are made of the keys that
/// were kept, not of rows: each sample vector is read once per request.
struct ReusedLane {
  KeyRangeOfSamples range;
  std::optional<size_t> clip;                   // of the plan: leaves some of them out
  absl::InlinedVector<uint32_t, 4> aggregates;  // positions among those of the dataset
  bool only_counts = true;                      // all of these do
};

/// Says which aggregates of a dataset can be made of the samples of its clips. Not thread-safe.
class SampleReuse {
 public:
  /// `plan` must outlive it.
  SampleReuse(const ClipPlan& plan, size_t dataset);

  /// std::nullopt: its rows must be read. Where the filter of an aggregate says more than that of
  /// samples, it may say so of their value alone, as that of a threshold does.
  std::optional<KeyRangeOfSamples> Find(const BoundAggregate& aggregate) const;

 private:
  /// A conjunction, as far as it can be compared with another one.
  struct Conjunction {
    std::vector<std::string> conditions;  // sorted, distinct: other ones than ranges of the value
    int64_t low = INT64_MIN;              // of the value
    int64_t high = INT64_MAX;
    bool has_range = false;
  };
  struct Known {
    std::string pin;
    std::string value;
    Conjunction filter;
  };

  static void Add(const BoundPredicate& condition, const std::string& value, Conjunction& all);
  static Conjunction Split(const std::optional<BoundPredicate>& filter, const std::string& value);

  std::vector<Known> known_;  // per samples of the dataset
};

/// What a pass has kept of the samples that cuts were found of.
struct KeptSamples {
  const CellIndex& cells;                             // (group, atom)
  const ClipAtoms& atoms;                             // which have intervals
  std::span<const std::unique_ptr<SampleKeys>> keys;  // of the samples of the dataset
};

}  // namespace sextant
