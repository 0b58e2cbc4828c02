#include "service/cli/cell_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
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
    case v1::ColumnData::kLists:
      return data.lists().offsets_size() - 1;
    case v1::ColumnData::VALUES_NOT_SET:
      return -1;
  }
  return -1;
}

bool IsNull(const v1::ColumnData& data, uint32_t row) {
  if (data.validity().empty()) return false;
  return (static_cast<unsigned char>(data.validity()[row / 8]) >> (row % 8) & 1) == 0;
}

bool CodesAreValid(const v1::ColumnData& data) {
  const auto& codes = data.texts().codes();
  // The entry of a null row is 0, also where there is no value at all.
  const uint32_t limit = static_cast<uint32_t>(std::max(data.texts().values_size(), 1));
  if (std::any_of(codes.begin(), codes.end(), [limit](uint32_t code) { return code >= limit; }))
    return false;
  if (data.texts().values_size() > 0) return true;
  for (int row = 0; row < codes.size(); ++row) {
    if (!IsNull(data, static_cast<uint32_t>(row))) return false;
  }
  return true;
}

bool ColumnFits(const v1::ColumnData& data, size_t num_rows);

bool ListsFit(const v1::ListColumn& lists) {
  const auto& offsets = lists.offsets();
  return offsets[0] == 0 && std::is_sorted(offsets.begin(), offsets.end()) &&
         !lists.elements().has_lists() &&
         (*offsets.rbegin() == 0 || ColumnFits(lists.elements(), *offsets.rbegin()));
}

bool ColumnFits(const v1::ColumnData& data, size_t num_rows) {
  if (NumValues(data) < 0 || static_cast<size_t>(NumValues(data)) != num_rows) return false;
  if (!data.validity().empty() && data.validity().size() * 8 < num_rows) return false;
  if (data.has_texts()) return CodesAreValid(data);
  return !data.has_lists() || ListsFit(data.lists());
}

/// std::nullopt: NULL. REQUIRES: data has a value of a kind for each row.
std::optional<std::string> ValueText(const v1::ColumnData& data, uint32_t row) {
  if (IsNull(data, row)) return std::nullopt;
  const int index = static_cast<int>(row);
  switch (data.values_case()) {
    case v1::ColumnData::kInts:
      return absl::StrCat(data.ints().values(index));
    case v1::ColumnData::kFloats:
      return ShortestNumber(data.floats().values(index));
    case v1::ColumnData::kBools:
      return data.bools().values(index) ? "true" : "false";
    case v1::ColumnData::kTexts:
      return data.texts().values(static_cast<int>(data.texts().codes(index)));
    case v1::ColumnData::kLists:
    case v1::ColumnData::VALUES_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

/// An element as PostgreSQL writes it in an array.
std::string ArrayElement(const std::optional<std::string>& text, bool is_bool) {
  if (!text.has_value()) return "NULL";
  if (is_bool) return text->substr(0, 1);
  const bool needs_quotes = text->empty() || absl::EqualsIgnoreCase(*text, "null") ||
                            text->find_first_of("{},\"\\ \t\n\r\v\f") != std::string::npos;
  if (!needs_quotes) return *text;
  return absl::StrCat("\"", absl::StrReplaceAll(*text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

CellReader::CellReader(v1::Header header) : header_(std::move(header)) {
  for (int i = 0; i < header_.columns_size(); ++i) {
    if (header_.columns(i).role() == v1::COLUMN_ROLE_SERIES) series_column_ = i;
    if (header_.columns(i).role() == v1::COLUMN_ROLE_START) start_column_ = i;
  }
  for (const v1::ResolvedSeries& series : header_.series()) {
    has_labels_ |= start_column_.has_value() && series.labels_size() > 0;
  }
}

bool CellReader::Fits(const v1::Batch& batch) const {
  if (batch.columns_size() != header_.columns_size()) return false;
  return std::all_of(
      batch.columns().begin(), batch.columns().end(),
      [&](const v1::ColumnData& data) { return ColumnFits(data, batch.row_count()); });
}

const v1::ResolvedSeries* CellReader::SeriesOf(const v1::Batch& batch, uint32_t row) const {
  int64_t index = 0;
  if (series_column_.has_value())
    index = batch.columns(*series_column_).ints().values(static_cast<int>(row));
  return index >= 0 && index < header_.series_size() ? &header_.series(static_cast<int>(index))
                                                     : nullptr;
}

std::string CellReader::Label(const v1::Batch& batch, uint32_t row) const {
  const v1::ResolvedSeries* const series = SeriesOf(batch, row);
  if (series == nullptr || !start_column_) return "";
  const int64_t interval = batch.columns(*start_column_).ints().values(static_cast<int>(row));
  if (interval < 0 || interval >= series->labels_size()) return "";
  return series->labels(static_cast<int>(interval));
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
  if (!data.has_lists()) return ValueText(data, row);
  std::vector<std::string> elements;
  for (const std::optional<std::string>& element : Elements(batch, column, row)) {
    elements.push_back(ArrayElement(element, data.lists().elements().has_bools()));
  }
  return absl::StrCat("{", absl::StrJoin(elements, ","), "}");
}

std::vector<std::optional<std::string>> CellReader::Elements(const v1::Batch& batch, int column,
                                                             uint32_t row) const {
  const v1::ListColumn& lists = batch.columns(column).lists();
  std::vector<std::optional<std::string>> elements;
  const int index = static_cast<int>(row);
  for (uint32_t i = lists.offsets(index); i < lists.offsets(index + 1); ++i) {
    elements.push_back(ValueText(lists.elements(), i));
  }
  return elements;
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
  return IsNumber(header_.columns(column).type());
}

bool CellReader::IsNumber(v1::DataType type) {
  return type == v1::DATA_TYPE_INT64 || type == v1::DATA_TYPE_FLOAT64 ||
         type == v1::DATA_TYPE_DECIMAL;
}

}  // namespace sextant
