#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>
#include <utility>

#include "compute/kernels/bin_sort.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/distinct_bits.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// Moves the first of each of equal keys to the front; returns how many are distinct.
template <typename Key>
size_t MoveDistinctToFront(std::span<Key> sorted) {
  size_t kept = sorted.empty() ? 0 : 1;
  for (size_t i = 1; i < sorted.size(); ++i) {
    const Key last = sorted[kept - 1];
    sorted[kept] = sorted[i];
    kept += sorted[i] != last ? 1 : 0;
  }
  return kept;
}

/// Asks now and then whether to go on.
template <typename Key>
absl::StatusOr<int64_t> NumDistinct(std::span<const Key> sorted, KeepGoing keep_going) {
  if (sorted.empty()) return 0;
  const Key* const keys = sorted.data();
  int64_t count = 1;
  SEXTANT_RETURN_IF_ERROR(ForBlocks(sorted.size() - 1, keep_going, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) count += keys[i] != keys[i + 1] ? 1 : 0;
  }));
  return count;
}

/// count(DISTINCT x), exact. Keeps the samples until there are some thousand; then, where keys are
/// of a small domain and the cells few enough, a bit per cell and key; else the samples, each key
/// of a cell once per block of them where that makes blocks smaller.
template <typename Source>
class DistinctState final : public AggregateState {
 public:
  DistinctState(const OrderedValue& value, MemoryBudget& budget)
      : budget_(budget),
        domain_(value.domain),
        source_(value, budget),
        samples_(budget),
        counts_(budget) {}

  absl::Status Resize(uint32_t num_cells) override {
    if (bits_ && !bits_->Fits(num_cells)) SEXTANT_RETURN_IF_ERROR(LeaveBits());
    if (bits_) SEXTANT_RETURN_IF_ERROR(bits_->Resize(num_cells));
    return samples_.Resize(num_cells);
  }

  absl::Status Update(const SampleBatch& batch) override {
    const size_t count = batch.rows.size();
    std::array<uint8_t, kBatchRows> valid;
    if (bits_) {
      std::array<Key, kBatchRows> keys;
      if constexpr (Source::kNullKey.has_value()) {
        // That of NULL is added as well, and taken out when the range is sealed.
        SEXTANT_RETURN_IF_ERROR(source_.ReadWithNulls(batch, keys.data()));
        bits_->AddAll(batch.cells, keys.data(), count);
        return absl::OkStatus();
      }
      SEXTANT_RETURN_IF_ERROR(source_.Read(batch, keys.data(), valid.data()));
      bits_->Add(batch.cells, keys.data(), valid.data(), count);
      return absl::OkStatus();
    }
    if (samples_.num_arrivals() >= kBlockSamples) SEXTANT_RETURN_IF_ERROR(SealSamples(AskToGoOn));
    SEXTANT_RETURN_IF_ERROR(samples_.Reserve(count));
    SEXTANT_RETURN_IF_ERROR(source_.Read(batch, samples_.free_keys(), valid.data()));
    samples_.Keep(batch.cells, valid.data(), count);
    return samples_.num_arrivals() < kUndecidedSamples ? absl::OkStatus() : TryBits();
  }

  absl::Status Seal(KeepGoing keep_going) override {
    may_use_bits_ = false;
    if constexpr (Source::kNullKey.has_value()) {
      if (bits_) bits_->Remove(*Source::kNullKey);
    }
    return SealSamples(keep_going);
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    auto& other = static_cast<DistinctState&>(from);
    SEXTANT_RETURN_IF_ERROR(Seal(keep_going));
    SEXTANT_RETURN_IF_ERROR(other.Seal(keep_going));
    if (bits_ && other.bits_) {
      bits_->Merge(*other.bits_, cell_map);
      return absl::OkStatus();
    }
    SEXTANT_RETURN_IF_ERROR(LeaveBits());
    SEXTANT_RETURN_IF_ERROR(other.LeaveBits());
    SEXTANT_RETURN_IF_ERROR(Seal(keep_going));
    SEXTANT_RETURN_IF_ERROR(other.Seal(keep_going));
    const bool are_distinct = HasDistinctBlocks() && other.HasDistinctBlocks();
    SEXTANT_RETURN_IF_ERROR(AbsorbSamples<Source>(
        {source_, samples_}, {other.source_, other.samples_}, cell_map, keep_going));
    if (are_distinct) num_distinct_blocks_ = samples_.num_blocks();
    return absl::OkStatus();
  }

