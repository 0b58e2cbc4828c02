#include "tests/service/rpc/test_service.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "service/rpc/error_details.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
constexpr int64_t kNumNumbers = 200'000;

StorageSpec Spec() {
  StorageSpec spec;
  spec.sources.push_back({.name = "warehouse", .conninfo = "", .max_connections = 1});
  for (const char* name :
       {"commits", "visits", "numbers", "unloaded", "words", "halves", "terms"}) {
    DatasetSpec dataset;
    dataset.name = name;
    dataset.source = "warehouse";
    dataset.table = name;
    dataset.key = {"id"};
    if (dataset.name == "visits" || dataset.name == "terms") dataset.tenant = "account";
    dataset.required = dataset.name == "commits";
    spec.groups.push_back({.name = name, .refresh_every_us = std::nullopt});
    spec.datasets.push_back(dataset);
  }
  return spec;
}

std::shared_ptr<const Table> Commits() {
  const DataType text = DataType::Of(TypeKind::kText);
  return TableOf(
      {{"author", text, {Text("ann"), Text("bob"), Text("ann"), Null(), Text("ann")}},
       {"lines", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3), Int(4), Null()}},
       {"committed_at",
        DataType::Of(TypeKind::kTimestamp),
        {Int(0), Int(kDayUs), Int(kDayUs + 1), Int(2 * kDayUs), Int(0)}},
       {"labels",
        DataType::ListOf(TypeKind::kText),
        {List({Text("a"), Text("b")}), List({Text("a")}), List({}), Null(), List({Text("b")})}}},
      {.dataset = "commits", .as_of_us = 10 * kDayUs});
}

std::shared_ptr<const Table> Visits() {
  const DataType text = DataType::Of(TypeKind::kText);
  return TableOf({{"account", text, {Text("acme"), Text("other"), Text("acme")}},
                  {"page", text, {Text("/"), Text("/secret"), Text("/a")}},
                  {"is_new", DataType::Of(TypeKind::kBool), {Bool(true), Bool(true), Null()}}},
                 {.tenant = "account", .dataset = "visits"});
}

