#include "compute/exec/metric_expression.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/column/chunk.h"
#include "compute/exec/result_table.h"
#include "compute/kernels/exact_division.h"
#include "compute/memory/status_macros.h"
#include "compute/operators/expression/expression_step.h"
#include "compute/operators/morsel.h"

namespace sextant {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

class MetricEvaluator {
 public:
  explicit MetricEvaluator(const MetricExpressionInput& input)
      : input_(input),
        schema_(OperandSchema()),
        result_{MetricValues(input.metric.result_type, input.context.budget())} {
    for (ColumnIndex i = 0; i < schema_.num_fields(); ++i) {
      const bool is_read =
          input.operands[i] != nullptr && input.operands[i]->form != MetricValues::Form::kList;
      columns_.push_back({is_read ? input.operands[i] : nullptr, nullptr});
    }
  }

  absl::StatusOr<MetricExpressionResult> Evaluate() {
    for (size_t begin = 0; begin < input_.num_rows; begin += kMaxChunkRows) {
      SEXTANT_RETURN_IF_ERROR(input_.context.Check());
      const auto count =
          static_cast<uint32_t>(std::min<size_t>(kMaxChunkRows, input_.num_rows - begin));
      SEXTANT_RETURN_IF_ERROR(EvaluateBlock(begin, count));
    }
    return std::move(result_);
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

  absl::Status EvaluateBlock(size_t begin, uint32_t count) {
    MemoryBudget& budget = input_.context.budget();
    SEXTANT_ASSIGN_OR_RETURN(const std::shared_ptr<const Table> table,
                             MakeResultTable(schema_, columns_, begin, count, budget));
    SEXTANT_ASSIGN_OR_RETURN(const ExpressionStepPtr step,
                             CompileExpression(input_.metric.expression, {*table, budget}));
    std::array<uint32_t, kBatchRows> rows;
    for (uint32_t first = 0; first < count; first += kBatchRows) {
      const uint32_t size = std::min(kBatchRows, count - first);
      std::iota(rows.data(), rows.data() + size, first);
      const TextScope texts;
      const Lease<ValueVector> values;
      step->Evaluate(table->chunk(0), {rows.data(), size}, *values);
      CountExcluded(begin + first, size, *values);
      SEXTANT_RETURN_IF_ERROR(Append(*table, size, *values));
    }
    return absl::OkStatus();
  }

  void CountExcluded(size_t first, uint32_t size, const ValueVector& values) {
    for (uint32_t k = 0; k < size && first + k < input_.num_cells; ++k) {
      if (values.valid[k] != 0) continue;
      result_.excluded += input_.metric.is_ratio || values.failed[k] != 0 ? 1 : 0;
    }
  }

  absl::Status Append(const Table& table, uint32_t size, const ValueVector& values) {
    for (uint32_t k = 0; k < size; ++k) {
      SEXTANT_RETURN_IF_ERROR(values.valid[k] == 0 ? result_.values.AppendMissing()
                                                   : AppendValue(table, k, values));
    }
    return absl::OkStatus();
  }

  absl::Status AppendValue(const Table& table, uint32_t k, const ValueVector& values) {
    MetricValues& out = result_.values;
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
  const Schema schema_;
  std::vector<ResultTableColumn> columns_;
  MetricExpressionResult result_;
};

}  // namespace

absl::StatusOr<MetricExpressionResult> EvaluateMetric(const MetricExpressionInput& input) {
  return MetricEvaluator(input).Evaluate();
}

}  // namespace sextant
