#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/kernels/float_order.h"
#include "compute/kernels/key_selection.h"
#include "compute/kernels/key_sort.h"
#include "compute/kernels/rank_selection.h"
#include "compute/memory/buffer.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_keys.h"
#include "compute/operators/sample_slices.h"
#include "compute/operators/sample_source.h"

namespace sextant {

/// The samples of sealed slices. 16 bytes a run, 4 bytes a cell. Source: KeySource or OffsetSource.
template <typename Source>
class SlicedKeys final : public SampleKeys {
 public:
  using Key = typename Source::Key;

  /// Both must outlive it. Errors: RESOURCE_EXHAUSTED, those of keep_going.
  static absl::StatusOr<std::unique_ptr<SampleKeys>> Create(const Source& source,
                                                            const SampleSlices<Key>& samples,
                                                            MemoryBudget& budget,
                                                            KeepGoing keep_going) {
    std::unique_ptr<SlicedKeys> keys(new SlicedKeys(source, samples, budget));
    SEXTANT_RETURN_IF_ERROR(keys->FindRuns(keep_going));
    return keys;
  }

  uint64_t CountOf(uint32_t cell) const override { return samples_.count(cell); }

  absl::Status Select(std::span<const uint32_t> cells, std::span<const uint64_t> ranks,
                      int64_t* found, KeepGoing keep_going) override {
    parts_.Clear();
    size_t count = 0;
    for (const uint32_t cell : cells) {
      count += samples_.count(cell);
      SEXTANT_RETURN_IF_ERROR(parts_.AppendSpan(RunsOf(cell)));
    }
    SEXTANT_RETURN_IF_ERROR(found_.ResizeUninitialized(ranks.size()));
    SEXTANT_RETURN_IF_ERROR(
        count > kKeysSortedAtOnce
            ? RankSelection<Key>(budget_, keep_going).Select(parts_.span(), ranks, found_.data())
            : SelectOfFew(count, ranks));
    for (size_t i = 0; i < ranks.size(); ++i) found[i] = NumberOfKey(found_[i]);
    return absl::OkStatus();
  }

  absl::Status VisitKeys(uint32_t cell, Visit visit) const override {
    for (const std::span<const Key> run : RunsOf(cell)) {
      for (size_t begin = 0; begin < run.size(); begin += kBatchRows) {
        const std::span<const Key> keys =
            run.subspan(begin, std::min<size_t>(kBatchRows, run.size() - begin));
        if constexpr (std::is_same_v<Source, KeySource>) {
          SEXTANT_RETURN_IF_ERROR(visit(keys));
        } else {
          std::array<int64_t, kBatchRows> numbers;
          for (size_t k = 0; k < keys.size(); ++k) numbers[k] = NumberOfKey(keys[k]);
          SEXTANT_RETURN_IF_ERROR(visit({numbers.data(), keys.size()}));
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  SlicedKeys(const Source& source, const SampleSlices<Key>& samples, MemoryBudget& budget)
      : source_(source),
        samples_(samples),
        budget_(budget),
        first_runs_(budget),
        runs_(budget),
        parts_(budget),
        joined_(budget),
        room_(budget),
        found_(budget) {}

  absl::Status FindRuns(KeepGoing keep_going) {
    const size_t num_cells = samples_.num_cells();
    SEXTANT_RETURN_IF_ERROR(first_runs_.Resize(num_cells + 1));
    SEXTANT_RETURN_IF_ERROR(runs_.ResizeUninitialized(samples_.num_runs()));
    SEXTANT_RETURN_IF_ERROR(samples_.ForEachRun(
        keep_going, [this](uint32_t cell, std::span<const Key>) { ++first_runs_[cell]; }));
    uint32_t first = 0;
    for (uint32_t& next : first_runs_.span()) first += std::exchange(next, first);
    SEXTANT_RETURN_IF_ERROR(
        samples_.ForEachRun(keep_going, [this](uint32_t cell, std::span<const Key> keys) {
          runs_[first_runs_[cell]++] = keys;  // now where those of the next cell begin
        }));
    for (size_t cell = num_cells; cell > 0; --cell) first_runs_[cell] = first_runs_[cell - 1];
    first_runs_[0] = 0;
    return absl::OkStatus();
  }

  std::span<const std::span<const Key>> RunsOf(uint32_t cell) const {
    return runs_.span().subspan(first_runs_[cell], first_runs_[cell + 1] - first_runs_[cell]);
  }

  /// Of parts_.
  absl::Status SelectOfFew(size_t count, std::span<const uint64_t> ranks) {
    SEXTANT_RETURN_IF_ERROR(joined_.ResizeUninitialized(count));
    SEXTANT_RETURN_IF_ERROR(room_.ResizeUninitialized(count + kSelectionSlack));
    Key* into = joined_.data();
    for (const std::span<const Key> part : parts_.span()) {
      into = std::copy(part.begin(), part.end(), into);
    }
    for (size_t i = 0; i < ranks.size(); ++i) {
      found_[i] = SelectRankedKeys(joined_.span(), ranks[i], ranks[i], room_.span()).low;
    }
    return absl::OkStatus();
  }

  int64_t NumberOfKey(Key key) const {
    if constexpr (std::is_same_v<Source, KeySource>) {
      return key;
    } else {
      return source_.is_float() ? FloatOrderKey(source_.Number(key)) : source_.Integer(key);
    }
  }

  const Source& source_;
  const SampleSlices<Key>& samples_;
  MemoryBudget& budget_;
  TrackedVector<uint32_t> first_runs_;         // per cell, and the end of the last
  TrackedVector<std::span<const Key>> runs_;   // by cell, in the order of blocks
  TrackedVector<std::span<const Key>> parts_;  // of the cells at hand
  TrackedVector<Key> joined_;                  // likewise
  TrackedVector<Key> room_;
  TrackedVector<Key> found_;
};

}  // namespace sextant
