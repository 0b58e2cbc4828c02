#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "compute/column/schema.h"
#include "tests/bench/peers/row_sink.h"

namespace sextant::peers {

/// Writes rows as CSV with a header: what the peers load. NULL is an empty
/// field, a list "{a,b}", an instant "2024-01-31 12:00:00+00". Texts need no quotes.
class CsvSink final : public RowSink {
 public:
  CsvSink(const std::vector<Field>& fields, std::ostream& output);

  void Null() override { Separate(); }
  void Bool(bool value) override { Write(value ? "true" : "false"); }
  void Integer(int64_t value) override { Write(std::to_string(value)); }
  void Float(double value) override;
  void Text(std::string_view value) override { Write(value); }
  void Timestamp(int64_t seconds) override;
  void List(std::span<const std::string> elements) override;
  absl::Status EndRow() override;
  absl::Status EndRows() override;

 private:
  void Separate();
  void Write(std::string_view text);

  std::ostream& output_;
  std::string buffer_;
  bool is_first_in_row_ = true;
};

}  // namespace sextant::peers
