#include "compute/plan/error_detail.h"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "compute/memory/check.h"

namespace sextant {
namespace {

// The payload is a sequence of fields in the order of the struct: numbers as 8 bytes, texts and
// lists preceded by their length. It never leaves the process.
constexpr char kPayloadUrl[] = "sextant/error-detail";
constexpr size_t kMaxNearest = 20;

void PutNumber(uint64_t number, std::string& out) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  out.append(bytes, sizeof(number));
}

void PutText(std::string_view text, std::string& out) {
  PutNumber(text.size(), out);
  out.append(text);
}

uint64_t TakeNumber(std::string_view& in) {
  uint64_t number = 0;
  SEXTANT_CHECK(in.size() >= sizeof(number));
  std::memcpy(&number, in.data(), sizeof(number));
  in.remove_prefix(sizeof(number));
  return number;
}

std::string TakeText(std::string_view& in) {
  const uint64_t size = TakeNumber(in);
  SEXTANT_CHECK(in.size() >= size);
  std::string text(in.substr(0, size));
  in.remove_prefix(size);
  return text;
}

std::string Encode(const ErrorDetail& detail) {
  std::string out;
  PutText(detail.field, out);
  PutNumber(static_cast<uint64_t>(static_cast<int64_t>(detail.position)), out);
  const size_t num_nearest = std::min(detail.nearest.size(), kMaxNearest);
  PutNumber(num_nearest, out);
  for (size_t i = 0; i < num_nearest; ++i) PutText(detail.nearest[i], out);
  PutText(detail.reason, out);
  PutText(detail.resource_type, out);
  PutText(detail.resource_name, out);
  PutNumber(detail.retry_after_s.has_value() ? 1 : 0, out);
  uint64_t retry_bits = 0;
  const double retry = detail.retry_after_s.value_or(0);
  std::memcpy(&retry_bits, &retry, sizeof(retry));
  PutNumber(retry_bits, out);
  PutNumber(detail.metadata.size(), out);
  for (const auto& [key, value] : detail.metadata) {
    PutText(key, out);
    PutText(value, out);
  }
  return out;
}

ErrorDetail Decode(std::string_view in) {
  ErrorDetail detail;
  detail.field = TakeText(in);
  detail.position = static_cast<int>(static_cast<int64_t>(TakeNumber(in)));
  detail.nearest.resize(TakeNumber(in));
  for (std::string& name : detail.nearest) name = TakeText(in);
  detail.reason = TakeText(in);
  detail.resource_type = TakeText(in);
  detail.resource_name = TakeText(in);
  const bool has_retry = TakeNumber(in) != 0;
  const uint64_t retry_bits = TakeNumber(in);
  double retry = 0;
  std::memcpy(&retry, &retry_bits, sizeof(retry));
  if (has_retry) detail.retry_after_s = retry;
  detail.metadata.resize(TakeNumber(in));
  for (auto& [key, value] : detail.metadata) {
    key = TakeText(in);
    value = TakeText(in);
  }
  return detail;
}

}  // namespace

absl::Status WithDetail(absl::Status status, const ErrorDetail& detail) {
  SEXTANT_CHECK(!status.ok());
  status.SetPayload(kPayloadUrl, absl::Cord(Encode(detail)));
  return status;
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  return Decode(std::string(*payload));
}

absl::Status FieldError(std::string field, const std::string& message, int position,
                        std::vector<std::string> nearest) {
  std::string text = absl::StrCat(field, ": ", message);
  if (position >= 0) absl::StrAppend(&text, " (at character ", position + 1, ")");
  absl::Status status = absl::InvalidArgumentError(text);
  ErrorDetail detail;
  detail.field = std::move(field);
  detail.position = position;
  detail.nearest = std::move(nearest);
  return WithDetail(std::move(status), detail);
}

}  // namespace sextant
