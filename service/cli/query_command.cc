#include <zlib.h>

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "service/cli/commands.h"
#include "service/cli/output_file.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

/// Empty for OK.
std::string TextOf(const absl::Status& status) { return std::string(status.message()); }

/// What a stream has said so far, and whether it is whole.
class StreamCheck {
 public:
  explicit StreamCheck(OutputFormat format, std::ostream& out) : format_(format), out_(out) {}

  /// Empty, or why the stream is void.
  std::string Take(const v1::QueryMetricsResponse& response) {
    switch (response.frame_case()) {
      case v1::QueryMetricsResponse::kHeader:
        return TakeHeader(response.header());
      case v1::QueryMetricsResponse::kBatch:
        return TakeBatch(response.batch());
      case v1::QueryMetricsResponse::kSummary:
        return TakeSummary(response.summary());
      case v1::QueryMetricsResponse::kArrow:
        return TakeArrow(response.arrow());
      case v1::QueryMetricsResponse::FRAME_NOT_SET:
        return "a frame of a kind that this client does not know";
    }
    return "a frame of a kind that this client does not know";
  }

  bool is_complete() const { return is_complete_; }

 private:
  std::string TakeHeader(const v1::Header& header) {
    if (reader_.has_value()) return "a second header";
    reader_.emplace(header);
    if (IsArrow(format_)) {
      arrow_writer_ = MakeArrowWriter(format_);
      return TextOf(arrow_writer_->Begin(header.arrow_schema(), out_));
    }
    writer_ = MakeResultFormat(format_, *reader_);
    writer_->Begin(out_);
    return "";
  }

  /// Empty, or why no batch may come now.
  std::string FaultOfOrder(bool is_arrow) const {
    if (!reader_.has_value()) return "a batch before the header";
    if (is_complete_) return "a batch after the summary";
    if (is_arrow != IsArrow(format_)) return "a batch in another format than asked for";
    return "";
  }

  std::string TakeBatch(const v1::Batch& batch) {
    std::string fault = FaultOfOrder(/*is_arrow=*/false);
    if (!fault.empty()) return fault;
    if (!reader_->Fits(batch)) return "a batch that does not fit the header";
    AddToChecksum(batch.SerializeAsString());
    ++num_batches_;
    num_cells_ += batch.row_count();
    writer_->Add(batch, out_);
    return "";
  }

  std::string TakeArrow(const v1::ArrowMessage& message) {
    std::string fault = FaultOfOrder(/*is_arrow=*/true);
    if (!fault.empty()) return fault;
    AddToChecksum(message.metadata());
    AddToChecksum(message.body());
    ++num_batches_;
    const absl::StatusOr<int64_t> num_rows =
        arrow_writer_->Add(message.metadata(), message.body(), out_);
    if (num_rows.ok()) num_cells_ += static_cast<uint64_t>(*num_rows);
    return TextOf(num_rows.status());
  }

  void AddToChecksum(const std::string& bytes) {
    checksum_ = static_cast<uint32_t>(crc32(checksum_, reinterpret_cast<const Bytef*>(bytes.data()),
                                            static_cast<uInt>(bytes.size())));
  }

  std::string TakeSummary(const v1::Summary& summary) {
    if (!reader_.has_value()) return "a summary before the header";
    if (is_complete_) return "a second summary";
    if (summary.batch_count() != num_batches_ ||
        summary.cells() != static_cast<int64_t>(num_cells_)) {
      return absl::StrCat("the summary counts ", summary.batch_count(), " batches and ",
                          summary.cells(), " cells, ", num_batches_, " and ", num_cells_, " came");
    }
    if (summary.batches_crc32() != checksum_)
      return "the checksum of the batches does not match the summary's";
    is_complete_ = true;
    if (IsArrow(format_)) return TextOf(arrow_writer_->End(out_));
    writer_->End(summary, out_);
    return "";
  }

  const OutputFormat format_;
  std::ostream& out_;
  std::optional<CellReader> reader_;
  std::unique_ptr<ResultFormat> writer_;       // unless Arrow is asked for
  std::unique_ptr<ArrowWriter> arrow_writer_;  // when it is
  uint32_t checksum_ = 0;
  uint32_t num_batches_ = 0;
  uint64_t num_cells_ = 0;
  bool is_complete_ = false;
};

}  // namespace

int RunQuery(const ConnectionFlags& connection, const QueryFlags& flags, const QueryOutput& output,
             std::ostream& out, std::ostream& errors) {
  absl::StatusOr<v1::QueryMetricsRequest> request = MakeQueryRequest(flags);
  if (!request.ok()) {
    errors << "sextant query: " << request.status().message() << '\n';
    return kExitUsage;
  }
  if (IsArrow(output.format)) request->set_format(v1::RESULT_FORMAT_ARROW_IPC);
  const std::shared_ptr<grpc::Channel> channel = OpenChannel(connection);
  const auto stub = v1::MetricService::NewStub(channel);
  grpc::ClientContext context;
  PrepareContext(connection, context);
  const auto stream = stub->QueryMetrics(&context, *request);
  StreamCheck check(output.format, out);
  v1::QueryMetricsResponse response;
  std::string fault;
  while (fault.empty() && stream->Read(&response)) fault = check.Take(response);
  if (!fault.empty()) {
    context.TryCancel();
    stream->Finish();
    errors << "sextant: the answer is void: " << fault << '\n';
    return kExitFailed;
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return ReportFailure(status, &*request, errors);
  if (!check.is_complete()) {
    errors << "sextant: the answer is void: the stream ended without its summary\n";
    return kExitFailed;
  }
  out.flush();
  if (out.good()) return kExitOk;
  errors << "sextant: the output could not be written\n";
  return kExitFailed;
}

int RunQueryToFile(const ConnectionFlags& connection, const QueryFlags& flags,
                   const QueryOutput& output, const std::string& path, std::ostream& errors) {
  const absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::Create(path);
  if (!file.ok()) {
    errors << "sextant query: --output: " << file.status().message() << '\n';
    return kExitFailed;
  }
  const int exit_code = RunQuery(connection, flags, output, (*file)->stream(), errors);
  if (exit_code != kExitOk) return exit_code;
  const absl::Status status = (*file)->Commit();
  if (status.ok()) return kExitOk;
  errors << "sextant query: --output: " << status.message() << '\n';
  return kExitFailed;
}

}  // namespace sextant
