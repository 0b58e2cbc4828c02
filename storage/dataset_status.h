#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sextant {

enum class DatasetState : uint8_t {
  kWaiting,     // nothing published, no load running (before the first try, or between retries)
  kLoading,     // nothing published yet, a load runs
  kReady,       // published, and no load runs
  kRefreshing,  // published, and a load runs
};

/// What a load has done so far. Grows while it runs.
struct LoadProgress {
  uint64_t rows = 0;
  uint64_t wire_bytes = 0;
  uint64_t expected_rows = 0;  // an estimate of PostgreSQL's; 0 when unknown
  int64_t started_wall_us = 0;
};

/// What people and probes are told of a dataset: a copy, taken at once.
struct DatasetStatus {
  std::string dataset;
  std::string group;
  bool required = false;
  DatasetState state = DatasetState::kWaiting;
  uint64_t version = 0;  // 0: nothing published
  uint64_t rows = 0;
  uint64_t bytes = 0;
  int64_t as_of_us = 0;  // PostgreSQL's now() of the published snapshot
  int64_t published_wall_us = 0;
  int64_t last_load_us = 0;  // how long the published load took
  LoadProgress progress;     // while loading or refreshing
  uint64_t loads_ok = 0;
  uint64_t loads_failed = 0;
  std::string last_error;  // of the last load when it failed, else empty; no secrets
  int64_t last_error_wall_us = 0;
};

}  // namespace sextant
