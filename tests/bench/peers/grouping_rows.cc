#include <cstdio>

#include "tests/bench/peers/datasets.h"
#include "tests/bench/peers/random_numbers.h"

namespace sextant::peers {
namespace {

constexpr int64_t kNumSmallGroups = 100;  // K of db-benchmark

/// "id" and `number` with zeros in front.
void WriteId(int64_t number, int num_digits, RowSink& sink) {
  char text[24];
  const int size =
      std::snprintf(text, sizeof text, "id%0*lld", num_digits, static_cast<long long>(number));
  sink.Text({text, static_cast<size_t>(size)});
}

void WriteRow(const RowNumber& number, RandomNumbers& random, RowSink& sink) {
  const auto num_large_groups = static_cast<int64_t>(number.num_rows) / kNumSmallGroups;
  WriteId(1 + random.Below(kNumSmallGroups), 3, sink);
  WriteId(1 + random.Below(kNumSmallGroups), 3, sink);
  WriteId(1 + random.Below(num_large_groups), 10, sink);
  sink.Integer(1 + random.Below(kNumSmallGroups));
  sink.Integer(1 + random.Below(kNumSmallGroups));
  sink.Integer(1 + random.Below(num_large_groups));
  sink.Integer(1 + random.Below(5));
  sink.Integer(1 + random.Below(15));
  sink.Float(static_cast<double>(random.Below(100'000'000)) / 1e6);
}

}  // namespace

Dataset MakeGroupingRows() {
  return {.name = "h2o",
          .fields = FieldsOf({{DataType::Of(TypeKind::kText), {"id1", "id2", "id3"}},
                              {DataType::Of(TypeKind::kInt32), {"id4", "id5", "id6", "v1", "v2"}},
                              {DataType::Of(TypeKind::kFloat64), {"v3"}}}),
          .key_columns = {0, 1, 2, 3, 4, 5},
          .default_rows = 10'000'000,
          .seed = 108,
          .write_row = WriteRow};
}

}  // namespace sextant::peers
