#include "service/rpc/batch_query_metrics_call.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder.h"
#include "compute/plan/error_detail.h"
#include "google/rpc/status.pb.h"
#include "service/rpc/error_details.h"
#include "service/rpc/query_preparation.h"
#include "service/translation/query_from_proto.h"
#include "service/wire/frame.h"

namespace sextant {
namespace {

/// Under way at a time: their results wait in memory while one is told.
constexpr size_t kQueriesAtOnce = 4;

/// The frame of one query as that of a batch: its number is one more field.
std::string NumberedFrame(std::string frame, size_t number) {
  constexpr int kVarint = 0;
  const auto append = [&frame](uint64_t value) {
    for (; value >= 0x80; value >>= 7) frame.push_back(static_cast<char>(value | 0x80));
    frame.push_back(static_cast<char>(value));
  };
  append(uint64_t{v1::BatchQueryMetricsResponse::kQueryFieldNumber} << 3 | kVarint);
  append(number);
  return frame;
}

// A frame of QueryMetricsResponse is one of BatchQueryMetricsResponse.
static_assert(v1::BatchQueryMetricsResponse::kHeaderFieldNumber ==
              static_cast<int>(FrameField::kHeader));
static_assert(v1::BatchQueryMetricsResponse::kBatchFieldNumber ==
              static_cast<int>(FrameField::kBatch));
static_assert(v1::BatchQueryMetricsResponse::kSummaryFieldNumber ==
              static_cast<int>(FrameField::kSummary));
static_assert(v1::BatchQueryMetricsResponse::kArrowFieldNumber ==
              static_cast<int>(FrameField::kArrow));

/// A query in the terms of the domain, and what it reads.
struct Translated {
  TranslatedQuery query;
  std::vector<std::string> datasets;
};

absl::StatusOr<Translated> Translate(const v1::QueryMetricsRequest& request,
                                     const QueryServices& services) {
  Translated translated;
  SEXTANT_ASSIGN_OR_RETURN(translated.query,
                           QueryFromProto(request, services.catalog, services.limits));
  SEXTANT_ASSIGN_OR_RETURN(translated.datasets, TablesOf(translated.query.query, services.catalog));
  return translated;
}

/// What was pinned of each dataset, all in one moment.
class PinnedTables {
 public:
  PinnedTables(const TableCache& cache, std::vector<std::string> datasets)
      : pinned_(cache.PinEach(datasets)) {
    for (size_t i = 0; i < datasets.size(); ++i) positions_.emplace(std::move(datasets[i]), i);
  }

  absl::StatusOr<std::vector<std::shared_ptr<const Table>>> Of(
      const std::vector<std::string>& datasets) const {
    std::vector<std::shared_ptr<const Table>> tables;
    for (const std::string& dataset : datasets) {
      const auto& table = pinned_[positions_.at(dataset)];
      if (!table.ok()) return table.status();
      tables.push_back(*table);
    }
    return tables;
  }

 private:
  const std::vector<absl::StatusOr<std::shared_ptr<const Table>>> pinned_;
  std::map<std::string, size_t> positions_;
};

}  // namespace

absl::Status BatchQueryMetricsCall::Receive(grpc::ByteBuffer& message,
                                            google::protobuf::Arena& arena) {
  SEXTANT_ASSIGN_OR_RETURN(const auto* request,
                           ParseMessage<v1::BatchQueryMetricsRequest>(message, arena));
  message.Clear();
  SEXTANT_RETURN_IF_ERROR(Prepare(*request));
  SetStage(CancelStage::kRunning);
  BeginStream();
  StartQueries();
  return absl::OkStatus();
}

absl::Status BatchQueryMetricsCall::Prepare(const v1::BatchQueryMetricsRequest& request) {
  const int most = services().max_queries_per_batch;
  if (request.queries_size() < 1 || request.queries_size() > most) {
    return FieldError("queries", absl::StrCat("found ", request.queries_size(),
                                              " queries, allowed: 1 to ", most));
  }
  std::vector<absl::StatusOr<Translated>> translated;
  std::vector<std::string> datasets;
  Priority priority = Priority::kBackground;
  for (const v1::QueryMetricsRequest& query : request.queries()) {
    translated.push_back(Translate(query, services()));
    if (!translated.back().ok()) continue;
    const Translated& one = *translated.back();
    datasets.insert(datasets.end(), one.datasets.begin(), one.datasets.end());
    priority = std::min(priority, one.query.priority);
  }
  SEXTANT_RETURN_IF_ERROR(Admit(priority));
  std::sort(datasets.begin(), datasets.end());
  datasets.erase(std::unique(datasets.begin(), datasets.end()), datasets.end());
  const PinnedTables pinned(services().cache, std::move(datasets));
  asked_.resize(translated.size());
  for (size_t i = 0; i < translated.size(); ++i) {
    // Of many it may take long.
    SEXTANT_RETURN_IF_ERROR(context().Check());
    Asked& asked = asked_[i];
    asked.error = translated[i].status();
    if (!asked.error.ok()) continue;
    const TranslatedQuery& query = translated[i]->query;
    asked.format = query.format;
    asked.context = MakeQueryContext(query.priority);
    const auto tables = pinned.Of(translated[i]->datasets);
    asked.error = tables.ok()
                      ? Bind(request.queries(static_cast<int>(i)), query.query, *tables, asked)
                      : tables.status();
  }
  return absl::OkStatus();
}

absl::Status BatchQueryMetricsCall::Bind(const v1::QueryMetricsRequest& request, const Query& query,
                                         const std::vector<std::shared_ptr<const Table>>& tables,
                                         Asked& asked) const {
  SEXTANT_ASSIGN_OR_RETURN(
      PreparedQuery prepared,
      PrepareQuery(query, tables, AskerWith(*asked.context), services().limits));
  SEXTANT_RETURN_IF_ERROR(CheckAxes(request, prepared.bound));
  asked.bound = std::move(prepared.bound);
  asked.scopes = std::move(prepared.scopes);
  return absl::OkStatus();
}

void BatchQueryMetricsCall::StartQueries() {
  while (true) {
    size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == asked_.size() || num_unfinished_ == kQueriesAtOnce) return;
      ++num_unfinished_;
      number = next_++;
    }
    Start(number);
  }
}

