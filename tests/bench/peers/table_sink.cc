#include "tests/bench/peers/table_sink.h"

#include <utility>

#include "compute/column/bitmap.h"
#include "compute/memory/status_macros.h"

namespace sextant::peers {
namespace {

constexpr uint32_t kBatchRows = 1024;  // divides a chunk
constexpr int64_t kMicrosPerSecond = 1'000'000;

absl::Status AppendTexts(const std::vector<std::string>& texts, std::span<const uint64_t> valid,
                         ColumnBuilder& builder) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return dynamic_cast<StringColumnBuilder&>(builder).Append(views, valid);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableSink>> TableSink::Create(const Schema& schema,
                                                             MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(std::unique_ptr<TableBuilder> builder,
                           TableBuilder::Create(schema, budget));
  return std::unique_ptr<TableSink>(new TableSink(schema.fields(), std::move(builder)));
}

TableSink::TableSink(const std::vector<Field>& fields, std::unique_ptr<TableBuilder> builder)
    : builder_(std::move(builder)), pending_(fields.size()) {
  for (size_t index = 0; index < fields.size(); ++index) {
    pending_[index].type = fields[index].type;
    pending_[index].valid.resize(BitmapWords(kBatchRows));
  }
}

TableSink::PendingColumn& TableSink::Next(bool is_valid) {
  PendingColumn& column = pending_[at_column_++];
  column.valid[num_rows_ / 64] |= uint64_t{is_valid} << (num_rows_ % 64);
  return column;
}

void TableSink::Null() {
  PendingColumn& column = Next(false);
  switch (PlainLayout(column.type)) {
    case Layout::kFloat:
      return column.floats.push_back(0);
    case Layout::kBytes:
      return column.texts.push_back({});
    case Layout::kList:
      return column.lengths.push_back(0);
    default:
      return column.integers.push_back(0);
  }
}

void TableSink::Integer(int64_t value) { Next(true).integers.push_back(value); }
void TableSink::Float(double value) { Next(true).floats.push_back(value); }
void TableSink::Text(std::string_view value) { Next(true).texts.emplace_back(value); }
void TableSink::Timestamp(int64_t seconds) { Integer(seconds * kMicrosPerSecond); }

void TableSink::List(std::span<const std::string> elements) {
  PendingColumn& column = Next(true);
  column.lengths.push_back(static_cast<uint32_t>(elements.size()));
  column.texts.insert(column.texts.end(), elements.begin(), elements.end());
}

absl::Status TableSink::EndRow() {
  at_column_ = 0;
  return ++num_rows_ == kBatchRows ? Flush() : absl::OkStatus();
}

absl::Status TableSink::Flush() {
  if (num_rows_ == 0) return absl::OkStatus();
  for (ColumnIndex index = 0; index < pending_.size(); ++index) {
    PendingColumn& column = pending_[index];
    ColumnBuilder& builder = builder_->column(index);
    const std::span<const uint64_t> valid(column.valid.data(), BitmapWords(num_rows_));
    switch (PlainLayout(column.type)) {
      case Layout::kFloat:
        SEXTANT_RETURN_IF_ERROR(
            dynamic_cast<FloatColumnBuilder&>(builder).Append(column.floats, valid));
        break;
      case Layout::kBytes:
        SEXTANT_RETURN_IF_ERROR(AppendTexts(column.texts, valid, builder));
        break;
      case Layout::kList: {
        auto& lists = dynamic_cast<ListColumnBuilder&>(builder);
        SEXTANT_RETURN_IF_ERROR(lists.Append(column.lengths, valid));
        SEXTANT_RETURN_IF_ERROR(AppendTexts(column.texts, {}, lists.elements()));
        break;
      }
      default:
        SEXTANT_RETURN_IF_ERROR(
            dynamic_cast<IntegerColumnBuilder&>(builder).Append(column.integers, valid));
    }
    const DataType type = column.type;
    column = {};
    column.type = type;
    column.valid.resize(BitmapWords(kBatchRows));
  }
  return builder_->FinishRows(std::exchange(num_rows_, 0));
}

absl::StatusOr<std::shared_ptr<const Table>> TableSink::Finish(std::string dataset) {
  return builder_->Finish({.dataset = std::move(dataset), .version = 1, .as_of_us = 0});
}

absl::StatusOr<std::shared_ptr<const Table>> MakeTable(const Dataset& dataset, uint64_t num_rows,
                                                       MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(const std::unique_ptr<TableSink> sink,
                           TableSink::Create(SchemaOf(dataset), budget));
  SEXTANT_RETURN_IF_ERROR(dataset.Generate(num_rows, *sink));
  return sink->Finish(dataset.name);
}

}  // namespace sextant::peers
