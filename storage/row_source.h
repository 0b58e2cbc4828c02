#pragma once

#include <cstdint>
#include <stop_token>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "compute/column/schema.h"
#include "compute/column/table_builder.h"

namespace sextant {

/// What reading has done so far, or in all.
struct ReadStatistics {
  uint64_t rows = 0;
  uint64_t wire_bytes = 0;
  int64_t waiting_us = 0;   // for the source
  int64_t decoding_us = 0;  // in our own code
};

/// The rows of one dataset in one state of its source. For one thread at a time.
class RowSource {
 public:
  virtual ~RowSource() = default;

  /// Of the rows, before anything is derived from them.
  virtual const Schema& schema() const = 0;

  /// The source's own guess of how many rows there are; 0 when it has none.
  virtual uint64_t expected_rows() const = 0;

  /// Appends every row to `builder`; calls `on_progress` every few thousand rows, on this thread.
  /// OK means that all rows came. After an error the builder may only be destroyed.
  /// REQUIRES: `builder` was made from schema(); called once.
  /// Errors: Cancelled soon after `stop`; Unavailable when a retry helps; FailedPrecondition when
  /// the source or the catalogue must change; ResourceExhausted from the builder; DataLoss for a
  /// stream that breaks its own rules.
  virtual absl::StatusOr<ReadStatistics> ReadAll(
      TableBuilder& builder, absl::FunctionRef<void(const ReadStatistics&)> on_progress,
      std::stop_token stop) = 0;
};

}  // namespace sextant
