#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "compute/column/table.h"
#include "compute/kernels/selection.h"
#include "compute/memory/buffer.h"
#include "compute/operators/pin_spans.h"
#include "compute/operators/time_codes.h"
#include "compute/operators/value_reader.h"
#include "compute/operators/window_codes.h"
#include "compute/plan/bound_query.h"
#include "compute/plan/calendar.h"

namespace sextant {

/// Memory of one batch at a time. Grows to the longest list met.
struct PinScratch {
  explicit PinScratch(MemoryBudget& budget) : codes(budget) {}

  TrackedVector<uint32_t> codes;  // of the elements of one row's list
};

/// Which intervals, over all series, get a sample of a row: a BoundPin, compiled against one
/// version of a table and one set of intervals. Codes of intervals count over all series, one
/// series after another. Const after construction; safe for any number of threads, each with its
/// own scratch.
class SamplePin {
 public:
  struct Context {
    const Table& table;
    std::span<const ResolvedSeries> series;
    const absl::TimeZone& zone;
    MemoryReservation& memory;   // grown by what the tables take, one before the next is made
    bool keeps_borders = false;  // of a kDuring
  };
  /// Errors: RESOURCE_EXHAUSTED from `memory` and its budget; as ValueReader::Create.
  static absl::StatusOr<SamplePin> Create(const BoundPin& pin, const Context& context);
  /// The same in two steps, in place: Compile is called once, before all else.
  SamplePin(const BoundPin& pin, const absl::TimeZone& zone);
  absl::Status Compile(const BoundPin& pin, const Context& context);

  /// Samples of rows, at most kBatchRows.
  struct Samples {
    const uint32_t* positions;  // of the rows in their batch; null: 0, 1, .. of every row
    const uint32_t* intervals;
    size_t size;
  };
  using Sink = absl::FunctionRef<absl::Status(const Samples&)>;

  /// Hands on the samples of `rows`, at most kBatchRows: series by series and in row order within,
  /// so that what a cell gets is in row order; no (row, interval) twice.
  ///   no pin:     every row, in the one interval of each `all` series.
  ///   kAt:        the interval that holds the instant; of a list, every interval that holds an
  ///               element; NULL: none.
  ///   kDuring, kAsOfEnd: rule 16. NULL start, start > end: none; NULL end: open.
  /// With a frame all of that of the stretch of time that stands for the interval.
  /// REQUIRES: the rows are within(), where there is one.
  /// Errors: RESOURCE_EXHAUSTED, or what `sink` returns.
  absl::Status Expand(const Chunk& chunk, std::span<const uint32_t> rows, PinScratch& scratch,
                      Sink sink) const;

  /// Rows that may have samples, where a condition on one column says so: one that is in none of
  /// the series is left out for less than Expand would take. Absent: all rows.
  const std::optional<BoundPredicate>& within() const { return within_; }

  /// Writes 1 to sampled[k] where Expand gives rows[k] a sample, else 0. REQUIRES: as in Expand.
  /// Returns how many rows have
  /// none because start > end, or because the pin's expression cannot be computed (rules 5, 16),
  /// within the range of time or not: they have no time.
  absl::StatusOr<uint64_t> FindSampled(const Chunk& chunk, std::span<const uint32_t> rows,
                                       PinScratch& scratch, uint8_t* sampled) const;

  /// The first and the last instant of samples; min <= max.
  struct Bounds {
    int64_t min = 0;
    int64_t max = 0;
  };
  /// Widens `bounds` to hold the instants of the samples of the selected rows, whatever the
  /// intervals: an open end counts as `as_of_us`, or as its start if that is later; the last
  /// instant of kDuring is the one before an end. No pin: no instants. Of a column it costs nothing
  /// where the zone map of the chunk says it all, or says that all is within `bounds`.
  void WidenBounds(const Chunk& chunk, Selection rows, int64_t as_of_us,
                   std::optional<Bounds>& bounds) const;

