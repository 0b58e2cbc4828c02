#include "tests/bench/peers/datasets.h"

#include <string>

namespace sextant::peers {
namespace {

Field FieldOf(std::string name, TypeKind kind) {
  Field field;
  field.name = std::move(name);
  field.type = DataType::Of(kind);
  return field;
}

std::string TenthKey(uint64_t row) { return "k" + std::to_string(row % 10); }

/// For an aggregate under two conditions.
class MicroDataset final : public Dataset {
 public:
  const std::vector<Field>& fields() const override { return fields_; }
  std::vector<ColumnIndex> key_columns() const override { return {0}; }
  uint64_t default_rows() const override { return 1000; }

  absl::Status Generate(uint64_t num_rows, RowSink& sink) const override {
    for (uint64_t row = 0; row < num_rows; ++row) {
      sink.Integer(static_cast<int64_t>(row));
      sink.Integer(static_cast<int64_t>(row * 7 % 1000));
      sink.Text(TenthKey(row));
      sink.Float(static_cast<double>(row % 100) / 10.0);
      if (absl::Status status = sink.EndRow(); !status.ok()) return status;
    }
    return sink.EndRows();
  }

 private:
  const std::vector<Field> fields_ = {
      FieldOf("a", TypeKind::kInt32), FieldOf("size", TypeKind::kInt32),
      FieldOf("k", TypeKind::kText), FieldOf("v", TypeKind::kFloat64)};
};

/// For a filter of few rows and a group by a text.
class FilterDataset final : public Dataset {
 public:
  const std::vector<Field>& fields() const override { return fields_; }
  std::vector<ColumnIndex> key_columns() const override { return {1}; }
  uint64_t default_rows() const override { return 100; }

  absl::Status Generate(uint64_t num_rows, RowSink& sink) const override {
    for (uint64_t row = 0; row < num_rows; ++row) {
      sink.Integer(static_cast<int64_t>(row * 37 % 100));
      sink.Integer(static_cast<int64_t>(row));
      sink.Text(TenthKey(row));
      sink.Float(static_cast<double>(row) / 7.0);
      if (absl::Status status = sink.EndRow(); !status.ok()) return status;
    }
    return sink.EndRows();
  }

 private:
  const std::vector<Field> fields_ = {FieldOf("a", TypeKind::kInt32),
                                      FieldOf("b", TypeKind::kInt64), FieldOf("k", TypeKind::kText),
                                      FieldOf("v", TypeKind::kFloat64)};
};

}  // namespace

const Dataset& MicroRows() {
  static const MicroDataset dataset;
  return dataset;
}

const Dataset& FilterRows() {
  static const FilterDataset dataset;
  return dataset;
}

Schema SchemaOf(const Dataset& dataset) {
  return Schema(dataset.fields(), std::nullopt, dataset.key_columns());
}

const Dataset* FindDataset(std::string_view name) {
  if (name == "pr") return &PullRequests();
  if (name == "h2o") return &GroupingRows();
  if (name == "t") return &MicroRows();
  if (name == "f") return &FilterRows();
  return nullptr;
}

}  // namespace sextant::peers
