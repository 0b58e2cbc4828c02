#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/operators/axis_coder.h"
#include "compute/operators/interner.h"

namespace sextant {

/// The group tuples that a top-N keeps, in the codes of one dataset. Ranges begin with the values
/// of the tuples (SeedState), so that codes mean the same in all of them. Built on one thread, then
/// read by any number.
class KeptTuples {
 public:
  static absl::StatusOr<KeptTuples> Create(std::span<const AxisCoder> coders, MemoryBudget& budget);

  /// Adds a tuple whose values are those of `codes` in `states`, one of each per axis. Errors:
  /// RESOURCE_EXHAUSTED.
  absl::Status Add(std::span<const AxisCoder> coders, std::span<const AxisState> states,
                   const uint32_t* codes);

  /// Gives the state of a range the values of the tuples. REQUIRES: `state` has none.
  absl::Status SeedState(const AxisCoder& coder, size_t axis, AxisState& state,
                         MemoryBudget& budget) const;
  /// Whether the tuple codes[a][k] of all axes a is kept.
  bool Contains(std::span<const uint32_t* const> codes, size_t k) const;

 private:
  KeptTuples() = default;

  std::vector<AxisState> states_;             // per axis
  std::vector<Interner<uint64_t>> prefixes_;  // per axis: (prefix so far, code) of its tuples
};

}  // namespace sextant
