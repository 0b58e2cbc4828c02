#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>

#include "compute/kernels/checked_sort.h"
#include "compute/kernels/key_sort.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_pin.h"
#include "compute/operators/sample_slices.h"

namespace sextant {
namespace {

constexpr auto kNoCell = std::numeric_limits<uint32_t>::max();

/// What both statistics keep: whether a cell has a sample, and which interval it is of. A row that
/// ends when it starts is a sample, and runs at no instant.
class ConcurrencyState : public AggregateState {
 public:
  ConcurrencyState(const SamplePin& pin, MemoryBudget& budget)
      : pin_(pin), interval_of_cell_(budget), has_sample_(budget) {}

  absl::Status Resize(uint32_t num_cells) override {
    SEXTANT_RETURN_IF_ERROR(interval_of_cell_.Resize(num_cells));
    return has_sample_.Resize(num_cells);
  }

  void SetIntervals(uint32_t first, std::span<const uint32_t> intervals) override {
    std::copy(intervals.begin(), intervals.end(), interval_of_cell_.data() + first);
  }

  bool HasSample(uint32_t cell) const override { return has_sample_[cell] != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const uint8_t* const marks = has_sample_.data();
    MarkSamplesBy(has_sample, [marks](size_t cell) { return marks[cell]; });
  }

 protected:
  /// The samples of a batch, cut to nothing yet.
  void Read(const SampleBatch& batch, PinSpans::Batch& spans) {
    pin_.spans().Read(*batch.chunk, batch.rows, spans);
    uint8_t* const marks = has_sample_.data();
    for (size_t k = 0; k < batch.rows.size(); ++k) marks[batch.cells[k]] = 1;
  }
  InstantRange BordersOf(uint32_t cell) const { return pin_.borders()[interval_of_cell_[cell]]; }
  absl::Status MergeMarks(const ConcurrencyState& from, std::span<const uint32_t> cell_map,
                          KeepGoing keep_going) {
    return MergeCells(from.has_sample_.size(), keep_going,
                      [&](size_t cell) { has_sample_[cell_map[cell]] |= from.has_sample_[cell]; });
  }
  size_t num_cells() const { return has_sample_.size(); }

 private:
  const SamplePin& pin_;
  TrackedVector<uint32_t> interval_of_cell_;
  TrackedVector<uint8_t> has_sample_;
};

/// The most rows that run at an instant. Of a row that runs through a border of the interval there
/// is nothing to sort: one that began before is only counted, and an end that comes after is not
/// kept. So a long row costs a counter in most of its intervals.
class MostState final : public ConcurrencyState {
 public:
  MostState(const SamplePin& pin, MemoryBudget& budget)
      : ConcurrencyState(pin, budget),
        budget_(budget),
        standing_(budget),
        changes_(budget),
        ends_(budget),
        most_(budget) {}

  absl::Status Resize(uint32_t num_cells) override {
    SEXTANT_RETURN_IF_ERROR(ConcurrencyState::Resize(num_cells));
    SEXTANT_RETURN_IF_ERROR(changes_.Resize(2 * num_cells));
    return standing_.Resize(num_cells);
  }

  absl::Status Update(const SampleBatch& batch) override {
    PinSpans::Batch spans;
    Read(batch, spans);
    const size_t size = batch.rows.size();
    std::array<uint32_t, kBatchRows> lists;
    std::array<uint8_t, kBatchRows> ends_within;
    std::array<uint8_t, kBatchRows> starts_within;
    int64_t* const standing = standing_.data();
    for (size_t k = 0; k < size; ++k) {
      const uint32_t cell = batch.cells[k];
      const InstantRange borders = BordersOf(cell);
      const uint8_t runs = spans.starts_us[k] < spans.ends_us[k] ? 1 : 0;
      const uint8_t is_within = spans.starts_us[k] > borders.from_us ? 1 : 0;
      standing[cell] += runs & (is_within ^ 1);
      starts_within[k] = runs & is_within;
      ends_within[k] = runs & (spans.ends_us[k] < borders.to_us ? 1 : 0);
      lists[k] = EndsOf(cell);
    }
    SEXTANT_RETURN_IF_ERROR(Keep({spans.ends_us.data(), size}, lists.data(), ends_within.data()));
    for (size_t k = 0; k < size; ++k) lists[k] = StartsOf(batch.cells[k]);
    return Keep({spans.starts_us.data(), size}, lists.data(), starts_within.data());
  }

