#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/instrumentation/log.h"

namespace sextant {

/// How a server runs: the same names, with dashes, are flags, and with underscores keys of the
/// configuration file. Flags go before the file.
struct ServerConfig {
  std::string catalog;
  std::string listen = "127.0.0.1:7600";
  std::string http = "127.0.0.1:7601";
  LogFormat log = LogFormat::kJson;
  /// Workers; 0: as many as the process has CPUs.
  int threads = 0;
  /// What tables and queries may take together; 0: 85 % of what the process may use.
  int64_t memory_bytes = 0;
  /// What results that are kept for equal queries may take; 0: none is kept. At most a quarter of
  /// what queries may take.
  int64_t result_cache_bytes = int64_t{64} << 20;
  /// The highest number of a connection's descriptor; 0: the limit less 32.
  int descriptor_cap = 0;
  /// After SIGTERM: how long calls are still accepted, not ready any more, and then how long those
  /// that run may take.
  int64_t drain_delay_ms = 0;
  int64_t drain_ms = 30'000;
  /// From 1 on.
  int64_t default_deadline_ms = 10'000;
  int64_t max_deadline_ms = 60'000;
  /// Whether ExplainMetrics and VerifyMetrics answer.
  bool explain = true;
  bool verify = true;
};

/// Sets what the YAML file says. Errors: INVALID_ARGUMENT "file:line: key: found, allowed" for
/// unknown keys and values out of range; NOT_FOUND.
absl::Status ReadConfigFile(const std::string& path, ServerConfig& config);

/// Sets one option by its key. Errors: INVALID_ARGUMENT "key: found, allowed".
absl::Status SetOption(const std::string& key, const std::string& value, ServerConfig& config);

/// "512MiB", "4GiB", "4294967296". Errors: INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseBytes(const std::string& text);

}  // namespace sextant
