#include "service/cli/connection.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/admission/host_port.h"
#include "service/admission/identity.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

const char* CodeName(grpc::StatusCode code) {
  constexpr const char* kNames[] = {"OK",
                                    "CANCELLED",
                                    "UNKNOWN",
                                    "INVALID_ARGUMENT",
                                    "DEADLINE_EXCEEDED",
                                    "NOT_FOUND",
                                    "ALREADY_EXISTS",
                                    "PERMISSION_DENIED",
                                    "RESOURCE_EXHAUSTED",
                                    "FAILED_PRECONDITION",
                                    "ABORTED",
                                    "OUT_OF_RANGE",
                                    "UNIMPLEMENTED",
                                    "INTERNAL",
                                    "UNAVAILABLE",
                                    "DATA_LOSS",
                                    "UNAUTHENTICATED"};
  const int index = static_cast<int>(code);
  return index >= 0 && index < static_cast<int>(std::size(kNames)) ? kNames[index] : "UNKNOWN";
}

/// The text of `metric` that `part` of its field names, or "".
std::string TextOfMetric(const v1::MetricDefinition& metric, const std::string& part) {
  if (part == "expression") return metric.expression();
  if (part == "derived") return metric.derived();
  if (part == "filter") return metric.filter();
  if (part == "at") return metric.at();
  if (part == "during.start") return metric.during().start();
  if (part == "during.end") return metric.during().end();
  if (part == "as_of_end.start") return metric.as_of_end().start();
  return part == "as_of_end.end" ? metric.as_of_end().end() : "";
}

/// The text of the request that `field` names, or "": that of a metric of the catalogue, or of what
/// another metric rests on, is not in the request.
std::string TextOfField(const v1::QueryMetricsRequest& request, const std::string& field) {
  if (field == "where") return request.where();
  if (field == "having_text") return request.having_text();
  for (int i = 0; i < request.metrics_size(); ++i) {
    const std::string path = absl::StrCat("metrics[", i, "].");
    if (field.starts_with(path)) {
      return TextOfMetric(request.metrics(i).definition(), field.substr(path.size()));
    }
  }
  return "";
}

void PointInto(const std::string& text, size_t position, std::ostream& errors) {
  if (text.empty() || text.find('\n') != std::string::npos || text.size() > 200) return;
  if (position > text.size()) return;
  errors << "  " << Printable(text) << "\n  " << std::string(position, ' ') << "^\n";
}

}  // namespace

absl::Status CheckTenant(const std::string& tenant) {
  if (tenant.size() > kMaxTenantBytes) {
    return absl::InvalidArgumentError(absl::StrCat("--tenant: found ", tenant.size(),
                                                   " bytes, allowed: at most ", kMaxTenantBytes));
  }
  const bool is_printable = std::all_of(tenant.begin(), tenant.end(),
                                        [](char byte) { return byte >= ' ' && byte <= '~'; });
  const bool is_trimmed = tenant.empty() || (tenant.front() != ' ' && tenant.back() != ' ');
  if (is_printable && is_trimmed) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--tenant: found '", Printable(tenant),
                   "', allowed: printable ASCII without a blank at its ends"));
}

absl::Status CheckAddress(const std::string& address) {
  const absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--address: ", Printable(ToStd(parsed.status().message()))));
  }
  if (!parsed->host.empty() && parsed->port > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--address: found '", address, "', allowed: HOST:PORT, ",
      parsed->host.empty() ? "with the name or address of a host" : "with a port of 1 to 65535"));
}

std::shared_ptr<grpc::Channel> OpenChannel(const ConnectionFlags& flags) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  return grpc::CreateCustomChannel(flags.address, grpc::InsecureChannelCredentials(), arguments);
}

void PrepareContext(const ConnectionFlags& flags, grpc::ClientContext& context) {
  if (!flags.tenant.empty()) context.AddMetadata(kTenantMetadata, flags.tenant);
  if (flags.deadline_ms.has_value()) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(*flags.deadline_ms));
  }
}

int ReportFailure(const grpc::Status& status, const v1::QueryMetricsRequest* request,
                  std::ostream& errors) {
  errors << "sextant: " << CodeName(status.error_code()) << ": "
         << Printable(status.error_message()) << '\n';
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return kExitFailed;
  google::rpc::BadRequest bad_request;
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.Is<google::rpc::BadRequest>()) detail.UnpackTo(&bad_request);
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
    if (detail.Is<google::rpc::RetryInfo>()) detail.UnpackTo(&retry);
  }
  size_t position = 0;
  const auto found = info.metadata().find("position");
  if (request != nullptr && bad_request.field_violations_size() > 0 &&
      found != info.metadata().end() && absl::SimpleAtoi(found->second, &position)) {
    PointInto(TextOfField(*request, bad_request.field_violations(0).field()), position, errors);
  }
  const auto nearest = info.metadata().find("nearest");
  const bool is_told = status.error_message().find("did you mean") != std::string::npos;
  if (nearest != info.metadata().end() && !is_told)
    errors << "  did you mean: " << Printable(nearest->second) << '\n';
  if (retry.has_retry_delay()) {
    const double seconds = static_cast<double>(retry.retry_delay().seconds()) +
                           static_cast<double>(retry.retry_delay().nanos()) / 1e9;
    errors << "  try again in " << HumanDuration(seconds) << '\n';
  }
  return kExitFailed;
}

}  // namespace sextant
