#include "service/instrumentation/service_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <sstream>

#include "compute/memory/check.h"

namespace sextant {
namespace {

using Labels = std::map<std::string, std::string>;
using ::prometheus::BuildCounter;
using ::prometheus::BuildGauge;
using ::prometheus::BuildHistogram;
using ::prometheus::Counter;
using ::prometheus::Gauge;
using ::prometheus::Histogram;

constexpr size_t kCodeCount = 17;
constexpr std::array<const char*, kCodeCount> kCodeLabels = {
    "OK",       "Cancelled",      "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};
constexpr std::array<const char*, 3> kStageLabels = {"queued", "running", "writing"};
constexpr std::array<const char*, 4> kReasonLabels = {"deadline", "memory", "not_ready",
                                                      "draining"};

struct MethodName {
  const char* type;
  const char* service;
  const char* method;
};
constexpr std::array<MethodName, kRpcMethodCount> kMethodNames = {{
    {"server_stream", "sextant.v1.MetricService", "QueryMetrics"},
    {"unary", "sextant.v1.MetricService", "ComputeMetrics"},
    {"unary", "sextant.v1.MetricService", "ExplainMetrics"},
    {"unary", "sextant.v1.MetricService", "VerifyMetrics"},
    {"server_stream", "sextant.v1.MetricService", "QueryRows"},
    {"server_stream", "sextant.v1.MetricService", "BatchQueryMetrics"},
    {"unary", "sextant.v1.CatalogService", "ListDatasets"},
    {"unary", "sextant.v1.CatalogService", "GetDataset"},
    {"unary", "sextant.v1.CatalogService", "ListMetrics"},
    {"unary", "sextant.v1.CatalogService", "GetMetric"},
    {"unary", "sextant.v1.CatalogService", "ListCalendars"},
    {"unary", "sextant.v1.CatalogService", "ListDimensionValues"},
    {"unary", "sextant.v1.AdminService", "GetStatus"},
    {"unary", "sextant.v1.AdminService", "RefreshDataset"},
}};

Labels GrpcLabels(const MethodName& name) {
  return {{"grpc_type", name.type}, {"grpc_service", name.service}, {"grpc_method", name.method}};
}

Histogram::BucketBoundaries CallBounds() {
  return {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
}

Histogram::BucketBoundaries WaitBounds() {
  return {.0001, .00025, .0005, .001, .0025, .005, .01, .05, .1, .5, 1, 5};
}

Histogram::BucketBoundaries LoadBounds() { return {.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}; }

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

prometheus::MetricFamily ToFamily(const SampledMetric& metric) {
  const bool counter = metric.kind == SampledMetric::Kind::kCounter;
  prometheus::MetricFamily family;
  family.name = metric.name;
  family.help = metric.help;
  family.type = counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  for (const SampledMetric::Sample& sample : metric.samples) {
    prometheus::ClientMetric client;
    for (const auto& [name, value] : sample.labels) client.label.push_back({name, value});
    (counter ? client.counter.value : client.gauge.value) = sample.value;
    family.metric.push_back(std::move(client));
  }
  return family;
}

/// What one method counts.
struct MethodCells {
  Counter* started;
  std::array<Counter*, kCodeCount> handled;
  Counter* received;
  Counter* sent;
  Counter* sent_bytes;
  Counter* stall_seconds;
  Histogram* handling;
  Histogram* first_message;
  std::array<Gauge*, kPriorityLabels.size()> inflight;
};

}  // namespace

struct ServiceMetrics::Cells {
  prometheus::Registry registry;
  std::array<MethodCells, kRpcMethodCount> methods{};
  std::array<Histogram*, kPriorityLabels.size()> queue_wait{};
  std::array<std::array<Counter*, kPriorityLabels.size()>, kReasonLabels.size()> rejected{};
  std::array<Counter*, kStageLabels.size()> cancelled{};
  Counter* rows_scanned = nullptr;
  Counter* blocks_skipped = nullptr;
  prometheus::Family<Histogram>* load_family = nullptr;
  std::map<std::string, Histogram*, std::less<>> loads;
  mutable std::mutex sources_mutex;
  std::vector<Source> sources;

  MethodCells& of(RpcMethod method) { return methods[static_cast<size_t>(method)]; }
  void MakeCallCells();
  void MakeStreamCells();
  void MakeQueueCells();
};

void ServiceMetrics::Cells::MakeCallCells() {
  auto& started =
      BuildCounter().Name("grpc_server_started_total").Help("Calls begun").Register(registry);
  auto& handled =
      BuildCounter().Name("grpc_server_handled_total").Help("Calls ended").Register(registry);
  auto& received = BuildCounter()
                       .Name("grpc_server_msg_received_total")
                       .Help("Messages received")
                       .Register(registry);
  auto& sent =
      BuildCounter().Name("grpc_server_msg_sent_total").Help("Messages sent").Register(registry);
  auto& handling = BuildHistogram()
                       .Name("grpc_server_handling_seconds")
                       .Help("Time from the arrival of a call to its end")
                       .Register(registry);
  for (size_t i = 0; i < kRpcMethodCount; ++i) {
    Labels labels = GrpcLabels(kMethodNames[i]);
    methods[i].started = &started.Add(labels);
    methods[i].received = &received.Add(labels);
    methods[i].sent = &sent.Add(labels);
    methods[i].handling = &handling.Add(labels, CallBounds());
    for (size_t code = 0; code < kCodeCount; ++code) {
      labels["grpc_code"] = kCodeLabels[code];
      methods[i].handled[code] = &handled.Add(labels);
    }
  }
}

void ServiceMetrics::Cells::MakeStreamCells() {
  auto& first = BuildHistogram()
                    .Name("sextant_first_message_seconds")
                    .Help("Time from the arrival of a call to its first message")
                    .Register(registry);
  auto& inflight = BuildGauge()
                       .Name("sextant_inflight_requests")
                       .Help("Calls accepted and not ended")
                       .Register(registry);
  auto& bytes = BuildCounter()
                    .Name("sextant_stream_sent_bytes_total")
                    .Help("Bytes of the messages sent")
                    .Register(registry);
  auto& stalls = BuildCounter()
                     .Name("sextant_stream_write_stall_seconds_total")
                     .Help("Time that answers waited for their readers")
                     .Register(registry);
  for (size_t i = 0; i < kRpcMethodCount; ++i) {
    const std::string method = kMethodNames[i].method;
    methods[i].first_message = &first.Add({{"method", method}}, CallBounds());
    methods[i].sent_bytes = &bytes.Add({{"method", method}});
    methods[i].stall_seconds = &stalls.Add({{"method", method}});
    for (size_t p = 0; p < kPriorityLabels.size(); ++p) {
      methods[i].inflight[p] =
          &inflight.Add({{"method", method}, {"priority", std::string(kPriorityLabels[p])}});
    }
  }
}

void ServiceMetrics::Cells::MakeQueueCells() {
  auto& wait = BuildHistogram()
                   .Name("sextant_queue_wait_seconds")
                   .Help("Time that queries waited for a worker")
                   .Register(registry);
  auto& rejections = BuildCounter()
                         .Name("sextant_rejected_total")
                         .Help("Queries refused for the state of the server")
                         .Register(registry);
  auto& cancels = BuildCounter()
                      .Name("sextant_cancelled_total")
                      .Help("Queries whose client went away")
                      .Register(registry);
  rows_scanned = &BuildCounter()
                      .Name("sextant_rows_scanned_total")
                      .Help("Rows that queries looked at")
                      .Register(registry)
                      .Add({});
  blocks_skipped = &BuildCounter()
                        .Name("sextant_blocks_skipped_total")
                        .Help("Chunks that zone maps ruled out")
                        .Register(registry)
                        .Add({});
  load_family = &BuildHistogram()
                     .Name("sextant_cache_refresh_seconds")
                     .Help("Time of the loads that were published")
                     .Register(registry);
  for (size_t p = 0; p < kPriorityLabels.size(); ++p) {
    const std::string priority(kPriorityLabels[p]);
    queue_wait[p] = &wait.Add({{"priority", priority}}, WaitBounds());
    for (size_t r = 0; r < kReasonLabels.size(); ++r) {
      rejected[r][p] = &rejections.Add({{"reason", kReasonLabels[r]}, {"priority", priority}});
    }
  }
  for (size_t s = 0; s < kStageLabels.size(); ++s) {
    cancelled[s] = &cancels.Add({{"stage", kStageLabels[s]}});
  }
}

ServiceMetrics::ServiceMetrics() : cells_(std::make_unique<Cells>()) {
  cells_->MakeCallCells();
  cells_->MakeStreamCells();
  cells_->MakeQueueCells();
}

ServiceMetrics::~ServiceMetrics() = default;

void ServiceMetrics::AddSource(Source source) {
  const std::lock_guard lock(cells_->sources_mutex);
  cells_->sources.push_back(std::move(source));
}

void ServiceMetrics::AddTable(const std::string& table) {
  cells_->loads[table] = &cells_->load_family->Add({{"table", table}}, LoadBounds());
}

void ServiceMetrics::CallStarted(RpcMethod method) { cells_->of(method).started->Increment(); }

void ServiceMetrics::CallHandled(RpcMethod method, int grpc_code,
                                 std::chrono::nanoseconds elapsed) {
  SEXTANT_CHECK(grpc_code >= 0 && grpc_code < static_cast<int>(kCodeCount));
  cells_->of(method).handled[static_cast<size_t>(grpc_code)]->Increment();
  cells_->of(method).handling->Observe(Seconds(elapsed));
}

void ServiceMetrics::CallEntered(RpcMethod method, size_t priority) {
  cells_->of(method).inflight.at(priority)->Increment();
}

void ServiceMetrics::CallLeft(RpcMethod method, size_t priority) {
  cells_->of(method).inflight.at(priority)->Decrement();
}

void ServiceMetrics::MessageReceived(RpcMethod method) { cells_->of(method).received->Increment(); }

void ServiceMetrics::MessageSent(RpcMethod method, size_t size_bytes) {
  cells_->of(method).sent->Increment();
  cells_->of(method).sent_bytes->Increment(static_cast<double>(size_bytes));
}

void ServiceMetrics::FirstMessage(RpcMethod method, std::chrono::nanoseconds elapsed) {
  cells_->of(method).first_message->Observe(Seconds(elapsed));
}

void ServiceMetrics::WriteStalled(RpcMethod method, std::chrono::nanoseconds waited) {
  cells_->of(method).stall_seconds->Increment(Seconds(waited));
}

void ServiceMetrics::QueueWaited(size_t priority, std::chrono::nanoseconds waited) {
  cells_->queue_wait.at(priority)->Observe(Seconds(waited));
}

void ServiceMetrics::Rejected(RejectReason reason, size_t priority) {
  cells_->rejected[static_cast<size_t>(reason)].at(priority)->Increment();
}

void ServiceMetrics::Cancelled(CancelStage stage) {
  cells_->cancelled[static_cast<size_t>(stage)]->Increment();
}

void ServiceMetrics::Scanned(uint64_t rows, uint64_t chunks_skipped) {
  cells_->rows_scanned->Increment(static_cast<double>(rows));
  cells_->blocks_skipped->Increment(static_cast<double>(chunks_skipped));
}

void ServiceMetrics::TableLoaded(const std::string& table, std::chrono::nanoseconds elapsed) {
  const auto found = cells_->loads.find(table);
  if (found != cells_->loads.end()) found->second->Observe(Seconds(elapsed));
}

std::string ServiceMetrics::Text() const {
  std::vector<prometheus::MetricFamily> families = cells_->registry.Collect();
  const std::lock_guard lock(cells_->sources_mutex);
  for (const Source& source : cells_->sources) {
    for (const SampledMetric& metric : source()) families.push_back(ToFamily(metric));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace sextant
