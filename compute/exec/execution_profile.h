#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

#include "compute/operators/shared_work.h"

namespace sextant {

/// A step of a query as it was run, all ranges and threads together.
struct StepProfile {
  enum class Phase : uint8_t { kDerive, kBounds, kCuts, kRank, kCells };
  enum class Kind : uint8_t {
    kScan,       // live rows in scope; out: those that bounds do not rule out
    kFilter,     // condition `index` of the dataset's filter
    kAggregate,  // pass `index`: cells, others, a total; in kBounds: the range of the samples.
                 // In kCells out: the cells of the pass, of all datasets together
    kMerge,      // ranges into one
    kResult,     // cells of all passes sorted; out: what having and limit leave
    kDerive,     // rows of a dataset made into one per key; in: rows in scope, 0 where they were
                 // there already; out: rows made
  };
  struct Key {
    Phase phase = Phase::kCells;
    size_t dataset = 0;
    Kind kind = Kind::kScan;
    size_t index = 0;
    friend bool operator<(const Key& a, const Key& b) {
      return std::tie(a.phase, a.dataset, a.kind, a.index) <
             std::tie(b.phase, b.dataset, b.kind, b.index);
    }
  };

  Key key;
  uint64_t rows_in = 0;
  uint64_t rows_out = 0;
  /// What statistics led to expect of rows_out; nullopt: nothing.
  std::optional<double> rows_estimated = {};
  int64_t time_ns = 0;  // of all threads
  /// As in ConditionProfile; 0 of what is no filter.
  uint64_t chunks = 0;
  uint64_t chunks_by_index = 0;
  std::optional<SharedWork> shared = {};  // of a kAggregate of samples
};

/// What Explain wants to know of one query. Thread-safe.
class ExecutionProfile {
 public:
  /// Adds to the step of the same key.
  void Add(const StepProfile& step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_muted_) return;
    StepProfile& sum = steps_[step.key];
    sum.key = step.key;
    sum.rows_in += step.rows_in;
    sum.rows_out += step.rows_out;
    if (step.rows_estimated) {
      sum.rows_estimated = sum.rows_estimated.value_or(0) + *step.rows_estimated;
    }
    sum.time_ns += step.time_ns;
    sum.chunks += step.chunks;
    sum.chunks_by_index += step.chunks_by_index;
    if (step.shared) sum.shared = step.shared;
  }

  /// While it is muted nothing is added: of a query within the query.
  void Mute(bool is_muted) {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_muted_ = is_muted;
  }

  /// In the order of phases, datasets and kinds; conditions from most rows in to fewest, as they
  /// were run unless chunks differ.
  std::vector<StepProfile> steps() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<StepProfile> steps;
    for (const auto& [key, step] : steps_) steps.push_back(step);
    std::stable_sort(steps.begin(), steps.end(), [](const StepProfile& a, const StepProfile& b) {
      const auto place = [](const StepProfile& step) {
        const bool is_filter = step.key.kind == StepProfile::Kind::kFilter;
        return std::tuple(step.key.phase, step.key.dataset, step.key.kind,
                          is_filter ? ~step.rows_in : 0);
      };
      return place(a) < place(b);
    });
    return steps;
  }

 private:
  mutable std::mutex mutex_;
  std::map<StepProfile::Key, StepProfile> steps_;
  bool is_muted_ = false;
};

}  // namespace sextant
