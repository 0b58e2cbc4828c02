#include "service/verification/source_answer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

size_t BytesOf(const SourceRow& row) {
  // A vector that grows keeps up to half of its room free.
  size_t bytes = 2 * sizeof(SourceRow) + row.capacity() * sizeof(SourceRow::value_type);
  for (const std::optional<std::string>& value : row) {
    if (value) bytes += value->capacity() + 1;
  }
  return bytes;
}

}  // namespace

absl::Status SourceAnswer::Add(SourceRow row) {
  const size_t bytes = reservation_.bytes() + BytesOf(row);
  if (bytes > limit_bytes_) {
    return WithDetail(
        absl::ResourceExhaustedError(
            absl::StrCat("the answer of the equivalent SQL is larger than ", limit_bytes_,
                         " bytes; allowed: a query of fewer cells")),
        {.reason = "SQL_ANSWER_TOO_LARGE", .metadata = {{"limit", absl::StrCat(limit_bytes_)}}});
  }
  SEXTANT_RETURN_IF_ERROR(reservation_.Resize(bytes));
  rows_.push_back(std::move(row));
  return absl::OkStatus();
}

}  // namespace sextant
