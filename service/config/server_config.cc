#include "service/config/server_config.h"

#include <limits>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace sextant {
namespace {

absl::Status Refuse(const std::string& key, const std::string& found, const std::string& allowed) {
  return absl::InvalidArgumentError(absl::StrCat(key, ": found '", found, "', allowed: ", allowed));
}

template <typename Number>
absl::Status SetNumber(const std::string& key, const std::string& value, int64_t max,
                       Number& target) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < 0 || number > max) {
    return Refuse(key, value, absl::StrCat("0 to ", max));
  }
  target = static_cast<Number>(number);
  return absl::OkStatus();
}

absl::Status SetText(const std::string& key, const std::string& value, std::string& target) {
  if (value.empty()) return Refuse(key, value, "a text");
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

absl::Status SetMemory(const std::string& value, int64_t& target) {
  const absl::StatusOr<int64_t> bytes = ParseBytes(value);
  if (!bytes.ok()) return Refuse("memory", value, "bytes, or a number with KiB, MiB or GiB");
  target = *bytes;
  return absl::OkStatus();
}

constexpr int64_t kMaxThreads = 1024;
constexpr int64_t kMaxDescriptors = 1 << 20;
constexpr int64_t kMaxMs = 24 * 3600 * 1000;

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
  if (key == "listen") return SetText(key, value, config.listen);
  if (key == "http") return SetText(key, value, config.http);
  if (key == "log") return SetLog(value, config.log);
  if (key == "memory") return SetMemory(value, config.memory_bytes);
  if (key == "threads") return SetNumber(key, value, kMaxThreads, config.threads);
  if (key == "explain") return SetSwitch(key, value, config.explain);
  if (key == "verify") return SetSwitch(key, value, config.verify);
  if (key == "descriptor_cap") {
    return SetNumber(key, value, kMaxDescriptors, config.descriptor_cap);
  }
  const std::map<std::string, int64_t*> durations = {
      {"drain_delay_ms", &config.drain_delay_ms},
      {"drain_ms", &config.drain_ms},
      {"default_deadline_ms", &config.default_deadline_ms},
      {"max_deadline_ms", &config.max_deadline_ms}};
  const auto duration = durations.find(key);
  if (duration != durations.end()) return SetNumber(key, value, kMaxMs, *duration->second);
  return Refuse(key, value,
                "catalog, listen, http, log, threads, memory, descriptor_cap, drain_delay_ms, "
                "drain_ms, default_deadline_ms, max_deadline_ms, explain, verify");
}

}  // namespace sextant
