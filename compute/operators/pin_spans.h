#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/column/table.h"
#include "compute/operators/day_midnights.h"
#include "compute/operators/morsel.h"
#include "compute/operators/time_codes.h"
#include "compute/operators/value_reader.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The spans of time of rows: the starts and ends of a `during` or an `as_of_end` (rule 16), dates
/// being the midnights of their days (rule 10). Immutable, so safe for any thread.
class PinSpans {
 public:
  struct Context {
    const Table& table;
    std::span<const ResolvedSeries> series;  // what is asked about, at a guess
    const absl::TimeZone& zone;
    MemoryBudget& budget;
  };
  /// REQUIRES: pin.kind is kDuring or kAsOfEnd. Errors: as ValueReader::Create.
  static absl::StatusOr<PinSpans> Create(const BoundPin& pin, const Context& context);

  /// Of a batch of rows.
  struct Batch {
    size_t num_rows = 0;
    std::array<int64_t, kBatchRows> starts_us;
    std::array<int64_t, kBatchRows> ends_us;  // kOpenEndUs where NULL
    std::array<uint8_t, kBatchRows> valid;    // start is there, and not after the end
    /// Rows without a span though they have a start: the end is before it, or one of them cannot
    /// be computed.
    uint64_t num_excluded = 0;
    std::array<uint32_t, kBatchRows> firsts;  // of Find: codes of intervals [first, last)
    std::array<uint32_t, kBatchRows> lasts;
  };
  /// REQUIRES: at most kBatchRows rows.
  void Read(const Chunk& chunk, std::span<const uint32_t> rows, Batch& batch) const;
  /// Finds the intervals of one series. Codes of rows that are not valid mean nothing.
  void Find(const TimeCodes& series, Batch& batch) const;

  size_t size_bytes() const;

 private:
  /// A start or an end.
  struct Instant {
    ValueReader reader;
    std::optional<DayMidnights> midnights;  // of a date
  };

  PinSpans(TimePin::Kind kind, Instant start, Instant end)
      : kind_(kind), start_(std::move(start)), end_(std::move(end)) {}

  static absl::StatusOr<Instant> MakeInstant(const BoundValue& value, const Context& context);

  TimePin::Kind kind_;
  Instant start_;
  Instant end_;
};

}  // namespace sextant
