#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// Counts the samples that metrics lose because a value of an aggregate cannot be computed (rule
/// 5), or is not in its domain: one for each row and use of the aggregate. Const after
/// construction; safe for any number of threads.
class ExcludedSamples {
 public:
  /// std::nullopt where every value is one of a column, or proven to fit. Errors: those of
  /// ValueReader::Create, so that the aggregate itself can be made without any.
  static absl::StatusOr<std::optional<ExcludedSamples>> Create(const BoundAggregate& aggregate,
                                                               const Table& table,
                                                               MemoryBudget& budget);

  /// Of rows whose value is not in the domain of the aggregate: all that have one, or one that
  /// cannot be computed.
  static absl::StatusOr<ExcludedSamples> CreateOutside(const BoundAggregate& aggregate,
                                                       const Table& table, MemoryBudget& budget);

  /// REQUIRES: at most kBatchRows rows.
  uint64_t Count(const Chunk& chunk, std::span<const uint32_t> rows) const;

 private:
  ExcludedSamples(ValueReader first, uint32_t num_uses)
      : num_uses_(num_uses), first_(std::move(first)) {}

  uint64_t num_uses_;
  bool counts_values_ = false;  // too
  ValueReader first_;
  std::optional<ValueReader> second_;  // looked at where the first is not NULL
};

}  // namespace sextant
