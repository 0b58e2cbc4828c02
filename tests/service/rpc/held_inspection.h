#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "storage/refresher.h"
#include "storage/table_cache.h"

namespace sextant {

/// Inspections of what a cache has published, held at one place until they are stopped: what a
/// source does that takes its time. One at a time. Thread-safe.
class HeldInspection {
 public:
  enum class Place {
    kQueue,     // never started
    kLoad,      // before the tables are there
    kDeafLoad,  // the same, until Release whatever is asked
    kSql,       // while the source answers
  };

  void HoldAt(Place place) { place_ = place; }
  absl::Status Begin(TableCache& cache, const std::vector<std::string>& datasets,
                     const Inspection& inspection);
  void Release();

  void AwaitBegin();
  /// Waits until the inspection is over and forgets it: before the service goes. Not for several
  /// threads at once.
  void AwaitEnd();
  bool is_stopped() const;
  int64_t deadline_us() const;

 private:
  absl::Status Run(TableCache& cache, const std::vector<std::string>& datasets,
                   const Inspection& inspection);
  /// CANCELLED once it has been stopped, or released where it is deaf.
  absl::Status Hold(std::stop_token stop);

  Place place_ = Place::kQueue;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_begun_ = false;
  bool is_released_ = false;
  std::stop_token token_;
  int64_t deadline_us_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::jthread thread_;
};

}  // namespace sextant
