#include "service/cli/cell_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

int NumValues(const v1::ColumnData& data) {
  switch (data.values_case()) {
    case v1::ColumnData::kInts:
      return data.ints().values_size();
    case v1::ColumnData::kFloats:
      return data.floats().values_size();
    case v1::ColumnData::kBools:
      return data.bools().values_size();
    case v1::ColumnData::kTexts:
      return data.texts().codes_size();
    case v1::ColumnData::VALUES_NOT_SET:
      return -1;
  }
  return -1;
}

bool CodesAreValid(const v1::ColumnData& data) {
  if (!data.has_texts()) return true;
  const auto& codes = data.texts().codes();
  // The entry of a null row is 0, also where there is no value at all.
  const uint32_t limit = static_cast<uint32_t>(std::max(data.texts().values_size(), 1));
  return std::all_of(codes.begin(), codes.end(), [limit](uint32_t code) { return code < limit; });
}

}  // namespace

CellReader::CellReader(v1::Header header) : header_(std::move(header)) {
  for (int i = 0; i < header_.columns_size(); ++i) {
    if (header_.columns(i).role() == v1::COLUMN_ROLE_SERIES) series_column_ = i;
    if (header_.columns(i).role() == v1::COLUMN_ROLE_START) start_column_ = i;
  }
}

bool CellReader::Fits(const v1::Batch& batch) const {
  if (batch.columns_size() != header_.columns_size()) return false;
  for (const v1::ColumnData& data : batch.columns()) {
    if (NumValues(data) != static_cast<int>(batch.row_count()) || !CodesAreValid(data))
      return false;
    if (!data.validity().empty() && data.validity().size() * 8 < batch.row_count()) return false;
    if (data.has_texts() && data.texts().values_size() == 0) {
      for (uint32_t row = 0; row < batch.row_count(); ++row) {
        if (!IsNull(data, row)) return false;
      }
    }
  }
  return true;
}

bool CellReader::IsNull(const v1::ColumnData& data, uint32_t row) const {
  if (data.validity().empty()) return false;
  return (static_cast<unsigned char>(data.validity()[row / 8]) >> (row % 8) & 1) == 0;
}

const v1::ResolvedSeries* CellReader::SeriesOf(const v1::Batch& batch, uint32_t row) const {
  int64_t index = 0;
  if (series_column_.has_value())
    index = batch.columns(*series_column_).ints().values(static_cast<int>(row));
  return index >= 0 && index < header_.series_size() ? &header_.series(static_cast<int>(index))
                                                     : nullptr;
}

std::optional<std::string> CellReader::Text(const v1::Batch& batch, int column,
                                            uint32_t row) const {
  const v1::ColumnData& data = batch.columns(column);
  if (IsNull(data, row)) return std::nullopt;
  const int index = static_cast<int>(row);
  if (column == series_column_ || column == start_column_) {
    const v1::ResolvedSeries* series = SeriesOf(batch, row);
    if (series == nullptr) return std::nullopt;
    if (column == series_column_) return series->interval();
    const int64_t start = data.ints().values(index);
    if (start < 0 || start >= series->borders_size()) return std::nullopt;
    return series->borders(static_cast<int>(start));
  }
  switch (data.values_case()) {
    case v1::ColumnData::kInts:
      return absl::StrCat(data.ints().values(index));
    case v1::ColumnData::kFloats:
      return ShortestNumber(data.floats().values(index));
    case v1::ColumnData::kBools:
      return data.bools().values(index) ? "true" : "false";
    case v1::ColumnData::kTexts:
      return data.texts().values(static_cast<int>(data.texts().codes(index)));
    case v1::ColumnData::VALUES_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> CellReader::Number(const v1::Batch& batch, int column, uint32_t row) const {
  const v1::ColumnData& data = batch.columns(column);
  if (IsNull(data, row)) return std::nullopt;
  const int index = static_cast<int>(row);
  if (data.has_ints()) return static_cast<double>(data.ints().values(index));
  if (data.has_floats()) return data.floats().values(index);
  double value = 0;
  const bool is_decimal = header_.columns(column).type() == v1::DATA_TYPE_DECIMAL;
  if (is_decimal && absl::SimpleAtod(*Text(batch, column, row), &value)) return value;
  return std::nullopt;
}

bool CellReader::IsNumeric(int column) const {
  if (column == series_column_ || column == start_column_) return false;
  const v1::DataType type = header_.columns(column).type();
  return type == v1::DATA_TYPE_INT64 || type == v1::DATA_TYPE_FLOAT64 ||
         type == v1::DATA_TYPE_DECIMAL;
}

}  // namespace sextant