  absl::Status Seal(KeepGoing keep_going) override { return changes_.Seal(keep_going); }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<MostState&>(from);
    SEXTANT_RETURN_IF_ERROR(MergeMarks(other, cell_map, keep_going));
    SEXTANT_RETURN_IF_ERROR(MergeCells(other.num_cells(), keep_going, [&](size_t cell) {
      standing_[cell_map[cell]] += other.standing_[cell];
    }));
    TrackedVector<uint32_t> list_map(budget_);
    SEXTANT_RETURN_IF_ERROR(list_map.Resize(2 * cell_map.size()));
    SEXTANT_RETURN_IF_ERROR(MergeCells(cell_map.size(), keep_going, [&](size_t cell) {
      list_map[EndsOf(static_cast<uint32_t>(cell))] = EndsOf(cell_map[cell]);
      list_map[StartsOf(static_cast<uint32_t>(cell))] = StartsOf(cell_map[cell]);
    }));
    SEXTANT_RETURN_IF_ERROR(changes_.Seal(keep_going));
    SEXTANT_RETURN_IF_ERROR(other.changes_.Seal(keep_going));
    return changes_.Absorb(other.changes_, list_map.span(), KeysStay(), keep_going);
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing keep_going) const override {
    SEXTANT_RETURN_IF_ERROR(FindMost(keep_going));
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
    for (size_t k = 0; k < cells.size(); ++k) slots[k] = most_[cells[k]];
    return absl::OkStatus();
  }

 private:
  /// The lists of changes of a cell within its interval: first its ends, then its starts.
  static uint32_t EndsOf(uint32_t cell) { return 2 * cell; }
  static uint32_t StartsOf(uint32_t cell) { return 2 * cell + 1; }

  absl::Status Keep(std::span<const int64_t> instants, const uint32_t* lists,
                    const uint8_t* is_kept) {
    static_assert(kBatchRows <= SampleSlices<int64_t>::kMostAtOnce);
    SEXTANT_RETURN_IF_ERROR(changes_.Reserve(instants.size()));
    std::copy(instants.begin(), instants.end(), changes_.free_keys());
    changes_.Keep(lists, is_kept, instants.size());
    return absl::OkStatus();
  }

  /// Does nothing when called again.
  absl::Status FindMost(KeepGoing keep_going) const {
    if (is_found_) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(most_.AppendSpan(standing_.span()));
    uint32_t cell_of_ends = kNoCell;
    const auto visit = [&](uint32_t list, SampleSlices<int64_t>::CellKeys& keys) -> absl::Status {
      const uint32_t cell = list / 2;
      const bool are_ends = list == EndsOf(cell);
      // Of a cell in which none starts there are never more than at its beginning.
      if (are_ends && changes_.count(StartsOf(cell)) == 0) return absl::OkStatus();
      SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> instants, keys.Join(keep_going));
      SEXTANT_RETURN_IF_ERROR(Sort(instants, keep_going));
      if (are_ends) {
        ends_.Clear();
        cell_of_ends = cell;
        return ends_.AppendSpan(std::span<const int64_t>(instants));
      }
      const auto ends = cell_of_ends == cell ? ends_.span() : std::span<int64_t>();
      return FindMostAtOnce(instants, ends, most_[cell], keep_going);
    };
    SEXTANT_RETURN_IF_ERROR(changes_.VisitCells(visit, keep_going));
    is_found_ = true;
    return absl::OkStatus();
  }

