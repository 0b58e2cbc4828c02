#include "compute/exec/metric_order.h"

#include <algorithm>
#include <utility>

#include "compute/kernels/float_order.h"
#include "compute/memory/check.h"

namespace sextant {

MetricOrder::MetricOrder(const MetricValues& values, std::vector<std::string> labels,
                         bool descending)
    : values_(values), labels_(std::move(labels)), descending_(descending) {
  SEXTANT_CHECK(values.form != MetricValues::Form::kList);
}

int MetricOrder::Compare(size_t a, size_t b) const {
  if (values_.valid[a] == 0 || values_.valid[b] == 0) {
    return CompareValues(values_.valid[b], values_.valid[a]);
  }
  const int compared = CompareFound(a, b);
  return descending_ ? -compared : compared;
}

int MetricOrder::CompareFound(size_t a, size_t b) const {
  switch (values_.form) {
    case MetricValues::Form::kInteger:
      return CompareValues(values_.integers[a], values_.integers[b]);
    case MetricValues::Form::kFloat:
      return CompareValues(FloatOrderKey(values_.floats[a]), FloatOrderKey(values_.floats[b]));
    case MetricValues::Form::kWide:
      return CompareValues(WideKey(values_.type, values_.wides[a]),
                           WideKey(values_.type, values_.wides[b]));
    default:
      break;
  }
  if (values_.type.kind == TypeKind::kEnum) return CompareValues(LabelRank(a), LabelRank(b));
  return CompareValues(values_.Text(a), values_.Text(b));
}

size_t MetricOrder::LabelRank(size_t cell) const {
  const auto found = std::find(labels_.begin(), labels_.end(), values_.Text(cell));
  return static_cast<size_t>(found - labels_.begin());
}

MetricOrder OrderOf(const BoundQuery& query, uint32_t metric, const MetricValues& values,
                    bool descending) {
  std::vector<std::string> labels;
  if (values.type.kind == TypeKind::kEnum) {
    labels = AggregateLabels(query, query.metrics[metric].expression.column);
  }
  return MetricOrder(values, std::move(labels), descending);
}

}  // namespace sextant
