#include "compute/plan/binder/metric_binder.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/pin_binder.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr size_t kMaxNameBytes = 256;
constexpr int kSumDigits = 38;

bool IsTime(TypeKind kind) { return kind == TypeKind::kTimestamp || kind == TypeKind::kDate; }

std::string_view NameOf(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
      return "count";
    case AggregateKind::kCountDistinct:
      return "count(DISTINCT)";
    case AggregateKind::kSum:
      return "sum";
    case AggregateKind::kAvg:
      return "avg";
    case AggregateKind::kMin:
      return "min";
    case AggregateKind::kMax:
      return "max";
    default:
      return "";
  }
}

/// What sum and avg, min and max, and count(DISTINCT) have a meaning for.
bool Takes(AggregateKind kind, TypeKind type) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
      return true;
    case AggregateKind::kCountDistinct:
      return IsGroupable(type);
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return IsNumber(type) || type == TypeKind::kDuration;
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return IsNumber(type) || IsTime(type) || type == TypeKind::kDuration ||
             type == TypeKind::kInterval || type == TypeKind::kText || type == TypeKind::kEnum;
    default:
      return false;
  }
}

std::string_view AllowedTypes(AggregateKind kind) {
  if (kind == AggregateKind::kCountDistinct) return "everything but json and lists";
  if (kind == AggregateKind::kSum || kind == AggregateKind::kAvg) {
    return "numbers and differences of timestamps";
  }
  return "numbers, text, enum, dates, timestamps, intervals and their differences";
}

DataType ResultType(AggregateKind kind, const DataType& type) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
    case AggregateKind::kCountDistinct:
      return DataType::Of(TypeKind::kInt64);
    case AggregateKind::kSum:
      if (IsInteger(type.kind)) return DataType::Of(TypeKind::kInt64);
      if (type.kind == TypeKind::kDecimal) return DataType::Decimal(kSumDigits, type.scale);
      return DataType::Of(TypeKind::kFloat64);
    case AggregateKind::kAvg:
      return DataType::Of(TypeKind::kFloat64);
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return type.kind == TypeKind::kDuration ? DataType::Of(TypeKind::kFloat64) : type;
    default:
      return type;
  }
}

/// The index of `aggregate` among those of `query`, which it joins unless its dataset has it.
uint32_t AddAggregate(BoundQuery& query, size_t dataset, BoundAggregate aggregate) {
  const std::string text = ToString(aggregate);
  for (const uint32_t index : query.datasets[dataset].aggregates) {
    if (ToString(query.aggregates[index]) == text) return index;
  }
  query.aggregates.push_back(std::move(aggregate));
  const auto index = static_cast<uint32_t>(query.aggregates.size() - 1);
  query.datasets[dataset].aggregates.push_back(index);
  return index;
}

/// The position of `name` among the datasets of `query`. REQUIRES: it is there, as DatasetsOf saw.
size_t DatasetIndex(const BoundQuery& query, const std::string& name) {
  const auto found = std::find_if(query.datasets.begin(), query.datasets.end(),
                                  [&](const BoundDataset& one) { return one.name == name; });
  SEXTANT_CHECK(found != query.datasets.end()) << name;
  return static_cast<size_t>(found - query.datasets.begin());
}

}  // namespace

absl::StatusOr<BoundMetric> BindMetric(std::span<const PredicateContext> contexts,
                                       const Metric& metric, size_t index, BoundQuery& query) {
  const size_t dataset = DatasetIndex(query, metric.dataset);
  const PredicateContext& context = contexts[dataset];
  const std::string path = absl::StrCat("metrics[", index, "]");
  if (metric.name.empty() || metric.name.size() > kMaxNameBytes) {
    return FieldError(
        absl::StrCat(path, ".name"),
        absl::StrCat("a name of ", metric.name.size(), " bytes; allowed: 1 to ", kMaxNameBytes));
  }
  const std::string expression_field = absl::StrCat(path, ".expression");
  SEXTANT_ASSIGN_OR_RETURN(const Expression parsed,
                           ParseMetric(metric.expression, expression_field));
  const bool is_bindable = parsed.kind == Expression::Kind::kAggregate &&
                           parsed.aggregates[0].filter.empty() &&
                           parsed.aggregates[0].kind <= AggregateKind::kMax;
  if (!is_bindable) {
    return FieldError(expression_field,
                      "found arithmetic, FILTER or another aggregate; allowed: count, sum, avg, "
                      "min or max alone",
                      parsed.position);
  }
  const AggregateCall& call = parsed.aggregates[0];
  BoundMetric bound;
  bound.name = metric.name;
  BoundAggregate aggregate;
  aggregate.metric = metric.name;
  aggregate.kind = call.kind;
  aggregate.result_type = DataType::Of(TypeKind::kInt64);
  if (call.kind != AggregateKind::kCountRows) {
    const Expression& argument = call.arguments[0];
    SEXTANT_ASSIGN_OR_RETURN(ResolvedValue value,
                             ResolveValue(context, argument, expression_field));
    const DataType& type = value.value.type;
    if (!Takes(call.kind, type.kind)) {
      return FieldError(
          expression_field,
          absl::StrCat(std::string(NameOf(call.kind)), " of ", value.typed.text, ", which is ",
                       TypeName(type), "; allowed: ", std::string(AllowedTypes(call.kind))),
          argument.position);
    }
    aggregate.result_type = ResultType(call.kind, type);
    aggregate.value = value.value;
    if (!aggregate.IsCountLike()) bound.unit = std::move(value.typed.unit);
  }
  SEXTANT_ASSIGN_OR_RETURN(aggregate.pin, BindPin(context, metric, path, query.HasTimeAxis()));
  bound.result_type = aggregate.result_type;
  bound.expression.type = aggregate.result_type;
  bound.expression.column = AddAggregate(query, dataset, std::move(aggregate));
  return bound;
}

}  // namespace sextant
