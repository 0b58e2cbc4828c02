#include "tests/bench/peers/csv_sink.h"

#include <charconv>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace sextant::peers {
namespace {

constexpr size_t kWriteBytes = 1 << 20;

std::string Padded(int64_t number, int num_digits) {
  char text[24];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof text, "%0*lld", num_digits,
                                                  static_cast<long long>(number)))};
}

}  // namespace

CsvSink::CsvSink(const std::vector<Field>& fields, std::ostream& output) : output_(output) {
  for (const Field& field : fields) Write(field.name);
  EndRow().IgnoreError();  // nothing is written yet
}

void CsvSink::Separate() {
  if (!is_first_in_row_) buffer_.push_back(',');
  is_first_in_row_ = false;
}

void CsvSink::Write(std::string_view text) {
  Separate();
  buffer_.append(text);
}

void CsvSink::Float(double value) {
  char text[32];
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, value);
  Write({text, static_cast<size_t>(end.ptr - text)});
}

void CsvSink::Timestamp(int64_t seconds) {
  const absl::CivilSecond at =
      absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  Write(absl::StrCat(at.year(), "-", Padded(at.month(), 2), "-", Padded(at.day(), 2), " ",
                     Padded(at.hour(), 2), ":", Padded(at.minute(), 2), ":", Padded(at.second(), 2),
                     "+00"));
}

void CsvSink::List(std::span<const std::string> elements) {
  Write(absl::StrCat("\"{", absl::StrJoin(elements, ","), "}\""));
}

absl::Status CsvSink::EndRow() {
  buffer_.push_back('\n');
  is_first_in_row_ = true;
  return buffer_.size() < kWriteBytes ? absl::OkStatus() : EndRows();
}

absl::Status CsvSink::EndRows() {
  output_ << buffer_ << std::flush;
  if (!output_) return absl::DataLossError("the output does not take the rows");
  buffer_.clear();
  return absl::OkStatus();
}

}  // namespace sextant::peers
