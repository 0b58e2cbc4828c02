#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sextant {

/// "HOST:PORT" in its two parts; "[::1]:PORT" for an IPv6 host, which `host` has without brackets.
struct HostPort {
  std::string host;  // may be empty: every address of the machine
  int port = 0;      // 0 to 65535
};

/// Errors: INVALID_ARGUMENT "found '..', allowed: HOST:PORT ..", which says what is missing.
absl::StatusOr<HostPort> ParseHostPort(const std::string& text);

}  // namespace sextant
