#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "service/cli/cell_reader.h"
#include "service/cli/connection.h"
#include "service/cli/result_format.h"
#include "service/wire/arrow_file.h"
#include "sextant/v1/metric_service.pb.h"

namespace sextant {

/// What a stream of frames has said so far, and whether it is whole: header first, every batch as
/// the header says, a summary last, whose checksum and counts match. Writes it to `out` as it
/// comes. Not thread-safe.
class AnswerStream {
 public:
  AnswerStream(OutputFormat format, std::ostream& out) : format_(format), out_(out) {}

  /// Empty, or why the stream is void. `Response` has the frames of QueryMetricsResponse.
  template <typename Response>
  std::string Take(const Response& response) {
    switch (response.frame_case()) {
      case Response::kHeader:
        return TakeHeader(response.header());
      case Response::kBatch:
        return TakeBatch(response.batch());
      case Response::kSummary:
        return TakeSummary(response.summary());
      case Response::kArrow:
        return TakeArrow(response.arrow());
      case Response::FRAME_NOT_SET:
        return "a frame of a kind that this client does not know";
    }
    return "a frame of a kind that this client does not know";
  }

  bool is_complete() const { return is_complete_; }
  /// Of QueryRows. REQUIRES: is_complete().
  bool has_more_rows() const { return has_more_rows_; }

 private:
  std::string TakeHeader(const v1::Header& header);
  std::string FaultOfOrder(bool is_arrow) const;
  std::string TakeBatch(const v1::Batch& batch);
  std::string TakeArrow(const v1::ArrowMessage& message);
  void AddToChecksum(const std::string& bytes);
  std::string TakeSummary(const v1::Summary& summary);

  const OutputFormat format_;
  std::ostream& out_;
  std::optional<CellReader> reader_;
  std::unique_ptr<ResultFormat> writer_;       // unless Arrow is asked for
  std::unique_ptr<ArrowWriter> arrow_writer_;  // when it is
  uint32_t checksum_ = 0;
  uint32_t num_batches_ = 0;
  uint64_t num_cells_ = 0;
  bool is_complete_ = false;
  bool has_more_rows_ = false;
};

/// Reads `stream` to its end through `answer`; returns the exit code of the client. `query` is what
/// errors point into.
template <typename Response>
int ReadAnswer(grpc::ClientContext& context, grpc::ClientReader<Response>& stream,
               AnswerStream& answer, const v1::QueryMetricsRequest& query, std::ostream& errors) {
  Response response;
  std::string fault;
  while (fault.empty() && stream.Read(&response)) fault = answer.Take(response);
  if (!fault.empty()) {
    context.TryCancel();
    stream.Finish();
    errors << "sextant: the answer is void: " << fault << '\n';
    return kExitFailed;
  }
  const grpc::Status status = stream.Finish();
  if (!status.ok()) return ReportFailure(status, &query, errors);
  if (answer.is_complete()) return kExitOk;
  errors << "sextant: the answer is void: the stream ended without its summary\n";
  return kExitFailed;
}

/// kExitOk, or what is wrong with `out`.
int FlushOutput(std::ostream& out, std::ostream& errors);

}  // namespace sextant
