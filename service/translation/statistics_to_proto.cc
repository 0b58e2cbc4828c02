#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "compute/column/column_statistics.h"
#include "compute/plan/instant_text.h"
#include "service/translation/dataset_to_proto.h"
#include "service/wire/value_text.h"

namespace sextant {
namespace {

constexpr size_t kMaxBoundBytes = 256;
constexpr double kMicrosecondsPerSecond = 1e6;

struct Bounds {
  std::string least;
  std::string greatest;
};

std::string FloatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string IntegerText(const DataType& type, int64_t value) {
  switch (type.kind) {
    case TypeKind::kBool:
      return value != 0 ? "t" : "f";
    case TypeKind::kDate:
      return DateText(value);
    case TypeKind::kTimestamp:
      return FormatInstant(value, absl::UTCTimeZone());
    case TypeKind::kDuration:
      return FloatText(static_cast<double>(value) / kMicrosecondsPerSecond);
    case TypeKind::kDecimal:
      return DecimalText(value, type.scale);
    default:
      return absl::StrCat(value);
  }
}

/// NaN is the greatest (rule 8), and outside of the zone maps' bounds.
std::optional<Bounds> FloatBounds(const ColumnFacts& facts) {
  if (!facts.has_bounds && !facts.has_nan) return std::nullopt;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return Bounds{FloatText(facts.has_bounds ? facts.min_float : nan),
                FloatText(facts.has_nan ? nan : facts.max_float)};
}

/// Of texts: what was counted knows, as a dictionary outlives the rows that brought its entries.
std::optional<Bounds> BoundsOf(const DataType& type, const ColumnFacts& facts,
                               const std::optional<DistinctCount>& distinct) {
  const DataType& value_type = type.kind == TypeKind::kList ? type.ElementType() : type;
  if (IsFloat(value_type.kind)) return FloatBounds(facts);
  if (value_type.kind == TypeKind::kText) {
    if (!distinct || !distinct->texts) return std::nullopt;
    return Bounds{distinct->texts->least, distinct->texts->greatest};
  }
  if (!facts.has_bounds) return std::nullopt;
  if (value_type.kind == TypeKind::kEnum) {
    return Bounds{std::string(facts.dictionary->Entry(static_cast<uint32_t>(facts.min_integer))),
                  std::string(facts.dictionary->Entry(static_cast<uint32_t>(facts.max_integer)))};
  }
  return Bounds{IntegerText(value_type, facts.min_integer),
                IntegerText(value_type, facts.max_integer)};
}

v1::DatasetStatistics StatisticsToProto(const Table& table, ColumnIndex column,
                                        const std::optional<DistinctCount>& distinct) {
  const Field& field = table.schema().field(column);
  const ColumnStatistics statistics = StatisticsOf(table, column);
  v1::DatasetStatistics wire;
  wire.set_column(field.name);
  wire.set_null_count(static_cast<int64_t>(statistics.null_count));
  if (std::optional<Bounds> bounds = BoundsOf(field.type, table.facts(column), distinct)) {
    const auto fits = [](const std::string& text) { return text.size() <= kMaxBoundBytes; };
    if (fits(bounds->least)) wire.set_min_value(std::move(bounds->least));
    if (fits(bounds->greatest)) wire.set_max_value(std::move(bounds->greatest));
  }
  if (distinct) {
    wire.set_distinct_count(static_cast<int64_t>(distinct->count));
    wire.set_distinct_count_is_exact(distinct->is_exact);
    wire.set_build_us(distinct->build_ns / 1000);
  }
  wire.set_parts(static_cast<int32_t>(table.num_chunks()));
  wire.set_parts_sorted(static_cast<int32_t>(statistics.num_sorted_chunks));
  wire.set_is_sorted(statistics.is_sorted);
  wire.set_memory_bytes(static_cast<int64_t>(statistics.memory_bytes));
  return wire;
}

}  // namespace

void AddStatistics(const Table& table, const DistinctCounts& counts, v1::Dataset& dataset) {
  for (ColumnIndex column = 0; column < table.schema().num_fields(); ++column) {
    *dataset.add_statistics() =
        StatisticsToProto(table, column, counts.empty() ? std::nullopt : counts[column]);
  }
}

}  // namespace sextant