std::shared_ptr<const Table> Words() {
  return TableOf({{"name", DataType::Of(TypeKind::kText), {Text(""), Text("x")}},
                  {"at",
                   DataType::Of(TypeKind::kTimestamp),
                   {Int(-62'135'596'800'000'000), Int(0)}},  // 0001-01-01
                  {"f", DataType::Of(TypeKind::kFloat64), {Float(1.7e308), Float(-1.7e308)}}},
                 {.dataset = "words"});
}

std::shared_ptr<const Table> Halves() {
  const DataType day = DataType::Of(TypeKind::kDate);
  return TableOf({{"first", day, {Int(1), Int(0)}},
                  {"last", day, {Int(2), Int(0)}},
                  {"name", DataType::Of(TypeKind::kText), {Text("long"), Text("short")}}},
                 {.dataset = "halves"});
}

std::shared_ptr<const Table> Terms() {
  const DataType day = DataType::Of(TypeKind::kDate);
  const DataType text = DataType::Of(TypeKind::kText);
  return TableOf({{"account", text, {Text("acme"), Text("other"), Text("other")}},
                  {"first", day, {Int(0), Int(0), Int(1)}},
                  {"last", day, {Int(3), Int(0), Null()}},
                  {"name", text, {Text("all"), Text("begin"), Text("rest")}}},
                 {.tenant = "account", .dataset = "terms"});
}

std::shared_ptr<const Table> Numbers() {
  ColumnCells ids{"id", DataType::Of(TypeKind::kInt64), {}};
  ColumnCells names{"name", DataType::Of(TypeKind::kText), {}};
  for (int64_t id = 0; id < kNumNumbers; ++id) {
    ids.cells.push_back(Int(id));
    names.cells.push_back(Text(absl::StrFormat("a name that is rather long, number %08d", id)));
  }
  return TableOf({ids, names}, {.dataset = "numbers"});
}

CatalogMetric MetricOfCommits(const std::string& name, const std::string& expression) {
  CatalogMetric metric;
  metric.metric.name = name;
  metric.metric.dataset = "commits";
  metric.metric.expression = expression;
  metric.metric.pin = TimePin::At("committed_at");
  metric.metric.is_from_catalog = true;
  metric.description = "Of commits.";
  return metric;
}

MetricCatalog Metrics() {
  CatalogMetric share;
  share.metric.name = "lines-per-commit";
  share.metric.unit = "lines";
  share.metric.ratio = Metric::Ratio{"lines", "commits", 0};
  share.metric.is_from_catalog = true;
  return MetricCatalog(
      {MetricOfCommits("commits", "count(*)"), MetricOfCommits("lines", "sum(lines)"), share}, {},
      {},
      {{.name = "half",
        .description = "Of a day, then of two.",
        .dataset = "halves",
        .start = "first",
        .end = "",
        .last_day = "last",
        .label = "name"},
       {.name = "term",
        .description = "",
        .dataset = "terms",
        .start = "first",
        .end = "",
        .last_day = "last",
        .label = "name"}});
}

/// The large table is made once for all tests.
std::shared_ptr<const Table> SharedNumbers() {
  static const auto* numbers = new std::shared_ptr<const Table>(Numbers());
  return *numbers;
}

void SetUpContext(const CallOptions& options, grpc::ClientContext& context) {
  if (!options.tenant.empty()) context.AddMetadata("x-sextant-tenant", options.tenant);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(options.timeout_ms));
}

}  // namespace

QueryServices TestService::Services(const TestServiceOptions& options) {
  return {.gate = gate_,
          .cache = cache_,
          .pool = *pool_,
          .executor = executor_,
          .periods = periods_,
          .query_budget = query_budget_,
          .memory_per_query_bytes = options.memory_per_query_bytes,
          .clock = Clock::System(),
          .metrics = metrics_,
          .log = log_,
          .catalog = metric_catalog_,
          .storage = spec_,
          .statistics = statistics_,
          .inspect =
              [this, inspect = options.inspect](const std::vector<std::string>& datasets,
                                                const Inspection& inspection) {
                if (inspect != nullptr) return inspect(cache_, datasets, inspection);
                return absl::UnavailableError("this service has no source");
              },
          .limits = options.limits,
          .rows_limits = options.rows_limits,
          .max_queries_per_batch = options.max_queries_per_batch,
          .deadlines = options.deadlines,
          .inspection = options.inspection};
}

TestService::TestService(const TestServiceOptions& options)
    : log_(LogFormat::kText, options.log_fd >= 0 ? options.log_fd : open("/dev/null", O_WRONLY)),
      metric_catalog_(Metrics()),
      spec_(Spec()),
      query_budget_("queries"),
      cache_(spec_),
      results_(options.result_cache_bytes == 0
                   ? nullptr
                   : std::make_unique<ResultCache>(options.result_cache_bytes, &query_budget_)),
      periods_(size_t{1} << 20, query_budget_),
      pool_(std::make_unique<WorkerPool>(2)),
      executor_(*pool_, results_.get()),
      metric_service_(Services(options)),
      catalog_service_(Services(options)),
      admin_service_(
          cache_, Clock::System(), metrics_,
          [] { return ServerState{.version = "1.2.3", .ready = true, .compute_threads = 2}; },
          [this](const std::string& dataset, std::function<void(absl::Status)> done) {
            return Refresh(dataset, std::move(done));
          }) {
  for (const auto& table : {Commits(), Visits(), SharedNumbers(), Words(), Halves(), Terms()}) {
    cache_.Publish({table}, /*load_us=*/1000, /*wall_us=*/0);
  }
  GrpcServerOptions server_options;
  server_options.listen = {.address = "127.0.0.1:0", .descriptor_cap = options.descriptor_cap};
  auto server =
      GrpcServer::Start(server_options, {&metric_service_, &catalog_service_, &admin_service_});
  SEXTANT_CHECK(server.ok()) << server.status().ToString();
  server_ = *std::move(server);
  channel_ =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port()), grpc::InsecureChannelCredentials());
  metric_stub_ = v1::MetricService::NewStub(channel_);
  catalog_stub_ = v1::CatalogService::NewStub(channel_);
  admin_stub_ = v1::AdminService::NewStub(channel_);
}

TestService::~TestService() {
  FinishRefreshes(absl::CancelledError("the test ends"));
  server_->Stop(/*grace_ms=*/0);
  pool_.reset();
}

absl::Status TestService::Refresh(const std::string& dataset,
                                  std::function<void(absl::Status)> done) {
  const absl::Status known = cache_.StatusOf(dataset).status();
  if (!known.ok()) return known;
  const std::lock_guard lock(refreshes_mutex_);
  refreshes_.push_back(std::move(done));
  return absl::OkStatus();
}

