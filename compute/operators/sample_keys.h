#pragma once

#include <cstdint>
#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "compute/memory/keep_going.h"

namespace sextant {

/// The numbers of the samples of each cell, all of which are there: integers and durations as they
/// are, floats as FloatOrderKey; those that ValueReader::ReadKeys reads. Const, but for Select,
/// which has room of its own; not thread-safe. Must not outlive the state that it was made of.
class SampleKeys {
 public:
  virtual ~SampleKeys() = default;
  virtual uint64_t CountOf(uint32_t cell) const = 0;
  /// Writes what a sort of the samples of `cells` together would put at each of `ranks`, which
  /// ascend and are below their number. Errors: RESOURCE_EXHAUSTED, those of keep_going.
  virtual absl::Status Select(std::span<const uint32_t> cells, std::span<const uint64_t> ranks,
                              int64_t* found, KeepGoing keep_going) = 0;
  /// Hands on the samples of a cell, at most kBatchRows at a time. Errors: those of `visit`.
  using Visit = absl::FunctionRef<absl::Status(std::span<const int64_t>)>;
  virtual absl::Status VisitKeys(uint32_t cell, Visit visit) const = 0;
};

}  // namespace sextant
