#include "tests/bench/peers/result_csv.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace sextant::peers {
namespace {

double NumberAt(const ResultValues& column, uint32_t row) {
  if (column.valid[row] == 0) return 0;
  if (const auto* integers = std::get_if<std::vector<int64_t>>(&column.values)) {
    return static_cast<double>((*integers)[row]);
  }
  return std::get<std::vector<double>>(column.values)[row];
}

std::string TextAt(const ResultValues& column, uint32_t row) {
  if (column.valid[row] == 0) return "";
  if (const auto* texts = std::get_if<ResultTexts>(&column.values)) {
    return std::string((*texts)[row]);
  }
  if (const auto* integers = std::get_if<std::vector<int64_t>>(&column.values)) {
    return absl::StrCat((*integers)[row]);
  }
  return absl::StrFormat("%.12g", NumberAt(column, row));
}

}  // namespace

ResultCsv::ResultCsv(const QuerySpec& spec)
    : spec_(spec), zone_(absl::UTCTimeZone()), sums_(spec.measures.size()) {
  num_leading_ = spec.keys.size();
  for (const KeySpec& key : spec.keys) {
    if (key.unit.empty()) continue;
    unit_ = key.unit;
    absl::LoadTimeZone(key.zone, &zone_);
  }
}

void ResultCsv::Add(const ResultBatch& batch) { spec_.is_big ? AddSums(batch) : AddRows(batch); }

void ResultCsv::AddSums(const ResultBatch& batch) {
  uint64_t num_elements = batch.num_rows;
  for (size_t measure = 0; measure < sums_.size(); ++measure) {
    const ResultValues* column = &batch.columns[num_leading_ + measure];
    if (const auto* lists = std::get_if<ResultLists>(&column->values)) {
      num_elements = lists->offsets.back();
      column = lists->elements.get();
    }
    for (uint32_t row = 0; row < column->valid.size(); ++row) {
      sums_[measure] += NumberAt(*column, row);
    }
  }
  num_rows_ += num_elements;
}

void ResultCsv::AddRows(const ResultBatch& batch) {
  for (uint32_t row = 0; row < batch.num_rows; ++row) {
    std::vector<std::string> fields;
    for (size_t column = 0; column < batch.columns.size(); ++column) {
      const bool is_start = !unit_.empty() && column + 1 == num_leading_;
      const ResultValues& values = batch.columns[column];
      fields.push_back(is_start ? DayOf(std::get<std::vector<int64_t>>(values.values)[row])
                                : TextAt(values, row));
    }
    absl::StrAppend(&rows_, absl::StrJoin(fields, ","), "\n");
  }
}

/// The first day of the whole week, month or day that `start_us` is in: the first interval of a
/// result may begin later than it.
std::string ResultCsv::DayOf(int64_t start_us) const {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(start_us), zone_);
  if (unit_ == "day") return absl::FormatCivilTime(day);
  if (unit_ == "week") {
    return absl::FormatCivilTime(absl::PrevWeekday(day + 1, absl::Weekday::monday));
  }
  return absl::FormatCivilTime(absl::CivilDay(absl::CivilMonth(day)));
}

absl::Status ResultCsv::WriteTo(const std::string& path) const {
  std::vector<std::string> names;
  if (spec_.is_big) {
    names.emplace_back("rows");
  } else {
    for (const KeySpec& key : spec_.keys) names.push_back(key.name);
  }
  for (const MeasureSpec& measure : spec_.measures) names.push_back(measure.name);
  std::ofstream file(path);
  file << absl::StrJoin(names, ",") << '\n' << rows_;
  if (spec_.is_big) {
    file << num_rows_;
    for (const double sum : sums_) file << ',' << absl::StrFormat("%.15g", sum);
    file << '\n';
  }
  return file.good() ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace sextant::peers