void BatchQueryMetricsCall::Start(size_t number) {
  Asked& asked = asked_[number];
  if (!asked.error.ok()) return OnAnswered(number, asked.error);
  services().executor.Submit(
      asked.context, std::move(asked.bound), std::move(asked.scopes),
      [self = std::static_pointer_cast<BatchQueryMetricsCall>(shared_from_this()),
       number](absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
        self->OnAnswered(number, std::move(result));
      });
}

void BatchQueryMetricsCall::OnAnswered(size_t number,
                                       absl::StatusOr<std::unique_ptr<ResultCursor>> result) {
  {
    const std::lock_guard lock(mutex_);
    answered_.push_back({number, std::move(result)});
    if (!std::exchange(is_waiting_, false)) return;
  }
  SubmitProducer();
}

absl::StatusOr<StreamedCall::Progress> BatchQueryMetricsCall::MakeFrames(
    std::deque<std::string>& frames) {
  if (!answer_.has_value()) return BeginAnswer(frames);
  if (const absl::Status status = ContinueAnswer(frames); !status.ok()) {
    frames.push_back(ErrorFrame(number_, status));
    answer_.reset();
  }
  if (answer_.has_value()) return Progress::kFrames;
  {
    const std::lock_guard lock(mutex_);
    --num_unfinished_;
  }
  StartQueries();
  return Progress::kFrames;
}

StreamedCall::Progress BatchQueryMetricsCall::BeginAnswer(std::deque<std::string>& frames) {
  std::optional<Answered> next;
  {
    const std::lock_guard lock(mutex_);
    if (answered_.empty()) {
      is_waiting_ = num_unfinished_ > 0;
      return is_waiting_ ? Progress::kWaiting : Progress::kEnded;
    }
    next.emplace(std::move(answered_.front()));
    answered_.pop_front();
    if (!next->result.ok()) --num_unfinished_;
  }
  SetStage(CancelStage::kWriting);
  number_ = next->number;
  if (!next->result.ok()) {
    frames.push_back(ErrorFrame(number_, next->result.status()));
    StartQueries();
    return Progress::kFrames;
  }
  const Asked& asked = asked_[number_];
  asked.context->SetStage(QueryStage::kStream);
  answer_.emplace(*std::move(next->result), asked.format, services().clock);
  CountResult(SummaryOf(answer_->cursor()));
  frames.push_back(NumberedFrame(answer_->Header(), number_));
  return Progress::kFrames;
}

absl::Status BatchQueryMetricsCall::ContinueAnswer(std::deque<std::string>& frames) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<std::string> batch, answer_->NextBatch());
  for (std::string& frame : batch) frames.push_back(NumberedFrame(std::move(frame), number_));
  if (!batch.empty()) return absl::OkStatus();
  const v1::Summary summary = answer_->Summary(SummaryOf(answer_->cursor()));
  frames.push_back(NumberedFrame(FrameOf(FrameField::kSummary, summary), number_));
  answer_.reset();
  return absl::OkStatus();
}

std::string BatchQueryMetricsCall::ErrorFrame(size_t number, const absl::Status& status) {
  const grpc::Status told = ToGrpcStatus(ForCaller(status));
  v1::BatchQueryMetricsResponse frame;
  google::rpc::Status& error = *frame.mutable_error();
  if (told.error_details().empty() || !error.ParseFromString(told.error_details())) {
    error.Clear();
    error.set_code(told.error_code());
    error.set_message(told.error_message());
  }
  frame.set_query(static_cast<int32_t>(number));
  return frame.SerializeAsString();
}

}  // namespace sextant
