#include "tests/bench/peers/datasets.h"

#include <optional>

namespace sextant::peers {
namespace {

std::string TenthKey(uint64_t row) { return "k" + std::to_string(row % 10); }

/// For an aggregate under two conditions.
Dataset MakeMicroRows() {
  return {.name = "t",
          .fields = FieldsOf({{DataType::Of(TypeKind::kInt32), {"a", "size"}},
                              {DataType::Of(TypeKind::kText), {"k"}},
                              {DataType::Of(TypeKind::kFloat64), {"v"}}}),
          .key_columns = {0},
          .default_rows = 1000,
          .write_row = [](const RowNumber& number, RandomNumbers&, RowSink& sink) {
            sink.Integer(static_cast<int64_t>(number.row));
            sink.Integer(static_cast<int64_t>(number.row * 7 % 1000));
            sink.Text(TenthKey(number.row));
            sink.Float(static_cast<double>(number.row % 100) / 10.0);
          }};
}

/// For a filter of few rows and a group by a text.
Dataset MakeFilterRows() {
  return {.name = "f",
          .fields = FieldsOf({{DataType::Of(TypeKind::kInt32), {"a"}},
                              {DataType::Of(TypeKind::kInt64), {"b"}},
                              {DataType::Of(TypeKind::kText), {"k"}},
                              {DataType::Of(TypeKind::kFloat64), {"v"}}}),
          .key_columns = {1},
          .default_rows = 100,
          .write_row = [](const RowNumber& number, RandomNumbers&, RowSink& sink) {
            sink.Integer(static_cast<int64_t>(number.row * 37 % 100));
            sink.Integer(static_cast<int64_t>(number.row));
            sink.Text(TenthKey(number.row));
            sink.Float(static_cast<double>(number.row) / 7.0);
          }};
}

}  // namespace

absl::Status Dataset::Generate(uint64_t num_rows, RowSink& sink) const {
  RandomNumbers random(seed);
  const uint64_t end = num_rows > 0 ? num_rows : default_rows;
  VariantSink changed(variant, fields, sink);
  RowSink& rows = variant == RowVariant::kPlain ? sink : changed;
  for (uint64_t row = 0; row < end; ++row) {
    const bool is_shuffled = variant == RowVariant::kShuffled;
    write_row({is_shuffled ? ShuffledRow(row, end) : row, end}, random, rows);
    if (absl::Status status = rows.EndRow(); !status.ok()) return status;
  }
  return rows.EndRows();
}

std::vector<Field> FieldsOf(const std::vector<TypedColumns>& columns) {
  std::vector<Field> fields;
  for (const TypedColumns& of_type : columns) {
    for (const std::string& name : of_type.names) {
      fields.push_back({.name = name, .type = of_type.type});
    }
  }
  return fields;
}

Schema SchemaOf(const Dataset& dataset) {
  return Schema(dataset.fields, std::nullopt, dataset.key_columns);
}

const std::vector<Dataset>& Datasets() {
  static const auto& datasets = *new std::vector<Dataset>{MakePullRequests(), MakeGroupingRows(),
                                                          MakeMicroRows(), MakeFilterRows()};
  return datasets;
}

const Dataset* FindDataset(std::string_view name) {
  for (const Dataset& dataset : Datasets()) {
    if (dataset.name == name) return &dataset;
  }
  return nullptr;
}

}  // namespace sextant::peers
