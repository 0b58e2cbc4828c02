// A request as it comes from the wire, to its answer: the message, its translation, the bound
// query, its SQL, its result. Input that begins with '#' is in protobuf's text format (a comment
// line first), so that the corpus can be read; what libFuzzer makes is binary.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <limits>
#include <string>

#include "service/translation/query_from_proto.h"
#include "sextant/v1/metric_service.pb.h"
#include "tests/fuzz/fuzz_table.h"
#include "tests/fuzz/fuzz_target.h"

namespace sextant::fuzz {
namespace {

bool ReadRequest(const uint8_t* data, size_t size, v1::QueryMetricsRequest& request) {
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
  v1::QueryMetricsRequest request;
  if (!fuzz::ReadRequest(data, size, request)) return 0;
  const absl::StatusOr<TranslatedQuery> translated =
      QueryFromProto(request, fuzz::ItemsCatalog(), fuzz::SmallLimits());
  if (!translated.ok()) {
    fuzz::CheckRefusal(translated.status());
  } else {
    fuzz::RunToTheEnd(translated->query);
  }
  return 0;
}
