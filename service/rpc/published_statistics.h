#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "compute/exec/distinct_counting.h"

namespace sextant {

/// What was counted of the published versions. Thread-safe.
class PublishedStatistics {
 public:
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
};

}  // namespace sextant
