#include "service/rpc/query_call.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compute/memory/memory_refusal.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "service/rpc/immediate_call.h"
#include "service/translation/query_from_proto.h"

namespace sextant {
namespace {

/// Microseconds until the caller's deadline; none when it has none.
std::optional<int64_t> RemainingUs(const grpc::CallbackServerContext& context) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(deadline -
                                                               std::chrono::system_clock::now())
      .count();
}

std::string NewErrorId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x", random());
}

/// Whose fault it is: an error that tells of the inside of the server is ours.
bool IsOurs(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

/// Other limits carry a detail that names them; budgets know of no details.
bool IsLackOfMemory(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted && !DetailOf(status).has_value();
}

/// Names the limit, its value and what was asked.
ErrorDetail MemoryDetail(const absl::Status& status) {
  ErrorDetail detail = {.reason = "MEMORY_LIMIT"};
  const std::optional<MemoryRefusal> refusal = RefusalOf(status);
  if (!refusal.has_value()) return detail;  // the system had none
  detail.metadata = {{"budget", refusal->budget},
                     {"limit", absl::StrCat(refusal->limit_bytes)},
                     {"asked", absl::StrCat(refusal->asked_bytes)}};
  return detail;
}

/// Whether the time ran out before the query began to run.
bool IsTimeOfTheQueue(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kDeadlineExceeded) return false;
  const std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail.has_value()) return false;
  const std::pair<std::string, std::string> queue("stage", "QUEUE");
  return std::find(detail->metadata.begin(), detail->metadata.end(), queue) !=
         detail->metadata.end();
}

grpc::Slice ToSlice(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  return grpc::Slice(
      owned->data(), owned->size(), [](void* text) { delete static_cast<std::string*>(text); },
      owned);
}

/// What a request of some hundred values takes as objects.
constexpr size_t kUsualRequestBytes = size_t{32} << 10;

constexpr char kDraining[] = "DRAINING";

absl::Status Draining() {
  return WithDetail(absl::UnavailableError("this server is ending; another one answers"),
                    {.reason = kDraining, .retry_after_s = 1});
}

bool IsDraining(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return detail.has_value() && detail->reason == kDraining;
}

}  // namespace

absl::Status ParseMessage(grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return FieldError("request",
                    absl::StrCat("found ", bytes.Length(), " bytes that are no ",
                                 message.GetTypeName(), " (or one nested deeper than 100)"));
}

grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  const grpc::Slice slice = ToSlice(std::move(bytes));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToByteBuffer(std::vector<std::string> parts) {
  std::vector<grpc::Slice> slices;
  slices.reserve(parts.size());
  for (std::string& part : parts) slices.push_back(ToSlice(std::move(part)));
  return grpc::ByteBuffer(slices.data(), slices.size());
}

QueryCall::QueryCall(const QueryServices& services, RpcMethod method,
                     grpc::CallbackServerContext& grpc_context)
    : services_(services),
      entry_(services.gate.Enter()),
      grpc_context_(grpc_context),
      metrics_(services.metrics, method),
      arrived_us_(services.clock.MonotonicUs()),
      deadline_us_(arrived_us_ + AllowedTimeUs(RemainingUs(grpc_context), services.deadlines)),
      claim_(ClaimOf(grpc_context)) {}

void QueryCall::Begin(const grpc::ByteBuffer& message) {
  services_.pool.Submit(Priority::kInteractive,
                        [self = shared_from_this(), message] { self->Run(message); });
}

void QueryCall::Run(grpc::ByteBuffer message) {
  message_queued_us_ = services_.clock.MonotonicUs() - arrived_us_;
  // Of a list of values each is an object: they are made and ended together.
  alignas(8) std::array<char, kUsualRequestBytes> memory;
  google::protobuf::ArenaOptions options;
  options.initial_block = memory.data();
  options.initial_block_size = memory.size();
  google::protobuf::Arena arena(options);
  const absl::Status status = Receive(message, arena);
  if (!status.ok()) OnResult(status);
}

absl::Status QueryCall::Receive(grpc::ByteBuffer& message, google::protobuf::Arena& arena) {
  const absl::StatusOr<const v1::QueryMetricsRequest*> request = Parse(message, arena);
  message.Clear();
  return request.ok() ? Submit(**request) : request.status();
}

absl::Status QueryCall::Submit(const v1::QueryMetricsRequest& request) {
  if (!entry_.is_admitted()) return Draining();
  SEXTANT_ASSIGN_OR_RETURN(TranslatedQuery translated,
                           QueryFromProto(request, services_.catalog, services_.limits));
  format_ = translated.format;
  SEXTANT_RETURN_IF_ERROR(Admit(translated.priority));
  return Start(request, translated.query);
}

