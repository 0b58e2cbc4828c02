// A request for the rows behind a cell as it comes from the wire, to its answer: the message, its
// translation, the bound query and the cell picked from it, its rows. Input as of request_fuzz.cc.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include "service/translation/query_from_proto.h"
#include "service/translation/rows_from_proto.h"
#include "sextant/v1/metric_service.pb.h"
#include "tests/fuzz/fuzz_table.h"
#include "tests/fuzz/fuzz_target.h"

namespace sextant::fuzz {
namespace {

bool ReadRequest(const uint8_t* data, size_t size, v1::QueryRowsRequest& request) {
  static google::protobuf::LogHandler* const previous = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(previous);
  if (size > size_t{1} << 20) return false;
  if (size > 0 && data[0] == '#') {
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(nullptr);
    return parser.ParseFromString({reinterpret_cast<const char*>(data), size}, &request);
  }
  return request.ParseFromArray(data, static_cast<int>(size));
}

}  // namespace
}  // namespace sextant::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sextant;
  v1::QueryRowsRequest request;
  if (!fuzz::ReadRequest(data, size, request)) return 0;
  const absl::StatusOr<const v1::QueryMetricsRequest*> query = TakeQueryOfCell(request);
  if (!query.ok()) {
    fuzz::CheckRefusal(query.status());
    return 0;
  }
  const absl::StatusOr<TranslatedQuery> translated =
      QueryFromProto(**query, fuzz::ItemsCatalog(), fuzz::SmallLimits());
  const absl::StatusOr<RowsQuery> rows = RowsFromProto(request);
  if (!translated.ok()) {
    fuzz::CheckRefusal(translated.status());
  } else if (!rows.ok()) {
    fuzz::CheckRefusal(rows.status());
  } else {
    fuzz::RunRowsToTheEnd(*rows, translated->query);
  }
  return 0;
}
