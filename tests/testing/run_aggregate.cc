#include "tests/testing/run_aggregate.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

std::string FloatText(double value) {
  if (value != value) return "NaN";
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string Int128Text(int128_t value) {
  if (value == 0) return "0";
  std::string text;
  const bool is_negative = value < 0;
  for (; value != 0; value /= 10) {
    const auto digit = static_cast<int>(value % 10);
    text.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  if (is_negative) text.push_back('-');
  return {text.rbegin(), text.rend()};
}

std::string WideText(const DataType& type, Wide wide) {
  if (type.kind == TypeKind::kDecimal) return Int128Text(Int128OfWide(wide));
  if (type.kind == TypeKind::kInterval) {
    const IntervalValue interval = IntervalOfWide(wide);
    return absl::StrCat(interval.months, "/", interval.days, "/", interval.microseconds);
  }
  std::string text =
      absl::StrCat(absl::Hex(wide.high, absl::kZeroPad16), absl::Hex(wide.low, absl::kZeroPad16));
  for (const size_t dash : {20, 16, 12, 8}) text.insert(dash, "-");
  return text;
}

std::string TextOf(const MetricValues& values, size_t position) {
  if (values.valid[position] == 0) return "-";
  switch (values.form) {
    case MetricValues::Form::kInteger:
      return absl::StrCat(values.integers[position]);
    case MetricValues::Form::kFloat:
      return FloatText(values.floats[position]);
    case MetricValues::Form::kWide:
      return WideText(values.type, values.wides[position]);
    case MetricValues::Form::kText:
      return std::string(values.Text(position));
    case MetricValues::Form::kList: {
      std::vector<std::string> elements;
      for (size_t i = values.ListBegin(position); i < values.ListEnd(position); ++i) {
        elements.push_back(TextOf(*values.elements, i));
      }
      return absl::StrCat("{", absl::StrJoin(elements, ","), "}");
    }
  }
  return {};
}

DataType ResultTypeOf(AggregateKind kind, const DataType& value) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
    case AggregateKind::kCountDistinct:
      return DataType::Of(TypeKind::kInt64);
    case AggregateKind::kSum:
      if (value.kind == TypeKind::kDecimal) return DataType::Decimal(38, value.scale);
      return DataType::Of(IsInteger(value.kind) ? TypeKind::kInt64 : TypeKind::kFloat64);
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kMode:
    case AggregateKind::kPercentileDisc:
    case AggregateKind::kTopValues:
      return value.kind == TypeKind::kDuration ? DataType::Of(TypeKind::kFloat64) : value;
    case AggregateKind::kBoolOr:
    case AggregateKind::kBoolAnd:
      return DataType::Of(TypeKind::kBool);
    default:
      return DataType::Of(TypeKind::kFloat64);
  }
}

/// Cell c is cell `num_cells - 1 - c` of every second range.
uint32_t CellInRange(uint32_t cell, uint32_t range, uint32_t num_cells) {
  return range % 2 == 0 ? cell : num_cells - 1 - cell;
}

absl::Status UpdateRange(const Table& table, const RunAggregateOptions& options, uint32_t range,
                         AggregateState& state) {
  const uint64_t begin = table.num_rows() * range / options.num_ranges;
  const uint64_t end = table.num_rows() * (range + 1) / options.num_ranges;
  for (uint32_t index = 0; index < table.num_chunks(); ++index) {
    const Chunk& chunk = table.chunk(index);
    const uint64_t first = table.first_row(index);
    std::vector<uint32_t> rows;
    std::vector<uint32_t> cells;
    for (uint32_t row = 0; row < chunk.num_rows(); ++row) {
      const uint64_t ordinal = first + row;
      if (ordinal >= begin && ordinal < end) {
        const uint32_t cell = options.cells.empty() ? 0 : options.cells[ordinal];
        rows.push_back(row);
        cells.push_back(CellInRange(cell, range, options.num_cells));
      }
      if (rows.empty() || (rows.size() < kBatchRows && row + 1 < chunk.num_rows())) continue;
      SEXTANT_RETURN_IF_ERROR(state.Update({&chunk, first, rows, cells.data()}));
      rows.clear();
      cells.clear();
    }
  }
  return absl::OkStatus();
}

}  // namespace

BoundValue ValueOfColumn(const Table& table, std::string_view name) {
  const std::optional<ColumnIndex> column = table.schema().Find(name);
  SEXTANT_CHECK(column.has_value()) << name;
  BoundValue value;
  value.column = *column;
  value.type = table.schema().field(*column).type;
  return value;
}

BoundAggregate AggregateOf(const Table& table, AggregateKind kind, std::string_view value,
                           std::string_view second) {
  BoundAggregate aggregate;
  aggregate.metric = "m";
  aggregate.kind = kind;
  aggregate.value = ValueOfColumn(table, value);
  if (!second.empty()) aggregate.second = ValueOfColumn(table, second);
  aggregate.result_type = ResultTypeOf(kind, aggregate.value.type);
  return aggregate;
}

absl::StatusOr<std::vector<std::string>> TryRunAggregate(const BoundAggregate& aggregate,
                                                         const Table& table,
                                                         const RunAggregateOptions& options) {
  MemoryBudget& budget = options.budget != nullptr ? *options.budget : TestBudget();
  const std::unique_ptr<Aggregate> compiled = MakeAggregate(
      {aggregate, table, table.num_rows(), options.is_ungrouped, options.least_binned_rows});
  std::vector<uint32_t> order(options.num_cells);
  std::unique_ptr<AggregateState> whole;
  for (uint32_t range = 0; range < options.num_ranges; ++range) {
    std::unique_ptr<AggregateState> state = compiled->MakeState(budget);
    SEXTANT_RETURN_IF_ERROR(state->Resize(options.num_cells));
    SEXTANT_RETURN_IF_ERROR(UpdateRange(table, options, range, *state));
    SEXTANT_RETURN_IF_ERROR(state->Seal(AlwaysGoOn));
    if (whole == nullptr) {
      whole = std::move(state);
      continue;
    }
    for (uint32_t cell = 0; cell < options.num_cells; ++cell) {
      order[CellInRange(cell, range, options.num_cells)] = cell;
    }
    SEXTANT_RETURN_IF_ERROR(whole->Merge(*state, order, AlwaysGoOn));
  }
  for (uint32_t cell = 0; cell < options.num_cells; ++cell) order[cell] = cell;
  MetricValues values(aggregate.result_type, budget);
  SEXTANT_RETURN_IF_ERROR(whole->Finish(order, values, AlwaysGoOn));
  SEXTANT_CHECK(values.size() == options.num_cells);
  std::vector<std::string> texts;
  for (uint32_t cell = 0; cell < options.num_cells; ++cell) {
    texts.push_back(TextOf(values, cell));
    SEXTANT_CHECK(whole->HasSample(cell) || values.valid[cell] == 0 || aggregate.IsCountLike());
  }
  return texts;
}

std::vector<std::string> RunAggregate(const BoundAggregate& aggregate, const Table& table,
                                      const RunAggregateOptions& options) {
  absl::StatusOr<std::vector<std::string>> values = TryRunAggregate(aggregate, table, options);
  SEXTANT_CHECK(values.ok()) << values.status();
  return *std::move(values);
}

}  // namespace sextant
