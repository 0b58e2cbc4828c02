#include <cstdio>

#include "tests/bench/peers/datasets.h"
#include "tests/bench/peers/random_numbers.h"

namespace sextant::peers {
namespace {

constexpr int64_t kNumSmallGroups = 100;  // K of db-benchmark

Field FieldOf(const char* name, TypeKind kind) {
  Field field;
  field.name = name;
  field.type = DataType::Of(kind);
  return field;
}

/// "id" and `number` with zeros in front.
void WriteId(int64_t number, int num_digits, RowSink& sink) {
  char text[24];
  const int size =
      std::snprintf(text, sizeof text, "id%0*lld", num_digits, static_cast<long long>(number));
  sink.Text({text, static_cast<size_t>(size)});
}

class GroupingDataset final : public Dataset {
 public:
  const std::vector<Field>& fields() const override { return fields_; }
  std::vector<ColumnIndex> key_columns() const override { return {0, 1, 2, 3, 4, 5}; }
  uint64_t default_rows() const override { return 10'000'000; }

  absl::Status Generate(uint64_t num_rows, RowSink& sink) const override {
    RandomNumbers random(108);
    const auto num_large_groups = static_cast<int64_t>(num_rows) / kNumSmallGroups;
    for (uint64_t row = 0; row < num_rows; ++row) {
      WriteId(1 + random.Below(kNumSmallGroups), 3, sink);
      WriteId(1 + random.Below(kNumSmallGroups), 3, sink);
      WriteId(1 + random.Below(num_large_groups), 10, sink);
      sink.Integer(1 + random.Below(kNumSmallGroups));
      sink.Integer(1 + random.Below(kNumSmallGroups));
      sink.Integer(1 + random.Below(num_large_groups));
      sink.Integer(1 + random.Below(5));
      sink.Integer(1 + random.Below(15));
      sink.Float(static_cast<double>(random.Below(100'000'000)) / 1e6);
      if (absl::Status status = sink.EndRow(); !status.ok()) return status;
    }
    return sink.EndRows();
  }

 private:
  const std::vector<Field> fields_ = {
      FieldOf("id1", TypeKind::kText),  FieldOf("id2", TypeKind::kText),
      FieldOf("id3", TypeKind::kText),  FieldOf("id4", TypeKind::kInt32),
      FieldOf("id5", TypeKind::kInt32), FieldOf("id6", TypeKind::kInt32),
      FieldOf("v1", TypeKind::kInt32),  FieldOf("v2", TypeKind::kInt32),
      FieldOf("v3", TypeKind::kFloat64)};
};

}  // namespace

const Dataset& GroupingRows() {
  static const GroupingDataset dataset;
  return dataset;
}

}  // namespace sextant::peers
