#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

namespace sextant {

/// A step of a query as it was run, all ranges and threads together.
struct StepProfile {
  enum class Phase : uint8_t { kBounds, kRank, kCells };
  enum class Kind : uint8_t {
    kScan,       // live rows in scope; out: those that bounds do not rule out
    kFilter,     // condition `index` of the dataset's filter
    kAggregate,  // pass `index`: cells, others, a total; in kBounds: the range of the samples
    kMerge,      // ranges into one
    kResult,     // cells sorted, totals, having, order
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
  double rows_estimated = 0;  // kFilter: what statistics led to expect of rows_out
  int64_t time_ns = 0;        // of all threads
};

/// What Explain wants to know of one query. Thread-safe.
class ExecutionProfile {
 public:
  /// Adds to the step of the same key.
  void Add(const StepProfile& step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    StepProfile& sum = steps_[step.key];
    sum.key = step.key;
    sum.rows_in += step.rows_in;
    sum.rows_out += step.rows_out;
    sum.rows_estimated += step.rows_estimated;
    sum.time_ns += step.time_ns;
  }

  /// In the order of phases, datasets and kinds.
  std::vector<StepProfile> steps() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<StepProfile> steps;
    for (const auto& [key, step] : steps_) steps.push_back(step);
    return steps;
  }

 private:
  mutable std::mutex mutex_;
  std::map<StepProfile::Key, StepProfile> steps_;
};

}  // namespace sextant