absl::Status QueryCall::Start(const v1::QueryMetricsRequest& request, const Query& query) {
  SEXTANT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           TablesOf(query, services_.catalog));
  SEXTANT_ASSIGN_OR_RETURN(const auto tables, services_.cache.Pin(names));
  SEXTANT_ASSIGN_OR_RETURN(PreparedQuery prepared,
                           PrepareQuery(query, tables, AskerWith(*context_), services_.limits));
  SEXTANT_RETURN_IF_ERROR(CheckAxes(request, prepared.bound));
  OnBound(prepared.bound);
  SetStage(CancelStage::kRunning);
  services_.executor.Submit(
      context_, std::move(prepared.bound), std::move(prepared.scopes),
      [self = shared_from_this()](absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
        self->OnResult(std::move(result));
      });
  return absl::OkStatus();
}

absl::Status QueryCall::Admit(Priority priority) {
  if (!entry_.is_admitted()) return Draining();
  priority_ = priority;
  metrics_.SetPriority(static_cast<size_t>(priority));
  context_ = MakeQueryContext(priority);
  SEXTANT_RETURN_IF_ERROR(context_->Check());
  return claim_.status();
}

std::shared_ptr<QueryContext> QueryCall::MakeQueryContext(Priority priority) {
  auto context =
      std::make_shared<QueryContext>(services_.clock, deadline_us_, priority,
                                     &services_.query_budget, services_.memory_per_query_bytes);
  const std::lock_guard lock(mutex_);
  if (cancelled_) context->Cancel();
  query_contexts_.push_back(context);
  return context;
}

Asker QueryCall::AskerWith(QueryContext& context) const {
  return {*claim_, services_.catalog, services_.periods, context};
}

void QueryCall::Cancel() {
  services_.metrics.Cancelled(stage_.load(std::memory_order_relaxed));
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const auto& context : query_contexts_) context->Cancel();
}

absl::Status QueryCall::ForCaller(const absl::Status& status) {
  metrics_.SetCode(static_cast<int>(status.code()));
  CountRejection(status);
  if (IsLackOfMemory(status)) return WithDetail(status, MemoryDetail(status));
  if (!IsOurs(status.code())) return status;
  const std::string id = NewErrorId();
  services_.log.Error("internal error", {{"id", id}, {"error", std::string(status.message())}});
  return WithDetail(absl::Status(status.code(), absl::StrCat("internal error; the log has its "
                                                             "cause under the id ",
                                                             id)),
                    {.reason = "INTERNAL", .metadata = {{"id", id}}});
}

absl::Status QueryCall::WithLoggedCause(const absl::Status& told, const absl::Status& cause) const {
  const std::string id = NewErrorId();
  services_.log.Error("source error", {{"id", id}, {"error", std::string(cause.message())}});
  absl::Status status(told.code(),
                      absl::StrCat(told.message(), "; the log has its cause under the id ", id));
  ErrorDetail detail = DetailOf(told).value_or(ErrorDetail());
  detail.metadata.emplace_back("id", id);
  return WithDetail(std::move(status), detail);
}

void QueryCall::CountRejection(const absl::Status& status) {
  const auto priority = static_cast<size_t>(priority_);
  if (IsLackOfMemory(status)) {
    services_.metrics.Rejected(RejectReason::kMemory, priority);
  } else if (status.code() == absl::StatusCode::kUnavailable) {
    services_.metrics.Rejected(
        IsDraining(status) ? RejectReason::kDraining : RejectReason::kNotReady, priority);
  } else if (IsTimeOfTheQueue(status)) {
    services_.metrics.Rejected(RejectReason::kDeadline, priority);
  }
}

void QueryCall::AddTrailers(const v1::Summary& summary) {
  const std::pair<const char*, int64_t> figures[] = {
      {"x-sextant-rows-scanned", summary.rows_scanned()},
      {"x-sextant-cells", summary.cells()},
      {"x-sextant-queued-us", summary.queued_us()},
      {"x-sextant-run-us", summary.run_us()},
      {"x-sextant-streamed-us", summary.streamed_us()}};
  for (const auto& [name, value] : figures) {
    grpc_context_.AddTrailingMetadata(name, absl::StrCat(value));
  }
}

ResultSummary QueryCall::SummaryOf(const ResultCursor& result) const {
  ResultSummary summary = result.summary();
  summary.queued_us += message_queued_us_;
  return summary;
}

void QueryCall::CountResult(const ResultSummary& summary) {
  services_.metrics.QueueWaited(static_cast<size_t>(priority_),
                                std::chrono::microseconds(summary.queued_us));
  if (summary.is_cached) return;
  services_.metrics.Scanned(summary.rows_scanned, summary.chunks_skipped);
}

}  // namespace sextant
