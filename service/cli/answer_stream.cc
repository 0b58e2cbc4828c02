#include "service/cli/answer_stream.h"

#include <zlib.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

/// Empty for OK.
std::string TextOf(const absl::Status& status) { return std::string(status.message()); }

}  // namespace

std::string AnswerStream::TakeHeader(const v1::Header& header) {
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
std::string AnswerStream::FaultOfOrder(bool is_arrow) const {
  if (!reader_.has_value()) return "a batch before the header";
  if (is_complete_) return "a batch after the summary";
  if (is_arrow != IsArrow(format_)) return "a batch in another format than asked for";
  return "";
}

std::string AnswerStream::TakeBatch(const v1::Batch& batch) {
  std::string fault = FaultOfOrder(/*is_arrow=*/false);
  if (!fault.empty()) return fault;
  if (!reader_->Fits(batch)) return "a batch that does not fit the header";
  AddToChecksum(batch.SerializeAsString());
  ++num_batches_;
  num_cells_ += batch.row_count();
  writer_->Add(batch, out_);
  return "";
}

std::string AnswerStream::TakeArrow(const v1::ArrowMessage& message) {
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

void AnswerStream::AddToChecksum(const std::string& bytes) {
  checksum_ = static_cast<uint32_t>(crc32(checksum_, reinterpret_cast<const Bytef*>(bytes.data()),
                                          static_cast<uInt>(bytes.size())));
}

std::string AnswerStream::TakeSummary(const v1::Summary& summary) {
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
  has_more_rows_ = summary.has_more_rows();
  if (IsArrow(format_)) return TextOf(arrow_writer_->End(out_));
  writer_->End(summary, out_);
  return "";
}

int FlushOutput(std::ostream& out, std::ostream& errors) {
  out.flush();
  if (out.good()) return kExitOk;
  errors << "sextant: the output could not be written\n";
  return kExitFailed;
}

}  // namespace sextant