  TimePin::Kind kind() const { return kind_; }
  /// Whether FindSampled may return anything but 0.
  bool may_exclude() const { return may_exclude_; }
  /// Whether every row has one sample, in the first interval.
  bool takes_rows_once() const {
    return kind_ == TimePin::Kind::kNone && all_codes_.size() == 1 && all_codes_[0] == 0;
  }
  /// The spans of rows. REQUIRES: kDuring or kAsOfEnd.
  const PinSpans& spans() const { return *spans_; }
  /// By code, what stands for each interval, where the context keeps borders.
  std::span<const InstantRange> borders() const { return borders_; }
  /// Whether a row may have several samples in a series.
  bool may_repeat() const {
    return kind_ != TimePin::Kind::kNone && (is_list_ || is_span() || !windows_.empty());
  }

 private:
  /// `framed`: what stands for the intervals of the series of `context`.
  absl::Status CompileWithin(const BoundPin& pin, const Context& context,
                             std::span<const ResolvedSeries> framed);
  absl::Status MakeReaders(const BoundPin& pin, const Context& context,
                           std::span<const ResolvedSeries> framed);
  absl::Status KeepBorders(const Context& context, std::span<const ResolvedSeries> framed);
  /// Of all series. REQUIRES: kAt.
  void BoundInstants(const BoundPin& pin);

  bool is_span() const {
    return kind_ == TimePin::Kind::kDuring || kind_ == TimePin::Kind::kAsOfEnd;
  }
  absl::Status ExpandAt(const Chunk& chunk, std::span<const uint32_t> rows, Sink sink) const;
  /// Whether every row that is within() has an interval of `series`.
  bool HoldsAll(const TimeCodes& series) const;
  absl::Status ExpandList(const Chunk& chunk, std::span<const uint32_t> rows, PinScratch& scratch,
                          Sink sink) const;
  absl::Status ExpandSpans(const Chunk& chunk, std::span<const uint32_t> rows, Sink sink) const;
  absl::Status ExpandWindows(const Chunk& chunk, std::span<const uint32_t> rows,
                             PinScratch& scratch, Sink sink) const;
  absl::Status ExpandListWindows(const Chunk& chunk, std::span<const uint32_t> rows,
                                 PinScratch& scratch, Sink sink) const;
  /// As FindElements, of windows.
  absl::Status FindElementWindows(const Column& list, uint32_t row, const WindowCodes& windows,
                                  PinScratch& scratch) const;
  /// Sorts the first `size` of `codes` and leaves each of them once, and no others.
  static absl::Status KeepEachOnce(TrackedVector<uint32_t>& codes, size_t size);
  /// Appends to scratch.codes the intervals of one series that hold an element of the row's list.
  absl::Status FindElements(const Column& list, uint32_t row, const TimeCodes& series,
                            PinScratch& scratch) const;
  /// Of at most kBatchRows rows.
  std::optional<Bounds> BoundsOfRows(const Chunk& chunk, std::span<const uint32_t> rows,
                                     int64_t as_of_us) const;
  std::optional<Bounds> BoundsOfSpans(const Chunk& chunk, std::span<const uint32_t> rows,
                                      int64_t as_of_us) const;
  std::optional<Bounds> BoundsOfValues(const Chunk& chunk, std::span<const uint32_t> rows) const;
  std::optional<Bounds> BoundsOfElements(const Column& list, std::span<const uint32_t> rows) const;

  TimePin::Kind kind_;
  absl::TimeZone time_zone_;
  bool is_list_ = false;
  bool is_date_ = false;  // kAt
  bool may_exclude_ = false;
  ColumnIndex list_column_ = 0;
  std::optional<ValueReader> at_;  // kAt, not of a list
  std::optional<PinSpans> spans_;  // kDuring, kAsOfEnd
  std::vector<TimeCodes> series_;
  std::vector<WindowCodes> windows_;  // then there are no series_
  std::optional<BoundPredicate> within_;
  std::optional<TimeCodes::Span> span_;  // that within_ holds rows to
  std::vector<uint32_t> all_codes_;      // no pin: the intervals of the `all` series
  std::vector<InstantRange> borders_;
};

}  // namespace sextant
