#include "compute/exec/metric_order.h"

#include <algorithm>
#include <utility>

#include "compute/kernels/float_order.h"

namespace sextant {

MetricOrder::MetricOrder(const MetricValues& values, std::vector<std::string> labels,
                         bool descending)
    : values_(values), labels_(std::move(labels)), descending_(descending) {}

int MetricOrder::Compare(size_t a, size_t b) const {
  if (values_.valid[a] == 0 || values_.valid[b] == 0) {
    return CompareValues(values_.valid[b], values_.valid[a]);
  }
  const int compared = CompareFound(values_, a, b);
  return descending_ ? -compared : compared;
}

int MetricOrder::CompareFound(const MetricValues& values, size_t a, size_t b) const {
  switch (values.form) {
    case MetricValues::Form::kInteger:
      return CompareValues(values.integers[a], values.integers[b]);
    case MetricValues::Form::kFloat:
      return CompareValues(FloatOrderKey(values.floats[a]), FloatOrderKey(values.floats[b]));
    case MetricValues::Form::kWide:
      return CompareValues(WideKey(values.type, values.wides[a]),
                           WideKey(values.type, values.wides[b]));
    case MetricValues::Form::kList:
      return CompareLists(values, a, b);
    case MetricValues::Form::kText:
      break;
  }
  if (values.type.kind == TypeKind::kEnum) {
    return CompareValues(LabelRank(values.Text(a)), LabelRank(values.Text(b)));
  }
  return CompareValues(values.Text(a), values.Text(b));
}

int MetricOrder::CompareLists(const MetricValues& lists, size_t a, size_t b) const {
  const MetricValues& elements = *lists.elements;
  size_t left = lists.ListBegin(a);
  size_t right = lists.ListBegin(b);
  for (; left < lists.ListEnd(a) && right < lists.ListEnd(b); ++left, ++right) {
    const bool has_left = elements.valid[left] != 0;
    const bool has_right = elements.valid[right] != 0;
    if (has_left != has_right) return has_left ? -1 : 1;
    const int compared = has_left ? CompareFound(elements, left, right) : 0;
    if (compared != 0) return compared;
  }
  return CompareValues(lists.ListEnd(a) - left, lists.ListEnd(b) - right);
}

size_t MetricOrder::LabelRank(std::string_view label) const {
  const auto found = std::find(labels_.begin(), labels_.end(), label);
  return static_cast<size_t>(found - labels_.begin());
}

MetricOrder OrderOf(const BoundQuery& query, uint32_t metric, const MetricValues& values,
                    bool descending) {
  std::vector<std::string> labels;
  const bool is_list = values.form == MetricValues::Form::kList;
  if ((is_list ? values.elements->type : values.type).kind == TypeKind::kEnum) {
    labels = AggregateLabels(query, query.metrics[metric].expression.column);
  }
  return MetricOrder(values, std::move(labels), descending);
}

}  // namespace sextant
