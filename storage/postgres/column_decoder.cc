#include "storage/postgres/column_decoder.h"

#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

std::string Where(const std::string& column_name, int64_t row) {
  return absl::StrCat("column '", column_name, "', row ", row + 1, " of the stream: ");
}

}  // namespace

absl::Status ColumnDecoder::Unstorable(int64_t row, std::string_view why) const {
  return absl::FailedPreconditionError(absl::StrCat(Where(column_name_, row), ToAbsl(why)));
}

absl::Status ColumnDecoder::Malformed(int64_t row, std::string_view why) const {
  return absl::DataLossError(absl::StrCat(Where(column_name_, row), ToAbsl(why)));
}

absl::Status ColumnDecoder::WrongLength(int64_t row, uint32_t length, uint32_t expected) const {
  return Malformed(row, absl::StrCat("a value of ", length, " bytes; allowed: ", expected));
}

std::unique_ptr<ColumnDecoder> MakeScalarDecoder(const PlannedColumn& column, WireType wire) {
  switch (wire) {
    case WireType::kNumeric:
      return MakeNumericDecoder(column);
    case WireType::kDate:
    case WireType::kTimestamp:
    case WireType::kTimestamptz:
      return MakeTimestampDecoder(column, wire);
    case WireType::kText:
    case WireType::kBpchar:
    case WireType::kEnum:
    case WireType::kJson:
    case WireType::kJsonb:
    case WireType::kBytea:
      return MakeTextDecoder(column, wire);
    default:
      return MakeFixedDecoder(column, wire);
  }
}

std::unique_ptr<ColumnDecoder> MakeColumnDecoder(const PlannedColumn& column) {
  if (column.wire == WireType::kArray) return MakeListDecoder(column);
  return MakeScalarDecoder(column, column.wire);
}

}  // namespace sextant
