#include "service/config/server_config.h"

#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "service/admission/host_port.h"

namespace sextant {
namespace {

absl::Status Refuse(const std::string& key, const std::string& found, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat(key, ": found '", found, "', allowed: ", allowed));
}

struct Bounds {
  int64_t min;
  int64_t max;
};

template <typename Number>
absl::Status SetNumber(const std::string& key, const std::string& value, Bounds bounds,
                       Number& target) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < bounds.min || number > bounds.max) {
    return Refuse(key, value, absl::StrCat(bounds.min, " to ", bounds.max));
  }
  target = static_cast<Number>(number);
  return absl::OkStatus();
}

absl::Status SetText(const std::string& key, const std::string& value, std::string& target) {
  if (value.empty()) return Refuse(key, value, "a text");
  target = value;
  return absl::OkStatus();
}

absl::Status SetAddress(const std::string& key, const std::string& value, std::string& target) {
  const absl::StatusOr<HostPort> address = ParseHostPort(value);
  if (!address.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": ", address.status().message()));
  }
  target = value;
  return absl::OkStatus();
}

absl::Status SetLog(const std::string& value, LogFormat& target) {
  if (value != "json" && value != "text") return Refuse("log", value, "json, text");
  target = value == "json" ? LogFormat::kJson : LogFormat::kText;
  return absl::OkStatus();
}

absl::Status SetSwitch(const std::string& key, const std::string& value, bool& target) {
  if (value != "on" && value != "off") return Refuse(key, value, "on, off");
  target = value == "on";
  return absl::OkStatus();
}

absl::Status SetBytes(const std::string& key, const std::string& value, int64_t& target) {
  const absl::StatusOr<int64_t> bytes = ParseBytes(value);
  if (!bytes.ok()) return Refuse(key, value, "bytes, or a number with KiB, MiB or GiB");
  target = *bytes;
  return absl::OkStatus();
}

constexpr Bounds kThreads = {.min = 0, .max = 1024};
constexpr Bounds kDescriptors = {.min = 0, .max = 1 << 20};
constexpr Bounds kDurationMs = {.min = 0, .max = 24 * 3600 * 1000};
// A deadline of 0 would be over before a call begins.
constexpr Bounds kDeadlineMs = {.min = 1, .max = kDurationMs.max};

}  // namespace

absl::StatusOr<int64_t> ParseBytes(const std::string& text) {
  absl::string_view digits = text;
  int64_t unit = 1;
  if (absl::ConsumeSuffix(&digits, "KiB")) {
    unit = int64_t{1} << 10;
  } else if (absl::ConsumeSuffix(&digits, "MiB")) {
    unit = int64_t{1} << 20;
  } else if (absl::ConsumeSuffix(&digits, "GiB")) {
    unit = int64_t{1} << 30;
  }
  int64_t count = 0;
  if (!absl::SimpleAtoi(digits, &count) || count < 0 ||
      count > std::numeric_limits<int64_t>::max() / unit) {
    return absl::InvalidArgumentError(absl::StrCat("found '", text, "'"));
  }
  return count * unit;
}

absl::Status SetOption(const std::string& key, const std::string& value, ServerConfig& config) {
  if (key == "catalog") return SetText(key, value, config.catalog);
  if (key == "listen") return SetAddress(key, value, config.listen);
  if (key == "http") return SetAddress(key, value, config.http);
  if (key == "log") return SetLog(value, config.log);
  if (key == "memory") return SetBytes(key, value, config.memory_bytes);
  if (key == "result_cache") return SetBytes(key, value, config.result_cache_bytes);
  if (key == "threads") return SetNumber(key, value, kThreads, config.threads);
  if (key == "explain") return SetSwitch(key, value, config.explain);
  if (key == "verify") return SetSwitch(key, value, config.verify);
  if (key == "descriptor_cap") {
    return SetNumber(key, value, kDescriptors, config.descriptor_cap);
  }
  if (key == "drain_delay_ms") return SetNumber(key, value, kDurationMs, config.drain_delay_ms);
  if (key == "drain_ms") return SetNumber(key, value, kDurationMs, config.drain_ms);
  if (key == "default_deadline_ms") {
    return SetNumber(key, value, kDeadlineMs, config.default_deadline_ms);
  }
  if (key == "max_deadline_ms") return SetNumber(key, value, kDeadlineMs, config.max_deadline_ms);
  return Refuse(key, value,
                "catalog, listen, http, log, threads, memory, result_cache, descriptor_cap, "
                "drain_delay_ms, drain_ms, default_deadline_ms, max_deadline_ms, explain, verify");
}

}  // namespace sextant
