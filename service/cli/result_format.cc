#include "service/cli/result_format.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "service/cli/table_format.h"
#include "service/cli/text_format.h"

namespace sextant {
namespace {

/// No name has a point but those that a result adds.
constexpr char kLabelColumn[] = "start.label";

class CsvFormat final : public ResultFormat {
 public:
  explicit CsvFormat(const CellReader& reader) : reader_(reader) {}

  void Begin(std::ostream& out) override {
    for (int column = 0; column < reader_.num_columns(); ++column) {
      out << (column > 0 ? "," : "") << CsvField(reader_.column(column).name());
      if (reader_.has_labels() && reader_.IsStart(column)) out << ',' << kLabelColumn;
    }
    out << '\n';
  }

  void Add(const v1::Batch& batch, std::ostream& out) override {
    for (uint32_t row = 0; row < batch.row_count(); ++row) {
      for (int column = 0; column < reader_.num_columns(); ++column) {
        if (column > 0) out << ',';
        const std::optional<std::string> text = reader_.Text(batch, column, row);
        if (text.has_value()) out << CsvField(*text);
        if (reader_.has_labels() && reader_.IsStart(column)) out << ',' << Label(batch, row);
      }
      out << '\n';
    }
  }

  void End(const v1::Summary&, std::ostream&) override {}

 private:
  std::string Label(const v1::Batch& batch, uint32_t row) const {
    const std::string label = reader_.Label(batch, row);
    return label.empty() ? label : CsvField(label);
  }

  const CellReader& reader_;
};

class JsonFormat final : public ResultFormat {
 public:
  explicit JsonFormat(const CellReader& reader) : reader_(reader) {}

  void Begin(std::ostream&) override {}

  void Add(const v1::Batch& batch, std::ostream& out) override {
    for (uint32_t row = 0; row < batch.row_count(); ++row) {
      for (int column = 0; column < reader_.num_columns(); ++column) {
        out << (column == 0 ? "{" : ",") << JsonString(reader_.column(column).name()) << ':'
            << Value(batch, column, row);
        if (!reader_.has_labels() || !reader_.IsStart(column)) continue;
        const std::string label = reader_.Label(batch, row);
        out << ",\"" << kLabelColumn << "\":" << (label.empty() ? "null" : JsonString(label));
      }
      out << "}\n";
    }
  }

  void End(const v1::Summary&, std::ostream&) override {}

 private:
  std::string Value(const v1::Batch& batch, int column, uint32_t row) const {
    const std::optional<std::string> text = reader_.Text(batch, column, row);
    if (!text.has_value() || reader_.column(column).type() != v1::DATA_TYPE_LIST) {
      return Scalar(text, reader_.column(column).type(), reader_.IsNumeric(column));
    }
    const v1::DataType type = reader_.column(column).element_type();
    std::vector<std::string> elements;
    for (const std::optional<std::string>& element : reader_.Elements(batch, column, row)) {
      elements.push_back(Scalar(element, type, CellReader::IsNumber(type)));
    }
    return absl::StrCat("[", absl::StrJoin(elements, ","), "]");
  }

  static std::string Scalar(const std::optional<std::string>& text, v1::DataType type,
                            bool is_number) {
    if (!text.has_value()) return "null";
    if (type == v1::DATA_TYPE_BOOL) return *text;
    // "NaN", "Infinity" and "-Infinity" are no JSON numbers.
    const bool is_word = text->find_first_of("NI") != std::string::npos;
    return is_number && !is_word ? *text : JsonString(*text);
  }

  const CellReader& reader_;
};

}  // namespace

std::optional<OutputFormat> ParseOutputFormat(const std::string& name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "json") return OutputFormat::kJson;
  if (name == "arrow") return OutputFormat::kArrowStream;
  return std::nullopt;
}

std::unique_ptr<ResultFormat> MakeResultFormat(OutputFormat format, const CellReader& reader) {
  switch (format) {
    case OutputFormat::kCsv:
      return std::make_unique<CsvFormat>(reader);
    case OutputFormat::kJson:
      return std::make_unique<JsonFormat>(reader);
    case OutputFormat::kTable:
      return std::make_unique<TableFormat>(reader);
    case OutputFormat::kArrowStream:
    case OutputFormat::kArrowFile:
      break;
  }
  SEXTANT_CHECK(false) << "Arrow is not written from batches of columns";
}

bool IsArrow(OutputFormat format) {
  return format == OutputFormat::kArrowStream || format == OutputFormat::kArrowFile;
}

std::unique_ptr<ArrowWriter> MakeArrowWriter(OutputFormat format) {
  SEXTANT_CHECK(IsArrow(format));
  if (format == OutputFormat::kArrowFile) return std::make_unique<ArrowFileWriter>();
  return std::make_unique<ArrowStreamWriter>();
}

}  // namespace sextant