size_t TestService::num_refreshes_waiting() {
  const std::lock_guard lock(refreshes_mutex_);
  return refreshes_.size();
}

void TestService::FinishRefreshes(const absl::Status& status) {
  std::vector<std::function<void(absl::Status)>> waiting;
  {
    const std::lock_guard lock(refreshes_mutex_);
    waiting.swap(refreshes_);
  }
  for (const auto& done : waiting) done(status);
}

v1::QueryMetricsRequest RequestFor(const std::string& dataset, const std::string& expression) {
  v1::QueryMetricsRequest request;
  request.set_dataset(dataset);
  v1::MetricDefinition* metric = request.add_metrics()->mutable_definition();
  metric->set_name("m");
  metric->set_expression(expression);
  return request;
}

int64_t StreamedAnswer::num_rows() const {
  int64_t rows = 0;
  for (const v1::Batch& batch : batches) rows += batch.row_count();
  return rows;
}

namespace {

template <typename Response>
StreamedAnswer ReadAll(grpc::ClientContext& context,
                       const std::unique_ptr<grpc::ClientReader<Response>>& reader) {
  StreamedAnswer answer;
  for (Response frame; reader->Read(&frame);) {
    if (frame.has_header()) {
      answer.header = frame.header();
      ++answer.num_headers;
    } else if (frame.has_batch()) {
      answer.batches.push_back(frame.batch());
    } else if (frame.has_arrow()) {
      answer.arrow.push_back(frame.arrow());
    } else if (frame.has_summary()) {
      answer.summary = frame.summary();
      ++answer.num_summaries;
    }
  }
  answer.status = FromGrpcStatus(reader->Finish());
  for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
    answer.trailers.emplace(std::string(name.data(), name.size()),
                            std::string(value.data(), value.size()));
  }
  return answer;
}

}  // namespace

StreamedAnswer QueryAll(TestService& service, const v1::QueryMetricsRequest& request,
                        const CallOptions& options) {
  grpc::ClientContext context;
  SetUpContext(options, context);
  return ReadAll(context, service.metric_stub().QueryMetrics(&context, request));
}

StreamedAnswer QueryRows(TestService& service, const v1::QueryRowsRequest& request,
                         const CallOptions& options) {
  grpc::ClientContext context;
  SetUpContext(options, context);
  return ReadAll(context, service.metric_stub().QueryRows(&context, request));
}

absl::Status Compute(TestService& service, const v1::QueryMetricsRequest& request,
                     v1::ComputeMetricsResponse& response, const CallOptions& options) {
  grpc::ClientContext context;
  SetUpContext(options, context);
  v1::ComputeMetricsRequest wrapped;
  *wrapped.mutable_query() = request;
  return FromGrpcStatus(service.metric_stub().ComputeMetrics(&context, wrapped, &response));
}

std::string TextAt(const v1::Header& header, const v1::Batch& batch, int column, int row) {
  SEXTANT_CHECK(column < header.columns_size());
  const v1::ColumnData& data = batch.columns(column);
  const std::string& validity = data.validity();
  if (!validity.empty() &&
      ((static_cast<unsigned char>(validity[static_cast<size_t>(row / 8)]) >> (row % 8)) & 1) ==
          0) {
    return "NULL";
  }
  switch (data.values_case()) {
    case v1::ColumnData::kInts:
      return absl::StrCat(data.ints().values(row));
    case v1::ColumnData::kFloats:
      return absl::StrCat(data.floats().values(row));
    case v1::ColumnData::kBools:
      return data.bools().values(row) ? "true" : "false";
    default:
      return data.texts().values(static_cast<int>(data.texts().codes(row)));
  }
}

std::vector<std::string> RowTexts(const v1::Header& header, const std::vector<v1::Batch>& batches) {
  std::vector<std::string> rows;
  for (const v1::Batch& batch : batches) {
    for (int row = 0; row < static_cast<int>(batch.row_count()); ++row) {
      std::vector<std::string> texts;
      for (int column = 0; column < batch.columns_size(); ++column) {
        texts.push_back(TextAt(header, batch, column, row));
      }
      rows.push_back(absl::StrJoin(texts, "|"));
    }
  }
  return rows;
}

}  // namespace sextant