  bool HasSample(uint32_t cell) const override {
    return bits_ ? !bits_->IsEmpty(cell) : samples_.count(cell) != 0;
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing keep_going) const override {
    if (!bits_) SEXTANT_RETURN_IF_ERROR(CountSamples(keep_going));
    SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, values.AddIntegers(cells.size()));
    if (bits_) {
      for (size_t k = 0; k < cells.size(); ++k) slots[k] = bits_->Count(cells[k]);
    } else if (counts_.empty()) {  // each key of a cell is there once
      for (size_t k = 0; k < cells.size(); ++k) {
        slots[k] = static_cast<int64_t>(samples_.count(cells[k]));
      }
    } else {
      for (size_t k = 0; k < cells.size(); ++k) slots[k] = counts_[cells[k]];
    }
    return absl::OkStatus();
  }

 private:
  using Key = typename Source::Key;
  /// A table of bits for fewer would cost more than they do.
  static constexpr size_t kUndecidedSamples = 4096;
  /// A state may take the rows of many ranges: so many samples wait for their repeats to go.
  static constexpr size_t kBlockSamples = size_t{1} << 17;
  static constexpr size_t kWordsPerQuestion = 4096;
  static constexpr size_t kBlocksPerQuestion = 8;

  bool HasDistinctBlocks() const { return num_distinct_blocks_ == samples_.num_blocks(); }

  /// Puts what has arrived into a block, each key of a cell once. Where that spared little only now
  /// and then, to see whether it still does: in the end all are sorted anyhow.
  absl::Status SealSamples(KeepGoing keep_going) {
    SEXTANT_RETURN_IF_ERROR(samples_.Seal(keep_going));
    if (HasDistinctBlocks()) return absl::OkStatus();
    if (!has_repeats_ && ++num_left_ < kBlocksPerQuestion) return absl::OkStatus();
    num_left_ = 0;
    const bool had_repeats = has_repeats_;
    SEXTANT_RETURN_IF_ERROR(
        DropRepeats(had_repeats ? num_distinct_blocks_ : samples_.num_blocks() - 1, keep_going));
    if (!has_repeats_ && !had_repeats) return absl::OkStatus();
    if (!had_repeats) SEXTANT_RETURN_IF_ERROR(DropRepeats(num_distinct_blocks_, keep_going));
    num_distinct_blocks_ = samples_.num_blocks();
    return absl::OkStatus();
  }

  /// Of the blocks from `first_block` on.
  absl::Status DropRepeats(size_t first_block, KeepGoing keep_going) {
    size_t num_given = 0;
    size_t num_kept = 0;
    const auto distinct = [&](std::span<Key> keys) {
      SortKeys(keys);
      const size_t kept = MoveDistinctToFront(keys);
      num_given += keys.size();
      num_kept += kept;
      return kept;
    };
    SEXTANT_RETURN_IF_ERROR(samples_.ShortenRuns(first_block, distinct, keep_going));
    // Of few samples nothing is known.
    if (num_given >= kBlockSamples) has_repeats_ = num_kept <= num_given - num_given / 4;
    return absl::OkStatus();
  }

  /// Turns the samples into bits if these are few enough; asked once.
  absl::Status TryBits() {
    if (!std::exchange(may_use_bits_, false) || domain_ == 0) return absl::OkStatus();
    DistinctBits bits(domain_, budget_);
    if (!bits.FitsAtFirst(samples_.num_cells())) return absl::OkStatus();
    SEXTANT_RETURN_IF_ERROR(bits.Resize(samples_.num_cells()));
    samples_.TakeArrivals(
        [&](uint32_t cell, Key key) { bits.AddOne(cell, static_cast<uint64_t>(key)); });
    bits_.emplace(std::move(bits));
    return absl::OkStatus();
  }

  /// Turns the bits into samples, which arrive anew.
  absl::Status LeaveBits() {
    if (!bits_) return absl::OkStatus();
    if constexpr (Source::kNullKey.has_value()) bits_->Remove(*Source::kNullKey);
    Pace pace(AskToGoOn, kWordsPerQuestion);
    for (uint32_t cell = 0; cell < bits_->num_cells(); ++cell) {
      const std::span<const uint64_t> words = bits_->WordsOf(cell);
      for (size_t word = 0; word < words.size(); ++word) {
        SEXTANT_RETURN_IF_ERROR(pace.Spend(1));
        SEXTANT_RETURN_IF_ERROR(samples_.Reserve(64));
        size_t count = 0;
        for (uint64_t left = words[word]; left != 0; left &= left - 1) {
          const auto bit = static_cast<size_t>(std::countr_zero(left));
          samples_.free_cells()[count] = cell;
          samples_.free_keys()[count++] = static_cast<Key>(word * 64 + bit);
        }
        samples_.Commit(count);
      }
    }
    bits_.reset();
    return absl::OkStatus();
  }

  absl::Status CountSamples(KeepGoing keep_going) const {
    if (has_counted_) return absl::OkStatus();
    if (HasDistinctBlocks() && samples_.num_arrivals() == 0 && samples_.num_blocks() <= 1) {
      return absl::OkStatus();
    }
    SEXTANT_RETURN_IF_ERROR(samples_.Seal(keep_going));
    SEXTANT_RETURN_IF_ERROR(counts_.Resize(samples_.num_cells()));
    const auto count = [&](uint32_t cell,
                           typename SampleSlices<Key>::CellKeys& samples) -> absl::Status {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<Key> keys, samples.Join(keep_going));
      SEXTANT_RETURN_IF_ERROR(SortManyKeys(keys, budget_, keep_going));
      SEXTANT_ASSIGN_OR_RETURN(counts_[cell], NumDistinct(std::span<const Key>(keys), keep_going));
      return absl::OkStatus();
    };
    SEXTANT_RETURN_IF_ERROR(samples_.VisitCells(count, keep_going));
    has_counted_ = true;
    return absl::OkStatus();
  }

  MemoryBudget& budget_;
  const uint64_t domain_;
  bool may_use_bits_ = true;
  size_t num_distinct_blocks_ = 0;  // of the first blocks: a key of a cell is there once
  bool has_repeats_ = true;         // of the last block that was asked, a quarter and more
  size_t num_left_ = 0;             // blocks since that one
  Source source_;
  std::optional<DistinctBits> bits_;  // then there are no samples
  // The first Finish turns samples into counts.
  mutable SampleSlices<Key> samples_;
  mutable TrackedVector<int64_t> counts_;
  mutable bool has_counted_ = false;
};

class CountDistinct final : public Aggregate {
 public:
  explicit CountDistinct(const AggregateSpec& spec) : value_(spec.aggregate.value, spec.table) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    if (value_.coder) return std::make_unique<DistinctState<CodeSource>>(value_, budget);
    if (value_.least) return std::make_unique<DistinctState<OffsetSource>>(value_, budget);
    return std::make_unique<DistinctState<KeySource>>(value_, budget);
  }
  bool is_order_free() const override { return true; }

 private:
  const OrderedValue value_;
};

}  // namespace

std::unique_ptr<Aggregate> MakeCountDistinct(const AggregateSpec& spec) {
  return std::make_unique<CountDistinct>(spec);
}

}  // namespace sextant
