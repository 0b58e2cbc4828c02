#include "compute/exec/metric_expression.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/chunk.h"
#include "compute/exec/number_columns.h"
#include "compute/exec/result_table.h"
#include "compute/exec/value_parts.h"
#include "compute/kernels/exact_division.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/expression/expression_step.h"
#include "compute/operators/morsel.h"
#include "compute/plan/aggregate_uses.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

class MetricEvaluator {
 public:
  explicit MetricEvaluator(const MetricExpressionInput& input)
      : input_(input), schema_(std::make_shared<const Schema>(OperandSchema())) {
    std::vector<uint8_t> is_used(input.operands.size());
    for (const uint32_t aggregate : AggregatesOf(input.metric.expression)) is_used[aggregate] = 1;
    for (ColumnIndex i = 0; i < schema_->num_fields(); ++i) {
      const bool is_read = is_used[i] != 0 && input.operands[i]->form != MetricValues::Form::kList;
      operands_.push_back(is_read ? input.operands[i] : nullptr);
    }
  }

  absl::StatusOr<MetricExpressionResult> Evaluate() const {
    MetricExpressionResult result{MetricValues(input_.metric.result_type, input_.context.budget())};
    SEXTANT_RETURN_IF_ERROR(result.values.Reserve(input_.num_rows));
    std::atomic<uint64_t> excluded{0};
    const auto evaluate = [&](size_t begin, size_t end, MetricValues& own) -> absl::Status {
      for (; begin < end; begin += kMaxChunkRows) {
        SEXTANT_RETURN_IF_ERROR(input_.context.Check());
        const auto count = static_cast<uint32_t>(std::min<size_t>(kMaxChunkRows, end - begin));
        SEXTANT_ASSIGN_OR_RETURN(const uint64_t missing, EvaluateBlock(begin, count, own));
        excluded.fetch_add(missing, std::memory_order_relaxed);
      }
      return absl::OkStatus();
    };
    SEXTANT_RETURN_IF_ERROR(
        AppendInParts(input_.context, input_.num_rows, result.values, evaluate));
    result.excluded = excluded;
    return result;
  }

 private:
  /// A field per aggregate. One that is not read needs no values, so a list has none.
  Schema OperandSchema() const {
    std::vector<Field> fields;
    for (size_t i = 0; i < input_.query.aggregates.size(); ++i) {
      Field field;
      field.name = absl::StrCat(i);
      field.type = input_.query.aggregates[i].result_type;
      if (field.type.kind == TypeKind::kEnum) field.enum_labels = AggregateLabels(input_.query, i);
      if (field.type.kind == TypeKind::kList) field.type = DataType::Of(TypeKind::kInt64);
      fields.push_back(std::move(field));
    }
    return Schema(std::move(fields));
  }

  absl::StatusOr<std::shared_ptr<const Table>> OperandTable(size_t begin, uint32_t count) const {
    MemoryBudget& budget = input_.context.budget();
    if (AreNumbers(*schema_, operands_)) {
      return MakeNumberTable(schema_, operands_, begin, count, budget);
    }
    std::vector<ResultTableColumn> columns;
    for (const MetricValues* const values : operands_) columns.push_back({values, nullptr});
    return MakeResultTable(*schema_, columns, begin, count, budget);
  }

  /// Appends the values of rows; returns how many of them are excluded.
  absl::StatusOr<uint64_t> EvaluateBlock(size_t begin, uint32_t count, MetricValues& out) const {
    MemoryBudget& budget = input_.context.budget();
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table, OperandTable(begin, count));
    SEXTANT_ASSIGN_OR_RETURN(const ExpressionStepPtr step,
                             CompileExpression(input_.metric.expression, {*table, budget}));
    std::array<uint32_t, kBatchRows> rows;
    uint64_t excluded = 0;
    for (uint32_t first = 0; first < count; first += kBatchRows) {
      const uint32_t size = std::min(kBatchRows, count - first);
      std::iota(rows.data(), rows.data() + size, first);
      const TextScope texts;
      const Lease<ValueVector> values;
      step->Evaluate(table->chunk(0), {rows.data(), size}, *values);
      excluded += CountExcluded(begin + first, size, *values);
      SEXTANT_RETURN_IF_ERROR(Append(*table, size, *values, out));
    }
    return excluded;
  }

  uint64_t CountExcluded(size_t first, uint32_t size, const ValueVector& values) const {
    if (first >= input_.num_cells) return 0;
    const auto num_cells = static_cast<uint32_t>(std::min<size_t>(size, input_.num_cells - first));
    const uint8_t counts_missing = input_.metric.is_ratio ? 1 : 0;
    uint64_t excluded = 0;
    for (uint32_t k = 0; k < num_cells; ++k) {  // which cells have a value follows no pattern
      excluded += (values.valid[k] ^ 1) & (values.failed[k] | counts_missing);
    }
    return excluded;
  }

  absl::Status Append(const Table& table, uint32_t size, const ValueVector& values,
                      MetricValues& out) const {
    if (out.form == MetricValues::Form::kInteger) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<int64_t> slots, out.AddIntegers(size));
      return Fill(slots, values.As<int64_t>(), values.valid, out);
    }
    if (out.form == MetricValues::Form::kFloat && out.type.kind != TypeKind::kDuration) {
      SEXTANT_ASSIGN_OR_RETURN(const std::span<double> slots, out.AddFloats(size));
      return Fill(slots, values.As<double>(), values.valid, out);
    }
    for (uint32_t k = 0; k < size; ++k) {
      SEXTANT_RETURN_IF_ERROR(values.valid[k] == 0 ? out.AppendMissing()
                                                   : AppendValue(table, k, values, out));
    }
    return absl::OkStatus();
  }

  /// Slots that were added last, of integers or floats.
  template <typename T>
  static absl::Status Fill(std::span<T> slots, const T* computed, const uint8_t* valid,
                           MetricValues& out) {
    const size_t first = out.size() - slots.size();
    for (size_t k = 0; k < slots.size(); ++k) slots[k] = valid[k] != 0 ? computed[k] : T{0};
    std::copy_n(valid, slots.size(), out.valid.data() + first);
    return absl::OkStatus();
  }

  absl::Status AppendValue(const Table& table, uint32_t k, const ValueVector& values,
                           MetricValues& out) const {
    if (out.type.kind == TypeKind::kEnum) {
      const Dictionary& labels = *table.facts(input_.metric.expression.column).dictionary;
      return out.AppendText(labels.Entry(static_cast<uint32_t>(values.As<int64_t>()[k])));
    }
    switch (out.form) {
      case MetricValues::Form::kInteger:
        return out.AppendInteger(values.As<int64_t>()[k]);
      case MetricValues::Form::kFloat:
        if (out.type.kind == TypeKind::kDuration) {
          return out.AppendFloat(DivideExactly(values.As<int64_t>()[k], kMicrosPerSecond));
        }
        return out.AppendFloat(values.As<double>()[k]);
      case MetricValues::Form::kWide:
        return out.AppendWide(values.As<Wide>()[k]);
      default:
        return out.AppendText(values.As<std::string_view>()[k]);
    }
  }

  const MetricExpressionInput& input_;
  const std::shared_ptr<const Schema> schema_;
  std::vector<const MetricValues*> operands_;  // per aggregate of the query; null: not read
};

}  // namespace

absl::StatusOr<MetricExpressionResult> EvaluateMetric(const MetricExpressionInput& input) {
  return MetricEvaluator(input).Evaluate();
}

}  // namespace sextant
