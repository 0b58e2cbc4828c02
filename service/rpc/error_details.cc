#include "service/rpc/error_details.h"

#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/plan/error_detail.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sextant {
namespace {

constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailBytes = 4096;
constexpr char kDomain[] = "sextant";
constexpr char kInvalidField[] = "INVALID_FIELD";
constexpr char kPosition[] = "position";
constexpr char kNearest[] = "nearest";

/// `text` cut before byte `max_bytes`, never inside a character.
std::string Cut(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "...");
}

google::rpc::ErrorInfo MakeErrorInfo(const ErrorDetail& detail) {
  google::rpc::ErrorInfo info;
  info.set_reason(detail.reason.empty() ? kInvalidField : detail.reason);
  info.set_domain(kDomain);
  for (const auto& [key, value] : detail.metadata) (*info.mutable_metadata())[key] = value;
  if (detail.position >= 0) {
    (*info.mutable_metadata())[kPosition] = absl::StrCat(detail.position);
  }
  if (!detail.nearest.empty()) {
    (*info.mutable_metadata())[kNearest] = absl::StrJoin(detail.nearest, ", ");
  }
  return info;
}

bool WantsErrorInfo(const ErrorDetail& detail) {
  return !detail.reason.empty() || !detail.metadata.empty() || detail.position >= 0 ||
         !detail.nearest.empty();
}

void SetDuration(double seconds, google::protobuf::Duration* duration) {
  const double whole = std::floor(seconds);
  duration->set_seconds(static_cast<int64_t>(whole));
  duration->set_nanos(static_cast<int32_t>((seconds - whole) * 1e9));
}

void AddRetry(const absl::Status& status, const ErrorDetail& detail, google::rpc::Status& wire) {
  google::rpc::RetryInfo retry;
  SetDuration(*detail.retry_after_s, retry.mutable_retry_delay());
  wire.add_details()->PackFrom(retry);
  if (status.code() != absl::StatusCode::kResourceExhausted) return;
  google::rpc::QuotaFailure quota;
  google::rpc::QuotaFailure::Violation* violation = quota.add_violations();
  violation->set_subject(detail.reason);
  violation->set_description(wire.message());
  wire.add_details()->PackFrom(quota);
}

/// Adds a detail unless it would exceed the limit.
void AddWithinLimit(const google::protobuf::Message& detail, google::rpc::Status& wire) {
  wire.add_details()->PackFrom(detail);
  if (wire.ByteSizeLong() > kMaxDetailBytes) wire.mutable_details()->RemoveLast();
}

void AddDetails(const absl::Status& status, const ErrorDetail& detail, google::rpc::Status& wire) {
  if (!detail.field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(Cut(detail.field, kMaxMessageBytes / 4));
    violation->set_description(wire.message());
    AddWithinLimit(bad_request, wire);
  }
  if (!detail.resource_type.empty()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(detail.resource_type);
    resource.set_resource_name(Cut(detail.resource_name, kMaxMessageBytes / 4));
    AddWithinLimit(resource, wire);
  }
  if (detail.retry_after_s.has_value()) AddRetry(status, detail, wire);
  if (WantsErrorInfo(detail)) AddWithinLimit(MakeErrorInfo(detail), wire);
}

void ReadErrorInfo(const google::rpc::ErrorInfo& info, ErrorDetail& detail) {
  if (info.reason() != kInvalidField) detail.reason = info.reason();
  for (const auto& [key, value] : info.metadata()) {
    if (key == kPosition) {
      if (!absl::SimpleAtoi(value, &detail.position)) detail.position = -1;
    } else if (key == kNearest) {
      detail.nearest = absl::StrSplit(value, ", ");
    } else {
      detail.metadata.emplace_back(key, value);
    }
  }
}

std::optional<ErrorDetail> ReadDetails(const google::rpc::Status& wire) {
  if (wire.details().empty()) return std::nullopt;
  ErrorDetail detail;
  for (const google::protobuf::Any& any : wire.details()) {
    google::rpc::BadRequest bad_request;
    google::rpc::ResourceInfo resource;
    google::rpc::RetryInfo retry;
    google::rpc::ErrorInfo info;
    if (any.UnpackTo(&bad_request) && bad_request.field_violations_size() > 0) {
      detail.field = bad_request.field_violations(0).field();
    } else if (any.UnpackTo(&resource)) {
      detail.resource_type = resource.resource_type();
      detail.resource_name = resource.resource_name();
    } else if (any.UnpackTo(&retry)) {
      detail.retry_after_s =
          static_cast<double>(retry.retry_delay().seconds()) + retry.retry_delay().nanos() * 1e-9;
    } else if (any.UnpackTo(&info)) {
      ReadErrorInfo(info, detail);
    }
  }
  return detail;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The codes have the same numbers.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  google::rpc::Status wire;
  wire.set_code(code);
  wire.set_message(Cut(status.message(), kMaxMessageBytes));
  const std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail.has_value()) return grpc::Status(code, wire.message());
  AddDetails(status, *detail, wire);
  return grpc::Status(code, wire.message(), wire.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  const std::optional<ErrorDetail> detail = ReadDetails(wire);
  return detail.has_value() ? WithDetail(std::move(result), *detail) : result;
}

}  // namespace sextant