  absl::Status Sort(std::span<int64_t> instants, KeepGoing keep_going) const {
    constexpr size_t kMostUnasked = size_t{1} << 18;  // about a millisecond
    if (instants.size() > kMostUnasked) {
      return SortWithChecks(instants, std::less<>(), budget_, keep_going);
    }
    SortKeys(instants);
    return absl::OkStatus();
  }

  /// A sweep: makes `most`, how many run when the interval begins, the most that ever do. Where
  /// one ends as another starts they are not at once. REQUIRES: both are sorted.
  static absl::Status FindMostAtOnce(std::span<const int64_t> starts, std::span<const int64_t> ends,
                                     int64_t& most, KeepGoing keep_going) {
    const int64_t standing = most;
    size_t ended = 0;
    return ForBlocks(starts.size(), keep_going, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        while (ended < ends.size() && ends[ended] <= starts[i]) ++ended;
        most = std::max(most, standing + static_cast<int64_t>(i + 1) - static_cast<int64_t>(ended));
      }
    });
  }

  MemoryBudget& budget_;
  TrackedVector<int64_t> standing_;  // of each cell: run when its interval begins
  mutable SampleSlices<int64_t> changes_;
  mutable TrackedVector<int64_t> ends_;  // of the cell at hand, sorted
  mutable TrackedVector<int64_t> most_;  // of each cell, once they are found
  mutable bool is_found_ = false;
};

/// How many rows run, on average over the time of the interval.
class MeanState final : public ConcurrencyState {
 public:
  MeanState(const SamplePin& pin, MemoryBudget& budget)
      : ConcurrencyState(pin, budget), running_us_(budget) {}

  absl::Status Resize(uint32_t num_cells) override {
    SEXTANT_RETURN_IF_ERROR(ConcurrencyState::Resize(num_cells));
    return running_us_.Resize(num_cells);
  }

  absl::Status Update(const SampleBatch& batch) override {
    PinSpans::Batch spans;
    Read(batch, spans);
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      const uint32_t cell = batch.cells[k];
      const InstantRange borders = BordersOf(cell);
      const int64_t from_us = std::max(spans.starts_us[k], borders.from_us);
      const int64_t to_us = std::min(spans.ends_us[k], borders.to_us);
      // As an instant that is a sample lies in the interval, neither is the difference negative.
      running_us_[cell] += static_cast<uint64_t>(to_us) - static_cast<uint64_t>(from_us);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<MeanState&>(from);
    SEXTANT_RETURN_IF_ERROR(MergeMarks(other, cell_map, keep_going));
    return MergeCells(other.num_cells(), keep_going,
                      [&](size_t cell) { running_us_[cell_map[cell]] += other.running_us_[cell]; });
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, values.AddFloats(cells.size()));
    for (size_t k = 0; k < cells.size(); ++k) {
      if (!HasSample(cells[k])) {
        slots[k] = 0;
        continue;
      }
      const InstantRange borders = BordersOf(cells[k]);
      const uint64_t length_us =
          static_cast<uint64_t>(borders.to_us) - static_cast<uint64_t>(borders.from_us);
      slots[k] = static_cast<double>(running_us_[cells[k]]) / static_cast<double>(length_us);
    }
    return absl::OkStatus();
  }

 private:
  TrackedVector<uint128_t> running_us_;  // of each cell, of all rows
};

class Concurrency final : public Aggregate {
 public:
  explicit Concurrency(const AggregateSpec& spec)
      : is_max_(spec.aggregate.kind == AggregateKind::kConcurrencyMax), pin_(*spec.pin) {
    SEXTANT_CHECK(spec.aggregate.pin.kind == TimePin::Kind::kDuring);
  }

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (is_max_) return std::make_unique<MostState>(pin_, budget);
    return std::make_unique<MeanState>(pin_, budget);
  }
  bool is_order_free() const override { return true; }
  bool needs_intervals() const override { return true; }

 private:
  const bool is_max_;
  const SamplePin& pin_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeConcurrency(const AggregateSpec& spec) {
  return std::make_unique<Concurrency>(spec);
}

}  // namespace sextant
