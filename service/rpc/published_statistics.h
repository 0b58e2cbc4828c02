#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "compute/exec/distinct_counting.h"

namespace sextant {

/// What was counted of the published versions. Thread-safe.
class PublishedStatistics {
 public:
  /// A version was published, and is to be counted.
  void Expect(const TableIdentity& version) {
    const std::lock_guard lock(mutex_);
    uint64_t& newest = expected_[version.dataset];
    newest = std::max(newest, version.version);
  }
  /// Whether counting it is worth it: it is the newest, and nobody has called Stop.
  bool IsWanted(const TableIdentity& version) const {
    const std::lock_guard lock(mutex_);
    const auto found = expected_.find(version.dataset);
    return !has_stopped_ && found != expected_.end() && found->second == version.version;
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    has_stopped_ = true;
  }

  /// Unless something is known of a later version of that dataset.
  void Keep(const TableIdentity& version, DistinctCounts counts) {
    const std::lock_guard lock(mutex_);
    Counted& counted = by_dataset_[version.dataset];
    if (counted.version <= version.version) counted = {version.version, std::move(counts)};
  }

  /// By column; empty while that version has not been counted.
  DistinctCounts Of(const TableIdentity& version) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_dataset_.find(version.dataset);
    const bool is_known = found != by_dataset_.end() && found->second.version == version.version;
    return is_known ? found->second.counts : DistinctCounts();
  }

 private:
  struct Counted {
    uint64_t version = 0;
    DistinctCounts counts;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Counted> by_dataset_;
  std::map<std::string, uint64_t> expected_;  // the newest version of each dataset
  bool has_stopped_ = false;
};

}  // namespace sextant
