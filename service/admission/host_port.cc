#include "service/admission/host_port.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

absl::Status Refuse(const std::string& text, const char* fault) {
  return absl::InvalidArgumentError(
      absl::StrCat("found '", text, "', ", fault,
                   ", allowed: HOST:PORT with a port of 0 to 65535, such as 127.0.0.1:7600 or "
                   "[::1]:7600"));
}

bool IsDigits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(const std::string& text) {
  const bool is_odd = std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '/' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
  });
  if (is_odd) return Refuse(text, "which is no host and port");
  const size_t bracket = text.rfind(']');
  const size_t colon = text.rfind(':');
  const bool has_brackets = text.starts_with('[') && bracket != std::string::npos;
  if (colon == std::string::npos || (has_brackets && colon < bracket)) {
    return Refuse(text, "which has no port");
  }
  HostPort parsed;
  parsed.host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  if (has_brackets && bracket + 1 == colon) {
    parsed.host = text.substr(1, bracket - 1);
  } else if (parsed.host.find_first_of(":[]") != std::string::npos) {
    return Refuse(text, "whose host is an IPv6 address without brackets");
  }
  if (port.empty()) return Refuse(text, "which has no port");
  if (!IsDigits(port) || !absl::SimpleAtoi(port, &parsed.port) || parsed.port > 65535) {
    return Refuse(text, "whose port is none");
  }
  return parsed;
}

}  // namespace sextant
