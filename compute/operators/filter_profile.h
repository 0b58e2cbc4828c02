#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "compute/kernels/selection.h"
#include "compute/kernels/vector_selection.h"

namespace sextant {

/// What one condition of a filter did: rows that it was asked about, rows that it kept, and how
/// many statistics led to expect (conditions taken as independent).
struct ConditionProfile {
  uint64_t rows_in = 0;
  uint64_t rows_out = 0;
  double rows_estimated = 0;
  int64_t time_ns = 0;
  /// Chunks in which it had its turn; those of them whose rows were found by bounds, an order or an
  /// index, without a test of rows.
  uint64_t chunks = 0;
  uint64_t chunks_by_index = 0;
};

/// By condition of a filter's outermost AND, in the order of its BoundPredicate; one entry for any
/// other filter.
using FilterProfile = std::vector<ConditionProfile>;

/// Notes what happens to `selection` until its end, and what `by_index` says by then. Without a
/// profile it costs a branch.
class ProfiledCondition {
 public:
  ProfiledCondition(FilterProfile* profile, size_t condition, Selection selection,
                    double rows_estimated, const bool& by_index)
      : profile_(profile), condition_(condition), selection_(selection), by_index_(by_index) {
    if (profile_ == nullptr) return;
    (*profile_)[condition_].rows_in += CountSelected(selection_);
    (*profile_)[condition_].rows_estimated += rows_estimated;
    began_ = std::chrono::steady_clock::now();
  }
  ~ProfiledCondition() {
    if (profile_ == nullptr) return;
    const auto time = std::chrono::steady_clock::now() - began_;
    (*profile_)[condition_].time_ns +=
        std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    (*profile_)[condition_].rows_out += CountSelected(selection_);
    ++(*profile_)[condition_].chunks;
    (*profile_)[condition_].chunks_by_index += by_index_ ? 1 : 0;
  }
  ProfiledCondition(const ProfiledCondition&) = delete;
  ProfiledCondition& operator=(const ProfiledCondition&) = delete;

 private:
  FilterProfile* const profile_;
  const size_t condition_;
  const Selection selection_;
  const bool& by_index_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace sextant
